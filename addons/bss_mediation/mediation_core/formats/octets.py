"""Values of binary usage records: digits packed in half octets, stamps, network identities, addresses.

Every function gives None for what cannot be such a value; none raises on content.
"""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta

_SWAP = bytes(octet >> 4 | (octet & 0x0F) << 4 for octet in range(256))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)
_STAMP_DIGITS = 18
_MOST_REMEMBERED = 100_000


def swapped_digits(data: bytes, start: int, stop: int) -> str | None:
    """TBCD of 3GPP TS 29.002: low half first, F fills."""
    digits = data[start:stop].translate(_SWAP).hex().rstrip("f")
    return digits if digits.isdigit() else None


def plain_digits(data: bytes, start: int, stop: int) -> str | None:
    """BCD of TAP: high half first, F fills."""
    digits = data[start:stop].hex().rstrip("f")
    return digits if digits.isdigit() else None


def address_digits(data: bytes, start: int, stop: int) -> tuple[str, bool] | None:
    """Digits of an AddressString and whether they are international: an octet of type and plan, then TBCD."""
    if stop - start < 2 or data[start] < 0x80:
        return None
    digits = swapped_digits(data, start + 1, stop)
    return None if digits is None else (digits, data[start] & 0x70 == 0x10)


def network_digits(data: bytes, start: int, stop: int) -> str | None:
    """MCC and MNC of a PLMN identity of three octets (TS 24.008): MCC2 MCC1, MNC3 MCC3, MNC2 MNC1."""
    if stop - start != 3:
        return None
    text = data[start:stop].translate(_SWAP).hex()
    # Read in the order of half octets: MCC1 MCC2 MCC3 MNC3 MNC1 MNC2.
    digits = text[:3] + text[4:] + ("" if text[3] == "f" else text[3])
    return digits if digits.isdigit() else None


def micros(year: int, month: int, day: int, hour: int, minute: int, second: int, offset_minutes: int) -> int | None:
    """Microseconds since 1970 UTC of a local time with its offset; None when the calendar has no such time."""
    try:
        local = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return (local - _EPOCH) // _MICRO - offset_minutes * 60_000_000


def offset_minutes(text: str) -> int | None:
    """Minutes of ``+0200``; None when it is no offset from UTC."""
    if len(text) != 5 or text[0] not in "+-" or not (text[1:].isascii() and text[1:].isdigit()):
        return None
    hours, minutes = int(text[1:3]), int(text[3:])
    if hours > 14 or minutes > 59:
        return None
    return (hours * 60 + minutes) * (-1 if text[0] == "-" else 1)


class Stamps:
    """TimeStamp of TS 32.298: YYMMDDhhmmss as BCD, the sign as a character, hhmm as BCD; to microseconds UTC.

    Remembers what it has seen, because neighbouring records share their seconds.
    """

    def __init__(self) -> None:
        self._seen: dict[bytes, int | None] = {}

    def micros(self, data: bytes, start: int, stop: int) -> int | None:
        key = data[start:stop]
        try:
            return self._seen[key]
        except KeyError:
            if len(self._seen) > _MOST_REMEMBERED:
                self._seen.clear()
            value = self._seen[key] = _packed_micros(key)
            return value


def _packed_micros(packed: bytes) -> int | None:
    text = packed.hex()
    if len(text) != _STAMP_DIGITS or text[12:14] not in ("2b", "2d"):
        return None
    digits = text[:12] + text[14:]
    if not digits.isdigit():
        return None
    offset = offset_minutes(("+" if text[12:14] == "2b" else "-") + digits[12:])
    if offset is None:
        return None
    year, month, day, hour, minute, second = (int(digits[place : place + 2]) for place in range(0, 12, 2))
    return micros(2000 + year, month, day, hour, minute, second, offset)


def ip_address(packed: bytes) -> str | None:
    """Text of an address of 4 or 16 octets."""
    if len(packed) not in (4, 16):
        return None
    return str(ipaddress.ip_address(packed))
