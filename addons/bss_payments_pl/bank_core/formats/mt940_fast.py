"""Fast path of MT940: a run of regular entries is found by one regular expression and read column by column.

Whatever is irregular in an entry leaves it to the line machine, which is the reference: both give the same
(tested on generated and damaged files). The expressions (:mod:`.mt940_shapes`) only fit where the next line is
beyond doubt a tag, so that the machine would have ended the entry there too.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import accumulate
from operator import attrgetter
from typing import Protocol

from ..model import Transaction, Unreadable
from .dialects_base import Dialect
from .mt940_columns import Column, transactions
from .mt940_entry import make_entry
from .mt940_shapes import DETAILS, Shape, shape_of
from .mt940_source import MAX_LINE, Source

#: characters that should be there before an entry is tried; a longer entry is left to the machine
_RESERVE = 8192
_UNREADABLE_CHAR = "\ufffd"
_AMOUNT = attrgetter("amount")


class Totals(Protocol):
    """The part of the machine that goes on counting here."""

    currency: str
    position: int
    movement: Decimal
    last_line: int


class FastEntries:
    """Takes runs of regular entries of one file."""

    def __init__(self, dialect: Dialect):
        self.dialect = dialect
        self._root = shape_of(dialect)

    def fits(self, source: Source) -> bool:
        if not source.text.startswith(":61:", source.pos):
            return False
        if len(source.text) - source.pos < _RESERVE and not source.is_over:
            source.fill()
        match = self._root.find(source.text, source.pos)
        return match is not None and len(match.group()) < MAX_LINE and _UNREADABLE_CHAR not in match.group()

    def take(self, source: Source, totals: Totals) -> Iterator[Transaction | Unreadable]:
        while True:
            if len(source.text) - source.pos < _RESERVE and not source.is_over:
                source.fill()
            damaged = source.text.find(_UNREADABLE_CHAR, source.pos)
            shape, columns = self._root.run(source.text, source.pos, len(source.text) if damaged < 0 else damaged)
            if not columns:
                return
            yield from self._read(shape, columns, source, totals)

    def _read(
        self, shape: Shape, columns: list[Column], source: Source, totals: Totals
    ) -> list[Transaction | Unreadable]:
        """The entries of a run; ``source`` and ``totals`` are then behind it."""
        raws = columns[0]
        odd: set[int] = set()
        lines = [*accumulate(shape.heights(columns), initial=source.line)]
        position, currency = totals.position + 1, totals.currency
        meant = shape.values(columns, odd)
        regular = transactions(columns[: DETAILS + 1], meant, lines, position, currency, self.dialect, odd)
        events: list[Transaction | Unreadable] = [*regular]
        for at in odd:
            events[at] = self._careful(raws[at], lines[at], position + at, currency)
        source.pos += sum(map(len, raws)) + len(raws)
        source.line = lines[-1]
        totals.position += len(raws)
        readable = (event for event in events if type(event) is Transaction) if odd else regular
        totals.movement = sum(map(_AMOUNT, readable), totals.movement)
        totals.last_line = source.line - 1
        return events

    def _careful(self, raw: str, line: int, position: int, currency: str) -> Transaction | Unreadable:
        """The same entry by the machine's own means: its lines are known, something in them is odd."""
        entry: list[tuple[int, str]] = []
        details: list[tuple[int, str]] = []
        for number, text in enumerate(raw.split("\n"), line):
            if text.startswith(":86:"):
                details.append((number, text[4:]))
            elif details:
                details.append((number, text))
            else:
                entry.append((number, text.removeprefix(":61:")))
        return make_entry(entry, details, self.dialect, currency, position)
