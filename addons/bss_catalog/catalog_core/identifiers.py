"""Polish identifiers: NIP (tax), PESEL (person), NRB (bank account).

A damaged number is refused, never repaired.
"""

from datetime import date

_NIP_WEIGHTS = (6, 5, 7, 2, 3, 4, 5, 6, 7)
_PESEL_WEIGHTS = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)
# "PL" as digits, followed by the place of the check digits
_PL = "2521"
_PESEL_CENTURIES = {80: 1800, 0: 1900, 20: 2000, 40: 2100, 60: 2200}


def _ascii_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def nip_normalise(text: str) -> str:
    """Strip spaces, dashes and a leading PL; no check."""
    bare = "".join(ch for ch in text.upper() if ch not in " -\u00a0\u202f")
    return bare.removeprefix("PL")


def nip_is_valid(text: str) -> bool:
    nip = nip_normalise(text)
    if len(nip) != 10 or not _ascii_digits(nip) or nip == "0" * 10:
        return False
    check = sum(int(d) * w for d, w in zip(nip, _NIP_WEIGHTS, strict=False)) % 11
    return check == int(nip[9])


def pesel_birth_date(text: str) -> date | None:
    """Date of birth written in a PESEL, None when it is no date."""
    if len(text) != 11 or not _ascii_digits(text):
        return None
    month = int(text[2:4])
    shift = month // 20 * 20
    try:
        return date(_PESEL_CENTURIES[shift] + int(text[:2]), month - shift, int(text[4:6]))
    except ValueError:
        return None


def pesel_is_valid(text: str) -> bool:
    """Eleven digits, a real date of birth, a right check digit."""
    if pesel_birth_date(text) is None:
        return False
    total = sum(int(d) * w for d, w in zip(text, _PESEL_WEIGHTS, strict=False))
    return (10 - total % 10) % 10 == int(text[10])


def nrb_normalise(text: str) -> str:
    """Strip spaces, dashes and a leading PL; no check."""
    return nip_normalise(text)


def nrb_check_digits(b24: str) -> str:
    """Two check digits of the 24 digits that follow them."""
    if len(b24) != 24 or not _ascii_digits(b24):
        msg = "24 digits are needed"
        raise ValueError(msg)
    return f"{98 - int(b24 + _PL + '00') % 97:02d}"


def nrb_make(b24: str) -> str:
    """Complete NRB (26 digits) from clearing number and account."""
    return nrb_check_digits(b24) + b24


def nrb_is_valid(text: str) -> bool:
    nrb = nrb_normalise(text)
    if len(nrb) != 26 or not _ascii_digits(nrb):
        return False
    return int(nrb[2:] + _PL + nrb[:2]) % 97 == 1 and 2 <= int(nrb[:2]) <= 98


def nrb_format(text: str) -> str:
    """``61 1090 1014 …``: the way Polish documents print it; other texts come back unchanged."""
    nrb = nrb_normalise(text)
    if len(nrb) != 26 or not _ascii_digits(nrb):
        return text
    return " ".join([nrb[:2], *(nrb[i : i + 4] for i in range(2, 26, 4))])
