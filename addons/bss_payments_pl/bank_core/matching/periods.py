"""Months named in a title: words in any case form, short forms, 10/2026, X 2026."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

_FORMS = {
    1: "STYCZEN STYCZNIA STYCZNIU STYCZNIEM STYCZNIOWI STY STYCZ",
    2: "LUTY LUTEGO LUTYM LUTEMU LUT",
    3: "MARZEC MARCA MARCU MARCEM MARCOWI MAR MARZ",
    4: "KWIECIEN KWIETNIA KWIETNIU KWIETNIEM KWIETNIOWI KWI KWIEC",
    5: "MAJ MAJA MAJU MAJEM MAJOWI",
    6: "CZERWIEC CZERWCA CZERWCU CZERWCEM CZERWCOWI CZE CZERW",
    7: "LIPIEC LIPCA LIPCU LIPCEM LIPCOWI LIP",
    8: "SIERPIEN SIERPNIA SIERPNIU SIERPNIEM SIERPNIOWI SIE SIERP",
    9: "WRZESIEN WRZESNIA WRZESNIU WRZESNIEM WRZESNIOWI WRZ WRZES",
    10: "PAZDZIERNIK PAZDZIERNIKA PAZDZIERNIKU PAZDZIERNIKIEM PAZDZIERNIKOWI PAZ PAZDZ",
    11: "LISTOPAD LISTOPADA LISTOPADZIE LISTOPADEM LISTOPADOWI LIS LISTOP",
    12: "GRUDZIEN GRUDNIA GRUDNIU GRUDNIEM GRUDNIOWI GRU GRUDZ",
}
MONTHS = {form: month for month, forms in _FORMS.items() for form in forms.split()}
#: words with another meaning (a reflexive pronoun, a name): only with a year or a lead word beside them
_WEAK = frozenset(("SIE", "MAJA", "LIS", "MAR"))
_LEADS = frozenset(["ZA", "MC", "MIESIAC", "MIESIACA", "MIESIACE", "OKRES", "M", "ABONAMENT", "I", "ORAZ", "OD"])
_ROMAN = {
    "I": 1,
    "II": 2,
    "III": 3,
    "IV": 4,
    "V": 5,
    "VI": 6,
    "VII": 7,
    "VIII": 8,
    "IX": 9,
    "X": 10,
    "XI": 11,
    "XII": 12,
}
_TOKEN = re.compile(r"[A-Z]+|[0-9]+|[^A-Z0-9\s]")
_NUMERIC = re.compile(
    r"(?<![0-9./\-])(?:(0?[1-9]|1[0-2])\s?[/.\-]\s?(20[0-9]{2})|(20[0-9]{2})\s?[/.\-]\s?(0?[1-9]|1[0-2]))(?![0-9]|[./\-][0-9])"
)
_JOINED = frozenset(("-", "–", "—"))
_AND = frozenset(("I", "ORAZ", ",", "+"))
#: so much of a month's word at the end of a cut title is enough to know it
_STUMP = 5


class Months(NamedTuple):
    """``named``: (year or 0, month); ``is_clear`` False when days, streets or ranges stand among them."""

    named: tuple[tuple[int, int], ...]
    is_clear: bool


NONE = Months((), True)
_NO_NAMES: frozenset[str] = frozenset()


def months_in(text: str, names: Iterable[str]) -> Months:
    """Months in a plain text.

    :param names: words of the payer's and the customer's name; Marzec, Maj and Lis are surnames too
    """
    return _months(text, frozenset(MONTHS.keys() & names) if names else _NO_NAMES)


def _stumps() -> dict[str, str]:
    """Beginnings of months' words that can be no other month's, each with the word it may have been."""
    found: dict[str, dict[int, str]] = {}
    for form, month in MONTHS.items():
        for length in range(_STUMP, len(form)):
            found.setdefault(form[:length], {})[month] = form
    return {stump: meant.popitem()[1] for stump, meant in found.items() if len(meant) == 1}


_STUMPS = _stumps()
#: without one of these no month is named; words may be torn by blanks
_HINT = re.compile(rf"20[0-9][0-9]|{'|'.join(sorted({form[:3] for form in MONTHS}))}")


@lru_cache(maxsize=4096)
def _months(text: str, names: frozenset[str]) -> Months:
    if not _HINT.search("".join(text.split())):
        return NONE
    found: list[tuple[int, int]] = []
    clear = True
    for match in _NUMERIC.finditer(text):
        month_first, year, _year_first, _month = match.groups()
        if not month_first:
            clear = False  # "2026/10" is what is left of a number as well
            continue
        found.append((int(year), int(month_first)))
        clear = clear and text[match.end() : match.end() + 1] not in _JOINED
    rest = _NUMERIC.sub(" ", text)
    tokens = _mended(_TOKEN.findall(rest))
    open_months: list[int] = []
    for place, token in enumerate(tokens):
        before = tokens[place - 1] if place else ""
        after = tokens[place + 1] if place + 1 < len(tokens) else ""
        if after in (".", "/", "-") and place + 2 < len(tokens) and tokens[place + 2].isdigit():
            after = tokens[place + 2]
        year = int(after) if len(after) == 4 and after.startswith("20") and after.isdigit() else 0
        month = MONTHS.get(token, 0) if token not in names else 0
        if month and before.isdigit() and len(before) <= 2:
            clear = False  # a day of a date, or the number in "ul. 3 Maja"
            continue
        listed = token == "MAJA" and after in _AND  # "maja i czerwca"
        if month and token in _WEAK and not (year or listed or before in _LEADS):
            clear = clear and token == "MAJA"  # too weak a word to go by, too near to a month to pass over
            month = 0
        if (
            not month
            and token in _ROMAN
            and year
            and (token not in ("I", "V", "X") or before in _LEADS or not before.isdigit())
        ):
            month = _ROMAN[token]
        if not month:
            continue
        if before in _JOINED or after in _JOINED or before == "DO":
            clear = False
        if not year:
            open_months.append(month)
            continue
        # "wrzesień i październik 2026": the year stands once, after the last
        found.extend((year, earlier) for earlier in open_months if earlier <= month)
        found.extend((0, earlier) for earlier in open_months if earlier > month)
        open_months = []
        found.append((year, month))
    found.extend((0, month) for month in open_months)
    return Months(tuple(dict.fromkeys(found)), clear) if found or not clear else NONE


def _mended(tokens: list[str]) -> list[str]:
    """Words of months that a line end has torn, or the end of the title has cut, made whole."""
    whole: list[str] = []
    for token in tokens:
        torn = whole[-1] + token if whole and token.isalpha() and whole[-1].isalpha() else ""
        if len(torn) > _STUMP and torn in MONTHS:
            whole[-1] = torn
        else:
            whole.append(token)
    if whole and whole[-1] in _STUMPS and whole[-1] not in MONTHS:
        whole[-1] = _STUMPS[whole[-1]]
    return whole
