"""Plain data of a tariff, its customers' allowances and their events, as the rating oracle reads them.

Prices are micro (1e-6 of the currency), amounts e4 (1e-4), instants UTC without a zone, minutes those of the wall clock
in Warsaw.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

MONDAY_TO_SUNDAY = frozenset(range(7))
HOLIDAY = 7
EVERY_DAY = MONDAY_TO_SUNDAY | {HOLIDAY}


@dataclass(frozen=True)
class Band:
    """``days``: 0 Monday … 6 Sunday, 7 a holiday (which replaces its weekday); no ``months`` = all of them."""

    band_id: int
    days: frozenset[int] = EVERY_DAY
    start_min: int = 0
    end_min: int = 1440
    weight: int = 0
    months: frozenset[int] = frozenset()
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Tier:
    """Units above ``start`` up to and including ``end``, in price units; ``price_micro`` of a unit, package or step."""

    start: int
    end: int | None
    price_micro: int
    package_size: int = 0


@dataclass(frozen=True)
class Rate:
    rate_id: int
    plan_id: int
    zone_id: int
    usage_kind: str = "voice"
    price_micro: int = 0
    connect_fee_micro: int = 0
    min_charge_micro: int = 0
    max_charge_micro: int = 0
    chain: tuple[int, ...] = (1, 1)
    unit_size: int = 60
    band_id: int | None = None
    basis: str = "unit"
    multiplier_micro: int = 1_000_000
    decimals: int = 4
    rounding: str = "event"
    step_bytes: int = 0
    tier_model: str = "flat"
    tiers: tuple[Tier, ...] = ()


@dataclass(frozen=True)
class Plan:
    plan_id: int
    band_policy: str = "increment"
    consumption: str = "increment"
    zero_length: str = "free"
    free_pays_connect: bool = False


@dataclass(frozen=True)
class Allowance:
    """``services`` are its members (several = a pool); ``zones`` None = every zone; money in e4, else billed units."""

    allowance_id: int
    unit_kind: str
    remaining: int
    valid_from: datetime
    valid_to: datetime
    services: frozenset[int]
    priority: int = 10
    zones: frozenset[int] | None = None
    band_id: int | None = None


@dataclass(frozen=True)
class Event:
    id: int
    started_at: datetime
    units: int | None
    b_number: str | None = "48501234567"
    service_id: int = 1
    plan_id: int | None = 1
    usage_kind: str = "voice"
    answered_at: datetime | None = None
    tie: int = 0
    code: str | None = None
    on_net: bool = False
    volume: int | None = None
    session_key: str | None = None
    period: date | None = None
    cost_micro: int | None = None


@dataclass(frozen=True)
class World:
    events: tuple[Event, ...]
    rates: tuple[Rate, ...]
    plans: tuple[Plan, ...] = (Plan(1),)
    prefixes: dict[str, int] = field(default_factory=lambda: {"48": 1})
    codes: dict[str, int] = field(default_factory=dict)
    on_net_zone: int | None = None
    bands: tuple[Band, ...] = ()
    holidays: frozenset[date] = frozenset()
    allowances: tuple[Allowance, ...] = ()
