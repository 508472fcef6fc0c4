"""A small file of a roaming partner: calls, messages and data of subscribers abroad, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

HEADER = "start;subscriber;direction;called;usage;seconds;bytes;network;charge;currency"
# network (MCC and MNC), a number there, what the partner asks: per minute, per message, per megabyte, its currency
PARTNERS = (
    ("26201", "+49301234567", "0.019", "0.004", "0.0011", "EUR"),
    ("23001", "+420221234567", "0.019", "0.004", "0.0011", "EUR"),
    ("22801", "+41441234567", "0.21", "0.06", "0.05", "EUR"),
    ("310410", "+12125550123", "0.35", "0.08", "0.12", "USD"),
)
USAGES = ("voice", "voice", "received", "sms", "data", "data")
CENT = Decimal("0.0001")


def roaming_rows(numbers: Sequence[str], first: date, last: date, seed: int, per_number: int = 12) -> bytes:
    """A CSV file in UTC: ``per_number`` records of each number, somewhere between the days (both included)."""
    dice = random.Random(seed)
    rows = [HEADER]
    for number in numbers:
        partner = dice.choice(PARTNERS)
        day = first + timedelta(days=dice.randrange((last - first).days + 1))
        start = datetime.combine(day, time(8))
        for step in range(per_number):
            start += timedelta(minutes=dice.randrange(5, 40))
            rows.append(_row(dice, number, partner, start, USAGES[step % len(USAGES)]))
    return ("\n".join(rows) + "\n").encode()


def _row(dice: random.Random, number: str, partner: tuple[str, ...], start: datetime, usage: str) -> str:
    network, called, minute, message, megabyte, currency = partner
    seconds = dice.randrange(5, 600) if usage in ("voice", "received") else 0
    size = dice.randrange(50_000, 40_000_000) if usage == "data" else 0
    price = {"sms": Decimal(message), "data": Decimal(megabyte) * size / 1_000_000}.get(usage)
    charge = (Decimal(minute) * seconds / 60 if price is None else price).quantize(CENT, ROUND_HALF_UP)
    direction, other = ("in", number) if usage == "received" else ("out", "" if usage == "data" else called)
    kind = "voice" if usage == "received" else usage
    cells = (f"{start:%Y-%m-%d %H:%M:%S}", number, direction, other, kind, seconds, size, network, charge, currency)
    return ";".join(str(cell) for cell in cells)
