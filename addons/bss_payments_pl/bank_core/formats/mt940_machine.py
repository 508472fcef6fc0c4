"""Line machine of MT940: anything may stand in a line, nothing is lost and nothing is raised.

A tag is only accepted where the standard allows it (:mod:`.mt940_tags`).
An entry that cannot be read becomes :class:`Unreadable`; its neighbours are not affected.
The last entry of a statement that breaks off is left out with a problem: the file is cut.

Regular entries are taken by :mod:`.mt940_fast` where it can be sure of the same outcome.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from decimal import Decimal

from .. import nrb
from ..model import (
    Balance,
    Event,
    Problem,
    Severity,
    StatementFoot,
    StatementHead,
    Transaction,
    balance_problem,
)
from .dialects_base import Dialect
from .mt940_entry import make_entry, read_amount, read_balance
from .mt940_fast import FastEntries
from .mt940_source import Source
from .mt940_tags import HEADER_TAGS, OUTSIDE, TAG, is_end, is_legal_inside, is_legal_outside

MAX_DETAIL_LINES = 60
MAX_DETAIL_CHARS = 20_000
MAX_SUPPLEMENT_LINES = 10
MAX_INFO_LINES = 200
#: lines out of place that are told one by one; a file that is something else has a million of them
MAX_STRAY = 50

_NUMBER = re.compile(r"([0-9]{1,7})(?:/([0-9]{1,5}))?$")
#: block of a SWIFT message before the text itself
_ENVELOPE = re.compile(r"\{[1-5]:")
_SUM = re.compile(r"([0-9]{1,5})([A-Z]{3})([0-9]{1,20},[0-9]{0,2})\s*$")
_UNREADABLE_CHAR = "\ufffd"


class Machine:
    """States: "" (outside), "head", "entry" (:61: and what follows), "details" (:86:), "closed"."""

    def __init__(self, dialect: Dialect):
        self.dialect = dialect
        self.statements = 0
        self.strays = 0
        self._reset()

    def _reset(self) -> None:
        self.state = ""
        self.head_line = self.account_line = self.number_line = self.last_line = 0
        self.reference = self.account = self.number = self.page = ""
        self.opening: Balance | None = None
        self.closing: Balance | None = None
        self.available: Balance | None = None
        self.currency = ""
        self.head_sent = self.interim = False
        self.position = 0
        self.movement = Decimal(0)
        self.sums: dict[str, tuple[int, Decimal]] = {}
        self.entry: list[tuple[int, str]] = []
        self.details: list[tuple[int, str]] = []
        self.detail_chars = 0
        self.info: list[str] = []

    def run(self, source: Source, fast: FastEntries | None = None) -> Iterator[Event]:
        """Events of the whole file; ``fast`` takes the regular entries."""
        while True:
            if fast and self.state in ("head", "entry", "details") and fast.fits(source):
                yield from self._flush_entry()
                yield from self._send_head()
                yield from fast.take(source, self)
                self.state = "head"
            line = source.line
            text = source.take()
            if text is None:
                break
            if source.was_cut:
                yield Problem("DETAILS_TOO_LONG", Severity.WARNING, line)
            yield from self._line(line, text, source.peek(), source.was_ended)
        yield from self._finish(is_whole=False)
        if not self.statements:
            yield Problem("NOT_MT940", Severity.ERROR)

    # one line, with a look at the next one

    def _line(self, line: int, text: str, following: str | None, is_ended: bool) -> Iterator[Event]:
        if text.startswith("{") and "{4:" in text:
            yield from self._finish(is_whole=False)
            text = text.split("{4:", 1)[1]
        if not text.strip():
            return
        if _UNREADABLE_CHAR in text:
            yield Problem("CHARACTER_UNREADABLE", Severity.WARNING, line)
        if is_end(text, following, self.state):
            yield from self._finish(is_whole=is_ended)
            return
        if self.state == "" and _ENVELOPE.match(text):
            return
        match = TAG.match(text)
        if match and self._is_legal(match.group(1), match.group(2), following):
            yield from self._tag(line, match.group(1), match.group(2))
        else:
            yield from self._continuation(line, text, bool(match))
        self.last_line = line

    def _is_legal(self, tag: str, value: str, following: str | None) -> bool:
        if self.state in OUTSIDE:
            return is_legal_outside(tag, value, self.state)
        return is_legal_inside(tag, value, following, self.state, self.details, self.dialect)

    def _tag(self, line: int, tag: str, value: str) -> Iterator[Event]:
        if tag == "20" or (tag in HEADER_TAGS and self.state == "closed" and tag != "NS"):
            yield from self._finish(is_whole=False)
        if tag in HEADER_TAGS:
            yield from self._header(line, tag, value)
        elif tag == "61":
            yield from self._flush_entry()
            yield from self._send_head()
            self.state = "entry"
            self.entry = [(line, value)]
        elif tag == "86":
            yield from self._details(line, value)
        elif tag in ("62F", "62M"):
            yield from self._flush_entry()
            yield from self._send_head()
            self.closing = yield from self._balance(line, tag, value)
            self.state = "closed"
        elif tag == "64":
            self.available = yield from self._balance(line, tag, value)
        elif tag in ("90C", "90D"):
            yield from self._flush_entry()
            yield from self._send_head()
            yield from self._sum(line, tag, value)
            self.state = "closed"

    def _header(self, line: int, tag: str, value: str) -> Iterator[Event]:
        if self.state == "":
            self._reset()
            self.state, self.head_line = "head", line
        value = value.strip()
        if tag == "20":
            self.reference = value
        elif tag == "25":
            self.account_line = line
            yield from self._read_account(line, value)
        elif tag in ("28", "28C"):
            self.number_line = line
            match = _NUMBER.match(value)
            self.number, self.page = (match.group(1), match.group(2) or "") if match else (value, "")
            if not match:
                yield Problem("NUMBER_NOT_NUMERIC", Severity.INFO, line, f":{tag}:", {"value": value[:40]})
        elif tag in ("60F", "60M"):
            self.opening = yield from self._balance(line, tag, value)
        elif tag in ("34F", "13D"):
            self.interim = True
            self.currency = self.currency or (value[:3] if tag == "34F" else "")

    def _read_account(self, line: int, value: str) -> Iterator[Event]:
        result = nrb.read(value)
        self.account = result.nrb or nrb.normalise(value)
        if result.code and nrb.normalise(value).isdigit():
            yield Problem(result.code, Severity.WARNING, line, ":25:", {"value": value[:40]})

    def _balance(self, line: int, tag: str, value: str) -> Generator[Event, None, Balance | None]:
        balance, problem = read_balance(line, tag, value, self.currency)
        if problem:
            yield problem
        if balance and not self.currency:
            self.currency = balance.currency
        elif balance and balance.currency != self.currency:
            params = {"value": balance.currency, "expected": self.currency}
            yield Problem("CURRENCY_DIFFERS", Severity.ERROR, line, f":{tag}:", params)
        return balance

    def _sum(self, line: int, tag: str, value: str) -> Iterator[Event]:
        match = _SUM.match(value)
        if match is None:
            yield Problem("BALANCE_UNREADABLE", Severity.ERROR, line, f":{tag}:", {"value": value[:40]})
            return
        self.sums[tag] = (int(match.group(1)), read_amount(match.group(3)))

    def _sum_problem(self) -> Problem | None:
        """MT942 has no balances: number and sum of the entries must do."""
        if len(self.sums) < 2:
            return None
        (credits_count, credit), (debits_count, debit) = self.sums["90C"], self.sums["90D"]
        if (credits_count + debits_count, credit - debit) == (self.position, self.movement):
            return None
        params = {
            "expected": str(credit - debit),
            "movement": str(self.movement),
            "expected_count": str(credits_count + debits_count),
            "count": str(self.position),
        }
        return Problem("INTERIM_SUM_MISMATCH", Severity.ERROR, self.last_line, ":90C:", params)

    def _details(self, line: int, value: str) -> Iterator[Event]:
        if self.state == "closed":
            self._keep_info(value)
            return
        texts = [text for _line, text in self.details]
        broken = next((i for i, text in enumerate(texts) if text.startswith(":61:")), None)
        if broken is not None and self.state == "details":
            # what looked like text was an entry after all
            lost, self.details = self.details[broken:], self.details[:broken]
            yield from self._flush_entry()
            self.entry = [(lost[0][0], lost[0][1][4:]), *lost[1:]]
        self.state = "details"
        self.details.append((line, value))
        self.detail_chars += len(value)

    def _continuation(self, line: int, text: str, is_tag: bool) -> Iterator[Event]:
        if self.state == "entry":
            if len(self.entry) <= MAX_SUPPLEMENT_LINES:
                self.entry.append((line, text))
            elif len(self.entry) == MAX_SUPPLEMENT_LINES + 1:
                self.entry.append((line, ""))
                yield Problem("DETAILS_TOO_LONG", Severity.WARNING, line, ":61:")
        elif self.state == "details":
            yield from self._more_details(line, text)
        elif self.state == "closed" and not is_tag:
            self._keep_info(text)
        else:
            yield from self._stray(line, text, "TAG_MISPLACED" if is_tag else "LINE_OUT_OF_PLACE")

    def _more_details(self, line: int, text: str) -> Iterator[Event]:
        if self.detail_chars < 0:
            return
        if len(self.details) < MAX_DETAIL_LINES and self.detail_chars + len(text) <= MAX_DETAIL_CHARS:
            self.details.append((line, text))
            self.detail_chars += len(text)
            return
        self.detail_chars = -1
        yield Problem("DETAILS_TOO_LONG", Severity.WARNING, line, ":86:")

    def _keep_info(self, text: str) -> None:
        if len(self.info) < MAX_INFO_LINES:
            self.info.append(text)

    def _stray(self, line: int, text: str, code: str) -> Iterator[Event]:
        self.strays += 1
        if self.strays <= MAX_STRAY:
            yield Problem(code, Severity.WARNING, line, "", {"value": text[:80]})
        elif self.strays == MAX_STRAY + 1:
            yield Problem("MORE_LINES_OUT_OF_PLACE", Severity.WARNING, line)

    # ends

    def _send_head(self) -> Iterator[Event]:
        if self.head_sent:
            return
        self.head_sent = True
        yield StatementHead(
            self.head_line,
            self.reference,
            self.account,
            self.number,
            self.page,
            self.opening,
            self.currency,
            self.account_line,
            self.number_line,
            "interim" if self.interim else "statement",
        )
        if not self.account:
            yield Problem("ACCOUNT_MISSING", Severity.ERROR, self.head_line, ":25:")
        if self.opening is None and not self.interim:
            yield Problem("OPENING_MISSING", Severity.WARNING, self.head_line, ":60F:")

    def _flush_entry(self) -> Iterator[Event]:
        if not self.entry:
            return
        entry, details = self.entry, self.details
        self._drop_entry()
        self.position += 1
        made = make_entry(entry, details, self.dialect, self.currency, self.position)
        if isinstance(made, Transaction):
            self.movement += made.amount
        yield made

    def _drop_entry(self) -> None:
        self.entry, self.details, self.detail_chars = [], [], 0

    def _hold_back_entry(self) -> Iterator[Event]:
        """The last entry of a statement that was cut may be cut itself: the whole file brings it."""
        if not self.entry:
            return
        line = self.entry[0][0]
        self._drop_entry()
        yield Problem("ENTRY_HELD_BACK", Severity.ERROR, line, ":61:", {"line": str(line)})

    def _finish(self, is_whole: bool) -> Iterator[Event]:
        """``is_whole``: the end mark of a message stands behind the last entry."""
        is_whole = is_whole or bool(self.sums)
        yield from self._flush_entry() if is_whole else self._hold_back_entry()
        if self.state and (self.head_sent or self.account or self.opening or self.closing):
            yield from self._send_head()
            if self.closing is None and not self.interim:
                yield Problem("CLOSING_MISSING", Severity.WARNING, self.last_line, ":62F:")
            tag = ":62M:" if self.closing and self.closing.intermediate else ":62F:"
            if self.interim and not is_whole:
                yield Problem("INTERIM_END_MISSING", Severity.WARNING, self.last_line, ":90C:")
            wrong = balance_problem(self.opening, self.closing, self.movement, tag) or self._sum_problem()
            if wrong:
                yield wrong
            self.statements += 1
            last = self.closing.line if self.closing else self.last_line
            yield StatementFoot(last, self.closing, self.available, "\n".join(self.info))
        self._reset()
