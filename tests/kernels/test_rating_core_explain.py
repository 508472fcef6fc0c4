"""The steps that tell how an event came to its amount; the numbers in them are the arithmetic."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import polars as pl
from tests.kernels.rating_examples import PLAN, ZONE, Event, Pool, event_frame, micro, pool_frames, simple, tariff
from tests.kernels.test_rating_core_bands import OFF, PEAK, WEDNESDAY, priced, slots

from rating_core import Rate, Step, Tariff, Tier, explain, rate


def steps(event: Event, table: Tariff, *pools: Pool) -> dict[str, list[dict[str, Any]]]:
    """Parameters of the steps by their code, in the order told."""
    held = pool_frames(pools)
    result = rate(event_frame([event]), table, held)
    kinds = held.frame.select("allowance_id", is_money=pl.col("unit_kind") == "money")
    uses = result.uses.join(kinds, on="allowance_id").to_dicts()
    told: dict[str, list[dict[str, Any]]] = {}
    for step in explain(result.events.row(0, named=True), result.pieces.to_dicts(), uses):
        told.setdefault(step.code, []).append(step.params)
    return told


def test_a_call_with_free_units_and_money() -> None:
    told = steps(Event(1, units=310), tariff(simple("0.29", 60, 1)), Pool(1, 200), Pool(2, 5_000, unit_kind="money"))
    assert list(told) == ["ZONE", "INCREMENTS", "FREE", "PER_UNIT", "ROUNDED", "MONEY"]
    assert told["ZONE"] == [{"prefix": "48", "zone_id": ZONE, "plan_id": PLAN}]
    assert told["INCREMENTS"] == [{"units": 310, "chain": "60/1", "billed": 310}]
    assert told["FREE"] == [{"allowance_id": 1, "units": 200}]
    assert told["PER_UNIT"][0]["exact_micro"] == Fraction(110 * 290_000, 60)
    assert told["ROUNDED"] == [{"decimals": 4, "amount_e4": 5_317}]
    assert told["MONEY"] == [{"allowance_id": 2, "e4": 5_000, "amount_e4": 317}]


def test_minimum_and_maximum() -> None:
    assert steps(Event(1, units=3), tariff(simple("0.29", 1, least="0.05")))["MINIMUM"] == [{"micro": 50_000}]
    assert steps(Event(1, units=600), tariff(simple("0.29", 1, most="1")))["MAXIMUM"] == [{"micro": 1_000_000}]


def test_a_call_over_a_change_of_band() -> None:
    table = tariff(priced(PEAK, "0.30"), priced(OFF, "0.12"), day_slots=slots)
    told = steps(Event(1, units=240, start=WEDNESDAY), table)
    assert told["BAND"] == [{"band_id": PEAK}]
    assert [(piece["band_id"], piece["units"], piece["price_micro"]) for piece in told["PIECE"]] == [
        (PEAK, 120, 300_000),
        (OFF, 120, 120_000),
    ]
    assert told["PIECES"] == [{"connect_fee_micro": 0, "exact_micro": 840_000}]


def test_tiers_tell_their_shares() -> None:
    tiers = (Tier(0, 2, micro("0.10")), Tier(2, None, micro("0.05")))
    told = steps(Event(1, units=180), tariff(replace(simple("0", 60), tier_model="graduated", tiers=tiers)))
    assert [(piece["tier_start"], piece["paid"]) for piece in told["PIECE"]] == [(0, 120), (2, 60)]
    assert told["ROUNDED"][0]["amount_e4"] == 2_500


def test_events_and_what_was_priced_upstream() -> None:
    by_event = replace(simple("7.69"), basis="event")
    assert steps(Event(1), tariff(by_event))["PER_EVENT"][0]["exact_micro"] == 7_690_000
    margin = Rate(1, PLAN, ZONE, "voice", 0, 50_000, basis="upstream", multiplier_micro=1_200_000)
    told = steps(Event(1, cost_micro=210_000), tariff(margin))
    assert told["UPSTREAM"][0]["exact_micro"] == 302_000


def test_what_is_free_and_what_waits() -> None:
    fee = simple("0.29", 60, connect="0.10")
    assert "NOTHING_TO_PAY" in steps(Event(1), tariff(fee), Pool(1, 60))
    told = steps(Event(1), tariff(fee, free_pays_connect=True), Pool(1, 60))
    assert told["FEE_ONLY"] == [{"connect_fee_micro": 100_000}]
    waiting = rate(event_frame([Event(1, plan_id=None)]), tariff(fee)).events.row(0, named=True)
    assert explain(waiting) == (Step("SUSPENDED", {"reason": "NO_RATE_PLAN"}),)
