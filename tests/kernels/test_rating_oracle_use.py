"""The oracle of rating and the kernel: increments, allowances, counters of tiers and sessions, zones and reasons, by hand-made cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.kernels.rating_arithmetic import increments
from tests.kernels.rating_cases import (
    FOREVER,
    OCTOBER,
    WEDNESDAY,
    amounts,
    bucket,
    call,
    cost,
    micro,
    one,
    price,
    priced,
)
from tests.kernels.rating_world import Allowance, Band, Event, Plan, Rate, Tier, World


class TestIncrementsAndLength:
    @pytest.mark.parametrize(
        ("chain", "units", "expected"),
        [
            ((60,), 61, [60, 60]), ((60, 1), 62, [60, 1, 1]), ((30, 30, 6), 67, [30, 30, 6, 6]), ((60, 1), 0, []),
            ((7, 5), 7, [7]), ((7, 5), 8, [7, 5]),
        ],
    )  # fmt: skip
    def test_chain(self, chain: tuple[int, ...], units: int, expected: list[int]) -> None:
        assert increments(chain, units) == expected

    def test_answered_and_hung_up_at_once(self) -> None:
        rate = price("0.60", 60, 1, connect_fee_micro=micro("0.10"), min_charge_micro=micro("5"))
        assert cost(call(0), rate) == "0.0000"
        assert cost(call(0), rate, plans=(Plan(1, free_pays_connect=True),)) == "0.0000"
        assert cost(call(0), rate, plans=(Plan(1, zero_length="second"),)) == "5.0000"
        assert cost(call(0), price("0.60", 60, 1), plans=(Plan(1, zero_length="second"),)) == "0.6000"
        message = price("0.60", 1, usage_kind="sms", unit_size=1)
        assert cost(call(0, usage_kind="sms"), message, plans=(Plan(1, zero_length="second"),)) == "0.0000"

    def test_by_the_event(self) -> None:
        rate = price("4", 60, basis="event", connect_fee_micro=micro("0.5"), usage_kind="premium")
        assert [cost(call(n, usage_kind="premium"), rate) for n in (0, 1, 4000)] == ["0.0000", "4.5000", "4.5000"]

    def test_multimedia_messages_by_size(self) -> None:
        rate = price("0.40", 1, usage_kind="mms", unit_size=1, step_bytes=100_000)
        sizes = (None, 0, 1, 100_000, 100_001, 300_000)
        found = [cost(call(1, usage_kind="mms", volume=size), rate) for size in sizes]
        assert found == ["0.4000", "0.4000", "0.4000", "0.4000", "0.8000", "1.2000"]

    def test_places(self) -> None:
        rate = price("0.29", 1, 1)
        found = [cost(call(61), replace(rate, decimals=n)) for n in (4, 3, 2, 1, 0)]
        assert found == ["0.2948", "0.2950", "0.2900", "0.3000", "0.0000"]


class TestAllowances:
    RATE = price("0.60", 60, 60, connect_fee_micro=micro("0.10"), min_charge_micro=micro("1"))

    def free(self, *buckets: Allowance, events: tuple[Event, ...] = (), plan: Plan | None = None) -> dict[int, int]:
        books = priced(World(events or (call(120),), (self.RATE,), (plan or Plan(1),), allowances=buckets))
        return books.outcomes[1].uses

    def test_wholly_free_and_partly_free(self) -> None:
        expected = {60: "0.0000", 61: "1.0000", 180: "1.3000"}
        assert {n: cost(call(n), self.RATE, allowances=(bucket(60),)) for n in expected} == expected
        plans = (Plan(1, free_pays_connect=True),)
        assert cost(call(60), self.RATE, allowances=(bucket(60),), plans=plans) == "0.1000"

    def test_an_increment_is_never_shared_and_one_that_cannot_take_the_first_takes_none(self) -> None:
        buckets = [bucket(n, i, priority=i) for i, n in ((1, 90), (2, 59), (3, 60))]
        assert self.free(*buckets) == {1: 60, 3: 60}
        assert self.free(*buckets, plan=Plan(1, consumption="unit")) == {1: 90, 2: 30}
        long_first = replace(self.RATE, chain=(60, 1))
        world = World((call(100),), (long_first,), allowances=(bucket(59), bucket(70, 2)))
        assert one(world).uses == {2: 70}

    def test_order(self) -> None:
        sooner = FOREVER[1] - timedelta(days=1)
        buckets = [
            bucket(60, 1, priority=20),
            bucket(60, 2),
            bucket(60, 3, valid_to=sooner),
            bucket(60, 4, valid_to=sooner, valid_from=FOREVER[0] - timedelta(1)),
            bucket(60, 5, valid_to=sooner, valid_from=FOREVER[0] - timedelta(1)),
        ]
        for minutes, ids in ((1, {4}), (2, {4, 5}), (3, {3, 4, 5}), (4, {2, 3, 4, 5}), (5, {1, 2, 3, 4, 5})):
            assert set(self.free(*buckets, events=(call(60 * minutes),))) == ids

    def test_who_when_where(self) -> None:
        assert self.free(bucket(60, valid_from=WEDNESDAY)) == {1: 60}
        assert self.free(bucket(60, valid_to=WEDNESDAY)) == {}
        assert self.free(bucket(60, zones=frozenset({2}))) == {}
        assert self.free(bucket(60, unit_kind="sms")) == {}
        assert self.free(bucket(60, services=frozenset({2}))) == {}
        assert self.free(bucket(60, band_id=3)) == {}

    def test_the_band_of_the_answer_opens_an_allowance_for_the_whole_call(self) -> None:
        rates = (replace(self.RATE, band_id=3), replace(self.RATE, rate_id=2))
        world = World(
            (call(120, WEDNESDAY - timedelta(seconds=1)), call(120, number=2)),
            rates,
            bands=(Band(3, start_min=0, end_min=840),),
            allowances=(bucket(600, band_id=3),),
        )
        assert priced(world).remaining == {1: 480}

    def test_a_pool_is_used_in_order_of_time(self) -> None:
        members = frozenset({1, 2})
        events = (
            call(60, WEDNESDAY + timedelta(2), 1, service_id=1),
            call(60, WEDNESDAY, 2, service_id=2),
            call(60, WEDNESDAY, 3, service_id=1),
            call(60, WEDNESDAY, 4, service_id=1, tie=-1),
        )
        books = priced(World(events, (self.RATE,), allowances=(bucket(120, services=members),)))
        assert [found.free for _id, found in sorted(books.outcomes.items())] == [0, 60, 0, 60]

    def test_nothing_is_wasted_on_what_is_free_anyway(self) -> None:
        assert one(World((call(60),), (price("0"),), allowances=(bucket(600),))).uses == {}
        assert one(World((call(60),), (price("0", connect_fee_micro=1),), allowances=(bucket(600),))).uses == {1: 60}

    def test_money_pays_any_part_in_order_of_time(self) -> None:
        events = (call(60, number=1), call(60, WEDNESDAY - timedelta(1), number=2), call(60, number=3))
        purse = bucket(15_000, unit_kind="money")
        books = priced(World(events, (self.RATE,), allowances=(purse,)))
        assert [(o.amount_e4, o.money_e4, o.state) for o in books.outcomes.values()] == [
            (0, 10_000, "rated"), (5_000, 5_000, "rated"), (10_000, 0, "rated"),
        ]  # fmt: skip
        assert books.remaining == {1: 0}

    def test_suspended_events_use_nothing(self) -> None:
        assert self.free(bucket(60), events=(call(60, plan_id=None),)) == {}


class TestCounters:
    TIERS = (Tier(0, 5, micro("0.10")), Tier(5, 10, micro("0.08")), Tier(10, 12, micro("0.05")))
    GRADUATED = price("0", 1, unit_size=1, usage_kind="sms", tier_model="graduated", tiers=TIERS)

    def messages(self, *counts: int, rate: Rate | None = None, **others: object) -> list[int | str]:
        events = tuple(
            call(n, WEDNESDAY + timedelta(i), i, usage_kind="sms", period=OCTOBER) for i, n in enumerate(counts)
        )
        books = priced(World(events, (rate or self.GRADUATED,), **others))  # type: ignore[arg-type]
        return [found.reason or found.amount_e4 for _id, found in sorted(books.outcomes.items())]

    def test_each_unit_at_its_tier_over_the_period(self) -> None:
        assert self.messages(3, 4, 3, 2) == [3_000, 3_600, 2_400, 1_000]

    def test_beyond_the_last_tier_is_suspended_and_leaves_the_counter(self) -> None:
        assert self.messages(10, 3, 2, 1) == [9_000, "TIER_END", 1_000, "TIER_END"]

    def test_all_units_at_the_tier_reached_may_give_back(self) -> None:
        """4 x 0.10; 6 x 0.08 = 0.48; 10 x 0.08 = 0.80; 11 x 0.05 = 0.55."""
        assert self.messages(4, 2, 4, 1, rate=replace(self.GRADUATED, tier_model="volume")) == [
            4_000, 800, 3_200, -2_500,
        ]  # fmt: skip

    def test_the_parts_of_a_period_sum_to_the_rounded_total(self) -> None:
        """A third of a grosz each at two places: 0.003, 0.007, 0.010 …"""
        rate = replace(self.GRADUATED, decimals=2, tiers=(Tier(0, None, 3_334),))
        assert self.messages(1, 1, 1, 1, rate=rate) == [0, 100, 0, 0]

    def test_connection_fee_beside_tiers_and_allowances_before_them(self) -> None:
        rate = replace(self.GRADUATED, connect_fee_micro=micro("0.01"))
        assert self.messages(3, 4, rate=rate, allowances=(bucket(4, unit_kind="sms"),)) == [0, 3_100]

    def test_packages_of_a_month(self) -> None:
        rate = replace(self.GRADUATED, tier_model="package", tiers=(Tier(0, None, micro("20"), 500),))
        assert self.messages(1, 499, 1, 749, rate=rate) == [200_000, 0, 200_000, 200_000]

    def test_sessions_are_rounded_whole(self) -> None:
        """Blocks of 100: 30 + 50 + 30 of one session are two blocks, 30 of another one."""
        rate = price("0.01", 100, usage_kind="data", unit_size=100, rounding="session")
        shapes = (("a", 30), ("a", 50), ("b", 30), ("a", 30), (None, 30), (None, 30))
        events = tuple(
            call(n, WEDNESDAY + timedelta(i), i, usage_kind="data", session_key=key)
            for i, (key, n) in enumerate(shapes)
        )
        books = priced(World(events, (rate,)))
        assert amounts(books) == [100, 0, 100, 100, 100, 100]
        assert books.counters == {("session", 1, 1, "a", None): 110, ("session", 1, 1, "b", None): 30}

    def test_a_period_is_rounded_whole(self) -> None:
        rate = price("0.01", 100, usage_kind="data", unit_size=100, rounding="period")
        months = (OCTOBER, OCTOBER, date(2026, 11, 1), OCTOBER)
        events = tuple(call(60, WEDNESDAY + timedelta(i), i, usage_kind="data", period=m) for i, m in enumerate(months))
        assert amounts(priced(World(events, (rate,)))) == [100, 100, 100, 0]


class TestZonesAndReasons:
    RATES = (
        price("1"), price("2", zone_id=2, rate_id=2), price("3", zone_id=3, rate_id=3),
        price("4", zone_id=4, rate_id=4, usage_kind="data", unit_size=60),
    )  # fmt: skip
    WORLD = World((), RATES, prefixes={"48": 1, "4870": 2, "49": 9}, codes={"net:26006": 2, "data": 4}, on_net_zone=3)

    def found(self, **others: object) -> tuple[str | None, int | None, str | None]:
        outcome = one(replace(self.WORLD, events=(replace(call(60), **others),)))
        return outcome.reason, outcome.zone_id, outcome.matched

    def test_zones(self) -> None:
        assert self.found() == (None, 1, "48")
        assert self.found(b_number="48701") == (None, 2, "4870")
        assert self.found(code="net:26006") == (None, 2, "net:26006")
        assert self.found(usage_kind="data", code="apn:x") == (None, 4, "data")
        assert self.found(usage_kind="data", b_number=None) == (None, 4, "data")
        assert self.found(usage_kind="data", code="net:1") == ("NO_ZONE", None, None)

    def test_on_net(self) -> None:
        assert self.found(on_net=True) == (None, 3, "48")
        assert self.found(on_net=True, code="net:26006") == (None, 2, "net:26006")
        assert self.found(on_net=True, usage_kind="data", b_number=None) == (None, 4, "data")

    def test_reasons(self) -> None:
        assert self.found(plan_id=None)[0] == "NO_RATE_PLAN"
        assert self.found(b_number="5")[0] == "NO_ZONE"
        assert self.found(code="apn:x")[0] == "NO_ZONE"
        assert self.found(b_number="4912") == ("NO_RATE", 9, None)
        assert self.found(plan_id=8)[0] == "NO_RATE"
        assert one(replace(self.WORLD, events=(call(-1),))).reason == "NEGATIVE_UNITS"
        assert self.found(units=None)[0] == "NEGATIVE_UNITS"
