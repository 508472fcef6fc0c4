"""Fast path of MT940: a regular entry is recognised by one regular expression.

Whatever is irregular in an entry leaves it to the line machine, which is the reference: both give the same
(tested on generated and damaged files). The expression only fits where the next line is beyond doubt a
tag, so that the machine would have ended the entry there too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from typing import Protocol

from .. import nrb
from ..model import Problem, Transaction, Unreadable
from .dialects_base import Dialect
from .mt940_details import business_code, cut_labels, meaning, taken_back, tidy, without_address
from .mt940_entry import entry_date, make_entry, read_amount, read_date
from .mt940_source import MAX_LINE, Source

#: characters that should be there before an entry is tried; a longer entry is left to the machine
_RESERVE = 8192

_ENTRY = (
    r":61:([0-9]{6})([0-9]{4})?(R?[CD])([A-Z])?([0-9]{1,20},[0-9]{0,2})([A-Z][A-Z0-9]{3})([^\n]*)\n"
    r"(?:([^\s:{\-][^\n]*)\n)?"
)
_NEXT = r"(?=:61:[0-9]{6}|:62[FM]:[CD][0-9]{6}[A-Z]{3}|:90[CD]:)"
#: a line of three characters may be the first of two :86: (ING)
_SAID = r"(?P<said>:86:(?![^\S\n]*\S{3}[^\S\n]*\n)"
#: lines that can be no tag and no end
_LINES = r"[^\n]*\n(?: *[^\s:{\-][^\n]*\n){0,40})"


class Totals(Protocol):
    """The part of the machine that goes on counting here."""

    currency: str
    position: int
    movement: Decimal
    last_line: int


class FastEntries:
    """Takes runs of regular entries of one dialect."""

    def __init__(self, dialect: Dialect):
        self.dialect = dialect
        self._match: Callable[[str, int], re.Match[str] | None] = re.compile(_ENTRY + _SAID + _LINES + _NEXT).match

    def fits(self, source: Source) -> bool:
        if not source.text.startswith(":61:", source.pos):
            return False
        if len(source.text) - source.pos < _RESERVE and not source.is_over:
            source.fill()
        match = self._match(source.text, source.pos)
        return match is not None and len(match.group()) < MAX_LINE and "\ufffd" not in match.group()

    def take(self, source: Source, totals: Totals) -> Iterator[Transaction | Unreadable]:
        # what changes with every entry is kept in local names, and handed back at the end
        find, quick, currency = self._match, self._quick, totals.currency
        text, pos, line, position = source.text, source.pos, source.line, totals.position
        enough = len(text) - _RESERVE
        while True:
            if pos > enough and not source.is_over:
                source.pos, source.line = pos, line
                source.fill()
                text, pos = source.text, source.pos
                enough = len(text) - _RESERVE
            match = find(text, pos)
            if match is None:
                break
            raw = match.group()
            if len(raw) >= MAX_LINE or "\ufffd" in raw:
                break
            position += 1
            made: Transaction | Unreadable | None = quick(match, raw, line, position, currency)
            if made is None:
                made = self._careful(raw, line, position, currency)
            if type(made) is Transaction:
                totals.movement += made.amount
            yield made
            pos = match.end()
            line += raw.count("\n")
        source.pos, source.line = pos, line
        totals.position, totals.last_line = position, line - 1

    def _careful(self, raw: str, line: int, position: int, currency: str) -> Transaction | Unreadable:
        """The same entry by the machine's own means: its lines are known, something in them is odd."""
        entry: list[tuple[int, str]] = []
        details: list[tuple[int, str]] = []
        for number, text in enumerate(raw.split("\n")[:-1], line):
            if text.startswith(":86:"):
                details.append((number, text[4:]))
            elif details:
                details.append((number, text))
            else:
                entry.append((number, text.removeprefix(":61:")))
        return make_entry(entry, details, self.dialect, currency, position)

    def _quick(self, match: re.Match[str], raw: str, line: int, position: int, currency: str) -> Transaction | None:
        groups = match.groups("")
        value, mmdd, mark, funds, amount_text, type_code, ref, supplement = groups[:8]
        day = read_date(value)
        booked = day
        if day is not None and mmdd and mmdd != value[2:]:
            booked = entry_date(day, mmdd)
        if day is None or booked is None or (funds and funds != currency[2:3]):
            return None
        found = self._meaning(groups)
        if found is None:
            return None
        code, title, name, address, account, payer_key, bank_id, end_to_end = found
        amount = Decimal(amount_text.replace(",", ".")) if amount_text[-3:-2] == "," else read_amount(amount_text)
        owner_ref, _slashes, bank_ref = ref.partition("//")
        details = raw[match.start(9) - match.start() + 4 : -1]
        original = reason = ""
        if mark != "C" or type_code[1:] == "RTI":
            original, reason = taken_back(mark, type_code, title, details, self.dialect)
        return tuple.__new__(
            Transaction,
            (
                line,
                position,
                day,
                booked,
                amount if mark == "C" or mark == "RD" else -amount,
                mark,
                funds,
                type_code,
                owner_ref.strip(),
                bank_ref.strip(),
                supplement.strip(),
                code,
                title,
                name,
                address,
                account,
                payer_key,
                bank_id,
                details,
                raw[:-1],
                (),
                end_to_end,
                original,
                reason,
                "",
            ),
        )

    def _meaning(self, groups: tuple[str, ...]) -> tuple[str, ...] | None:
        """Values as in :class:`Meaning`; None when something is odd."""
        parts = self._cut(groups[8])
        if parts is None:
            return None
        problems: list[Problem] = []
        found = meaning(parts, self.dialect, 0, problems)
        return None if problems else found

    def _cut(self, said: str) -> dict[str, str] | None:
        raise NotImplementedError


