"""Rating: worked examples of one event, states, and kinds of usage."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import polars as pl
import pytest
from tests.kernels.rating_examples import (
    PLAN,
    ZONE,
    Event,
    Pool,
    amount,
    event_frame,
    one,
    pool_frames,
    rated,
    simple,
    tariff,
)

from rating_core import Engine, Plan, Prefix, Rate, Tariff, ZoneCode, billed_units, rate


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
        row = one(Event(1, units=seconds), tariff(simple("0.006", 30, 6)))
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

    @pytest.mark.parametrize(("decimals", "expected"), [(4, 26750), (3, 26750), (2, 26800), (1, 27000), (0, 30000)])
    def test_decimals_are_rounded_half_up(self, decimals: int, expected: int) -> None:
        price = replace(simple("2.675", 60), decimals=decimals)
        assert one(Event(1), tariff(price))["amount_e4"] == expected

    @pytest.mark.parametrize(
        ("seconds", "billed"), [(1, 30), (30, 30), (31, 60), (60, 60), (61, 66), (66, 66), (67, 72), (0, 0)]
    )
    def test_a_chain_of_three(self, seconds: int, billed: int) -> None:
        price = replace(simple("0.60"), chain=(30, 30, 6))
        row = one(Event(1, units=seconds), tariff(price))
        assert (row["billed_units"], row["chain"]) == (billed, "30/30/6")
        assert billed_units(seconds, (30, 30, 6)) == billed

    @pytest.mark.parametrize("chain", [(60,), (60, 60), (60, 60, 60)])
    def test_repetitions_in_a_chain_change_nothing(self, chain: tuple[int, ...]) -> None:
        row = one(Event(1, units=61), tariff(replace(simple("0.60"), chain=chain)))
        assert (row["billed_units"], row["chain"]) == (120, "60/60")

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


class TestKinds:
    """Data, messages, events and what was priced by others."""

    def row(self, price: Rate, **event: Any) -> dict[str, Any]:
        return one(Event(1, usage_kind=price.usage_kind, **event), tariff(price))

    @pytest.mark.parametrize(("block", "expected"), [(102_400, 97_700), (100_000, 100_000)])
    def test_data_blocks(self, block: int, expected: int) -> None:
        price = Rate(1, PLAN, ZONE, "data", 10_000, chain=(block,), unit_size=block)
        assert self.row(price, units=1_234_567 + 98_765_432)["amount_e4"] == expected

    def test_data_volume_beyond_64_bits(self) -> None:
        price = Rate(1, PLAN, ZONE, "data", 9_000_000, chain=(102_400,), unit_size=1_000_000)
        row = self.row(price, units=40 * 10**12)
        assert row["amount_e4"] == row["billed_units"] * 9_000_000 // 1_000_000 // 100
        assert row["billed_units"] == 40 * 10**12

    def test_messages(self) -> None:
        price = Rate(1, PLAN, ZONE, "sms", 80_000, unit_size=1)
        events = [Event(n, n, 1, usage_kind="sms") for n in range(5)]
        result = rated(events, tariff(price), [Pool(1, 3, unit_kind="sms"), Pool(2, 1000)])
        assert result.events["amount_e4"].to_list() == [0, 0, 0, 800, 800]
        assert result.allowances.frame["remaining"].to_list() == [0, 1000]

    @pytest.mark.parametrize(("volume", "steps"), [(None, 1), (0, 1), (100_000, 1), (100_001, 2), (300_000, 3)])
    def test_size_steps_of_mms(self, volume: int | None, steps: int) -> None:
        price = Rate(1, PLAN, ZONE, "mms", 200_000, unit_size=1, step_bytes=100_000)
        row = self.row(price, units=1, volume=volume)
        assert (row["billed_units"], row["amount_e4"]) == (steps, 2_000 * steps)

    def test_premium_by_the_event(self) -> None:
        price = Rate(1, PLAN, ZONE, "premium", 7_690_000, basis="event")
        assert {self.row(price, units=units)["amount_e4"] for units in (1, 61, 3600)} == {76_900}
        assert self.row(price, units=0)["amount_e4"] == 0

    def test_price_from_upstream_with_a_margin(self) -> None:
        price = Rate(1, PLAN, ZONE, "voice", 0, 50_000, basis="upstream", multiplier_micro=1_200_000)
        row = self.row(price, units=61, cost_micro=210_000)
        assert (row["amount_e4"], row["cost_micro"]) == (3_020, 210_000)
        assert self.row(price, units=61)["reason"] == "NO_COST"

    @pytest.mark.parametrize(("policy", "billed", "expected"), [("free", 0, 0), ("second", 60, 2900)])
    def test_an_answered_call_without_a_second(self, policy: str, billed: int, expected: int) -> None:
        row = one(Event(1, units=0), tariff(simple("0.29", 60), zero_length=policy))
        assert (row["units"], row["billed_units"], row["amount_e4"]) == (0, billed, expected)


class TestZones:
    TARIFF = Tariff(
        [Prefix("48", 1), Prefix("49", 2)],
        [Rate(n, PLAN, n, kind, 10_000 * n, unit_size=60) for n, kind in enumerate(("voice",) * 4 + ("data",), 1)],
        codes=[ZoneCode("net:26006", 4), ZoneCode("data", 5)],
        on_net_zone_id=3,
    )

    @pytest.mark.parametrize(
        ("event", "zone", "matched"),
        [
            (Event(1), 1, "48"),
            (Event(1, on_net=True), 3, "48"),
            (Event(1, on_net=True, b_number="77"), 3, None),
            (Event(1, code="net:26006"), 4, "net:26006"),
            (Event(1, code="net:26006", on_net=True), 4, "net:26006"),
            (Event(1, code=""), 1, "48"),
            (Event(1, code="net:1"), None, None),
            (Event(1, b_number=None), None, None),
            (Event(1, b_number=None, usage_kind="data"), 5, "data"),
            (Event(1, code="apn:x", usage_kind="data"), 5, "data"),
            # abroad nothing falls back to the price at home
            (Event(1, code="net:1", usage_kind="data"), None, None),
            (Event(1, code="in:1", usage_kind="data"), None, None),
        ],
    )
    def test_zone(self, event: Event, zone: int | None, matched: str | None) -> None:
        row = one(event, self.TARIFF)
        assert (row["zone_id"], row["prefix"]) == (zone, matched)
        assert row["reason"] == (None if zone else "NO_ZONE")

    def test_the_network_has_no_price_of_its_own_in_this_plan(self) -> None:
        table = Tariff([Prefix("48", 1)], [simple("0.29", 60)], on_net_zone_id=3)
        assert one(Event(1, on_net=True), table)["zone_id"] == 1

    def test_a_code_is_not_read_as_a_number_where_there_are_no_codes(self) -> None:
        assert one(Event(1, code="net:26006"), tariff(simple("0.29")))["reason"] == "NO_ZONE"


class TestStates:
    TARIFF = Tariff(
        [Prefix("48", 1), Prefix("4870", 2), Prefix("48112", 3)], [simple("0.29", 60, 1), Rate(3, PLAN, 3, "voice", 0)]
    )

    @pytest.mark.parametrize(
        ("event", "state", "reason"),
        [
            (Event(1, 0, 5), "rated", None),
            (Event(1, 0, -5), "suspended", "NEGATIVE_UNITS"),
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
        row = one(event, self.TARIFF)
        assert (row["state"], row["reason"]) == (state, reason)
        assert (row["amount_e4"] > 0) == (state == "rated")
        assert (row["rate_id"] is None) == (state == "suspended")

    def test_free_zone_and_empty_call_use_no_allowance(self) -> None:
        events = [Event(1, 0, 600, b_number="48112"), Event(2, 1, 0), Event(3, 2, -600)]
        result = rated(events, self.TARIFF, [Pool(1, 1000)])
        assert result.uses.is_empty()
        assert result.allowances.frame["remaining"].to_list() == [1000]

    def test_units_that_nobody_counted_are_not_free(self) -> None:
        frame = event_frame([Event(1)]).with_columns(units=pl.lit(None, pl.Int64))
        row = rate(frame, self.TARIFF).events.row(0, named=True)
        assert (row["state"], row["reason"]) == ("suspended", "NEGATIVE_UNITS")

    def test_no_events(self) -> None:
        result = rated([], self.TARIFF, [Pool(1, 5)])
        assert result.events.is_empty()
        assert result.allowances.frame["remaining"].to_list() == [5]

    def test_no_tariff(self) -> None:
        assert one(Event(1), Tariff([], []))["reason"] == "NO_ZONE"
        assert one(Event(1), Tariff([Prefix("48", 1)], []))["reason"] == "NO_RATE"

    def test_optional_columns_may_be_missing(self) -> None:
        names = ["id", "started_at", "service_id", "plan_id", "usage_kind", "b_number", "units"]
        frame = event_frame([Event(1, units=61)])
        assert rate(frame.select(names), self.TARIFF).events.equals(rate(frame, self.TARIFF).events)
        with pytest.raises(ValueError, match="without units"):
            rate(frame.drop("units"), self.TARIFF)

    def test_order_is_start_then_tie_then_id_whatever_the_order_of_rows(self) -> None:
        events = [Event(4, 0), Event(3, 0, tie=1), Event(2, 0, tie=1), Event(1, 5), Event(9, -5)]
        for seed in range(5):
            shuffled = random.Random(seed).sample(events, len(events))
            result = rated(shuffled, self.TARIFF, [Pool(1, 180)])
            assert result.events["id"].to_list() == [9, 4, 2, 3, 1]
            assert result.events["free_units"].to_list() == [60, 60, 60, 0, 0]

    def test_an_engine_serves_many_frames(self) -> None:
        engine = Engine(tariff(simple("0.29", 60, 1)))
        first = engine.rate(event_frame([Event(1, units=100)]), pool_frames([Pool(1, 150)]))
        second = engine.rate(event_frame([Event(2, 5, units=100)]), first.allowances)
        assert first.events["amount_e4"].to_list() == [0]
        assert second.events["free_units"].to_list() == [0], "50 s are less than the first minute"


class TestFaultyTariffs:
    def test_a_zone_priced_twice(self) -> None:
        with pytest.raises(ValueError, match="twice"):
            Engine(Tariff([], [simple("1"), replace(simple("2"), rate_id=2)]))

    def test_a_code_with_two_zones(self) -> None:
        with pytest.raises(ValueError, match="two zones"):
            Engine(Tariff([], [], codes=[ZoneCode("data", 1), ZoneCode("data", 2)]))

    @pytest.mark.parametrize("wrong", [{"decimals": 5}, {"unit_size": 0}, {"chain": ()}, {"chain": (60, 0)}])
    def test_a_rate_that_cannot_price(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=r"decimals|increments"):
            Engine(tariff(replace(simple("1"), **wrong)))

    def test_a_plan_without_rates_is_no_fault(self) -> None:
        table = Tariff([Prefix("48", ZONE)], [simple("0.29")], plans=[Plan(1), Plan(2)])
        assert rated([Event(1, plan_id=2)], table).events["reason"].to_list() == ["NO_RATE"]


def test_result_of_a_frame_without_fault_is_as_wide_as_one_with() -> None:
    good, bad = Event(1), Event(2, plan_id=None)
    table = tariff(simple("0.29", 60, 1))
    alone, both = rated([good], table).events, rated([good, bad], table).events
    assert alone.schema == both.schema
    assert alone.equals(both.filter(pl.col("id") == 1))
