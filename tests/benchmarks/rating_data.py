"""Calls and a tariff for the benchmark of rating, made by expressions: 20,000 nested prefixes, ten plans with two bands."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import polars as pl

from rating_core import ALLOWANCE_SCHEMA, MEMBER_SCHEMA, Allowances, Plan, Prefix, Rate, Tariff

START = datetime.fromisoformat("2026-10-01 00:00:00")
SECONDS = 31 * 86_400
PREFIXES, ZONES, PLANS = 20_000, 400, 10
SERVICES = 100_000
FREE_SECONDS = 3_600
PEAK, OFF_PEAK = 1, 2
PEAK_FROM, PEAK_TO = 8 * 60, 18 * 60
MEAN_CALL_S = 150


def peak_and_off(day: date, _bands: frozenset[int]) -> list[tuple[int, int | None]]:
    """Weekdays from 8 to 18 are peak."""
    if day.weekday() > 4:
        return [(0, OFF_PEAK)]
    return [(0, OFF_PEAK), (PEAK_FROM, PEAK), (PEAK_TO, OFF_PEAK)]


def prefixes() -> dict[str, int]:
    """Each prefix and its zone; many lie inside others, up to five deep."""
    dice = random.Random(11)
    found = [str(number) for number in range(20, 100)]
    known = set(found)
    while len(found) < PREFIXES:
        outer = dice.choice(found)
        inner = outer + str(dice.randrange(10 ** dice.choice((1, 1, 2))))
        if len(inner) <= 8 and inner not in known:
            known.add(inner)
            found.append(inner)
    return {prefix: dice.randrange(1, ZONES + 1) for prefix in found}


def tariff(zone_of: dict[str, int]) -> Tariff:
    dice = random.Random(3)
    places = [
        (plan, zone, band) for plan in range(1, PLANS + 1) for zone in range(1, ZONES + 1) for band in (PEAK, OFF_PEAK)
    ]
    rates = [
        Rate(number, plan, zone, "voice", dice.randrange(50_000, 900_000), chain=(60, 1), band_id=band)
        for number, (plan, zone, band) in enumerate(places, 1)
    ]
    plans = [Plan(plan, day_slots=peak_and_off) for plan in range(1, PLANS + 1)]
    return Tariff([Prefix(prefix, zone) for prefix, zone in zone_of.items()], rates, plans=plans)


def allowances() -> Allowances:
    """An hour for every second service."""
    owned = pl.DataFrame({"service_id": pl.int_range(0, SERVICES, 2, eager=True)})
    frame = owned.select(
        allowance_id=pl.col("service_id"),
        unit_kind=pl.lit("voice"),
        remaining=pl.lit(FREE_SECONDS),
        priority=pl.lit(1),
        valid_from=pl.lit(START - timedelta(days=1)),
        valid_to=pl.lit(START + timedelta(days=32)),
        zone_set=pl.lit(None),
        band_id=pl.lit(None),
    )
    members = owned.select(allowance_id="service_id", service_id="service_id")
    return Allowances(
        frame.select(pl.col(name).cast(kind) for name, kind in ALLOWANCE_SCHEMA.items()),
        members.select(pl.col(name).cast(kind) for name, kind in MEMBER_SCHEMA.items()),
        Allowances.none().zone_sets,
    )


def chunks(count: int, size: int, zone_of: dict[str, int]) -> Iterator[pl.DataFrame]:
    """``count`` distinct calls of one month in the order of their starts, as the database delivers them."""
    known = pl.Series(list(zone_of))
    for first in range(0, count, size):
        last = min(first + size, count)
        yield _calls(first, last, count, known)


def _calls(first: int, last: int, count: int, known: pl.Series) -> pl.DataFrame:
    number = pl.int_range(first, last, dtype=pl.Int64)

    def chance(seed: int) -> pl.Expr:
        return number.hash(seed)

    uniform = ((chance(1) % 1_000_000).cast(pl.Float64) + 1) / 1_000_000
    called = pl.lit(known).gather((chance(3) % len(known)).cast(pl.UInt32))
    return pl.select(
        id=number,
        started_at=pl.lit(START).cast(pl.Datetime("us"))
        + pl.duration(microseconds=(number * (SECONDS * 1_000_000 // count)).cast(pl.Int64)),
        service_id=(chance(2) % SERVICES).cast(pl.Int64),
        usage_kind=pl.lit("voice"),
        b_number=called + (chance(4) % 10_000).cast(pl.String).str.zfill(4),
        units=(1 - uniform.log(math.e) * MEAN_CALL_S).cast(pl.Int64),
    ).with_columns(plan_id=pl.col("service_id") % PLANS + 1)
