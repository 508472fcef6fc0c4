"""Months as Polish payers write them, and as a careful person reads them."""

from __future__ import annotations

import re

from .names import plain

#: nominative, genitive, locative, instrumental, abbreviation
FORMS = (
    ("styczeń", "stycznia", "styczniu", "styczniem", "sty"),
    ("luty", "lutego", "lutym", "lutym", "lut"),
    ("marzec", "marca", "marcu", "marcem", "mar"),
    ("kwiecień", "kwietnia", "kwietniu", "kwietniem", "kwi"),
    ("maj", "maja", "maju", "majem", "maj"),
    ("czerwiec", "czerwca", "czerwcu", "czerwcem", "cze"),
    ("lipiec", "lipca", "lipcu", "lipcem", "lip"),
    ("sierpień", "sierpnia", "sierpniu", "sierpniem", "sie"),
    ("wrzesień", "września", "wrześniu", "wrześniem", "wrz"),
    ("październik", "października", "październiku", "październikiem", "paź"),
    ("listopad", "listopada", "listopadzie", "listopadem", "lis"),
    ("grudzień", "grudnia", "grudniu", "grudniem", "gru"),
)
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")

#: letters of a shortest stump that is a month and nothing else ("wrześ", also where a title ends in the word)
STUMP = 5

_MONTH_OF = {
    form[:length]: month
    for month, forms in enumerate(FORMS, 1)
    for form in map(plain, forms)
    for length in {*range(STUMP, len(form)), len(form)}
}
_ROMAN_OF = {roman: month for month, roman in enumerate(ROMAN, 1)}
# a line may end inside a long word
_WORDS = "|".join(" ?".join(word) if len(word) > 4 else word for word in sorted(_MONTH_OF, key=len, reverse=True))
_WORD = re.compile(rf"(?<![A-Z0-9])({_WORDS})(?![A-Z])[ .,/]*(2 ?0 ?\d ?\d(?!\d))?")
_ROMAN = re.compile(r"(?<![A-Z0-9])([IVX]{1,4})[ ./-]? ?(2 ?0 ?\d ?\d)(?!\d)")
_FIGURES = re.compile(r"(?<![0-9./-])(0 ?[1-9]|1 ?[0-2]|[1-9]) ?[./-] ?(2 ?0 ?\d ?\d)(?![0-9]|[./-]\d)")


def read(text: str, no_months: frozenset[str]) -> list[tuple[int, int]]:
    """(month, year) of each mention in a plain title, year 0 = not said; ``no_months`` are words of people's names."""
    found = [
        (_MONTH_OF[word], _figure(match[2] or "0"))
        for match in _WORD.finditer(text)
        if (word := match[1].replace(" ", "")) not in no_months
    ]
    found += [(_ROMAN_OF[match[1]], _figure(match[2])) for match in _ROMAN.finditer(text) if match[1] in _ROMAN_OF]
    found += [(_figure(match[1]), _figure(match[2])) for match in _FIGURES.finditer(text)]
    return list(dict.fromkeys(found))


def _figure(digits: str) -> int:
    return int(digits.replace(" ", ""))
