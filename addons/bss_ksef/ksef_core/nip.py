"""Polish tax number (NIP): normal form and check digit; how a personal number (PESEL) is told from it."""

from __future__ import annotations

_WEIGHTS = (6, 5, 7, 2, 3, 4, 5, 6, 7)
_PESEL_WEIGHTS = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)


def normalise(text: str) -> str:
    """Digits only, without the country prefix and the usual separators; other characters stay visible."""
    bare = "".join(char for char in text if char not in " -\u00a0\u2010\u2011\u2012\u2013.")
    return bare[2:] if bare[:2].upper() == "PL" else bare


def is_valid(nip: str) -> bool:
    """True when `nip` is ten digits with a right check digit and a possible beginning."""
    if len(nip) != 10 or not nip.isascii() or not nip.isdigit():
        return False
    if nip[0] == "0" or nip[1:3] == "00":
        return False
    digits = [int(char) for char in nip]
    check = sum(weight * digit for weight, digit in zip(_WEIGHTS, digits[:9], strict=True)) % 11
    return check == digits[9]


def is_pesel(text: str) -> bool:
    """True for eleven digits with the right check digit: the number of a person, which belongs on no invoice."""
    if len(text) != 11 or not text.isascii() or not text.isdigit():
        return False
    return sum(weight * int(digit) for weight, digit in zip(_PESEL_WEIGHTS, text, strict=True)) % 10 == 0
