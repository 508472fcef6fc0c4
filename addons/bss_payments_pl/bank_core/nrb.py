"""Polish account numbers (NRB): check digits, virtual accounts, bank prefixes.

A damaged number is reported, never repaired.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import repeat
from operator import itemgetter, mod

_CHECK_DIGITS = itemgetter(slice(2))
_SPACES = re.compile(r"[\s\-]+")
_CLEARING_WEIGHTS = (3, 9, 7, 1, 3, 9, 7)
#: the rule takes the number with its check digits moved behind it and 2521 between, and wants 1 as remainder of 97:
#: so each pair of check digits wants one remainder of the number as it stands, which is quicker to find
_REMAINDERS = {f"{check:02}": (check * 10**24 + (1 - check - 252100) * pow(10**6, -1, 97)) % 97 for check in range(100)}

#: First digits of the clearing number -> bank. Extend freely; only used for display and dialect choice.
BANKS: Mapping[str, str] = {
    "101": "NBP",
    "1020": "PKO BP",
    "1030": "Citi Handlowy",
    "1050": "ING",
    "1060": "Alior (ex-BPH)",
    "1090": "Erste (ex-Santander)",
    "1140": "mBank",
    "1160": "Millennium",
    "1240": "Pekao",
    "1320": "Pocztowy",
    "1540": "BOŚ",
    "1600": "BNP Paribas",
    "1750": "BNP Paribas",
    "1870": "Nest",
    "1940": "Credit Agricole",
    "2030": "BNP Paribas",
    "2490": "Alior",
    "2530": "Nest",
}


@dataclass(frozen=True, slots=True)
class NrbResult:
    """``nrb`` holds 26 digits when ``code`` is empty; otherwise ``code`` says what is wrong."""

    nrb: str
    code: str = ""


def normalise(text: str) -> str:
    """Drop spaces, dashes, a leading slash and the country code; nothing else is changed."""
    cleaned = _SPACES.sub("", text).lstrip("/").upper()
    return cleaned[2:] if cleaned.startswith("PL") else cleaned


def check_digits(b24: str) -> str:
    """Check digits for the 24 digits that follow them."""
    if len(b24) != 24 or not _is_digits(b24):
        raise ValueError("24 digits expected")
    return f"{98 - int(b24 + '252100') % 97:02d}"


def is_valid(nrb: str) -> bool:
    return len(nrb) == 26 and nrb.isdecimal() and nrb.isascii() and is_right(nrb)


def is_right(nrb: str) -> bool:
    """Do the check digits fit? For what is known to be 26 digits."""
    return int(nrb) % 97 == _REMAINDERS[nrb[:2]]


def all_right(numbers: Iterable[str]) -> bool:
    """:func:`is_right` of each of them, in a third of the time."""
    kept = [*numbers]
    return [*map(mod, map(int, kept), repeat(97))] == [*map(_REMAINDERS.__getitem__, map(_CHECK_DIGITS, kept))]


def clearing_is_valid(clearing: str) -> bool:
    """The 8th digit of a clearing number is its own check digit."""
    if len(clearing) != 8 or not _is_digits(clearing):
        return False
    total = sum(int(d) * w for d, w in zip(clearing, _CLEARING_WEIGHTS, strict=False))
    return (10 - total % 10) % 10 == int(clearing[7])


def read(text: str) -> NrbResult:
    """Read an account number as written by people or banks."""
    cleaned = normalise(text)
    if not cleaned:
        return NrbResult("", "NRB_EMPTY")
    if not _is_digits(cleaned):
        return NrbResult("", "NRB_CHARACTERS")
    if len(cleaned) != 26:
        return NrbResult("", "NRB_LENGTH")
    if not is_valid(cleaned):
        return NrbResult("", "NRB_CHECK_DIGITS")
    return NrbResult(cleaned)


def bank_name(nrb: str) -> str:
    clearing = nrb[2:10]
    for length in (4, 3):
        found = BANKS.get(clearing[:length])
        if found:
            return found
    return ""


def pretty(nrb: str) -> str:
    """``46 1020 5561 4444 …``, the way it is printed."""
    return " ".join([nrb[:2], *(nrb[i : i + 4] for i in range(2, len(nrb), 4))]).strip()


def prefix_problem(prefix: str) -> str:
    """Code of what is wrong with a pool prefix, or an empty string."""
    if not _is_digits(prefix):
        return "PREFIX_CHARACTERS"
    if not 8 <= len(prefix) < 24:
        return "PREFIX_LENGTH"
    if not clearing_is_valid(prefix[:8]):
        return "PREFIX_CLEARING"
    return ""


def virtual_nrb(prefix: str, payer_number: int) -> NrbResult:
    """Virtual account ``check + prefix + zero-padded payer number``."""
    problem = prefix_problem(prefix)
    if problem:
        return NrbResult("", problem)
    width = 24 - len(prefix)
    payer = str(payer_number).zfill(width)
    if payer_number < 0 or len(payer) > width:
        return NrbResult("", "PAYER_NUMBER_LENGTH")
    b24 = prefix + payer
    return NrbResult(check_digits(b24) + b24)


def from_payer_key(prefix: str, key: str) -> str:
    """The virtual account of a pool that a bank's short payer key (SWRK, IPH) stands for.

    Banks print the payer number alone, or with a part of the client code before it, padded
    with zeros or not. An empty string means: not of this pool.
    """
    if prefix_problem(prefix) or not key or not _is_digits(key):
        return ""
    if len(key) == 26:
        return key if is_valid(key) and key[2:].startswith(prefix) else ""
    width = 24 - len(prefix)
    head, payer = (key[:-width], key[-width:]) if len(key) > width else ("", key.zfill(width))
    if head.strip("0") and not prefix.endswith(head):
        return ""
    b24 = prefix + payer
    return check_digits(b24) + b24


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
