"""Parts of a regular MT940 entry: the expression each is found by, and what the groups of all of them mean.

A part with a meaning has one group. An account and the bank's key of the payer have two: the first holds what has
the right form, the second anything else, which is left to the careful way (:func:`.mt940_details.meaning`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import itemgetter

from .. import nrb
from .dialects_base import Dialect
from .mt940_details import business_code, join, tidy, without_address

#: values as in :class:`.mt940_details.Meaning`
Values = tuple[str, str, str, str, str, str, str, str]
Groups = tuple[str, ...]
_Pick = Callable[[Groups], Groups]

_ACCOUNT = r"(?:PL)?([0-9]{26})"


class Places:
    """Built part by part with :meth:`expression`, then asked for the :meth:`values` of each entry."""

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
        self._empty = rf"{filler}{filler}*{end}|" if dialect.fillers else ""
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

    def finish(self) -> Places:
        """All parts are there: find out where the values stand."""
        dialect, place = self._dialect, self._place
        self._title = self._pick(dialect.title)
        self._title_width = dialect.title_width
        self._names = self._options(dialect.names)
        self._addresses = self._options(dialect.addresses)
        self._accounts = [place[part] for part in dialect.account if part in place]
        self._payers = [place[part] for part, _begins, _pattern in dialect.payer_patterns if part in place]
        self._bank_id = place.get(dialect.bank_id, 0)
        return self

    def _pick(self, parts: tuple[str, ...]) -> _Pick:
        places = [self._place[part] for part in parts if part in self._place]
        if not places or places == [*range(places[0], places[-1] + 1)]:
            return itemgetter(slice(places[0], places[-1] + 1) if places else slice(0))
        return itemgetter(*places)

    def _options(self, options: tuple[tuple[tuple[str, ...], int], ...]) -> list[tuple[_Pick, int]]:
        return [(self._pick(parts), width) for parts, width in options if not self._place.keys().isdisjoint(parts)]

    def values(self, groups: Groups) -> Values | None:
        """None where it takes a closer look."""
        pieces, width = self._title(groups), self._title_width
        title = (join(pieces, width) if width else "".join(pieces)).strip()
        if not title:
            return None
        account = payer_key = name = address = ""
        for place in self._accounts:
            account = groups[place]
            if account:
                if not nrb.is_right(account):
                    return None
                break
            if groups[place + 1]:
                return None
        for place in self._payers:
            payer_key = groups[place]
            if payer_key:
                break
            if groups[place + 1]:
                return None
        for pick, width in self._names:
            name = tidy(pick(groups), width)
            if name:
                break
        for pick, width in self._addresses:
            address = tidy(pick(groups), width)
            if address:
                break
        if name and not address:
            name, address = without_address(name)
        bank_id = groups[self._bank_id].replace(" ", "") if self._bank_id else ""
        return business_code(groups[self._code])[0], title, name, address, account, payer_key, bank_id, ""
