"""MT940 (and MT942) account statements.

The reader works line by line and yields events, so memory does not grow with the file:
:class:`StatementHead`, then :class:`Transaction` or :class:`Unreadable` for each entry,
:class:`Problem` where something is odd, then :class:`StatementFoot`. :func:`parse` collects them.

A tag is only accepted where the standard allows it, because titles may begin with a colon.
An entry that cannot be read becomes :class:`Unreadable`; its neighbours are not affected.
The last entry of a statement without closing balance is left out with a problem: the file is cut.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import BinaryIO

from .. import codepage, nrb
from ..model import (
    Balance,
    BankFile,
    Event,
    Problem,
    Severity,
    StatementFoot,
    StatementHead,
    Transaction,
    Unreadable,
    balance_problem,
)
from .dialects import DIALECTS, Dialect, by_clearing, by_text
from .mt940_entry import ENTRY, make_entry, read_balance
from .registry import SAMPLE_BYTES, Format, Options, Stream, collect, register

MAX_DETAIL_LINES = 60

_TAG = re.compile(r"^:(\d{2}[A-Z]?|NS):(.*)$", re.DOTALL)
_ENTRY_START = re.compile(r"^(\d{6}|.{4,10}?R?[CD][A-Z]?\d+,)")
_BALANCE_START = re.compile(r"^[CD]\d{6}[A-Z]{3}")
_NUMBER = re.compile(r"^(\d{1,7})(?:/(\d{1,5}))?$")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+")
_SNIFF = re.compile(rb"(?:^|[\r\n\x01\x02])[ \t]*(?:\{[^\r\n]*\{4:\s*)?:(20|25|28C?|60[FM]|61|34F|62[FM]):")
_UNREADABLE_CHAR = "\ufffd"

_HEADER_TAGS = frozenset({"20", "21", "25", "28", "28C", "13", "13D", "34F", "60F", "60M", "NS"})
_AFTER_CLOSING = frozenset({"64", "65", "86"})


def parse(content: bytes, dialect: str = "", encoding: str = "") -> BankFile:
    """Read a whole file. ``dialect`` and ``encoding`` overrule the detection."""
    return collect(read(io.BytesIO(content), Options(dialect=dialect, encoding=encoding)))


def sniff(sample: bytes, _name: str) -> int:
    """The tags of a statement's head at the start of lines."""
    found = {match.group(1) for match in _SNIFF.finditer(sample, 0, 1 << 16)}
    return min(95, 30 * len(found) + 5) if b"20" in found and len(found) > 1 else 10 * len(found)


def read(stream: BinaryIO, options: Options) -> Stream:
    """Detect code page and dialect from the head of a seekable stream, then read it lazily."""
    start = stream.tell()
    sample = stream.read(SAMPLE_BYTES)
    stream.seek(start)
    profile = DIALECTS.get(options.dialect) or _detect_dialect(sample)
    page, problems = _choose_code_page(sample, profile, options.encoding)
    codec = "utf-8-sig" if page.misread_as or page.encoding == "utf-8" else page.encoding
    if codec == "ascii":
        # the sample is plain, what follows need not be
        codec = profile.encodings[0] if profile.encodings else "iso-8859-2"
    text = io.TextIOWrapper(stream, encoding=codec, errors="replace", newline=None)
    return Stream("mt940", profile.code, page.encoding, problems, _Machine(profile).run(_lines(text, page.fixer())))


register(Format("mt940", "MT940 / MT942", sniff, read))


def read_entry(raw: str, dialect: str, currency: str, line: int = 1, position: int = 1) -> Transaction | Unreadable:
    """Read one corrected entry (``:61:`` with its ``:86:``), as the list "to decide" does."""
    profile = DIALECTS.get(dialect) or by_text("\n" + raw)
    machine = _Machine(profile)
    frame = [":20:X", ":25:X", f":60F:C000101{currency}0,00", *raw.splitlines(), f":62F:C000101{currency}0,00"]
    numbered = ((line + index - 3, text) for index, text in enumerate(frame))
    for event in machine.run(numbered):
        if isinstance(event, (Transaction, Unreadable)):
            return _at_position(event, position)
    return Unreadable(line, position, Problem("ENTRY_UNREADABLE", Severity.ERROR, line, ":61:"), raw)


# --- detection --------------------------------------------------------------------------------


