"""Reference numbers, KSeF numbers and their CRC-8.

Sources: faktury/numer-ksef.md (polynomial 0x07, initial 0x00, over the first 32 characters); upo-v4-3.xsd
TNumerReferencyjny. That the check digits of a reference number are the same CRC-8 over everything before the last dash
was worked out from the examples of the OpenAPI document.
"""

from __future__ import annotations

import secrets
import threading
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

WARSAW = ZoneInfo("Europe/Warsaw")


def crc8(text: str) -> str:
    """CRC-8 as two upper-case hexadecimal digits."""
    value = 0
    for byte in text.encode("ascii"):
        value ^= byte
        for _ in range(8):
            value = ((value << 1) ^ 0x07) & 0xFF if value & 0x80 else value << 1
    return f"{value:02X}"


def reference_number(kind: str, day: datetime) -> str:
    """Return ``YYYYMMDD-KK-10HEX-10HEX-CC``; kinds: CR challenge, AU login, SB/SO session, EE invoice, EU UPO."""
    body = f"{day:%Y%m%d}-{kind}-{secrets.token_hex(5).upper()}-{secrets.token_hex(5).upper()}"
    return f"{body}-{crc8(body)}"


class KsefNumbers:
    """Issues unique 35-character KSeF numbers; a random start keeps two simulators from giving the same ones."""

    def __init__(self) -> None:
        self._next = secrets.randbits(32)
        self._prefix = f"01{secrets.token_hex(1).upper()}"
        self._lock = threading.Lock()

    def issue(self, nip: str, received: date) -> str:
        """Next number for an invoice of ``nip`` received on that day."""
        with self._lock:
            self._next = (self._next + 1) % 2**32
            body = f"{nip}-{received:%Y%m%d}-{self._prefix}{self._next:08X}"
        return f"{body}-{crc8(body)}"


def nip_is_valid(nip: str) -> bool:
    """Check sum of a Polish tax number."""
    if len(nip) != 10 or not nip.isdigit():
        return False
    weights = (6, 5, 7, 2, 3, 4, 5, 6, 7)
    return sum(w * int(d) for w, d in zip(weights, nip, strict=False)) % 11 == int(nip[9])


def stamp(moment: datetime) -> str:
    """Instant as the API prints it: UTC with seven decimals."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f0+00:00")


def soon(moment: datetime) -> datetime:
    """The first instant the API can show as later."""
    return moment + timedelta(milliseconds=1)
