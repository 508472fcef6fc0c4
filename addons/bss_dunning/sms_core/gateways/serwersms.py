"""SerwerSMS.pl, HTTPS API v2. Its ``unique_id`` is our key; it is not said to refuse a second message with the same one,
so a message whose fate is unknown is asked for before it is sent again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ..text import measure
from .base import (
    GATEWAY_FAULTS,
    Answer,
    Call,
    Enquiry,
    Message,
    News,
    Options,
    Outcome,
    Report,
    ReportNames,
    again,
    by_text,
    chunks,
    digits,
    fault_of,
    http_code,
    number,
    parse,
)

POLAND = ZoneInfo("Europe/Warsaw")
_FAULTS = {
    1001: "account",
    1002: "account",
    1003: "account",
    1005: "account",
    1007: "account",
    2001: "number",
    3000: "credit",
    3001: "account",
    3002: "credit",
    3003: "account",
}
_REASONS = {
    "message_expired": "expired",
    "unsupported_number": "unsupported",
    "message_rejected": "rejected",
    "wrong_number": "number",
    "limit_exhausted": "credit",
    "lock_send": "account",
    "wrong_message": "content",
    "operator_error": "undelivered",
    "wrong_sender_name": "sender",
    "number_is_blacklisted": "blacklisted",
    "sending_to_foreign_networks_is_locked": "country",
    "no_permission_to_send_messages": "account",
}
_STATES = {"delivered": "delivered", "undelivered": "failed", "unsent": "failed", "sent": "sent"}


class _Enquiry:
    """Looks a message up by our own key."""

    def call(self, message: Message, options: Options) -> Call:
        return _request("messages/reports", {"unique_id": message.key}, (message,), options)

    def read(self, call: Call, status: int, body: bytes) -> Answer | None:
        message = call.messages[0]
        data = parse(body)
        if not isinstance(data, dict) or status != 200 or not isinstance(data.get("items"), list):
            code = http_code(status)
            return Answer(message.key, Outcome.AGAIN, "account" if status in (401, 403) else "server", code)
        found = [one for one in _items(data) if digits(one.get("phone")) == digits(message.phone)]
        answer = _answer(message.key, found[0]) if found else None
        # what the operator wrote down as not sent, for want of money say, was not sent: it may be
        return None if answer and answer.outcome is Outcome.AGAIN else answer


class _News:
    """Reports by the operator's own numbers."""

    batch = 500

    def call(self, references: Sequence[str], options: Options) -> Call:
        data = {"id": list(references), "limit": len(references)}
        return _request("messages/reports", data, (), options)

    def read(self, status: int, body: bytes) -> list[Report]:
        data = parse(body)
        if not isinstance(data, dict) or status != 200:
            return []
        return [
            _report(str(one.get("status")), str(one["id"]), "", str(one.get("reason") or ""), one.get("delivered"))
            for one in _items(data)
            if one.get("id") and str(one.get("status")) in _STATES
        ]


class SerwerSms:
    """The protocol of SerwerSMS.pl."""

    url = "https://api2.serwersms.pl"
    enquiry: Enquiry | None = _Enquiry()
    news: News | None = _News()

    def calls(self, messages: Sequence[Message], options: Options) -> list[Call]:
        calls = []
        for encoding in ("gsm7", "ucs2"):  # one switch for a whole request
            own = [one for one in messages if measure(one.text).encoding == encoding]
            groups = by_text(own)
            for text, same in groups.items():
                if len(same) > 1:
                    calls += [self._same(chunk, text, encoding, options) for chunk in chunks(same)]
            different = [same[0] for same in groups.values() if len(same) == 1]
            calls += [self._personal(chunk, encoding, options) for chunk in chunks(different)]
        return calls

    def _same(self, chunk: tuple[Message, ...], text: str, encoding: str, options: Options) -> Call:
        phones = [one.phone for one in chunk]
        keys = [one.key for one in chunk]
        alone = len(chunk) == 1
        data = {"phone": phones[0] if alone else phones, "text": text, "unique_id": keys[0] if alone else keys}
        return _request("messages/send_sms", {**data, **_common(encoding, options)}, chunk, options)

    def _personal(self, chunk: tuple[Message, ...], encoding: str, options: Options) -> Call:
        if len(chunk) == 1:
            return self._same(chunk, chunk[0].text, encoding, options)
        data = {
            "messages": [{"phone": one.phone, "text": one.text} for one in chunk],
            "unique_id": [one.key for one in chunk],
        }
        return _request("messages/send_personalized", {**data, **_common(encoding, options)}, chunk, options)

    def read(self, call: Call, status: int, body: bytes) -> list[Answer]:
        data = parse(body)
        if not isinstance(data, dict) or status >= 500 or status == 429:
            return again(call, "account" if status in (401, 403) else "server", http_code(status))
        fault = data.get("error")
        if isinstance(fault, dict):
            code = number(fault.get("code"))
            return fault_of(_FAULTS.get(code, "request"), call, str(code), str(fault.get("message") or ""))
        items = {digits(one.get("phone")): one for one in _items(data)}
        if status in (401, 403) or not items:
            return again(call, "account" if status in (401, 403) else "server", http_code(status))
        return [_answer(one.key, items.get(digits(one.phone))) for one in call.messages]

    def read_callback(self, params: Mapping[str, str], names: ReportNames) -> list[Report]:
        """One report; the operator's panel says how its parameters are called."""
        status = params.get(names.status, "").strip().lower()
        reference, key = params.get(names.reference, ""), params.get(names.key, "")
        if status not in _STATES or not (reference or key):
            return []
        return [_report(status, reference, key, params.get("reason", ""), params.get("delivered"))]


def _request(action: str, data: Mapping[str, object], chunk: tuple[Message, ...], options: Options) -> Call:
    headers = (
        ("Authorization", f"Bearer {options.token}"),
        ("Content-Type", "application/json"),
        ("Accept", "application/json"),
    )
    body = json.dumps(data, ensure_ascii=False).encode()
    return Call(f"{options.url.rstrip('/')}/{action}.json", headers, body, chunk)


def _common(encoding: str, options: Options) -> dict[str, object]:
    data: dict[str, object] = {"utf": encoding == "ucs2", "details": True, "test": options.test}
    if options.sender:
        data["sender"] = options.sender
    return data


def _items(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    items = data.get("items")
    return [one for one in items if isinstance(one, dict)] if isinstance(items, list) else []


def _answer(key: str, item: Mapping[str, Any] | None) -> Answer:
    if item is None:
        return Answer(key, Outcome.AGAIN, "server", text="no word about this message")
    reference = str(item.get("id") or "")
    if item.get("status") != "unsent":
        return Answer(key, Outcome.ACCEPTED, reference=reference, parts=number(item.get("parts")) or None)
    code = number(item.get("error_code"))
    problem = _REASONS.get(str(item.get("reason"))) or _FAULTS.get(code, "rejected")
    outcome = Outcome.AGAIN if problem in GATEWAY_FAULTS else Outcome.REFUSED
    return Answer(key, outcome, problem, str(code or ""), str(item.get("error_message") or ""), reference)


def _report(status: str, reference: str, key: str, reason: str, delivered: object) -> Report:
    state = _STATES[status]
    problem = _REASONS.get(reason, "undelivered") if state == "failed" else ""
    return Report(state, key, reference, problem, reason, _moment(delivered) if state == "delivered" else None)


def _moment(value: object) -> datetime | None:
    try:
        return datetime.strptime(str(value), "%Y-%m-%d %H:%M:%S").replace(tzinfo=POLAND)
    except ValueError:
        return None


PROVIDER = SerwerSms()
