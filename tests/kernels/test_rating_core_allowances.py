"""Free units and prepaid money: order, increments, pools, frames cut in two."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.kernels.rating_examples import PLAN, Event, Pool, amount, one, rated, simple, tariff

from rating_core import Prefix, Rate, Tariff

RATE = simple("0.60", 60, 60, connect="0.10", least="1.00")


def used(events: Sequence[Event], pools: Sequence[Pool], price: Rate = RATE) -> list[tuple[int, int, int]]:
    return sorted(rated(events, tariff(price), pools).uses.rows())


class TestWorkedExamples:
    def test_pool_with_seconds_after_the_first_minute(self) -> None:
        row = one(Event(1, units=310), tariff(simple("0.29", 60, 1)), Pool(1, 200))
        assert (row["billed_units"], row["free_units"], row["amount_e4"]) == (310, 200, 5317)

    def test_pool_of_whole_minutes_keeps_what_does_not_fit(self) -> None:
        result = rated([Event(1, units=310)], tariff(simple("0.29", 60, 60)), [Pool(1, 200)])
        row = result.events.row(0, named=True)
        assert (row["billed_units"], row["free_units"], row["amount_e4"]) == (360, 180, 8700)
        assert result.allowances.frame["remaining"].to_list() == [20]

    def test_pool_of_single_seconds(self) -> None:
        row = one(Event(1, units=310), tariff(simple("0.29", 60, 60), consumption="unit"), Pool(1, 200))
        assert (row["free_units"], row["amount_e4"]) == (200, 7733)

    def test_a_chain_of_three(self) -> None:
        price = replace(simple("0.60"), chain=(30, 20, 6))
        for held, free in ((29, 0), (30, 30), (49, 30), (50, 50), (55, 50), (56, 56), (999, 62)):
            assert used([Event(1, units=57)], [Pool(1, held)], price) == ([(1, 1, free)] if free else [])


class TestFees:
    def test_wholly_free_call_pays_no_fee_and_no_minimum_partly_free_pays_both(self) -> None:
        assert amount(60, RATE, Pool(1, 60)) == 0
        assert amount(61, RATE, Pool(1, 60)) == Decimal("1.00")
        assert amount(180, RATE, Pool(1, 60)) == Decimal("1.30")

    def test_the_plan_may_ask_the_fee_of_free_calls(self) -> None:
        assert amount(60, RATE, Pool(1, 60), free_pays_connect=True) == Decimal("0.10")
        assert amount(0, RATE, Pool(1, 60), free_pays_connect=True) == 0

    def test_an_event_price_is_whole_or_nothing(self) -> None:
        price = replace(RATE, basis="event", price_micro=5_000_000)
        assert amount(120, price, Pool(1, 60)) == Decimal("5.10")
        assert amount(120, price, Pool(1, 120)) == 0


class TestOrder:
    def test_an_increment_is_never_shared(self) -> None:
        assert used([Event(1, 0, 120)], [Pool(1, 90, 1), Pool(2, 59, 2), Pool(3, 60, 3)]) == [(1, 1, 60), (1, 3, 60)]

    def test_order_is_priority_then_expiry_then_age_then_id(self) -> None:
        pools = [
            Pool(1, 60, 2),
            Pool(2, 60, 1, last_minute=500),
            Pool(3, 60, 1, last_minute=400, first_minute=-5),
            Pool(4, 60, 1, last_minute=400, first_minute=-9),
            Pool(5, 60, 1, last_minute=400, first_minute=-9),
        ]
        for calls, order in ((1, [4]), (3, [4, 5, 3]), (5, [4, 5, 3, 2, 1])):
            assert sorted(a for _, a, _ in used([Event(1, 0, 60 * calls)], pools)) == sorted(order)

    def test_a_later_call_with_a_smaller_first_increment_takes_the_crumbs(self) -> None:
        table = Tariff([Prefix("48", 1), Prefix("49", 2)], [RATE, replace(simple("0.60", 1, 1), zone_id=2, rate_id=2)])
        events = [
            Event(1, 0, 170),
            Event(2, 1, 60),
            Event(3, 2, 15, b_number="49301"),
            Event(4, 3, 9, b_number="49301"),
        ]
        result = rated(events, table, [Pool(1, 140)])
        assert result.events["free_units"].to_list() == [120, 0, 15, 5]
        assert result.allowances.frame["remaining"].to_list() == [0]

    def test_zones_dates_and_kinds(self) -> None:
        event = Event(1, 0, 60)
        assert used([event], [Pool(1, 600, zones=frozenset({9}))]) == []
        assert used([event], [Pool(1, 600, zones=frozenset({9, 1}))]) == [(1, 1, 60)]
        assert used([event], [Pool(1, 600, unit_kind="sms")]) == []
        assert used([event], [Pool(1, 600, services=(2,))]) == []
        assert used([event], [Pool(1, 600, first_minute=1)]) == []
        assert used([event], [Pool(1, 600, last_minute=0)]) == []
        assert used([event], [Pool(1, 600, first_minute=0, last_minute=1)]) == [(1, 1, 60)]

    def test_event_time_order_not_file_order(self) -> None:
        events = [Event(1, 9, 60), Event(2, 3, 60), Event(3, 3, 60)]
        assert used(events, [Pool(1, 60)]) == [(2, 1, 60)]


class TestPools:
    def test_services_of_a_pool_take_turns_by_time(self) -> None:
        events = [Event(1, 3, 60), Event(2, 2, 60, service_id=2), Event(3, 1, 60, service_id=3)]
        assert used(events, [Pool(1, 120, services=(1, 2))]) == [(1, 1, 60), (2, 1, 60)]
        assert used(events, [Pool(1, 60, services=(1, 2))]) == [(2, 1, 60)]

    def test_the_own_allowance_goes_first_and_the_pool_serves_the_rest(self) -> None:
        events = [Event(1, 1, 180), Event(2, 2, 180, service_id=2)]
        pools = [Pool(1, 120, 1, (1,)), Pool(2, 120, 1, (2,)), Pool(3, 90, 2, (1, 2))]
        assert used(events, pools) == [(1, 1, 120), (1, 3, 60), (2, 2, 120)]

    def test_pools_in_another_order_at_each_service(self) -> None:
        """Pool 2 waits for pool 1 at service 2, and pool 3 for pool 2 at service 1, where it would be second."""
        pools = [Pool(1, 60, 1, (2,)), Pool(2, 60, 2, (1, 2)), Pool(3, 600, 3, (1,))]
        events = [Event(1, 1, 60, service_id=2), Event(2, 2, 60, service_id=2), Event(3, 3, 60, service_id=1)]
        assert used(events, pools) == [(1, 1, 60), (2, 2, 60), (3, 3, 60)]


class TestMoney:
    def test_it_pays_amounts_in_any_part(self) -> None:
        price = simple("0.29", 60, 1)
        result = rated([Event(1, 1, 61), Event(2, 2, 61)], tariff(price), [Pool(1, 4_000, unit_kind="money")])
        assert result.events.select("amount_e4", "money_e4").rows() == [(0, 2948), (1896, 1052)]
        assert result.events["state"].to_list() == ["rated", "rated"]
        assert result.uses.rows() == [(1, 1, 2948), (2, 1, 1052)]
        assert result.allowances.frame["remaining"].to_list() == [0]

    def test_units_first_then_money(self) -> None:
        pools = [Pool(1, 10**6, 1, unit_kind="money"), Pool(2, 60, 9)]
        row = one(Event(1, 1, 120), tariff(RATE), *pools)
        assert (row["free_units"], row["money_e4"], row["amount_e4"]) == (60, 10_000, 0)


@pytest.mark.parametrize("seed", range(5))
def test_frames_cut_in_two_come_to_the_same(seed: int) -> None:
    dice = random.Random(seed)
    events = [Event(n, dice.randrange(90), dice.randrange(400), service_id=dice.randrange(3)) for n in range(60)]
    pools = [Pool(1, 4_000, services=(0, 1)), Pool(2, 700, 5), Pool(3, 500, 1, (2,)), Pool(4, 900, unit_kind="money")]
    table = tariff(RATE, replace(RATE, rate_id=2, plan_id=PLAN + 1))
    ordered = sorted(events, key=lambda event: (event.started_at, event.id))
    whole = rated(events, table, pools)
    first = rated(ordered[:25], table, pools)
    left = dict(first.allowances.frame.select("allowance_id", "remaining").iter_rows())
    rest = [replace(pool, remaining=left[pool.allowance_id]) for pool in pools]
    second = rated(ordered[25:], table, rest)
    assert first.events.vstack(second.events).equals(whole.events)
    assert second.allowances.frame.equals(whole.allowances.frame)
