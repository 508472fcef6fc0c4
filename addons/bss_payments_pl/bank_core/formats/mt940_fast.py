"""Fast path of MT940: a regular entry is recognised by one regular expression.

Whatever is irregular in an entry leaves it to the line machine, which is the reference: both give the same
(tested on generated and damaged files). The expression only fits where the next line is beyond doubt a
tag, so that the machine would have ended the entry there too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Protocol

from ..model import Problem, Transaction, Unreadable
from .dialects_base import Dialect
from .mt940_details import cut_labels, meaning, taken_back
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
_SAID = r"(:86:(?![^\S\n]*\S{3}[^\S\n]*\n)"
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
        self._match = re.compile(_ENTRY + _SAID + _LINES + _NEXT).match

    def fits(self, source: Source) -> bool:
        if not source.text.startswith(":61:", source.pos):
            return False
        if len(source.text) - source.pos < _RESERVE and not source.is_over:
            source.fill()
        match = self._match(source.text, source.pos)
        return match is not None and len(match.group()) < MAX_LINE and "\ufffd" not in match.group()

    def take(self, source: Source, totals: Totals) -> Iterator[Transaction | Unreadable]:
        while True:
            if len(source.text) - source.pos < _RESERVE and not source.is_over:
                source.fill()
            match = self._match(source.text, source.pos)
            if match is None:
                return
            raw = match.group()
            if len(raw) >= MAX_LINE or "\ufffd" in raw:
                return
            line = source.line
            source.pos = match.end()
            source.line = line + raw.count("\n")
            totals.last_line = source.line - 1
            totals.position += 1
            made = self._quick(match, raw, line, totals) or self._careful(raw, line, totals)
            if isinstance(made, Transaction):
                totals.movement += made.amount
            yield made

    def _careful(self, raw: str, line: int, totals: Totals) -> Transaction | Unreadable:
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
        return make_entry(entry, details, self.dialect, totals.currency, totals.position)

    def _quick(self, match: re.Match[str], raw: str, line: int, totals: Totals) -> Transaction | None:
        value, mmdd, mark, funds, amount_text, type_code, ref, supplement, said = match.groups("")
        day = read_date(value)
        booked: date | None = day
        if day is not None and mmdd and mmdd != value[2:]:
            booked = entry_date(day, mmdd)
        if day is None or booked is None or (funds and funds != totals.currency[2:3]):
            return None
        parts = self._cut(said)
        if parts is None:
            return None
        problems: list[Problem] = []
        found = meaning(parts, self.dialect, line, problems)
        if problems:
            return None
        amount = Decimal(amount_text.replace(",", ".")) if amount_text[-3:-2] == "," else read_amount(amount_text)
        owner_ref, _slashes, bank_ref = ref.partition("//")
        original = reason = ""
        if mark != "C" or type_code == "NRTI":
            original, reason = taken_back(mark, type_code, found.title, said[:-1], self.dialect)
        return tuple.__new__(
            Transaction,
            (
                line,
                totals.position,
                day,
                booked,
                amount if mark == "C" or mark == "RD" else -amount,
                mark,
                funds,
                type_code,
                owner_ref.strip(),
                bank_ref.strip(),
                supplement.strip(),
                *found[:7],
                said[4:-1],
                raw[:-1],
                (),
                found[7],
                original,
                reason,
                "",
            ),
        )

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


class _LinesOfSubfields(_Subfields):
    """PKO BP and ING: a sub-field is a line, and they come in ascending order."""

    _first_line = r":86:"

    def __init__(self, dialect: Dialect):
        super().__init__(dialect)
        mark = re.escape(dialect.separator)
        said = rf"({self._first_line}[^\n{mark}]{{0,6}}{mark}[^\n]*\n(?:{mark}[^\n]*\n){{0,40}})"
        self._match = re.compile(_ENTRY + said + _NEXT).match
        text = r"([^\n]*)\n"
        if dialect.fillers:
            text = rf"(?:[{re.escape(dialect.filler_chars)}]*\n|{text})"
        codes = sorted(dialect.known)
        ordered = "".join(rf"(?:{mark}{code}{text})?" for code in codes[1:])
        head = rf"{self._first_line}([^\n{mark}]*){mark}{codes[0]}{text}"
        self._ordered = re.compile(head + ordered).fullmatch
        self._names = ("", *codes)

    def _cut(self, said: str) -> dict[str, str] | None:
        """Parts that are not there are empty; another order than the usual is left to the machine."""
        match = self._ordered(said)
        return dict(zip(self._names, match.groups(""), strict=True)) if match else None


class _Doubled(_LinesOfSubfields):
    """ING: :86: with the code alone, then :86: with everything."""

    _first_line = r":86:[0-9]{3}\n:86:"

    def _cut(self, said: str) -> dict[str, str] | None:
        return super()._cut(said) if said[4:7] == said[12:15] else None


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
    if dialect.doubled:
        return _Doubled(dialect)
    return _LinesOfSubfields(dialect) if dialect.one_per_line else _Subfields(dialect)