def _detect_dialect(sample: bytes) -> Dialect:
    text = sample.decode("latin-1").replace("\r\n", "\n").replace("\r", "\n")
    account = re.search(r"(?:^|\n):25:/?(?:PL)?(\d{26})\b", text)
    found = by_clearing(account.group(1)) if account else None
    looks = by_text(text)
    if found is None:
        return looks
    # a bank that changed its system keeps its number: believe the text when the two disagree
    if found.layout == "subfields" and f"{found.separator}20" not in text and looks.code != "generic":
        return looks
    return found


def _choose_code_page(sample: bytes, profile: Dialect, encoding: str) -> tuple[codepage.CodePage, tuple[Problem, ...]]:
    if encoding:
        return codepage.CodePage(encoding), ()
    page = codepage.detect(sample, profile.encodings)
    problems = []
    if page.doubtful:
        problems.append(Problem("ENCODING_DOUBTFUL", Severity.WARNING, params={"encoding": page.encoding}))
    if page.misread_as:
        params = {"encoding": page.encoding, "misread_as": page.misread_as}
        problems.append(Problem("ENCODING_RESTORED", Severity.WARNING, params=params))
    return page, tuple(problems)


def _lines(text: Iterable[str], fix: Callable[[str], str] | None) -> Iterator[tuple[int, str]]:
    for number, raw in enumerate(text, 1):
        line = _CONTROL.sub("", raw.rstrip("\n"))
        yield number, fix(line) if fix else line


# --- the state machine --------------------------------------------------------------------------