class _Subfields(FastEntries):
    """Sub-fields wherever they stand; lines may break in the middle of one."""

    def __init__(self, dialect: Dialect):
        super().__init__(dialect)
        mark = re.escape(dialect.separator)
        self._pairs = re.compile(f"{mark}([0-9]{{2}})([^{mark}]*)").findall

    def _cut(self, said: str) -> dict[str, str] | None:
        """None when a separator is text, or a sub-field comes twice."""
        text = said[4:-1].replace("\n", "")
        head, mark, rest = text.partition(self.dialect.separator)
        if not mark:
            return {"": head}
        pairs = self._pairs(mark + rest)
        parts = dict(pairs)
        separators = rest.count(mark) + 1
        if len(pairs) != separators or len(parts) != separators or not self.dialect.known_set.issuperset(parts):
            return None
        parts[""] = head
        return parts


class _Lines(FastEntries):
    """PKO BP and ING: a sub-field is a line, and they come in ascending order; one expression cuts them all."""

    def __init__(self, dialect: Dialect):
        super().__init__(dialect)
        (name_parts, self._name_width), *_others = dialect.names
        address_parts, self._address_width = dialect.addresses[0] if dialect.addresses else ((), 0)
        payer_parts = [part for part, _begins, _pattern in dialect.payer_patterns]
        wanted = {*dialect.title, *name_parts, *address_parts, *dialect.account, *payer_parts}
        codes = sorted(dialect.known)
        first = 10 if dialect.doubled else 9
        self._code = first
        place = {code: number for number, code in enumerate(sorted(wanted), first + 1)}
        self._title = slice(place[dialect.title[0]], place[dialect.title[-1]] + 1)
        self._name = slice(place[name_parts[0]], place[name_parts[-1]] + 1)
        self._address = slice(place[address_parts[0]], place[address_parts[-1]] + 1) if address_parts else slice(0)
        self._accounts = [place[part] for part in dialect.account]
        self._payers = [(place[part], pattern) for part, _begins, pattern in dialect.payer_patterns]
        self._wanted = wanted
        self._codes = codes
        self._any = self._layout(codes, "?")
        self._codes_of = re.compile(rf"\n{re.escape(dialect.separator)}([0-9]{{2}})").findall
        self._layouts: list[Callable[[str, int], re.Match[str] | None]] = []
        self._match = self._by_layout

    def _by_layout(self, text: str, pos: int) -> re.Match[str] | None:
        """A bank writes the same sub-fields in every entry: an expression for exactly these is the fastest."""
        for number, layout in enumerate(self._layouts):
            match = layout(text, pos)
            if match:
                if number:
                    self._layouts.insert(0, self._layouts.pop(number))
                return match
        match = self._any(text, pos)
        if match:
            present = {self._codes[0], *self._codes_of(match.group())}
            self._layouts = [self._layout([code for code in self._codes if code in present], ""), *self._layouts[:3]]
        return match

    def _layout(self, codes: list[str], quantity: str) -> Callable[[str, int], re.Match[str] | None]:
        """Entries of these sub-fields; the group ``said`` holds nothing, it marks the place of the first :86:."""
        dialect = self.dialect
        mark = re.escape(dialect.separator)
        filler = f"[{re.escape(dialect.filler_chars)}]"
        empty = rf"{filler}{filler}*\n|" if dialect.fillers else ""
        start = r"(?P<said>):86:" + (r"([0-9]{3})\n:86:(?=\10)" if dialect.doubled else "")
        lines = []
        for code in self._codes[1:]:
            if code not in codes:
                lines.append("()" if code in self._wanted else "")
            elif code in self._wanted:
                lines.append(rf"(?:{mark}{code}(?:{empty}([^\n]*)\n)){quantity}")
            else:
                lines.append(rf"(?:{mark}{code}[^\n]*\n){quantity}")
        said = rf"{start}([^\n{mark}]{{0,6}}){mark}{codes[0]}[^\n]*\n{''.join(lines)}"
        return re.compile(_ENTRY + said + _NEXT).match

    def _meaning(self, groups: tuple[str, ...]) -> tuple[str, ...] | None:
        title = "".join(groups[self._title]).strip()
        if not title:
            return None
        account = ""
        for place in self._accounts:
            account = groups[place].removeprefix("PL")
            if account:
                if not nrb.is_valid(account):
                    return None
                break
        payer_key = ""
        for place, pattern in self._payers:
            if groups[place]:
                match = pattern.match(groups[place])
                if match is None:
                    return None
                payer_key = match.group(1)
                break
        name = tidy(groups[self._name], self._name_width)
        address = tidy(groups[self._address], self._address_width) if self._address_width else ""
        if name and not address:
            name, address = without_address(name)
        return (business_code(groups[self._code])[0], title, name, address, account, payer_key, "", "")


