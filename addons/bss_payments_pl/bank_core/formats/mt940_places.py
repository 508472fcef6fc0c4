"""Parts of a regular MT940 entry: the expression each is found by, and what the groups of all of them mean.

A part with a meaning has one group. An account and the bank's key of the payer have two: the first holds what has
the right form, the second anything else, which is left to the careful way (:func:`.mt940_details.meaning`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import itemgetter

from ..nrb import is_right
from .dialects_base import Dialect
from .mt940_details import business_code, join, tidy, without_address

#: values as in :class:`.mt940_details.Meaning`
Values = tuple[str, str, str, str, str, str, str, str]
Groups = tuple[str, ...]
_Pick = Callable[[Groups], Groups]

_ACCOUNT = r"(?:PL)?([0-9]{26})"


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

    def reader(self) -> Callable[[Groups], Values | None]:
        """
        All parts are there: what gives the values of an entry by its groups, None where it takes a closer look.

        A closure, because looking up attributes would be a tenth of the time of an entry.
        """
        dialect, place, code = self._dialect, self._place, self._code
        title_of, title_width = self._pick(dialect.title), dialect.title_width
        names, addresses = self._options(dialect.names), self._options(dialect.addresses)
        accounts = [place[part] for part in dialect.account if part in place]
        payers = [place[part] for part, _begins, _pattern in dialect.payer_patterns if part in place]
        bank_id_at = place.get(dialect.bank_id, 0)

        def values(groups: Groups) -> Values | None:
            pieces = title_of(groups)
            title = (join(pieces, title_width) if title_width else "".join(pieces)).strip()
            if not title:
                return None
            account = payer_key = name = address = ""
            for at in accounts:
                account = groups[at]
                if account:
                    if not is_right(account):
                        return None
                    break
                if groups[at + 1]:
                    return None
            for at in payers:
                payer_key = groups[at]
                if payer_key:
                    break
                if groups[at + 1]:
                    return None
            for pick, width in names:
                name = tidy(pick(groups), width)
                if name:
                    break
            for pick, width in addresses:
                address = tidy(pick(groups), width)
                if address:
                    break
            if name and not address:
                name, address = without_address(name)
            bank_id = groups[bank_id_at].replace(" ", "") if bank_id_at else ""
            return business_code(groups[code])[0], title, name, address, account, payer_key, bank_id, ""

        return values

    def _pick(self, parts: tuple[str, ...]) -> _Pick:
        places = [self._place[part] for part in parts if part in self._place]
        if not places or places == [*range(places[0], places[-1] + 1)]:
            return itemgetter(slice(places[0], places[-1] + 1) if places else slice(0))
        return itemgetter(*places)

    def _options(self, options: tuple[tuple[tuple[str, ...], int], ...]) -> list[tuple[_Pick, int]]:
        return [(self._pick(parts), width) for parts, width in options if not self._place.keys().isdisjoint(parts)]