class _Machine:
    """States: "" (outside), "head", "entry" (:61: and what follows), "details" (:86:), "closed"."""

    def __init__(self, dialect: Dialect):
        self.dialect = dialect
        self.statements = 0
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
        self.entry: list[tuple[int, str]] = []
        self.details: list[tuple[int, str]] = []
        self.info: list[str] = []

    def run(self, lines: Iterable[tuple[int, str]]) -> Iterator[Event]:
        previous: tuple[int, str] | None = None
        for current in lines:
            if previous is not None:
                yield from self._line(*previous, current[1])
            previous = current
        if previous is not None:
            yield from self._line(*previous, None)
        yield from self._finish()
        if not self.statements:
            yield Problem("NOT_MT940", Severity.ERROR)

    # one line, with a look at the next one

    def _line(self, line: int, text: str, following: str | None) -> Iterator[Event]:
        if text.startswith("{") and "{4:" in text:
            yield from self._finish()
            text = text.split("{4:", 1)[1]
        if line == 1:
            text = text.lstrip("\ufeff")
        if not text.strip():
            return
        if _UNREADABLE_CHAR in text:
            yield Problem("CHARACTER_UNREADABLE", Severity.WARNING, line)
        if self._is_end(text, following):
            yield from self._finish()
            return
        match = _TAG.match(text)
        if match and self._is_legal(match.group(1), match.group(2), following):
            yield from self._tag(line, match.group(1), match.group(2))
        else:
            yield from self._continuation(line, text, bool(match))
        self.last_line = line

    def _is_end(self, text: str, following: str | None) -> bool:
        if text.rstrip() not in ("-", "-}", "--"):
            return False
        if self.state in ("", "head", "closed"):
            return True
        return following is None or not following.strip() or following.startswith((":20:", "{"))

    def _is_legal(self, tag: str, value: str, following: str | None) -> bool:
        if self.state in ("", "head", "closed"):
            return (
                tag in _HEADER_TAGS
                or (tag in _AFTER_CLOSING and self.state == "closed")
                or (tag in ("90C", "90D") and self.state != "")
                or (tag in ("61", "62F", "62M", "90C", "90D") and self.state == "head")
                or (tag == "61" and self.state == "closed" and ENTRY.match(value) is not None)
            )
        if tag == "61":
            sure = self.dialect.one_per_line and self.state == "details"
            return sure or self.state == "entry" or _ENTRY_START.match(value) is not None
        if tag in ("62F", "62M"):
            return (
                _BALANCE_START.match(value) is not None
                or following is None
                or following.startswith((":64:", ":65:", ":20:", "-"))
            )
        if tag in ("90C", "90D"):
            return True
        if tag == "86":
            return self.state == "entry" or self._second_details_allowed()
        if tag == "20":
            return following is not None and following.startswith((":25:", ":21:"))
        return False

    def _second_details_allowed(self) -> bool:
        """ING repeats :86:, the first one holds the three-digit code alone; anyone may drop a :61:."""
        texts = [text for _line, text in self.details]
        return (len(texts) == 1 and len(texts[0].strip()) == 3) or any(t.startswith(":61:") for t in texts)

    def _tag(self, line: int, tag: str, value: str) -> Iterator[Event]:
        if tag == "20" or (tag in _HEADER_TAGS and self.state == "closed" and tag != "NS"):
            yield from self._finish()
        if tag in _HEADER_TAGS:
            yield from self._header(line, tag, value)
        elif tag == "61":
            yield from self._flush_entry()
            yield from self._send_head()
            self.state = "entry"
            self.entry, self.details = [(line, value)], []
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
                yield Problem("NUMBER_NOT_NUMERIC", Severity.INFO, line, f":{tag}:", {"value": value})
        elif tag in ("60F", "60M"):
            self.opening = yield from self._balance(line, tag, value)
        elif tag in ("34F", "13D"):
            self.interim = True
            self.currency = self.currency or (value[:3] if tag == "34F" else "")

    def _read_account(self, line: int, value: str) -> Iterator[Event]:
        result = nrb.read(value)
        self.account = result.nrb or nrb.normalise(value)
        if result.code and nrb.normalise(value).isdigit():
            yield Problem(result.code, Severity.WARNING, line, ":25:", {"value": value})

    def _balance(self, line: int, tag: str, value: str) -> Generator[Event, None, Balance | None]:
        balance, problem = read_balance(line, tag, value)
        if problem:
            yield problem
        if balance and not self.currency:
            self.currency = balance.currency
        elif balance and balance.currency != self.currency:
            params = {"value": balance.currency, "expected": self.currency}
            yield Problem("CURRENCY_DIFFERS", Severity.ERROR, line, f":{tag}:", params)
        return balance

    def _details(self, line: int, value: str) -> Iterator[Event]:
        if self.state == "closed":
            self.info.append(value)
            return
        texts = [text for _line, text in self.details]
        broken = next((i for i, text in enumerate(texts) if text.startswith(":61:")), None)
        if broken is not None and self.state == "details":
            # what looked like text was an entry after all
            lost, self.details = self.details[broken:], self.details[:broken]
            yield from self._flush_entry()
            self.entry = [(lost[0][0], lost[0][1][4:]), *lost[1:]]
            self.details = []
        self.state = "details"
        self.details.append((line, value))

    def _continuation(self, line: int, text: str, is_tag: bool) -> Iterator[Event]:
        if self.state == "entry":
            self.entry.append((line, text))
        elif self.state == "details":
            if len(self.details) == MAX_DETAIL_LINES:
                yield Problem("DETAILS_TOO_LONG", Severity.WARNING, line, ":86:")
            if len(self.details) < MAX_DETAIL_LINES:
                self.details.append((line, text))
        elif self.state == "closed" and not is_tag:
            self.info.append(text)
        else:
            code = "TAG_MISPLACED" if is_tag else "LINE_OUT_OF_PLACE"
            yield Problem(code, Severity.WARNING, line, "", {"value": text[:80]})

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
        self.entry, self.details = [], []
        self.position += 1
        made = make_entry(entry, details, self.dialect, self.currency, self.position)
        if isinstance(made, Transaction):
            self.movement += made.amount
        yield made

    def _hold_back_entry(self) -> Iterator[Event]:
        """The last entry of a statement that was cut may be cut itself: the whole file brings it."""
        if not self.entry:
            return
        line = self.entry[0][0]
        self.entry, self.details = [], []
        yield Problem("ENTRY_HELD_BACK", Severity.ERROR, line, ":61:", {"line": str(line)})

    def _finish(self) -> Iterator[Event]:
        # an entry still open here was not followed by a closing balance
        yield from self._flush_entry() if self.interim else self._hold_back_entry()
        if self.state and (self.head_sent or self.account or self.opening or self.closing):
            yield from self._send_head()
            if self.closing is None and not self.interim:
                yield Problem("CLOSING_MISSING", Severity.WARNING, self.last_line, ":62F:")
            tag = ":62M:" if self.closing and self.closing.intermediate else ":62F:"
            wrong = balance_problem(self.opening, self.closing, self.movement, tag)
            if wrong:
                yield wrong
            self.statements += 1
            last = self.closing.line if self.closing else self.last_line
            yield StatementFoot(last, self.closing, self.available, "\n".join(self.info))
        self._reset()


def _at_position(event: Transaction | Unreadable, position: int) -> Transaction | Unreadable:
    if isinstance(event, Transaction):
        return event._replace(position=position)
    return replace(event, position=position)
