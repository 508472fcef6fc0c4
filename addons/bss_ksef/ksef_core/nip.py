"""Polish tax number (NIP): normal form and check digit."""

from __future__ import annotations

_WEIGHTS = (6, 5, 7, 2, 3, 4, 5, 6, 7)


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
