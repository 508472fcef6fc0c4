"""Short words for hand-made cases of rating; each is asked of the oracle and of the kernel."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from tests.kernels.rating_checks import differences
from tests.kernels.rating_oracle import Books, Outcome, rate_world
from tests.kernels.rating_world import Allowance, Event, Rate, World

WEDNESDAY = datetime.fromisoformat("2026-10-14 12:00:00")
FOREVER = (datetime.fromisoformat("2020-01-01"), datetime.fromisoformat("2030-01-01"))
OCTOBER = date(2026, 10, 1)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def micro(price: str) -> int:
    return int(Decimal(price) * 1_000_000)


def price(amount: str, *chain: int, **others: object) -> Rate:
    return replace(Rate(1, 1, 1, price_micro=micro(amount), chain=chain or (60, 60)), **others)  # type: ignore[arg-type]


def call(units: int, start: datetime = WEDNESDAY, number: int = 1, **others: object) -> Event:
    return replace(Event(number, start, units), **others)  # type: ignore[arg-type]


def bucket(remaining: int, allowance_id: int = 1, unit_kind: str = "voice", **others: object) -> Allowance:
    return replace(Allowance(allowance_id, unit_kind, remaining, *FOREVER, frozenset({1})), **others)  # type: ignore[arg-type]


def priced(world: World) -> Books:
    """What the oracle tells, and the kernel tells the same."""
    assert differences(world) == []
    return rate_world(world)


def one(world: World) -> Outcome:
    (found,) = priced(world).outcomes.values()
    return found


def cost(event: Event, *rates: Rate, **others: object) -> str:
    """Amount with four places, or the reason of suspense."""
    found = one(World((event,), rates, **others))  # type: ignore[arg-type]
    return found.reason or f"{Decimal(found.amount_e4).scaleb(-4):.4f}"


def amounts(books: Books) -> list[int]:
    return [found.amount_e4 for _id, found in sorted(books.outcomes.items())]
