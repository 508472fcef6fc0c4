"""Shapes of regular MT940 entries: one expression each, learned from the file where a bank repeats itself.

A shape finds runs of entries and says what the line machine would say of them, or which of them it cannot tell.
Groups of every expression, from 0: the entry without its last line end, its dates, mark, funds code, amount, type,
references, supplement, and the text of :86: (:data:`DETAILS`).
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile

from ..model import Problem
from .dialects_base import Dialect
from .mt940_columns import Column, where
from .mt940_details import Meaning, cut_labels, meaning
from .mt940_places import Places
from .mt940_source import MAX_LINE

#: a file has this many kinds of entries at most that are worth an expression of their own
_MOST = 12
#: entries of one kind in a row that are worth it
_FEW = 16
#: places of the supplement and of the text of :86: among the groups
_SUPPLEMENT, DETAILS = 7, 8
_NOTHING = Meaning("", "", "", "", "", "", "", "")

_ENTRY = (
    r"(:61:([0-9]{6}(?:[0-9]{4}|))(R?[CD])([A-Z]?)([0-9]{1,20}+,[0-9]{0,2}+)([A-Z][A-Z0-9]{3})([^\n]*+)\n"
    r"(?:([^\s:{\-][^\n]*+)\n|):86:"
)
#: the next line is beyond doubt a tag, so that the machine would end the entry here too
_NEXT = r")\n(?=:61:[0-9]{6}|:62[FM]:[CD][0-9]{6}[A-Z]{3}|:90[CD]:)"
#: a line of three characters may be the first of two :86: (ING); the other lines can be no tag and no end.
#: An atomic group, for a possessive repeat of a group finds nothing before Python 3.11.5 (CPython issue 106052)
_LINES = r"(?![^\S\n]*\S{3}[^\S\n]*\n)([^\n]*+(?>(?:\n *+[^\s:{\-][^\n]*+){0,40}))"
#: an entry, or all the rest: so nothing is passed over between two entries
_OR_REST = r"|(?s:(.).*)"


class Shape:
    """Any lines of :86:; subclasses know how they are cut."""

    def __init__(self, dialect: Dialect, lines: str = _LINES):
        self.dialect = dialect
        self.find: Callable[[str, int], re.Match[str] | None] = re.compile(_ENTRY + lines + _NEXT).match
        self._find_all = re.compile(f"{_ENTRY}{lines}{_NEXT}{_OR_REST}").findall

    def run(self, text: str, pos: int, end: int) -> tuple[Shape, list[Column]]:
        """Columns of the entries from ``pos`` on, as far as all are regular, and the shape that can read them."""
        return self, self.columns(text, pos, end)

    def columns(self, text: str, pos: int, end: int) -> list[Column]:
        rows = self._find_all(text, pos, end)
        if rows and rows[-1][-1]:
            rows.pop()
        columns: list[Column] = [*zip(*rows, strict=True)]
        if columns and max(map(len, columns[0])) >= MAX_LINE - 1:
            short = [*takewhile(lambda raw: len(raw) < MAX_LINE - 1, columns[0])]
            return [column[: len(short)] for column in columns] if short else []
        return columns

    def heights(self, columns: Sequence[Column]) -> list[int]:
        """Number of lines of each entry."""
        return [raw.count("\n") + 1 for raw in columns[0]]

    def values(self, columns: Sequence[Column], odd: set[int]) -> list[Column]:
        """Columns of :class:`.mt940_details.Meaning`; ``odd`` gets the numbers of entries that it cannot tell."""
        return self.one_by_one(columns[DETAILS], odd)

    def one_by_one(self, texts: Iterable[str], odd: set[int]) -> list[Column]:
        found = [self._meant(self.cut(text)) for text in texts]
        odd.update(where(values is None for values in found))
        return [*zip(*(values or _NOTHING for values in found), strict=True)]

    def _meant(self, parts: dict[str, str] | None) -> Meaning | None:
        problems: list[Problem] = []
        found = None if parts is None else meaning(parts, self.dialect, 0, problems)
        return None if problems else found

    def cut(self, details: str) -> dict[str, str] | None:
        """Parts by sub-field or label; None when something about them is odd."""
        return {"": details}


class BySlash(Shape):
    """Labels between slashes."""

    def cut(self, details: str) -> dict[str, str] | None:
        return cut_labels(details.replace("\n", ""), self.dialect)


class _Joined(Shape, ABC):
    """Parts that go on over the ends of lines: once these are taken away, one expression finds them all."""

    def __init__(self, dialect: Dialect, separator: str):
        """No part holds the separator; it is put behind the last one too."""
        super().__init__(dialect)
        self._end = f"{separator}\n"
        mark = re.escape(separator)
        text = f"[^{mark}]*+"
        places = Places(dialect, text, f"(?={mark})", 0)
        parts = [f"(?:{self.before(part)}{places.expression(part)}|)" for part in self.order()]
        self._read = places.reader()
        # no dialect with a reference from end to end is cut this way
        self._cut_all = re.compile(rf"({text}){''.join(parts)}{mark}\n|([^\n]*+)\n").findall

    def values(self, columns: Sequence[Column], odd: set[int]) -> list[Column]:
        texts = [text.replace("\n", "") for text in columns[DETAILS]]
        parts = [*zip(*self._cut_all(self._end.join([*texts, ""])), strict=True)]
        again = {*where(parts[-1])}
        found = self._read(parts, again)
        return self._with_others(found, texts, sorted(again), odd) if again else found

    def _with_others(self, found: list[Column], texts: list[str], again: list[int], odd: set[int]) -> list[Column]:
        """Some of the entries have their parts in another order, or odd ones: these are cut one by one."""
        hopeless: set[int] = set()
        others = self.one_by_one([texts[number] for number in again], hopeless)
        odd.update(again[number] for number in hopeless)
        columns = [[*column] for column in found]
        for column, values in zip(columns, others, strict=True):
            for number, value in zip(again, values, strict=True):
                column[number] = value
        return [*columns]

    @abstractmethod
    def order(self) -> Sequence[str]:
        """The parts as banks write them; in another order they are cut one by one."""

    @abstractmethod
    def before(self, part: str) -> str:
        """Expression of what stands before the text of a part."""


class Subfields(_Joined):
    """Sub-fields wherever they stand; lines may break in the middle of one."""

    def __init__(self, dialect: Dialect):
        self._mark = mark = re.escape(dialect.separator)
        self._pairs = re.compile(f"{mark}([0-9]{{2}})([^{mark}]*)").findall
        super().__init__(dialect, dialect.separator)

    def order(self) -> Sequence[str]:
        return sorted(self.dialect.known)

    def before(self, part: str) -> str:
        return self._mark + part

    def cut(self, details: str) -> dict[str, str] | None:
        """None when a separator is text, or a sub-field comes twice."""
        head, mark, rest = details.partition(self.dialect.separator)
        if not mark:
            return {"": head}
        pairs = self._pairs(mark + rest)
        parts = dict(pairs)
        separators = rest.count(mark) + 1
        if len(pairs) != separators or len(parts) != separators or not self.dialect.known_set.issuperset(parts):
            return None
        return {"": head, **parts}


class Labels(_Joined):
    """mBank: ``; LABEL: text``."""

    def __init__(self, dialect: Dialect):
        super().__init__(dialect, ";")

    def order(self) -> Sequence[str]:
        """What may not follow the title stands before it."""
        dialect = self.dialect
        first = [part for part in dialect.known if part not in dialect.title and part not in dialect.after_title]
        return [*first, *dialect.title, *(part for part in dialect.known if part in dialect.after_title)]

    def before(self, part: str) -> str:
        return f"; {re.escape(part)}: "

    def cut(self, details: str) -> dict[str, str] | None:
        dialect = self.dialect
        pieces = details.split("; ")
        if details.count(";") != len(pieces) - 1:
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


class Lines(Shape):
    """PKO BP and ING: a sub-field is a line, and they come in ascending order; one expression cuts them all.

    A bank writes the same sub-fields in every entry: an expression for exactly these is the fastest.
    """

    def __init__(self, dialect: Dialect, present: frozenset[str] | None = None):
        """``present``: sub-fields that are all there and no others; None = any of them."""
        first, *codes = sorted(dialect.known if present is None else present)
        mark = re.escape(dialect.separator)
        doubled = r"([0-9]{3})\n:86:(?=\10)" if dialect.doubled else ""
        places = Places(dialect, r"[^\n]*+", r"(?=\n)", 10 if dialect.doubled else 9)
        lines = [rf"\n{mark}{code}{places.expression(code)}" for code in codes]
        if present is None:
            lines = [f"(?:{line}|)" for line in lines]
        super().__init__(dialect, rf"({doubled}([^\n{mark}]{{0,6}}){mark}{first}[^\n]*+{''.join(lines)})")
        self._read = places.reader()
        self._is_exact = present is not None
        #: where runs are short, no time is spent on looking for a learned shape
        self._is_even = True
        self._first = first
        self._codes = re.compile(rf"\n{mark}([0-9]{{2}})").findall
        self._learned: dict[frozenset[str], Lines] = {}

    def run(self, text: str, pos: int, end: int) -> tuple[Shape, list[Column]]:
        learned = self._select(text, pos) if self._is_even else None
        columns = learned.columns(text, pos, end) if learned else []
        if learned and columns and len(columns[0]) >= _FEW:
            return learned, columns
        columns = self.columns(text, pos, end)
        if columns:
            self._is_even = len(columns[0]) >= _FEW
        return self, columns

    def heights(self, columns: Sequence[Column]) -> list[int]:
        if not self._is_exact:
            return super().heights(columns)
        # as high as the first one, but for the supplement
        height = columns[0][0].count("\n") + (0 if columns[_SUPPLEMENT][0] else 1)
        return [height + 1 if supplement else height for supplement in columns[_SUPPLEMENT]]

    def values(self, columns: Sequence[Column], odd: set[int]) -> list[Column]:
        return self._read(columns, odd)

    def _select(self, text: str, pos: int) -> Lines | None:
        """The learned shape of the entry at ``pos``."""
        for shape in self._learned.values():
            if shape.find(text, pos):
                return shape
        match = self.find(text, pos)
        if match is None or len(self._learned) >= _MOST:
            return None
        present = frozenset([self._first, *self._codes(match[DETAILS + 1])])
        if present in self._learned:
            return None
        self._learned[present] = Lines(self.dialect, present)
        return self._learned[present]


def shape_of(dialect: Dialect) -> Shape:
    """What a file of this dialect is read by; it learns, so every file has its own."""
    if dialect.layout == "plain":
        return Shape(dialect)
    if dialect.layout == "labels":
        return Labels(dialect) if dialect.after_title else BySlash(dialect)
    return Lines(dialect) if dialect.one_per_line else Subfields(dialect)
