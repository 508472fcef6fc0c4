"""Prices by the quantity of a period, and volumes that are rounded over a session or a period."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests.kernels.rating_examples import PLAN, ZONE, Event, Pool, micro, rated, simple, tariff

from rating_core import COUNTER_SCHEMA, Rate, Tier

FALLING = (Tier(0, 500, micro("0.10")), Tier(500, 1000, micro("0.08")), Tier(1000, None, micro("0.05")))
PACKAGES = (Tier(0, None, micro("20"), 500),)
STEPS = (Tier(0, 500, micro("40")), Tier(500, 1000, micro("70")), Tier(1000, None, micro("100")))


def tiered(model: str, tiers: tuple[Tier, ...], **changes: object) -> Rate:
    return replace(simple("0", 60), tier_model=model, tiers=tiers, **changes)


class TestTiers:
    @pytest.mark.parametrize(
        ("model", "tiers", "minutes", "expected"),
        [
            ("graduated", FALLING, 500, "50.00"),
            ("graduated", FALLING, 501, "50.08"),
            ("graduated", FALLING, 1001, "90.05"),
            ("graduated", FALLING, 1250, "102.50"),
            ("volume", FALLING, 500, "50.00"),
            ("volume", FALLING, 501, "40.08"),
            ("volume", FALLING, 1001, "50.05"),
            ("volume", FALLING, 1250, "62.50"),
            ("package", PACKAGES, 1250, "60.00"),
            ("stairstep", STEPS, 1250, "100.00"),
        ],
    )
    def test_worked_examples(self, model: str, tiers: tuple[Tier, ...], minutes: int, expected: str) -> None:
        """In one call or in many, the total of the period is the price of its quantity."""
        for parts in ((minutes,), (1,) * minutes, (minutes - 7, 7)):
            events = [Event(n, n, 60 * part) for n, part in enumerate(parts)]
            result = rated(events, tariff(tiered(model, tiers)))
            assert result.events["amount_e4"].sum() == micro(expected) // 100

    def test_a_total_by_volume_may_fall(self) -> None:
        result = rated([Event(1, 1, 30_000), Event(2, 2, 60)], tariff(tiered("volume", FALLING)))
        assert result.events["amount_e4"].to_list() == [500_000, -99_200]
        assert result.events["state"].to_list() == ["rated", "rated"]

    def test_the_period_is_rounded_as_a_whole(self) -> None:
        price = tiered("graduated", (Tier(0, None, micro("0.0001")),), chain=(1, 1))
        amounts = rated([Event(n, n, 20) for n in range(6)], tariff(price)).events["amount_e4"].to_list()
        assert amounts == [0, 1, 0, 0, 1, 0], "thirds of 1e-4 add up to 2e-4"

    def test_what_counts_is_paid_units_of_one_service_and_period(self) -> None:
        events = [
            Event(1, 1, 30_000),
            Event(2, 2, 60, service_id=2),
            Event(3, 3, 60, period=date(2026, 11, 1)),
            Event(4, 4, 120),
        ]
        result = rated(events, tariff(tiered("graduated", FALLING)), [Pool(1, 60)])
        assert result.events["amount_e4"].to_list() == [499_000, 1_000, 1_000, 1_000 + 800]
        assert sorted(result.counters.rows()) == [
            ("tier", 1, 1, "", date(2026, 10, 1), 30_060),
            ("tier", 1, 1, "", date(2026, 11, 1), 60),
            ("tier", 2, 1, "", date(2026, 10, 1), 60),
        ]

    def test_counters_go_on_in_the_next_frame(self) -> None:
        table = tariff(tiered("graduated", FALLING))
        first = rated([Event(1, 1, 29_940)], table)
        second = rated([Event(2, 2, 120)], table, counters=first.counters)
        assert second.events["amount_e4"].to_list() == [1_000 + 800]
        assert second.counters["units"].to_list() == [30_060]
        untouched = rated([Event(3, 3, 60, service_id=2)], table, counters=first.counters)
        assert untouched.counters.select("service_id", "units").rows() == [(2, 60)]

    def test_pieces_tell_the_tiers(self) -> None:
        result = rated([Event(1, 1, 29_940), Event(2, 2, 180)], tariff(tiered("graduated", FALLING)), [Pool(1, 60)])
        columns = ("id", "tier_start", "units", "paid_units", "price_micro")
        assert result.pieces.select(columns).rows() == [
            (1, 0, 29_940, 29_880, 100_000),
            (2, 0, 120, 120, 100_000),
            (2, 500, 60, 60, 80_000),
        ]

    def test_the_connection_fee_stands_alone(self) -> None:
        price = tiered("graduated", (Tier(0, None, micro("0.0001")),), chain=(1, 1), connect_fee_micro=micro("0.1"))
        result = rated([Event(n, n, 20) for n in range(3)], tariff(price), [Pool(1, 20)])
        assert result.events["amount_e4"].to_list() == [0, 1_000, 1_001]


class TestEndOfTiers:
    LIMITED = (Tier(0, 10, micro("0.10")),)

    def test_usage_past_the_last_tier_waits_and_a_smaller_one_fits(self) -> None:
        events = [Event(1, 1, 540), Event(2, 2, 120), Event(3, 3, 60), Event(4, 4, 60)]
        result = rated(events, tariff(tiered("graduated", self.LIMITED)))
        assert result.events["reason"].to_list() == [None, "TIER_END", None, "TIER_END"]
        assert result.counters["units"].to_list() == [600]

    def test_what_a_waiting_event_would_have_used_is_there_for_others(self) -> None:
        events = [Event(1, 1, 720), Event(2, 2, 120, service_id=2)]
        result = rated(events, tariff(tiered("graduated", self.LIMITED)), [Pool(1, 60, services=(1, 2))])
        assert result.events["reason"].to_list() == ["TIER_END", None]
        assert result.uses.rows() == [(2, 1, 60)]

    def test_a_hole_between_tiers_is_never_free(self) -> None:
        tiers = (Tier(0, 10, micro("0.10")), Tier(11, None, micro("0.10")))
        for model in ("graduated", "package"):
            assert rated([Event(1, 1, 720)], tariff(tiered(model, tiers))).events["reason"].to_list() == ["TIER_END"]
        assert rated([Event(1, 1, 660)], tariff(tiered("volume", tiers))).events["reason"].to_list() == ["TIER_END"]

    def test_no_tiers_at_all(self) -> None:
        assert rated([Event(1)], tariff(tiered("volume", ()))).events["state"].to_list() == ["suspended"]

    def test_many_events_past_the_end_are_settled_together(self) -> None:
        events = [Event(n, n, 60) for n in range(3_000)]
        result = rated(events, tariff(tiered("graduated", self.LIMITED)))
        assert result.events["reason"].null_count() == 10


class TestRoundingOverSessions:
    BLOCK = 102_400

    def data(self, rounding: str) -> Rate:
        return Rate(1, PLAN, ZONE, "data", 10_000, chain=(self.BLOCK,), unit_size=self.BLOCK, rounding=rounding)

    def event(self, number: int, units: int, session: str | None = "a", **changes: object) -> Event:
        return replace(Event(number, number, units, usage_kind="data", session_key=session), **changes)

    @pytest.mark.parametrize(
        ("rounding", "expected"),
        [("event", [1, 1, 1, 1]), ("session", [1, 0, 1, 1]), ("period", [1, 0, 0, 0])],
    )
    def test_partial_records_of_a_session(self, rounding: str, expected: list[int]) -> None:
        events = [
            self.event(1, 60_000),
            self.event(2, 40_000),
            self.event(3, 1, "b"),
            self.event(4, 1, "b", service_id=1 if rounding != "session" else 2),
        ]
        result = rated(events, tariff(self.data(rounding)))
        assert [amount // 100 for amount in result.events["amount_e4"].to_list()] == expected

    def test_a_session_is_not_cut_by_the_period(self) -> None:
        events = [self.event(1, 60_000), self.event(2, 40_000, period=date(2026, 11, 1))]
        result = rated(events, tariff(self.data("session")))
        assert result.events["billed_units"].to_list() == [self.BLOCK, 0]
        assert result.counters.rows() == [("session", 1, 1, "a", None, 100_000)]

    def test_a_record_without_a_session_stands_alone(self) -> None:
        events = [self.event(1, 60_000, None), self.event(2, 40_000, None)]
        assert rated(events, tariff(self.data("session"))).events["billed_units"].to_list() == [self.BLOCK] * 2

    def test_sessions_go_on_in_the_next_frame(self) -> None:
        table = tariff(self.data("session"))
        first = rated([self.event(1, 60_000)], table)
        assert set(first.counters.schema) == set(COUNTER_SCHEMA)
        second = rated([self.event(2, 60_000)], table, counters=first.counters)
        assert second.events["billed_units"].to_list() == [self.BLOCK]
        assert second.counters["units"].to_list() == [120_000]

    def test_allowances_take_the_blocks_that_are_new(self) -> None:
        events = [self.event(1, 150_000), self.event(2, 150_000)]
        result = rated(events, tariff(self.data("session")), [Pool(1, 250_000, unit_kind="data")])
        assert result.events["billed_units"].to_list() == [2 * self.BLOCK, self.BLOCK]
        assert result.events["free_units"].to_list() == [2 * self.BLOCK, 0]