class _Labels(FastEntries):
    """mBank: ``; LABEL: text``."""

    def _cut(self, said: str) -> dict[str, str] | None:
        dialect = self.dialect
        text = said[4:-1].replace("\n", "")
        pieces = text.split("; ")
        if text.count(";") != len(pieces) - 1:
            return None
        parts = {"": pieces[0]}
        known: frozenset[str] | tuple[str, ...] = dialect.known_set
        for piece in pieces[1:]:
            label, found, value = piece.partition(": ")
            if not found or label not in known or label in parts:
                return None
            parts[label] = value.strip(" ")
            if label in dialect.title:
                known = dialect.after_title
        return parts


class _LabelsBySlash(FastEntries):
    def _cut(self, said: str) -> dict[str, str] | None:
        return cut_labels(said[4:-1].replace("\n", ""), self.dialect)


class _Plain(FastEntries):
    def _cut(self, said: str) -> dict[str, str] | None:
        return {"": said[4:-1]}


@cache
def fast_entries(dialect: Dialect) -> FastEntries:
    if dialect.layout == "plain":
        return _Plain(dialect)
    if dialect.layout == "labels":
        return _Labels(dialect) if dialect.after_title else _LabelsBySlash(dialect)
    return _Lines(dialect) if dialect.one_per_line else _Subfields(dialect)
