"""Fast path of MT940: a regular entry is recognised by one regular expression.

Whatever is irregular in an entry leaves it to the line machine, which is the reference: both give the same
(tested on generated and damaged files). The expressions (:mod:`.mt940_shapes`) only fit where the next line is
beyond doubt a tag, so that the machine would have ended the entry there too.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Protocol

from ..model import Transaction, Unreadable
from .dialects_base import Dialect
from .mt940_entry import make_entry
from .mt940_shapes import shape_of
from .mt940_source import MAX_LINE, Source

#: characters that should be there before an entry is tried; a longer entry is left to the machine
_RESERVE = 8192
_UNREADABLE_CHAR = "\ufffd"


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
        # what changes with every entry is kept in local names, and handed back at the end
        currency, movement = totals.currency, totals.movement
        text, pos, line, position = source.text, source.pos, source.line, totals.position
        enough, is_damaged = len(text) - _RESERVE, _UNREADABLE_CHAR in text
        shape = self._root
        find, read = shape.find, shape.read
        while True:
            if pos > enough and not source.is_over:
                source.pos, source.line = pos, line
                source.fill()
                text, pos = source.text, source.pos
                enough, is_damaged = len(text) - _RESERVE, _UNREADABLE_CHAR in text
            match = find(text, pos)
            if match is None or shape.is_any:
                better = self._root.select(text, pos)
                if better is None:
                    break
                shape, find, read = better, better.find, better.read
                match = find(text, pos)
                if match is None:
                    break
            end = match.end()
            if end - pos >= MAX_LINE or (is_damaged and text.find(_UNREADABLE_CHAR, pos, end) >= 0):
                break
            position += 1
            made = read(match, line, position, currency)
            if made is None:
                careful = self._careful(match[1], line, position, currency)
                movement += careful.amount if isinstance(careful, Transaction) else 0
                yield careful
            else:
                movement += made.amount
                yield made
            line += text.count("\n", pos, end)
            pos = end
        source.pos, source.line = pos, line
        totals.position, totals.movement, totals.last_line = position, movement, line - 1

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
