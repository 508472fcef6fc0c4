"""Shapes of regular MT940 entries: one expression each, learned from the file where a bank repeats itself.

A shape says what the line machine would say of the entries it finds, or says nothing (None). Groups of every
expression: 1 the entry without its last line end, 2 value date, 3 entry date, 4 mark, 5 funds code, 6 amount,
7 type, 8 references, 9 supplement, 10 the text of :86:.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from decimal import Decimal

from .. import nrb
from ..model import Problem, Transaction
from .dialects_base import Dialect
from .mt940_details import business_code, cut_labels, meaning, taken_back, tidy, without_address
from .mt940_entry import entry_date, read_amount, read_date

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

#: values as in :class:`.mt940_details.Meaning`
_Values = tuple[str, str, str, str, str, str, str, str]


class Shape:
    """Any lines of :86:; subclasses know how they are cut."""

    #: another shape may read the same entry faster
    is_any = False

    def __init__(self, dialect: Dialect, lines: str = _LINES):
        self.dialect = dialect
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

    def values(self, groups: tuple[str, ...]) -> _Values | None:
        parts = self.cut(groups[9])
        return None if parts is None else self.meant(parts)

    def meant(self, parts: dict[str, str]) -> _Values | None:
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


class _Plan:
    """Exactly these parts in this order, and what each of them is."""

    def __init__(self, dialect: Dialect, parts: list[str], expression: str):
        self.match = re.compile(expression).match
        place = {part: number for number, part in enumerate(parts)}
        self._titles = [place[part] for part in dialect.title if part in place]
        self._names = _places(place, dialect.names)
        self._addresses = _places(place, dialect.addresses)
        self._accounts = [place[part] for part in dialect.account if part in place]
        self._payers = [(place[part], pattern) for part, _begins, pattern in dialect.payer_patterns if part in place]
        self._bank_id = place.get(dialect.bank_id, -1) if dialect.bank_id else -1

    def values(self, texts: tuple[str, ...]) -> _Values | None:
        """None where :func:`meaning` has to look closer."""
        title = "".join([texts[place] for place in self._titles]).strip()
        if not title:
            return None
        account = payer_key = ""
        for place in self._accounts:
            account = texts[place].strip(" ").removeprefix("PL")
            if account:
                if not nrb.is_valid(account):
                    return None
                break
        for place, pattern in self._payers:
            text = texts[place].strip(" ")
            if text:
                found = pattern.match(text)
                if found is None:
                    return None
                payer_key = found.group(1)
                break
        name = address = ""
        for places, width in self._names:
            name = tidy([texts[place] for place in places], width)
            if name:
                break
        for places, width in self._addresses:
            address = tidy([texts[place] for place in places], width)
            if address:
                break
        if name and not address:
            name, address = without_address(name)
        bank_id = texts[self._bank_id].replace(" ", "") if self._bank_id >= 0 else ""
        return (business_code(texts[0])[0], title, name, address, account, payer_key, bank_id, "")


def _places(place: dict[str, int], options: tuple[tuple[tuple[str, ...], int], ...]) -> list[tuple[list[int], int]]:
    found = [([place[part] for part in parts if part in place], width) for parts, width in options]
    return [(places, width) for places, width in found if places]


class _Joined(Shape, ABC):
    """Parts go on over the ends of lines; an expression for the parts of earlier entries is tried first."""

    def __init__(self, dialect: Dialect):
        super().__init__(dialect)
        self._plans: list[_Plan] = []
        self._can_learn = not (dialect.title_width or dialect.end_to_end or dialect.fillers)

    def values(self, groups: tuple[str, ...]) -> _Values | None:
        text = groups[9].replace("\n", "")
        found = None
        for number, plan in enumerate(self._plans):
            found = plan.match(text)
            if found:
                if number:
                    # neighbours in a file are often of one kind
                    self._plans.insert(0, self._plans.pop(number))
                values = plan.values(found.groups())
                if values:
                    return values
                break
        parts = self.cut(text)
        if parts is None:
            return None
        if found is None and self._can_learn and len(self._plans) < _MOST:
            names = list(parts)
            self._plans.append(_Plan(self.dialect, names, self.expression(names)))
        return self.meant(parts)

    @abstractmethod
    def expression(self, names: list[str]) -> str:
        """Expression of an entry with these parts in this order, one group for each."""


class Subfields(_Joined):
    """Sub-fields wherever they stand; lines may break in the middle of one."""

    def __init__(self, dialect: Dialect):
        super().__init__(dialect)
        mark = re.escape(dialect.separator)
        self._pairs = re.compile(f"{mark}([0-9]{{2}})([^{mark}]*)").findall

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

    def expression(self, names: list[str]) -> str:
        mark = re.escape(self.dialect.separator)
        return f"([^{mark}]*)" + "".join(f"{mark}{name}([^{mark}]*)" for name in names[1:]) + r"\Z"


class Labels(_Joined):
    """mBank: ``; LABEL: text``."""

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

    def expression(self, names: list[str]) -> str:
        return "([^;]*)" + "".join(f"; {re.escape(name)}: ([^;]*)" for name in names[1:]) + r"\Z"


class Lines(Shape):
    """PKO BP and ING: a sub-field is a line, and they come in ascending order; one expression cuts them all.

    A bank writes the same sub-fields in every entry: an expression for exactly these is the fastest.
    """

    def __init__(self, dialect: Dialect, present: frozenset[str] | None = None):
        """``present``: sub-fields that are all there and no others; None = any of them."""
        (name_parts, self._name_width), *_others = dialect.names
        address_parts, self._address_width = dialect.addresses[0] if dialect.addresses else ((), 0)
        payers = {part: pattern.pattern for part, _begins, pattern in dialect.payer_patterns}
        wanted = {*dialect.title, *name_parts, *address_parts, *dialect.account, *payers}
        first, *codes = sorted(dialect.known if present is None else present)
        mark = re.escape(dialect.separator)
        filler = f"[{re.escape(dialect.filler_chars)}]"
        empty = rf"{filler}{filler}*(?=\n)|" if dialect.fillers else ""
        doubled = r"([0-9]{3})\n:86:(?=\11)" if dialect.doubled else ""
        self._code = groups = 11 if dialect.doubled else 10
        place: dict[str, int] = {}
        lines = []
        for code in codes:
            text = r"[^\n]*"
            if code in payers:
                key = payers[code].strip("^$").replace(r"\s", r"[^\S\n]")
                text = rf"(?:{empty}{key}(?=\n)|([^\n]*))"
                place[code] = groups + 1
                groups += 2
            elif code in wanted:
                text = rf"(?:{empty}([^\n]*))"
                groups += 1
                place[code] = groups
            lines.append(rf"(?:\n{mark}{code}{text})?" if present is None else rf"\n{mark}{code}{text}")
        super().__init__(dialect, rf"({doubled}([^\n{mark}]{{0,6}}){mark}{first}[^\n]*{''.join(lines)})")
        self._title = _span(place, dialect.title)
        self._name = _span(place, name_parts)
        self._address = _span(place, address_parts)
        self._accounts = [place[part] for part in dialect.account if part in place]
        self._payers = [place[part] for part in payers if part in place]
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

    def values(self, groups: tuple[str, ...]) -> _Values | None:
        title = "".join(groups[self._title]).strip()
        if not title:
            return None
        account = payer_key = ""
        for place in self._accounts:
            account = groups[place].removeprefix("PL")
            if account:
                if not nrb.is_valid(account):
                    return None
                break
        for place in self._payers:
            if groups[place + 1]:
                return None
            payer_key = groups[place]
            if payer_key:
                break
        name = tidy(groups[self._name], self._name_width)
        address = tidy(groups[self._address], self._address_width) if self._address_width else ""
        if name and not address:
            name, address = without_address(name)
        return (business_code(groups[self._code])[0], title, name, address, account, payer_key, "", "")


def _span(place: dict[str, int], parts: tuple[str, ...]) -> slice:
    """Groups of neighbouring sub-fields; empty when none of them is there."""
    found = [place[part] for part in parts if part in place]
    return slice(min(found), max(found) + 1) if found else slice(0)


def shape_of(dialect: Dialect) -> Shape:
    """What a file of this dialect is read by; it learns, so every file has its own."""
    if dialect.layout == "plain":
        return Shape(dialect)
    if dialect.layout == "labels":
        return Labels(dialect) if dialect.after_title else BySlash(dialect)
    return Lines(dialect) if dialect.one_per_line else Subfields(dialect)
