"""Plain data of the rating engine.

Money is integer: prices in millionths of the currency (micro), amounts in ten-thousandths (e4). Instants are UTC without a zone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

EVENT_SCHEMA: dict[str, pl.DataType] = {
    "id": pl.Int64(),
    "started_at": pl.Datetime("us"),
    "service_id": pl.Int64(),
    "plan_id": pl.Int64(),
    "usage_kind": pl.String(),
    "b_number": pl.String(),
    "units": pl.Int64(),
}
ALLOWANCE_SCHEMA: dict[str, pl.DataType] = {
    "allowance_id": pl.Int64(),
    "service_id": pl.Int64(),
    "usage_kind": pl.String(),
    "remaining": pl.Int64(),
    "priority": pl.Int64(),
    "valid_from": pl.Datetime("us"),
    "valid_to": pl.Datetime("us"),
    "zone_set": pl.Int64(),
}
ZONE_SET_SCHEMA: dict[str, pl.DataType] = {"zone_set": pl.Int64(), "zone_id": pl.Int64()}
USE_SCHEMA: dict[str, pl.DataType] = {"id": pl.Int64(), "allowance_id": pl.Int64(), "units": pl.Int64()}
RESULT_SCHEMA: dict[str, pl.DataType] = {
    "id": pl.Int64(),
    "started_at": pl.Datetime("us"),
    "service_id": pl.Int64(),
    "plan_id": pl.Int64(),
    "state": pl.String(),
    "reason": pl.String(),
    "zone_id": pl.Int64(),
    "prefix": pl.String(),
    "rate_id": pl.Int64(),
    "units": pl.Int64(),
    "billed_units": pl.Int64(),
    "free_units": pl.Int64(),
    "amount_e4": pl.Int64(),
    "price_micro": pl.Int64(),
    "connect_fee_micro": pl.Int64(),
    "min_charge_micro": pl.Int64(),
    "max_charge_micro": pl.Int64(),
    "first": pl.Int64(),
    "next": pl.Int64(),
    "unit_size": pl.Int64(),
}

STATE_RATED, STATE_FREE, STATE_SUSPENDED = "rated", "free", "suspended"
NO_RATE_PLAN, NO_ZONE, NO_RATE = "NO_RATE_PLAN", "NO_ZONE", "NO_RATE"
MICRO_PER_E4 = 100


@dataclass(frozen=True)
class Prefix:
    """Leading digits (E.164 without plus) and the zone they lead to."""

    prefix: str
    zone_id: int


@dataclass(frozen=True)
class Rate:
    """Price of a zone in a plan for one kind of usage.

    ``price_micro`` is for ``unit_size`` units (60 s, 1 message, 1,000,000 bytes); ``first`` and ``next`` are the
    charging increments in units; a ``max_charge_micro`` of 0 means none.
    """

    rate_id: int
    plan_id: int
    zone_id: int
    usage_kind: str
    price_micro: int
    connect_fee_micro: int = 0
    min_charge_micro: int = 0
    max_charge_micro: int = 0
    first: int = 1
    next: int = 1
    unit_size: int = 60


@dataclass(frozen=True)
class Tariff:
    """All zones and rates that may serve the events of one company."""

    prefixes: Sequence[Prefix]
    rates: Sequence[Rate]


@dataclass(frozen=True)
class Allowances:
    """Free units: one row per service and allowance (``ALLOWANCE_SCHEMA``).

    An allowance serves events that start in [valid_from, valid_to); a null ``zone_set`` serves every zone, otherwise the
    zones that ``zone_sets`` lists for it.
    """

    frame: pl.DataFrame
    zone_sets: pl.DataFrame

    @classmethod
    def none(cls) -> Allowances:
        return cls(pl.DataFrame(schema=ALLOWANCE_SCHEMA), pl.DataFrame(schema=ZONE_SET_SCHEMA))


def billed_units(units: int, first: int, following: int) -> int:
    """Units after rounding up to increments; 0 stays 0."""
    if units == 0:
        return 0
    if units <= first:
        return first
    return first - (first - units) // following * following


def amount_e4(paid_units: int, rate: Rate) -> int:
    """Amount in 1e-4 of the currency for units left after allowances: exact, rounded once HALF_UP."""
    if paid_units == 0:
        return 0
    size = rate.unit_size
    exact = paid_units * rate.price_micro + size * rate.connect_fee_micro
    exact = max(exact, size * rate.min_charge_micro)
    if rate.max_charge_micro:
        exact = min(exact, size * rate.max_charge_micro)
    return (2 * exact + MICRO_PER_E4 * size) // (2 * MICRO_PER_E4 * size)
