"""Words common to all operators: what is sent, what came of it, what a report says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Protocol

BATCH = 100

# Why a message did not go out or did not arrive. GATEWAY_FAULTS are ours, not the customer's: they pass when somebody
# pays, corrects a setting or the operator comes back, so the message waits.
GATEWAY_FAULTS = frozenset({"server", "account", "credit", "sender", "request"})
MESSAGE_FAULTS = frozenset(
    {"number", "blacklisted", "country", "content", "rejected", "expired", "undelivered", "unsupported"}
)


class Outcome(Enum):
    """What is known about a message after an answer."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    # not taken, or nobody knows: the same message under the same key later
    AGAIN = "again"
    # the answer is about a batch and does not say which message is meant: each in a call of its own
    ALONE = "alone"


@dataclass(frozen=True)
class Message:
    """``key`` is our own unique name of the message, ``phone`` is E.164 with its plus."""

    key: str
    phone: str
    text: str


@dataclass(frozen=True)
class Options:
    """Settings of a gateway as its protocol needs them."""

    url: str
    token: str = field(repr=False)
    sender: str = ""
    max_parts: int = 3
    test: bool = False
    report_url: str = field(default="", repr=False)


@dataclass(frozen=True)
class Call:
    """One HTTP request about ``messages``; its headers carry the token and are never shown."""

    url: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    messages: tuple[Message, ...]


@dataclass(frozen=True)
class Answer:
    """What came of one message. ``reference`` is the operator's own number of it, ``points`` its own units of price."""

    key: str
    outcome: Outcome
    problem: str = ""
    code: str = ""
    text: str = ""
    reference: str = ""
    parts: int | None = None
    points: Decimal | None = None


@dataclass(frozen=True)
class Report:
    """News of one message, known by our key or by the operator's reference."""

    state: str  # sent, delivered, failed
    key: str = ""
    reference: str = ""
    problem: str = ""
    text: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class ReportNames:
    """Names of the parameters of a delivery report, where an operator lets its customer choose them."""

    key: str = "unique_id"
    reference: str = "smsid"
    status: str = "status"


class Enquiry(Protocol):
    """Finds out whether a message was taken, before it is sent again."""

    def call(self, message: Message, options: Options) -> Call:
        """Request about one message."""

    def read(self, call: Call, status: int, body: bytes) -> Answer | None:
        """None: the operator does not know the message, it may be sent."""


class News(Protocol):
    """Fetches what became of messages, where nobody brings it."""

    batch: int

    def call(self, references: Sequence[str], options: Options) -> Call:
        """Request for news of at most ``batch`` messages."""

    def read(self, status: int, body: bytes) -> list[Report]:
        """News of messages; none when there is no sensible answer."""


class Provider(Protocol):
    """One operator. What it cannot do, or need not do, is None."""

    url: str
    # None: it refuses a key that it has had, so a message whose fate is unknown is simply sent again
    enquiry: Enquiry | None
    # None: reports come to our address only
    news: News | None

    def calls(self, messages: Sequence[Message], options: Options) -> list[Call]:
        """Requests that send these messages."""

    def read(self, call: Call, status: int, body: bytes) -> list[Answer]:
        """One answer for each message of the call."""

    def read_callback(self, params: Mapping[str, str], names: ReportNames) -> list[Report]:
        """News that the operator brings to our address."""


def parse(body: bytes) -> Any:
    """JSON with exact numbers; None for anything else."""
    try:
        return json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None


def again(call: Call, problem: str = "server", code: str = "", text: str = "") -> list[Answer]:
    """The same answer for all messages of a call: not now."""
    return [Answer(one.key, Outcome.AGAIN, problem, code, text) for one in call.messages]


def fault_of(message_fault: str, call: Call, code: str, text: str) -> list[Answer]:
    """A fault that stops a whole call: it waits when it is the gateway's, and is about its one message otherwise."""
    if message_fault in GATEWAY_FAULTS:
        return again(call, message_fault, code, text)
    if len(call.messages) > 1:
        return [Answer(one.key, Outcome.ALONE, message_fault, code, text) for one in call.messages]
    return [Answer(call.messages[0].key, Outcome.REFUSED, message_fault, code, text)]


def chunks(messages: Sequence[Message]) -> Iterator[tuple[Message, ...]]:
    """Batches in which each number stands once: answers are told apart by it."""
    waiting: list[Message] = list(messages)
    while waiting:
        chunk: dict[str, Message] = {}
        left = []
        for one in waiting:
            if len(chunk) < BATCH and one.phone not in chunk:
                chunk[one.phone] = one
            else:
                left.append(one)
        waiting = left
        yield tuple(chunk.values())


def by_text(messages: Sequence[Message]) -> dict[str, list[Message]]:
    """{text: messages}, in their order."""
    groups: dict[str, list[Message]] = {}
    for one in messages:
        groups.setdefault(one.text, []).append(one)
    return groups


def digits(phone: object) -> str:
    """Number without its plus and without anything else, to compare."""
    return "".join(letter for letter in str(phone or "") if letter.isascii() and letter.isdigit())


def http_code(status: int) -> str:
    """Code of an answer that says nothing of its own; empty for no answer at all (0)."""
    return f"HTTP {status}" if status else ""


def number(value: object) -> int:
    """A whole number of an answer, written as a number or as text; 0 for anything else."""
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return int(value)
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0
