"""KSeF numbers in a title, even broken over lines; only those with a right checksum count.

Shape: ``NIP(10)-YYYYMMDD-12 hex-2 hex``; the last two are CRC-8 (polynomial 0x07) of the 32 characters before.
"""

from __future__ import annotations

import re

from .text import LOOKALIKE

_NUMBER = re.compile(r"(?=([0-9OIL]{10}(?:[0-9OIL]{8}|IZ[0-9OIL]{6})[0-9A-FOIL]{14}))")
#: with its dashes it is known for what it should be, whatever is wrong in it
_DAMAGED = re.compile(
    r"(?<![0-9])([0-9OIL]{9,11})-([0-9OIL]{7,9})-([0-9A-FOIL]{11,13})-([0-9A-FOIL]{1,3})(?![0-9])"
    r"|(?<![0-9])([0-9]{18}[0-9A-F]{14})(?![0-9A-F])"
)
_KEPT = re.compile(r"[^\s\-_./]")
_DROPPED = re.compile(r"[\s\-_./]+")
_DASHES = 3
_JOINED = re.compile(r"[0-9]{18}")
#: characters of a number without its dashes
LENGTH = 32


def _table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        crc = byte
        for _bit in range(8):
            crc = ((crc << 1) ^ 0x07) & 0xFF if crc & 0x80 else crc << 1
        table.append(crc)
    return tuple(table)


_TABLE = _table()


def is_right(key: str) -> bool:
    """The checksum of a number without dashes agrees."""
    crc = 0
    for byte in f"{key[:10]}-{key[10:18]}-{key[18:30]}-".encode()[:32]:
        crc = _TABLE[crc ^ byte]
    return f"{crc:02X}" == key[30:]


def find(text: str) -> list[tuple[str, int, int]]:
    """(number without dashes, start, end) of each KSeF number in a plain text."""
    squeezed = _DROPPED.sub("", text)
    if not _NUMBER.search(squeezed):
        return []
    kept = [match.start() for match in _KEPT.finditer(text)]
    found: list[tuple[str, int, int]] = []
    for match in _NUMBER.finditer(squeezed):
        written = match.group(1)
        collective = written[10:12] == "IZ"
        middle = "IZ" + written[12:].translate(LOOKALIKE) if collective else written[10:].translate(LOOKALIKE)
        key = written[:10].translate(LOOKALIKE) + middle
        if is_right(key):
            found.append((key, kept[match.start()], kept[match.start() + LENGTH - 1] + 1))
    return found


def find_damaged(text: str) -> list[tuple[str, int, int]]:
    """(number without dashes, start, end) of what is built like a KSeF number and is none."""
    if text.count("-") < _DASHES and not _JOINED.search(text):
        return []
    return [
        ("".join(part or "" for part in match.groups()).translate(LOOKALIKE), *match.span())
        for match in _DAMAGED.finditer(text)
    ]
