"""KSeF numbers: shape and CRC-8 check (polynomial 0x07, initial value 0, no reflection)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_SHAPE = re.compile(r"(\d{10})-(\d{8})-([0-9A-F]{12})-([0-9A-F]{2})")
_COLLECTIVE_SHAPE = re.compile(r"(\d{10})-IZ(\d{6})-([0-9A-F]{12})-([0-9A-F]{2})")
_BODY_LENGTH = 32
_LENGTH = 35


def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        crc = byte
        for _bit in range(8):
            crc = ((crc << 1) ^ 0x07) & 0xFF if crc & 0x80 else crc << 1
        table.append(crc)
    return tuple(table)


_TABLE = _crc_table()


def crc8(text: str) -> str:
    """Two upper-case hexadecimal digits of the checksum of `text`."""
    crc = 0
    for byte in text.encode("ascii"):
        crc = _TABLE[crc ^ byte]
    return f"{crc:02X}"


@dataclass(frozen=True)
class KsefNumber:
    text: str
    nip: str
    received: date
    technical: str
    checksum_ok: bool


def parse(text: str) -> KsefNumber | None:
    """The parts of a number, or None when it has not the shape of one.

    A wrong checksum is reported, not refused: official examples contain some.
    """
    match = _SHAPE.fullmatch(text)
    if match is None:
        return None
    nip, day, technical, check = match.groups()
    try:
        received = date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        return None
    return KsefNumber(text, nip, received, technical, crc8(text[:_BODY_LENGTH]) == check)


def is_valid(text: str) -> bool:
    """True for a well-shaped number (of one invoice or collective) whose checksum agrees."""
    if len(text) != _LENGTH:
        return False
    if _COLLECTIVE_SHAPE.fullmatch(text) is None and parse(text) is None:
        return False
    return crc8(text[:_BODY_LENGTH]) == text[-2:]
