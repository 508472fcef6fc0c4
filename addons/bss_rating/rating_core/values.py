"""Plain data of the rating engine.

Money is integer: prices in millionths of the currency (micro), amounts in ten-thousandths (e4). Instants are UTC without a zone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl

Schema = Mapping[str, pl.DataType]
BandPolicy = Literal["start", "increment", "second", "segment"]
Consumption = Literal["increment", "unit"]
ZeroLength = Literal["free", "second"]
Basis = Literal["unit", "event", "upstream"]
Rounding = Literal["event", "session", "period"]
TierModel = Literal["flat", "graduated", "volume", "package", "stairstep"]
DaySlots = Callable[[date, frozenset[int]], Sequence[tuple[int, int | None]]]

# What a caller may leave out is taken as null (False for on_net).
EVENT_SCHEMA: Schema = {
    "id": pl.Int64(),
    "started_at": pl.Datetime("us"),
    "answered_at": pl.Datetime("us"),
    "tie": pl.Int64(),
    "service_id": pl.Int64(),
    "plan_id": pl.Int64(),
    "usage_kind": pl.String(),
    "b_number": pl.String(),
    "code": pl.String(),
    "on_net": pl.Boolean(),
    "units": pl.Int64(),
    "volume": pl.Int64(),
    "session_key": pl.String(),
    "period": pl.Date(),
    "cost_micro": pl.Int64(),
}
REQUIRED_COLUMNS = ("id", "started_at", "service_id", "plan_id", "usage_kind", "units")
ALLOWANCE_SCHEMA: Schema = {
    "allowance_id": pl.Int64(),
    "unit_kind": pl.String(),
    "remaining": pl.Int64(),
    "priority": pl.Int64(),
    "valid_from": pl.Datetime("us"),
    "valid_to": pl.Datetime("us"),
    "zone_set": pl.Int64(),
    "band_id": pl.Int64(),
}
MEMBER_SCHEMA: Schema = {"allowance_id": pl.Int64(), "service_id": pl.Int64()}
ZONE_SET_SCHEMA: Schema = {"zone_set": pl.Int64(), "zone_id": pl.Int64()}
USE_SCHEMA: Schema = {"id": pl.Int64(), "allowance_id": pl.Int64(), "units": pl.Int64()}
COUNTER_SCHEMA: Schema = {
    "scope": pl.String(),
    "service_id": pl.Int64(),
    "rate_id": pl.Int64(),
    "key": pl.String(),
    "period": pl.Date(),
    "units": pl.Int64(),
}
PIECE_SCHEMA: Schema = {
    "id": pl.Int64(),
    "seq": pl.Int64(),
    "rate_id": pl.Int64(),
    "band_id": pl.Int64(),
    "units": pl.Int64(),
    "paid_units": pl.Int64(),
    "price_micro": pl.Int64(),
    "unit_size": pl.Int64(),
    "tier_start": pl.Int64(),
}
RESULT_SCHEMA: Schema = {
    "id": pl.Int64(),
    "started_at": pl.Datetime("us"),
    "service_id": pl.Int64(),
    "plan_id": pl.Int64(),
    "state": pl.String(),
    "reason": pl.String(),
    "zone_id": pl.Int64(),
    "prefix": pl.String(),
    "rate_id": pl.Int64(),
    "band_id": pl.Int64(),
    "units": pl.Int64(),
    "billed_units": pl.Int64(),
    "free_units": pl.Int64(),
    "amount_e4": pl.Int64(),
    "money_e4": pl.Int64(),
    "cost_micro": pl.Int64(),
    "price_micro": pl.Int64(),
    "connect_fee_micro": pl.Int64(),
    "min_charge_micro": pl.Int64(),
    "max_charge_micro": pl.Int64(),
    "chain": pl.String(),
    "unit_size": pl.Int64(),
    "basis": pl.String(),
    "multiplier_micro": pl.Int64(),
    "decimals": pl.Int64(),
}

STATE_RATED, STATE_FREE, STATE_SUSPENDED = "rated", "free", "suspended"
NEGATIVE_UNITS, NO_RATE_PLAN, NO_ZONE, NO_RATE = "NEGATIVE_UNITS", "NO_RATE_PLAN", "NO_ZONE", "NO_RATE"
NO_BAND_RATE, NO_COST, TIER_END = "NO_BAND_RATE", "NO_COST", "TIER_END"
# In the order in which they are looked for; the first one found is told.
REASONS = (NEGATIVE_UNITS, NO_RATE_PLAN, NO_ZONE, NO_RATE, NO_BAND_RATE, NO_COST, TIER_END)
MONEY = "money"  # the unit_kind of an allowance that pays amounts
TIMED_KINDS = frozenset({"voice", "premium"})  # their units are seconds, so that time bands can cut them
MICRO_PER_E4 = 100
MOST_DECIMALS = 4  # amounts are stored in 1e-4


@dataclass(frozen=True)
class Prefix:
    """Leading digits (E.164 without plus) and the zone they lead to."""

    prefix: str
    zone_id: int


@dataclass(frozen=True)
class ZoneCode:
    """Zone of usage without a number: "net:26006", "apn:internet", or a kind of usage as the last resort ("data")."""

    code: str
    zone_id: int


@dataclass(frozen=True)
class Tier:
    """Quantity above ``start`` up to ``end`` (None = without end), in units of the price (minutes, messages, megabytes)."""

    start: int
    end: int | None
    price_micro: int
    package_size: int = 0


@dataclass(frozen=True)
class Rate:
    """Price of a zone in a plan for one kind of usage, in one time band or (``band_id`` None) at any time no band holds.

    ``price_micro`` is for ``unit_size`` units (60 s, 1 message, 1,000,000 bytes). ``chain``: charging increments in
    units, the last one repeats. A ``max_charge_micro`` of 0 means none. ``basis``: per unit, per event whatever its length, or
    the cost of the event × ``multiplier_micro`` (1e-6). ``rounding``: to the increments per event, per session or
    per period. ``step_bytes``: a message counts as many times as its volume has such steps.
    """

    rate_id: int
    plan_id: int
    zone_id: int
    usage_kind: str
    price_micro: int
    connect_fee_micro: int = 0
    min_charge_micro: int = 0
    max_charge_micro: int = 0
    chain: tuple[int, ...] = (1, 1)
    unit_size: int = 60
    band_id: int | None = None
    basis: Basis = "unit"
    multiplier_micro: int = 1_000_000
    decimals: int = MOST_DECIMALS
    rounding: Rounding = "event"
    step_bytes: int = 0
    tier_model: TierModel = "flat"
    tiers: tuple[Tier, ...] = ()


@dataclass(frozen=True)
class Plan:
    """How a plan reads its rates.

    ``day_slots(local day, bands)`` gives the day in slots (first minute, band or None), ascending from minute 0; ``bands``
    are those in which a zone is priced. ``free_pays_connect``: a wholly free event still pays the connection fee.
    """

    plan_id: int
    band_policy: BandPolicy = "increment"
    consumption: Consumption = "increment"
    zero_length: ZeroLength = "free"
    free_pays_connect: bool = False
    day_slots: DaySlots | None = None


@dataclass(frozen=True)
class Tariff:
    """All zones, plans and rates that may serve the events of one company."""

    prefixes: Sequence[Prefix]
    rates: Sequence[Rate]
    codes: Sequence[ZoneCode] = ()
    plans: Sequence[Plan] = ()
    on_net_zone_id: int | None = None


@dataclass(frozen=True)
class Allowances:
    """Free units and prepaid money: ``frame`` (``ALLOWANCE_SCHEMA``) and the services that may use each (``MEMBER_SCHEMA``).

    An allowance serves events that start in [valid_from, valid_to); a null ``zone_set`` serves every zone, otherwise the
    zones that ``zone_sets`` lists for it; a ``band_id`` serves events answered in that band. ``remaining`` is in units, of
    money in 1e-4.
    """

    frame: pl.DataFrame
    members: pl.DataFrame
    zone_sets: pl.DataFrame

    @classmethod
    def none(cls) -> Allowances:
        return cls(*(pl.DataFrame(schema=schema) for schema in (ALLOWANCE_SCHEMA, MEMBER_SCHEMA, ZONE_SET_SCHEMA)))


@dataclass(frozen=True)
class Rated:
    """``events`` by (started_at, tie, id) in ``RESULT_SCHEMA``, and what explains and continues them.

    ``uses``: units (of money: 1e-4) that each allowance gave to each event. ``pieces``: the parts of events that were cut by
    bands or tiers. ``counters``: only those that were touched, as they stand now. ``allowances``: with what remains.
    """

    events: pl.DataFrame
    uses: pl.DataFrame
    pieces: pl.DataFrame
    counters: pl.DataFrame
    allowances: Allowances
