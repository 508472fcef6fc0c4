"""Short words for examples of rating: a call, a price, an allowance, and what comes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from rating_core import (
    ALLOWANCE_SCHEMA,
    EVENT_SCHEMA,
    MEMBER_SCHEMA,
    ZONE_SET_SCHEMA,
    Allowances,
    Plan,
    Prefix,
    Rate,
    Rated,
    Tariff,
    rate,
)

NOON = datetime.fromisoformat("2026-10-14 12:00:00")
PLAN, ZONE = 7, 1


@dataclass(frozen=True)
class Event:
    """``minute`` counts from noon UTC of 14 October 2026, unless ``start`` is given."""

    id: int
    minute: int = 0
    units: int = 60
    b_number: str | None = "48501234567"
    service_id: int = 1
    plan_id: int | None = PLAN
    usage_kind: str = "voice"
    start: datetime | None = None
    answered_at: datetime | None = None
    tie: int = 0
    code: str | None = None
    on_net: bool = False
    volume: int | None = None
    session_key: str | None = None
    period: date | None = date(2026, 10, 1)
    cost_micro: int | None = None

    @property
    def started_at(self) -> datetime:
        return self.start or NOON + timedelta(minutes=self.minute)


@dataclass(frozen=True)
class Pool:
    allowance_id: int
    remaining: int
    priority: int = 10
    services: tuple[int, ...] = (1,)
    unit_kind: str = "voice"
    first_minute: int = -10_000
    last_minute: int = 10_000
    zones: frozenset[int] | None = None
    band_id: int | None = None


def event_frame(events: Sequence[Event]) -> pl.DataFrame:
    return pl.DataFrame([{n: getattr(e, n) for n in EVENT_SCHEMA} for e in events], schema=dict(EVENT_SCHEMA))


def pool_frames(pools: Sequence[Pool]) -> Allowances:
    rows = [
        {
            "allowance_id": p.allowance_id,
            "unit_kind": p.unit_kind,
            "remaining": p.remaining,
            "priority": p.priority,
            "valid_from": NOON + timedelta(minutes=p.first_minute),
            "valid_to": NOON + timedelta(minutes=p.last_minute),
            "zone_set": None if p.zones is None else p.allowance_id,
            "band_id": p.band_id,
        }
        for p in pools
    ]
    members = [(p.allowance_id, service) for p in pools for service in p.services]
    sets = [{"zone_set": p.allowance_id, "zone_id": z} for p in pools for z in sorted(p.zones or ())]
    return Allowances(
        pl.DataFrame(rows, schema=dict(ALLOWANCE_SCHEMA)),
        pl.DataFrame(members, schema=dict(MEMBER_SCHEMA), orient="row"),
        pl.DataFrame(sets, schema=dict(ZONE_SET_SCHEMA)),
    )


def micro(amount: str) -> int:
    return int(Decimal(amount) * 1_000_000)


def simple(
    price: str, first: int = 1, following: int | None = None, connect: str = "0", least: str = "0", most: str = "0"
) -> Rate:
    """A voice rate per minute."""
    amounts = [micro(value) for value in (price, connect, least, most)]
    return Rate(1, PLAN, ZONE, "voice", *amounts, chain=(first, following or first))


def tariff(*rates: Rate, **changes: Any) -> Tariff:
    """Numbers in 48 lead to the zone of the examples; the plan is as ``changes`` say."""
    return Tariff([Prefix("48", ZONE)], list(rates), plans=[replace(Plan(PLAN), **changes)] if changes else [])


def rated(
    events: Sequence[Event], table: Tariff, pools: Sequence[Pool] = (), counters: pl.DataFrame | None = None
) -> Rated:
    return rate(event_frame(events), table, pool_frames(pools), counters=counters)


def one(event: Event, table: Tariff, *pools: Pool) -> dict[str, Any]:
    """The rated row of a single event."""
    return rated([event], table, pools).events.row(0, named=True)


def amount(units: int, price: Rate, *pools: Pool, **changes: Any) -> Decimal:
    return Decimal(one(Event(1, 0, units), tariff(price, **changes), *pools)["amount_e4"]).scaleb(-4)
