"""Numbers of the operator's world, computed from their published rules alone: Luhn, NRB, KSeF, document numbers."""

from __future__ import annotations

from collections.abc import Iterator

#: printed width of running numbers; a month with more documents goes beyond it, as Odoo's sequences do
WIDTH = 5


def luhn(base: str) -> str:
    """Check digit behind ``base`` (ISO/IEC 7812-1)."""
    doubled = [int(digit) * (2 - index % 2) for index, digit in enumerate(reversed(base))]
    return str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)


def nrb(b24: str) -> str:
    """26 digits: two check digits (ISO 13616, country PL) before clearing number and account."""
    return f"{98 - int(b24 + '252100') % 97:02d}{b24}"


def _crc_of(byte: int) -> int:
    for _bit in range(8):
        byte = (byte << 1 ^ 0x07) & 0xFF if byte & 0x80 else byte << 1
    return byte


_CRC = tuple(map(_crc_of, range(256)))


def crc8(text: str) -> str:
    """Polynomial 0x07, initial value 0, not reflected: the last two characters of a KSeF number."""
    crc = 0
    for byte in text.encode("ascii"):
        crc = _CRC[crc ^ byte]
    return f"{crc:02X}"


def ksef(seller: str, day: str, technical: int) -> str:
    """35 characters; ``day`` is YYYYMMDD, ``technical`` below 2**48."""
    body = f"{seller}-{day}-{technical:012X}"
    return f"{body}-{crc8(body)}"


def one_slip(a: str, b: str) -> bool:
    """One digit changed, one missing or extra, or two neighbours swapped; equal texts are no slip."""
    if a == b or abs(len(a) - len(b)) > 1:
        return False
    if len(a) == len(b):
        wrong = [index for index in range(len(a)) if a[index] != b[index]]
        if len(wrong) == 1:
            return True
        return (
            len(wrong) == 2 and wrong[1] == wrong[0] + 1 and a[wrong[0]] == b[wrong[1]] and a[wrong[1]] == b[wrong[0]]
        )
    short, long = sorted((a, b), key=len)
    return any(long[:index] + long[index + 1 :] == short for index in range(len(long)))


def slips(digits: str) -> Iterator[str]:
    """Every text one slip away from ``digits``; some come twice."""
    for index, digit in enumerate(digits):
        head, tail = digits[:index], digits[index + 1 :]
        yield head + tail
        for other in "0123456789":
            yield head + other + digits[index:]
            if other != digit:
                yield head + other + tail
        if tail and tail[0] != digit:
            yield head + tail[0] + digit + tail[1:]
    for other in "0123456789":
        yield digits + other


def running_forms(running: int) -> tuple[str, ...]:
    """Padded as printed, and with all leading zeros dropped."""
    printed = f"{running:0{WIDTH}d}"
    return (printed, str(running)) if printed[0] == "0" else (printed,)


def running_of(digits: str) -> int:
    """The running number that these digits are a whole form of; 0 = a fragment."""
    return 0 if digits[:1] in ("", "0") and len(digits) != WIDTH else int(digits)
