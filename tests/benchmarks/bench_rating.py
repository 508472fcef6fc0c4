"""Rating: the columnar kernel beside a plain loop with Decimal, same events, same tariff, same amounts."""

from __future__ import annotations

import random
import time
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import polars as pl

from rating_core import ALLOWANCE_SCHEMA, EVENT_SCHEMA, Allowances, Prefix, Rate, Tariff, rate

from .figures import Figure

EVENTS = 500_000
LOOP_EVENTS = 50_000
SERVICES = 5_000
START = datetime.fromisoformat("2026-10-01 00:00:00")
PREFIXES = [f"48{area}" for area in range(12, 96)] + ["49", "44", "1", "380", "48701", "48800", "48112"]


def tariff() -> Tariff:
    dice = random.Random(3)
    rates = [
        Rate(n, 1, n, "voice", dice.randrange(50_000, 900_000), first=dice.choice([1, 60]), next=dice.choice([1, 60]))
        for n in range(len(PREFIXES))
    ]
    return Tariff([Prefix(prefix, n) for n, prefix in enumerate(PREFIXES)], rates)


def events(count: int) -> pl.DataFrame:
    dice = random.Random(5)
    return pl.DataFrame(
        {
            "id": range(count),
            "started_at": [START + timedelta(seconds=dice.randrange(31 * 86_400)) for _ in range(count)],
            "service_id": [dice.randrange(SERVICES) for _ in range(count)],
            "plan_id": [1] * count,
            "usage_kind": ["voice"] * count,
            "b_number": [dice.choice(PREFIXES) + f"{dice.randrange(10**7):07}" for _ in range(count)],
            "units": [1 + int(dice.expovariate(1 / 150)) for _ in range(count)],
        },
        schema=EVENT_SCHEMA,
    ).sort("started_at", "id")  # as the database delivers them


def allowances() -> Allowances:
    frame = pl.DataFrame(
        {
            "allowance_id": range(SERVICES),
            "service_id": range(SERVICES),
            "usage_kind": ["voice"] * SERVICES,
            "remaining": [3_600] * SERVICES,
            "priority": [1] * SERVICES,
            "valid_from": [START] * SERVICES,
            "valid_to": [START + timedelta(days=31)] * SERVICES,
            "zone_set": [None] * SERVICES,
        },
        schema=ALLOWANCE_SCHEMA,
    )
    return Allowances(frame, Allowances.none().zone_sets)


def loop_amounts(frame: pl.DataFrame, table: Tariff) -> dict[int, int]:
    """What a straightforward program does: sort, walk prefixes, count increments, Decimal money."""
    zone_of = {prefix.prefix: prefix.zone_id for prefix in table.prefixes}
    rate_of = {entry.zone_id: entry for entry in table.rates}
    left = dict.fromkeys(range(SERVICES), 3_600)
    amounts = {}
    columns = ("id", "service_id", "b_number", "units")
    for number, service, called, units in frame.sort("started_at", "id").select(columns).iter_rows():
        length = next(size for size in range(len(called), 0, -1) if called[:size] in zone_of)
        entry = rate_of[zone_of[called[:length]]]
        billed = (
            entry.first if units <= entry.first else entry.first + -(-(units - entry.first) // entry.next) * entry.next
        )
        free = 0
        if left[service] >= entry.first:
            free = min(billed, entry.first + (left[service] - entry.first) // entry.next * entry.next)
        left[service] -= free
        exact = Decimal(billed - free) * entry.price_micro / entry.unit_size / 1_000_000
        amounts[number] = int(exact.quantize(Decimal("0.0001"), ROUND_HALF_UP).scaleb(4))
    return amounts


def run() -> list[Figure]:
    table, frame, free = tariff(), events(EVENTS), allowances()
    small = frame.head(LOOP_EVENTS)
    start = time.perf_counter()
    slow = loop_amounts(small, table)
    baseline = LOOP_EVENTS / (time.perf_counter() - start)
    fast = dict(rate(small, table, free).events.select("id", "amount_e4").iter_rows())
    assert fast == slow, "the two programs disagree"
    best = 0.0
    for _round in range(3):
        start = time.perf_counter()
        rate(frame, table, free)
        best = max(best, EVENTS / (time.perf_counter() - start))
    return [
        Figure("rating_events_per_s", best, "events/s"),
        Figure.against("rating_vs_decimal_loop", best, "events/s", baseline),
    ]
