"""Parts of regular MT940 entries: the expression each is found by, and what the columns of their groups mean.

A part with a meaning has one group. An account and the bank's key of the payer have two: the first holds what has
the right form, the second anything else, which is left to the careful way (:func:`.mt940_details.meaning`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ..nrb import all_right, is_right
from .dialects_base import Dialect
from .mt940_columns import Column, where
from .mt940_details import business_code, join, tidy_all, without_address, without_addresses

_ACCOUNT = r"(?:PL|)([0-9]{26})"


class Places:
    """Built part by part with :meth:`expression`, then asked for the :meth:`reader` of its entries."""

    def __init__(self, dialect: Dialect, text: str, end: str, code: int):
        """
        :param text: expression of any part
        :param end: looks ahead for the end of a part
        :param code: place of the business code among the groups, from 0; the parts follow it
        """
        self._text, self._end, self._code = text, end, code
        self._dialect = dialect
        self._place: dict[str, int] = {}
        self._groups = code
        self._forms = dict.fromkeys(dialect.account, _ACCOUNT)
        for part, _begins, pattern in dialect.payer_patterns:
            self._forms[part] = pattern.pattern.strip("^$").replace(r"\s", r"[^\S\n]")
        filler = f"[{re.escape(dialect.filler_chars)}]"
        self._empty = rf"{filler}{filler}*+{end}|" if dialect.fillers else ""
        names = (*dialect.names, *dialect.addresses)
        self._wanted = {*dialect.title, dialect.bank_id, *(part for parts, _width in names for part in parts)} - {""}

    def expression(self, part: str) -> str:
        """The parts must be asked for in the order of the expression."""
        form = self._forms.get(part)
        if form is None and part not in self._wanted:
            return self._text
        self._place[part] = self._groups = self._groups + 1
        if form is None:
            return f"(?:{self._empty}({self._text}))" if self._empty else f"({self._text})"
        self._groups += 1
        return f"(?:{self._empty}{form}{self._end}|({self._text}))"

    def reader(self) -> Callable[[Sequence[Column], set[int]], list[Column]]:
        """
        All parts are there: what gives the columns of values of a run by those of its groups.

        It adds to a set the numbers of the entries that take a closer look.
        """
        dialect, place, code = self._dialect, self._place, self._code
        titles, title_width = self._places(dialect.title), dialect.title_width
        names, addresses = self._options(dialect.names), self._options(dialect.addresses)
        accounts = self._places(dialect.account)
        payers = self._places(tuple(part for part, _begins, _pattern in dialect.payer_patterns))
        bank_id_at = place.get(dialect.bank_id, 0)

        def values(columns: Sequence[Column], odd: set[int]) -> list[Column]:
            title = _titles([columns[at] for at in titles], len(columns[code]), title_width)
            if "" in title:
                odd.update(where(not text for text in title))
            account = _formed(columns, accounts, odd)
            if not all_right(filter(None, account)):
                odd.update(where(text and not is_right(text) for text in account))
            name, address = _apart(_first(columns, names), _first(columns, addresses))
            bank_id = [text.replace(" ", "") for text in columns[bank_id_at]] if bank_id_at else [""] * len(title)
            codes = [code for code, _end in map(business_code, columns[code])]
            return [codes, title, name, address, account, _formed(columns, payers, odd), bank_id, [""] * len(title)]

        return values

    def _places(self, parts: tuple[str, ...]) -> list[int]:
        return [self._place[part] for part in parts if part in self._place]

    def _options(self, options: tuple[tuple[tuple[str, ...], int], ...]) -> list[tuple[list[int], int]]:
        return [(places, width) for parts, width in options if (places := self._places(parts))]


def _titles(pieces: list[Column], size: int, width: int) -> list[str]:
    if not pieces:
        return [""] * size
    rows = zip(*pieces, strict=True)
    return [*map(str.strip, (join(row, width) for row in rows) if width else map("".join, rows))]


def _formed(columns: Sequence[Column], places: list[int], odd: set[int]) -> Column:
    """The first text of the right form; an entry with one of another form before it is odd."""
    found: Column = []
    for at in places:
        found = [text or other for text, other in zip(found, columns[at], strict=True)] if found else columns[at]
        if any(columns[at + 1]):
            odd.update(where(other and not text for text, other in zip(found, columns[at + 1], strict=True)))
    return found or [""] * len(columns[0])


def _first(columns: Sequence[Column], options: list[tuple[list[int], int]]) -> list[str]:
    """Text of the first option that is not empty."""
    found: list[str] = []
    for places, width in options:
        texts = tidy_all([columns[at] for at in places], width)
        found = [text or other for text, other in zip(found, texts, strict=True)] if found else texts
        if all(found):
            break
    return found or [""] * len(columns[0])


def _apart(names: list[str], addresses: list[str]) -> tuple[Column, Column]:
    """An address behind the name is cut off where there is no other."""
    if all(addresses):
        return names, addresses
    if not any(addresses):
        return without_addresses(names)
    rows = zip(names, addresses, strict=True)
    name, address = zip(*[(n, a) if a else without_address(n) for n, a in rows], strict=True)
    return name, address
