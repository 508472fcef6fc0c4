"""Shapes of regular MT940 entries: one expression each, learned from the file where a bank repeats itself.

A shape says what the line machine would say of the entries it finds, or says nothing (None). Groups of every
expression: 1 the entry without its last line end, 2 value date, 3 entry date, 4 mark, 5 funds code, 6 amount,
7 type, 8 references, 9 supplement, 10 the text of :86:.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from decimal import Decimal

from ..model import Problem, Transaction
from .dialects_base import Dialect
from .mt940_details import cut_labels, meaning, taken_back
from .mt940_entry import entry_date, read_amount, read_date
from .mt940_places import Groups, Places, Values

#: a file has this many kinds of entries at most that are worth an expression of their own
_MOST = 12

_ENTRY = (
    r"(:61:([0-9]{6})([0-9]{4})?(R?[CD])([A-Z])?([0-9]{1,20},[0-9]{0,2})([A-Z][A-Z0-9]{3})([^\n]*)\n"
    r"(?:([^\s:{\-][^\n]*)\n)?:86:"
)
#: the next line is beyond doubt a tag, so that the machine would end the entry here too
_NEXT = r")\n(?=:61:[0-9]{6}|:62[FM]:[CD][0-9]{6}[A-Z]{3}|:90[CD]:)"
#: a line of three characters may be the first of two :86: (ING); the other lines can be no tag and no end
_LINES = r"(?![^\S\n]*\S{3}[^\S\n]*\n)([^\n]*(?:\n *[^\s:{\-][^\n]*){0,40})"


class Shape:
    """Any lines of :86:; subclasses know how they are cut."""

    #: another shape may read the same entry faster
    is_any = False

    def __init__(self, dialect: Dialect, lines: str = _LINES):
        self.dialect = dialect
        self.values: Callable[[Groups], Values | None] = self.cut_and_meant
        self.find: Callable[[str, int], re.Match[str] | None] = re.compile(_ENTRY + lines + _NEXT).match

    def select(self, text: str, pos: int) -> Shape | None:
        """The shape of the entry at ``pos``; None for the machine's own."""
        return self if self.find(text, pos) else None

    def read(self, match: re.Match[str], line: int, position: int, currency: str) -> Transaction | None:
        groups = match.groups("")
        raw, value, mmdd, mark, funds, amount_text, type_code, ref, supplement, details = groups[:10]
        day = booked = read_date(value)
        if day is not None and mmdd and mmdd != value[2:]:
            booked = entry_date(day, mmdd)
        if day is None or booked is None or (funds and funds != currency[2:3]):
            return None
        values = self.values(groups)
        if values is None:
            return None
        code, title, name, address, account, payer_key, bank_id, end_to_end = values
        amount = Decimal(amount_text.replace(",", ".")) if amount_text[-3:-2] == "," else read_amount(amount_text)
        owner_ref, _slashes, bank_ref = ref.partition("//")
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
                raw,
                (),
                end_to_end,
                original,
                reason,
                "",
            ),
        )

    def cut_and_meant(self, groups: Groups) -> Values | None:
        parts = self.cut(groups[9])
        return None if parts is None else self.meant(parts)

    def meant(self, parts: dict[str, str]) -> Values | None:
        problems: list[Problem] = []
        found = meaning(parts, self.dialect, 0, problems)
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

    def __init__(self, dialect: Dialect, text: str, end: str):
        """``text``: expression of any part, ``end``: looks ahead for its end."""
        super().__init__(dialect)
        places = Places(dialect, text, end, 0)
        parts = [f"(?:{self.before(part)}{places.expression(part)})?" for part in self.order()]
        self._meant = places.reader()
        # no dialect with a reference from end to end is cut this way
        self._find = re.compile(rf"({text}){''.join(parts)}\Z").match

    def cut_and_meant(self, groups: Groups) -> Values | None:
        text = groups[9].replace("\n", "")
        found = self._find(text)
        values = self._meant(found.groups("")) if found else None
        if values is None:
            parts = self.cut(text)
            return None if parts is None else self.meant(parts)
        return values

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
        super().__init__(dialect, f"[^{mark}]*", rf"(?={mark}|\Z)")

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
        super().__init__(dialect, "[^;]*", r"(?=;|\Z)")

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
        doubled = r"([0-9]{3})\n:86:(?=\11)" if dialect.doubled else ""
        places = Places(dialect, r"[^\n]*", r"(?=\n)", 11 if dialect.doubled else 10)
        lines = [rf"\n{mark}{code}{places.expression(code)}" for code in codes]
        if present is None:
            lines = [f"(?:{line})?" for line in lines]
        super().__init__(dialect, rf"({doubled}([^\n{mark}]{{0,6}}){mark}{first}[^\n]*{''.join(lines)})")
        self.values = places.reader()
        self.is_any = present is None
        self._first = first
        self._codes = re.compile(rf"\n{mark}([0-9]{{2}})").findall
        self._learned: dict[frozenset[str], Lines] = {}

    def select(self, text: str, pos: int) -> Shape | None:
        for shape in self._learned.values():
            if shape.find(text, pos):
                return shape
        match = self.find(text, pos)
        if match is None:
            return None
        present = frozenset([self._first, *self._codes(match[10])])
        if len(self._learned) >= _MOST or present in self._learned:
            return self
        shape = self._learned[present] = Lines(self.dialect, present)
        return shape if shape.find(text, pos) else self


def shape_of(dialect: Dialect) -> Shape:
    """What a file of this dialect is read by; it learns, so every file has its own."""
    if dialect.layout == "plain":
        return Shape(dialect)
    if dialect.layout == "labels":
        return Labels(dialect) if dialect.after_title else BySlash(dialect)
    return Lines(dialect) if dialect.one_per_line else Subfields(dialect)
