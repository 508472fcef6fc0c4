"""Customer and contract numbers in what is left of a title."""

from __future__ import annotations

import re
from typing import NamedTuple

from .text import LOOKALIKE

_GROUP = re.compile(r"([A-Z]*)((?:[\s.:/\-#]*))(?<![0-9])([0-9OIL]*[0-9][0-9OIL]*(?:[ \-/.,][0-9]+)*)")
_SPLIT = re.compile(r"[ \-/.,]")
#: numbers after these words are something else
_OTHER = frozenset(
    ("TEL", "TELEFON", "TELEFONU", "KOM", "FAX", "NIP", "REGON", "PESEL", "KRS", "NRB", "IBAN", "PLN", "DOWOD")
)
_FEWEST, _MOST = 6, 14


class Number(NamedTuple):
    """``key`` as match key; ``is_checked``: its digits end with a right Luhn digit."""

    key: str
    is_checked: bool


def luhn_is_valid(digits: str) -> bool:
    """The last digit is the Luhn check digit of the others, as billing accounts are numbered."""
    total = 0
    for index, char in enumerate(reversed(digits)):
        digit = ord(char) - 48
        if index % 2:
            digit = digit * 2 - 9 if digit > 4 else digit * 2
        total += digit
    return total % 10 == 0


def customer_numbers(rest: str) -> list[Number]:
    """Candidates for a look-up: digits alone with a right check digit, or letters followed by digits."""
    found: dict[str, Number] = {}
    for match in _GROUP.finditer(rest):
        word, gap, written = match.groups()
        if word in _OTHER:
            continue
        for digits in _readings(written):
            if _FEWEST <= len(digits) <= _MOST and luhn_is_valid(digits):
                found.setdefault(digits, Number(digits, True))
        if word and len(word) <= 5 and (not gap or gap in "/- "):
            joined = "".join(_SPLIT.split(written)).translate(LOOKALIKE)
            if 4 <= len(joined) <= _MOST:
                found.setdefault(word + joined, Number(word + joined, luhn_is_valid(joined)))
    return list(found.values())


def _readings(written: str) -> list[str]:
    """One token, or blanks inside that are no other meaning: groups of three, or one tear in the middle."""
    if written.isdigit():
        return [written]
    pieces = _SPLIT.split(written)
    if len(pieces) == 1:
        return [written.translate(LOOKALIKE), written.rstrip("OIL").translate(LOOKALIKE)]
    seps = set(_SPLIT.findall(written))
    # each number of a list stands for itself; parts of dates, amounts and numbers with slashes do not
    alone = [piece.translate(LOOKALIKE) for piece in pieces] if seps <= {" ", ","} else []
    if len(seps) == 1 and seps <= {" ", "-"}:
        thirds = all(len(piece) == 3 for piece in pieces[1:]) and len(pieces[0]) <= 3 and len(pieces) > 2
        torn = seps == {" "} and len(pieces) == 2 and not any(_is_common(piece) for piece in pieces)
        if thirds or torn:
            alone.append("".join(pieces).translate(LOOKALIKE))
    return alone


def _is_common(piece: str) -> bool:
    """A year, a month or day, or too short to be half of a number."""
    return len(piece) < 3 or (len(piece) == 4 and piece[:2] in ("19", "20"))
