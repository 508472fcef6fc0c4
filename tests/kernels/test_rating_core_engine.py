"""Rating: worked examples, then random tariffs against a slow obvious oracle that walks increment by increment."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rating_core import (
    ALLOWANCE_SCHEMA,
    EVENT_SCHEMA,
    ZONE_SET_SCHEMA,
    Allowances,
    Consumption,
    Prefix,
    PrefixTable,
    Rate,
    Rated,
    Tariff,
    amount_e4,
    billed_units,
    rate,
)

NOON = datetime.fromisoformat("2026-10-14 12:00:00")
PLAN, ZONE = 7, 1
KIND_OF_UNIT = {"voice": 60, "sms": 1, "data": 1_000_000}


@dataclass(frozen=True)
class Event:
    id: int
    minute: int
    units: int
    b_number: str = "48501234567"
    service_id: int = 1
    plan_id: int | None = PLAN
    usage_kind: str = "voice"

    @property
    def started_at(self) -> datetime:
        return NOON + timedelta(minutes=self.minute)


@dataclass(frozen=True)
class Pool:
    allowance_id: int
    remaining: int
    priority: int = 10
    service_id: int = 1
    usage_kind: str = "voice"
    first_minute: int = -10_000
    last_minute: int = 10_000
    zones: frozenset[int] | None = None


def event_frame(events: Sequence[Event]) -> pl.DataFrame:
    return pl.DataFrame([{n: getattr(e, n) for n in EVENT_SCHEMA} for e in events], schema=EVENT_SCHEMA)


def pool_frames(pools: Sequence[Pool]) -> Allowances:
    rows = [
        {
            "allowance_id": p.allowance_id,
            "service_id": p.service_id,
            "usage_kind": p.usage_kind,
            "remaining": p.remaining,
            "priority": p.priority,
            "valid_from": NOON + timedelta(minutes=p.first_minute),
            "valid_to": NOON + timedelta(minutes=p.last_minute),
            "zone_set": None if p.zones is None else p.allowance_id,
        }
        for p in pools
    ]
    sets = [{"zone_set": p.allowance_id, "zone_id": z} for p in pools for z in sorted(p.zones or ())]
    return Allowances(pl.DataFrame(rows, schema=ALLOWANCE_SCHEMA), pl.DataFrame(sets, schema=ZONE_SET_SCHEMA))


def simple(price: str, first: int, following: int, connect: str = "0", least: str = "0", most: str = "0") -> Rate:
    micro = [int(Decimal(v) * 1_000_000) for v in (price, connect, least, most)]
    return Rate(
        1, PLAN, ZONE, "voice", micro[0], micro[1], min_charge_micro=micro[2], max_charge_micro=micro[3],
        first=first, next=following,
    )  # fmt: skip


def one(units: int, price: Rate, *pools: Pool, consumption: Consumption = "increment") -> dict[str, object]:
    tariff = Tariff([Prefix("48", ZONE)], [price])
    result = rate(event_frame([Event(1, 0, units)]), tariff, pool_frames(pools), consumption=consumption)
    return result.events.row(0, named=True)


def amount(units: int, price: Rate, *pools: Pool, consumption: Consumption = "increment") -> Decimal:
    return Decimal(str(one(units, price, *pools, consumption=consumption)["amount_e4"])).scaleb(-4)


class TestWorkedExamples:
    @pytest.mark.parametrize(
        ("seconds", "expected"),
        [
            (1, ("0.2900", "0.0048", "0.2900", "0.1450")),
            (59, ("0.2900", "0.2852", "0.2900", "0.2900")),
            (61, ("0.5800", "0.2948", "0.2948", "0.3190")),
            (119, ("0.5800", "0.5752", "0.5752", "0.5800")),
            (121, ("0.8700", "0.5848", "0.5848", "0.6090")),
        ],
    )
    def test_table_of_increments(self, seconds: int, expected: tuple[str, ...]) -> None:
        chains = ((60, 60), (1, 1), (60, 1), (30, 6))
        assert tuple(f"{amount(seconds, simple('0.29', *chain)):.4f}" for chain in chains) == expected

    @pytest.mark.parametrize(
        ("seconds", "billed", "expected"),
        [(30, 30, "0.0030"), (32, 36, "0.0036"), (57, 60, "0.0060"), (75, 78, "0.0078")],
    )
    def test_small_prices(self, seconds: int, billed: int, expected: str) -> None:
        row = one(seconds, simple("0.006", 30, 6))
        assert row["billed_units"] == billed
        assert row["amount_e4"] == int(Decimal(expected).scaleb(4))

    @pytest.mark.parametrize("chain", [(60, 60), (60, 1), (1, 1)])
    def test_never_rounded_per_increment(self, chain: tuple[int, int]) -> None:
        assert amount(60, simple("0.05", *chain)) == Decimal("0.05")

    def test_fees_and_limits(self) -> None:
        assert amount(24, simple("0.05", 1, 1, connect="0.15")) == Decimal("0.1700")
        assert amount(61, simple("0.29", 60, 1, connect="0.15")) == Decimal("0.4448")
        assert amount(3, simple("0.29", 1, 1, least="0.05")) == Decimal("0.0500")
        assert amount(3600, simple("7.69", 60, 60, most="30")) == Decimal("30.0000")

    def test_pool_with_seconds_after_the_first_minute(self) -> None:
        row = one(310, simple("0.29", 60, 1), Pool(1, 200))
        assert (row["billed_units"], row["free_units"]) == (310, 200)
        assert row["amount_e4"] == 5317

    def test_pool_of_whole_minutes_keeps_what_does_not_fit(self) -> None:
        tariff = Tariff([Prefix("48", ZONE)], [simple("0.29", 60, 60)])
        result = rate(event_frame([Event(1, 0, 310)]), tariff, pool_frames([Pool(1, 200)]))
        row = result.events.row(0, named=True)
        assert (row["billed_units"], row["free_units"], row["amount_e4"]) == (360, 180, 8700)
        assert result.allowances.frame["remaining"].to_list() == [20]

    def test_pool_of_single_seconds(self) -> None:
        row = one(310, simple("0.29", 60, 60), Pool(1, 200), consumption="unit")
        assert (row["free_units"], row["amount_e4"]) == (200, 7733)

    def test_sum_before_rounding_to_the_grosz(self) -> None:
        parts = [
            amount(61, simple("0.29", 60, 1)),
            amount(36, simple("0.29", 1, 1)),
            amount(310, simple("0.29", 60, 1), Pool(1, 200)),
        ]
        assert parts == [Decimal("0.2948"), Decimal("0.1740"), Decimal("0.5317")]
        assert sum(parts).quantize(Decimal("0.01"), ROUND_HALF_UP) == Decimal("1.00")

    def test_rerating_after_a_change_of_increments(self) -> None:
        assert amount(61, simple("0.29", 60, 1)) - amount(61, simple("0.29", 60, 60)) == Decimal("-0.2852")

    @pytest.mark.parametrize(("block", "expected"), [(102_400, 97_700), (100_000, 100_000)])
    def test_data_blocks(self, block: int, expected: int) -> None:
        price = Rate(1, PLAN, ZONE, "data", 10_000, first=block, next=block, unit_size=block)
        event = Event(1, 0, 1_234_567 + 98_765_432, usage_kind="data")
        assert rate(event_frame([event]), Tariff([Prefix("48", ZONE)], [price])).events["amount_e4"].to_list() == [
            expected
        ]

    def test_data_volume_beyond_64_bits(self) -> None:
        price = Rate(1, PLAN, ZONE, "data", 9_000_000, first=102_400, next=102_400, unit_size=1_000_000)
        units = 40 * 10**12
        result = rate(event_frame([Event(1, 0, units, usage_kind="data")]), Tariff([Prefix("48", ZONE)], [price]))
        assert result.events["amount_e4"][0] == amount_e4(billed_units(units, 102_400, 102_400), price)

    def test_messages(self) -> None:
        price = Rate(1, PLAN, ZONE, "sms", 80_000, unit_size=1)
        events = [Event(n, n, 1, usage_kind="sms") for n in range(5)]
        pools = pool_frames([Pool(1, 3, usage_kind="sms"), Pool(2, 1000)])
        result = rate(event_frame(events), Tariff([Prefix("48", ZONE)], [price]), pools)
        assert result.events["amount_e4"].to_list() == [0, 0, 0, 800, 800]
        assert result.allowances.frame["remaining"].to_list() == [0, 1000]


class TestPrefixes:
    TABLE = ("48", "4850", "48501", "4870", "48700", "487012", "1", "1787", "7", "77")

    @pytest.mark.parametrize(
        ("number", "expected"),
        [
            ("48501234567", "48501"),
            ("48701234567", "487012"),
            ("48701123456", "4870"),
            ("17875551234", "1787"),
            ("77011234567", "77"),
            ("79161234567", "7"),
            ("49301234", None),
            ("48", "48"),
            ("485", "48"),
            ("4850", "4850"),
            ("4", None),
            ("", None),
            ("48x", None),
            ("1" * 15, "1"),
            ("1" * 16, None),
        ],
    )
    def test_worked_examples(self, number: str, expected: str | None) -> None:
        table = PrefixTable(Prefix(p, n) for n, p in enumerate(self.TABLE))
        row = table.join(pl.DataFrame({"b_number": [number]})).row(0, named=True)
        assert row["prefix"] == expected
        assert row["zone_id"] == (None if expected is None else self.TABLE.index(expected))

    @settings(max_examples=200, deadline=None)
    @given(
        st.dictionaries(st.text("0139", min_size=1, max_size=6), st.integers(1, 5), max_size=25),
        st.lists(st.text("0139", max_size=15), min_size=1, max_size=15),
    )
    def test_against_walking_from_the_longest(self, prefixes: dict[str, int], numbers: list[str]) -> None:
        table = PrefixTable(Prefix(prefix, zone) for prefix, zone in prefixes.items())
        frame = pl.DataFrame(
            {"n": range(len(numbers)), "b_number": numbers}, schema={"n": pl.Int64, "b_number": pl.String}
        )
        found = table.join(frame).sort("n")
        expected = [max((p for p in prefixes if number.startswith(p)), key=len, default=None) for number in numbers]
        assert found["prefix"].to_list() == expected
        assert found["zone_id"].to_list() == [prefixes.get(p or "") for p in expected]

    def test_intervals_are_disjoint_and_sorted(self) -> None:
        points = PrefixTable(Prefix(p, 1) for p in self.TABLE).intervals["point"].to_list()
        assert points == sorted(set(points))

    @pytest.mark.parametrize("wrong", ["+48", "4 8", "", "٤٨", "1" * 16])
    def test_not_a_prefix(self, wrong: str) -> None:
        with pytest.raises(ValueError, match="not a prefix"):
            PrefixTable([Prefix(wrong, 1)])

    def test_one_prefix_two_zones(self) -> None:
        with pytest.raises(ValueError, match="two zones"):
            PrefixTable([Prefix("48", 1), Prefix("48", 2)])


class TestStates:
    TARIFF = Tariff(
        [Prefix("48", 1), Prefix("4870", 2), Prefix("48112", 3)], [simple("0.29", 60, 1), Rate(3, PLAN, 3, "voice", 0)]
    )

    @pytest.mark.parametrize(
        ("event", "state", "reason"),
        [
            (Event(1, 0, 5), "rated", None),
            (Event(1, 0, 5, plan_id=None), "suspended", "NO_RATE_PLAN"),
            (Event(1, 0, 5, b_number="99"), "suspended", "NO_ZONE"),
            (Event(1, 0, 5, b_number="48701234567"), "suspended", "NO_RATE"),
            (Event(1, 0, 5, usage_kind="sms"), "suspended", "NO_RATE"),
            (Event(1, 0, 5, plan_id=99), "suspended", "NO_RATE"),
            (Event(1, 0, 5, b_number="48112"), "free", None),
            (Event(1, 0, 0), "free", None),
        ],
    )
    def test_state(self, event: Event, state: str, reason: str | None) -> None:
        row = rate(event_frame([event]), self.TARIFF).events.row(0, named=True)
        assert (row["state"], row["reason"]) == (state, reason)
        assert (row["amount_e4"] > 0) == (state == "rated")

    def test_free_zone_and_empty_call_use_no_allowance(self) -> None:
        events = [Event(1, 0, 600, b_number="48112"), Event(2, 1, 0)]
        result = rate(event_frame(events), self.TARIFF, pool_frames([Pool(1, 1000)]))
        assert result.uses.is_empty()
        assert result.allowances.frame["remaining"].to_list() == [1000]

    def test_no_events(self) -> None:
        result = rate(event_frame([]), self.TARIFF, pool_frames([Pool(1, 5)]))
        assert result.events.is_empty()
        assert result.allowances.frame["remaining"].to_list() == [5]


class TestAllowances:
    RATE = simple("0.60", 60, 60, connect="0.10", least="1.00")

    def used(
        self, events: Sequence[Event], pools: Sequence[Pool], price: Rate | None = None
    ) -> list[tuple[int, int, int]]:
        result = rate(event_frame(events), Tariff([Prefix("48", ZONE)], [price or self.RATE]), pool_frames(pools))
        return sorted(result.uses.rows())

    def test_wholly_free_call_pays_no_fee_and_no_minimum_partly_free_pays_both(self) -> None:
        assert amount(60, self.RATE, Pool(1, 60)) == 0
        assert amount(61, self.RATE, Pool(1, 60)) == Decimal("1.00")
        assert amount(180, self.RATE, Pool(1, 60)) == Decimal("1.30")

    def test_an_increment_is_never_shared(self) -> None:
        assert self.used([Event(1, 0, 120)], [Pool(1, 90, 1), Pool(2, 59, 2), Pool(3, 60, 3)]) == [
            (1, 1, 60),
            (1, 3, 60),
        ]

    def test_order_is_priority_then_expiry_then_age_then_id(self) -> None:
        pools = [
            Pool(1, 60, 2),
            Pool(2, 60, 1, last_minute=500),
            Pool(3, 60, 1, last_minute=400, first_minute=-5),
            Pool(4, 60, 1, last_minute=400, first_minute=-9),
            Pool(5, 60, 1, last_minute=400, first_minute=-9),
        ]
        for calls, order in ((1, [4]), (3, [4, 5, 3]), (5, [4, 5, 3, 2, 1])):
            assert sorted(a for _, a, _ in self.used([Event(1, 0, 60 * calls)], pools)) == sorted(order)

    def test_a_later_call_with_a_smaller_first_increment_takes_the_crumbs(self) -> None:
        tariff = Tariff(
            [Prefix("48", 1), Prefix("49", 2)], [self.RATE, replace(simple("0.60", 1, 1), zone_id=2, rate_id=2)]
        )
        events = [
            Event(1, 0, 170),
            Event(2, 1, 60),
            Event(3, 2, 15, b_number="49301"),
            Event(4, 3, 9, b_number="49301"),
        ]
        result = rate(event_frame(events), tariff, pool_frames([Pool(1, 140)]))
        assert result.events["free_units"].to_list() == [120, 0, 15, 5]
        assert result.allowances.frame["remaining"].to_list() == [0]

    def test_zones_dates_and_kinds(self) -> None:
        event = Event(1, 0, 60)
        assert self.used([event], [Pool(1, 600, zones=frozenset({9}))]) == []
        assert self.used([event], [Pool(1, 600, zones=frozenset({9, ZONE}))]) == [(1, 1, 60)]
        assert self.used([event], [Pool(1, 600, usage_kind="sms")]) == []
        assert self.used([event], [Pool(1, 600, service_id=2)]) == []
        assert self.used([event], [Pool(1, 600, first_minute=1)]) == []
        assert self.used([event], [Pool(1, 600, last_minute=0)]) == []
        assert self.used([event], [Pool(1, 600, first_minute=0, last_minute=1)]) == [(1, 1, 60)]

    def test_event_time_order_not_file_order(self) -> None:
        events = [Event(1, 9, 60), Event(2, 3, 60), Event(3, 3, 60)]
        assert self.used(events, [Pool(1, 60)]) == [(2, 1, 60)]


# --- the oracle: exact fractions, one event at a time, one increment at a time


def oracle(
    events: Sequence[Event], tariff: Tariff, pools: Sequence[Pool], consumption: Consumption
) -> dict[int, tuple[object, ...]]:
    left = {pool.allowance_id: pool.remaining for pool in pools}
    ordered = sorted(pools, key=lambda p: (p.priority, p.last_minute, p.first_minute, p.allowance_id))
    results: dict[int, tuple[object, ...]] = {}
    for event in sorted(events, key=lambda e: (e.started_at, e.id)):
        zones = {p.prefix: p.zone_id for p in tariff.prefixes if event.b_number.startswith(p.prefix)}
        zone = zones[max(zones, key=len)] if zones else None
        found = [
            r for r in tariff.rates
            if (r.plan_id, r.zone_id, r.usage_kind) == (event.plan_id, zone, event.usage_kind)
        ]  # fmt: skip
        if event.plan_id is None or zone is None or not found:
            results[event.id] = ("suspended", None, 0, 0)
            continue
        price = found[0]
        chain: list[int] = []
        while sum(chain) < event.units:
            chain.append(price.next if chain else price.first)
        billed = sum(chain)
        steps = [1] * billed if consumption == "unit" else list(chain)
        gratis = not (price.price_micro or price.connect_fee_micro or price.min_charge_micro)
        for pool in ordered:
            serves = (
                (pool.service_id, pool.usage_kind) == (event.service_id, event.usage_kind)
                and pool.first_minute <= event.minute < pool.last_minute
                and (pool.zones is None or zone in pool.zones)
            )
            while serves and not gratis and steps and steps[0] <= left[pool.allowance_id]:
                left[pool.allowance_id] -= steps.pop(0)
        paid = sum(steps)
        micro = Fraction(0)
        if paid:
            micro = Fraction(paid * price.price_micro, price.unit_size) + price.connect_fee_micro
            micro = max(micro, Fraction(price.min_charge_micro))
            if price.max_charge_micro:
                micro = min(micro, Fraction(price.max_charge_micro))
        e4 = (micro / 100 + Fraction(1, 2)).__floor__()
        results[event.id] = ("rated" if e4 else "free", billed, billed - paid, e4)
    results[-1] = tuple(left[pool.allowance_id] for pool in pools)
    return results


def engine(result: Rated) -> dict[int, tuple[object, ...]]:
    rows = {
        r["id"]: (r["state"], r["billed_units"], r["free_units"], r["amount_e4"])
        for r in result.events.iter_rows(named=True)
    }
    rows[-1] = tuple(result.allowances.frame["remaining"].to_list())
    return rows


increments = st.sampled_from([1, 6, 7, 10, 30, 60])
micros = st.one_of(st.just(0), st.integers(0, 3_000_000))
kinds = st.sampled_from(["voice", "voice", "voice", "sms"])


@st.composite
def tariffs(draw: st.DrawFn) -> Tariff:
    prefixes = draw(
        st.dictionaries(st.sampled_from(["4", "48", "485", "4850", "49", "1"]), st.integers(1, 3), min_size=1)
    )
    keys = draw(st.sets(st.tuples(st.integers(1, 2), st.integers(1, 3), kinds), min_size=2, max_size=9))
    rates = [
        Rate(
            number, plan, zone, kind, draw(micros), draw(micros), draw(micros),
            draw(st.sampled_from([0, 0, 500_000])), draw(increments), draw(increments), KIND_OF_UNIT[kind],
        )
        for number, (plan, zone, kind) in enumerate(sorted(keys))
    ]  # fmt: skip
    return Tariff([Prefix(prefix, zone) for prefix, zone in prefixes.items()], rates)


@st.composite
def event_lists(draw: st.DrawFn) -> list[Event]:
    shape = st.tuples(
        st.integers(0, 12), st.integers(0, 200), st.sampled_from(["4850", "4812", "49", "13", "7"]), st.integers(1, 2),
        st.sampled_from([1, 1, 1, 2, None]), kinds,
    )  # fmt: skip
    return [Event(number, *values) for number, values in enumerate(draw(st.lists(shape, max_size=14)))]


@st.composite
def pool_lists(draw: st.DrawFn) -> list[Pool]:
    shape = st.tuples(
        st.integers(0, 400), st.integers(1, 2), st.integers(1, 2), kinds, st.integers(0, 6), st.integers(5, 14),
        st.one_of(st.none(), st.frozensets(st.integers(1, 3), min_size=1)),
    )  # fmt: skip
    return [Pool(number, *values) for number, values in enumerate(draw(st.lists(shape, max_size=5)))]


@settings(max_examples=400, deadline=None)
@given(event_lists(), tariffs(), pool_lists(), st.sampled_from(["increment", "increment", "unit"]), st.randoms())
def test_engine_equals_oracle_in_any_row_order(
    events: list[Event], tariff: Tariff, pools: list[Pool], consumption: Consumption, dice: random.Random
) -> None:
    shuffled = list(events)
    dice.shuffle(shuffled)
    result = rate(event_frame(shuffled), tariff, pool_frames(pools), consumption=consumption)
    assert engine(result) == oracle(events, tariff, pools, consumption)
    per_event = dict(result.uses.group_by("id").agg(pl.col("units").sum()).rows())
    assert {r["id"]: r["free_units"] for r in result.events.iter_rows(named=True) if r["free_units"]} == per_event


@settings(max_examples=100, deadline=None)
@given(event_lists(), tariffs(), pool_lists(), st.integers(0, 14))
def test_rating_in_two_frames_equals_rating_in_one(
    events: list[Event], tariff: Tariff, pools: list[Pool], cut: int
) -> None:
    ordered = sorted(events, key=lambda e: (e.started_at, e.id))
    whole = rate(event_frame(ordered), tariff, pool_frames(pools))
    first = rate(event_frame(ordered[:cut]), tariff, pool_frames(pools))
    second = rate(event_frame(ordered[cut:]), tariff, first.allowances)
    assert pl.concat([first.events, second.events]).equals(whole.events)
    assert second.allowances.frame.equals(whole.allowances.frame)


@given(st.integers(0, 100_000), increments, increments, micros, micros, micros)
def test_scalar_formula_equals_columns(
    units: int, first: int, following: int, price: int, connect: int, least: int
) -> None:
    entry = Rate(1, PLAN, ZONE, "voice", price, connect, least, first=first, next=following)
    row = one(units, entry)
    assert row["billed_units"] == billed_units(units, first, following)
    assert row["amount_e4"] == amount_e4(billed_units(units, first, following), entry)


def test_a_zone_priced_twice_is_a_bug_of_the_caller() -> None:
    with pytest.raises(ValueError, match="twice"):
        rate(event_frame([]), Tariff([], [simple("1", 1, 1), simple("2", 1, 1)]))
