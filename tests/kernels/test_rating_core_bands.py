"""Time bands: the four ways to price a call over a change of band, nights on which the clock is changed, unpriced bands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from tests.kernels.rating_examples import PLAN, ZONE, Event, Pool, event_frame, one, rated, simple, tariff

from rating_core import Rate, Tariff, rate

PEAK, OFF = 1, 2
WEDNESDAY = datetime.fromisoformat("2026-10-14 15:58:30")  # 17:58:30 in Warsaw
Slots = list[tuple[int, int | None]]


def slots(day: date, bands: frozenset[int]) -> Slots:
    """Peak from 8 to 18 on weekdays."""
    found: Slots = [(0, OFF)] if day.weekday() > 4 else [(0, OFF), (480, PEAK), (1080, OFF)]
    return [(minute, band if band in bands else None) for minute, band in found]


def priced(band: int | None, price: str, *chain: int, rate_id: int = 0, **changes: object) -> Rate:
    return replace(simple(price), rate_id=rate_id or band or 9, band_id=band, chain=chain or (60, 60), **changes)


def two_bands(policy: str, *chain: int) -> Tariff:
    rates = (priced(PEAK, "0.30", *chain), priced(OFF, "0.12", *chain))
    return tariff(*rates, band_policy=policy, day_slots=slots)


@pytest.mark.parametrize(
    ("policy", "expected"), [("start", 12_000), ("increment", 8_400), ("second", 7_500), ("segment", 9_600)]
)
def test_a_call_over_the_end_of_the_peak(policy: str, expected: int) -> None:
    assert one(Event(1, units=240, start=WEDNESDAY), two_bands(policy))["amount_e4"] == expected


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("start", []),
        ("increment", [(1, 120), (2, 120)]),
        ("second", [(1, 90), (2, 150)]),
        ("segment", [(1, 120), (2, 180)]),
    ],
)
def test_pieces_tell_what_each_band_priced(policy: str, expected: list[tuple[int, int]]) -> None:
    pieces = rated([Event(1, units=240, start=WEDNESDAY)], two_bands(policy)).pieces
    assert list(pieces.select("rate_id", "units").iter_rows()) == expected


@pytest.mark.parametrize("policy", ["increment", "second", "segment"])
def test_a_call_of_two_days_meets_every_border(policy: str) -> None:
    units = 48 * 3600
    pieces = rated([Event(1, units=units, start=WEDNESDAY)], two_bands(policy, 1)).pieces
    expected = [90, 14 * 3600, 10 * 3600, 14 * 3600, 10 * 3600 - 90]
    assert pieces["units"].to_list() == expected
    assert pieces["band_id"].to_list() == [PEAK, OFF, PEAK, OFF, PEAK]


def test_a_call_that_ends_at_the_border_is_not_cut() -> None:
    for seconds, count in ((90, 0), (91, 2)):
        pieces = rated([Event(1, units=seconds, start=WEDNESDAY)], two_bands("second", 1)).pieces
        assert len(pieces) == count


def test_the_rounded_up_tail_lies_in_the_next_band() -> None:
    """70 s from 20 s before the border: the second minute begins behind it."""
    start = WEDNESDAY + timedelta(seconds=70)
    row = one(Event(1, units=70, start=start), two_bands("increment"))
    assert row["amount_e4"] == 3_000 + 1_200
    assert one(Event(1, units=70, start=start), two_bands("second"))["amount_e4"] == 1_000 + 2_000


def test_fractions_of_a_second_before_a_border() -> None:
    """A second belongs to the band in which it begins."""
    start = WEDNESDAY + timedelta(seconds=89, milliseconds=600)
    row = one(Event(1, units=2, start=start), two_bands("second", 1))
    assert row["amount_e4"] == (300_000 + 120_000 + 30 * 100) // 60 // 100


def test_fees_chain_and_decimals_are_those_of_the_band_of_the_answer() -> None:
    rates = (
        priced(PEAK, "0.30", 30, connect_fee_micro=100_000, decimals=2),
        priced(OFF, "0.12", 60, connect_fee_micro=900_000, min_charge_micro=9_000_000),
    )
    table = tariff(*rates, day_slots=slots)
    event = Event(1, units=100, start=WEDNESDAY - timedelta(hours=12), answered_at=WEDNESDAY)
    row = one(event, table)
    assert (row["rate_id"], row["billed_units"], row["chain"]) == (PEAK, 120, "30/30")
    assert row["amount_e4"] == 6_100, "90 s at 0.30, 30 s at 0.12, 0.10 for the connection"


def test_segments_have_the_chain_of_their_band() -> None:
    table = tariff(priced(PEAK, "0.30", 60), priced(OFF, "0.12", 1), band_policy="segment", day_slots=slots)
    pieces = rated([Event(1, units=100, start=WEDNESDAY)], table).pieces
    assert pieces["units"].to_list() == [120, 10]


class TestChangesOfTheClock:
    """2026: 29 March and 25 October at 01:00 UTC."""

    NIGHT = 150  # 02:30

    def slots(self, _day: date, _bands: frozenset[int]) -> Slots:
        return [(0, OFF), (self.NIGHT, PEAK)]

    def bands(self, start: str, units: int) -> list[tuple[int, int]]:
        table = tariff(priced(PEAK, "0.30", 1), priced(OFF, "0.12", 1), day_slots=self.slots)
        result = rated([Event(1, units=units, start=datetime.fromisoformat(start))], table)
        if result.pieces.is_empty():
            return [(result.events["band_id"][0], units)]
        return list(result.pieces.select("band_id", "units").iter_rows())

    def test_the_repeated_hour_meets_the_border_twice(self) -> None:
        found = self.bands("2026-10-25 00:00:00", 3 * 3600)
        assert found == [(OFF, 1800), (PEAK, 1800), (OFF, 1800), (PEAK, 5400)]

    def test_the_hour_left_out_brings_the_border_with_the_jump(self) -> None:
        assert self.bands("2026-03-29 00:59:30", 60) == [(OFF, 30), (PEAK, 30)]

    def test_one_wall_clock_hour_is_two(self) -> None:
        assert self.bands("2026-10-25 00:30:00", 3600) == [(PEAK, 1800), (OFF, 1800)]

    def test_another_zone(self) -> None:
        table = tariff(priced(PEAK, "0.30", 1), priced(OFF, "0.12", 1), day_slots=self.slots)
        event = Event(1, units=60, start=datetime.fromisoformat("2026-07-01 02:29:30"))
        assert rate(event_frame([event]), table, timezone="UTC").events["amount_e4"].to_list() == [2_100]


class TestUnpricedTime:
    def test_a_rate_at_any_time_fills_the_rest(self) -> None:
        table = tariff(priced(PEAK, "0.30", 1), priced(None, "0.06", 1, rate_id=5), day_slots=slots)
        result = rated([Event(1, units=240, start=WEDNESDAY)], table)
        assert result.pieces["rate_id"].to_list() == [PEAK, 5]
        assert result.events["amount_e4"].to_list() == [4_500 + 1_500]

    @pytest.mark.parametrize("start", [WEDNESDAY, WEDNESDAY + timedelta(hours=1)])
    def test_time_without_a_price_suspends_the_whole_call(self, start: datetime) -> None:
        result = rated(
            [Event(1, units=240, start=start)], tariff(priced(PEAK, "0.30"), day_slots=slots), [Pool(1, 900)]
        )
        assert result.events["reason"].to_list() == ["NO_BAND_RATE"]
        assert result.allowances.frame["remaining"].to_list() == [900]
        assert result.pieces.is_empty()

    def test_an_increment_that_begins_in_time_is_priced(self) -> None:
        event = Event(1, units=100, start=WEDNESDAY)
        assert one(event, tariff(priced(PEAK, "0.30", 120), day_slots=slots))["amount_e4"] == 6_000

    def test_a_plan_without_a_calendar_prices_at_any_time_only(self) -> None:
        table = tariff(priced(PEAK, "0.30", 1), priced(None, "0.06", 60, rate_id=5))
        assert one(Event(1, start=WEDNESDAY), table)["rate_id"] == 5


class TestBandsAndAllowances:
    def test_free_units_come_off_the_head(self) -> None:
        result = rated([Event(1, units=240, start=WEDNESDAY)], two_bands("increment"), [Pool(1, 100)])
        assert result.pieces["paid_units"].to_list() == [60, 120]
        assert result.events["amount_e4"].to_list() == [3_000 + 2_400]

    def test_increments_of_segments_are_taken_whole(self) -> None:
        table = tariff(priced(PEAK, "0.30", 60), priced(OFF, "0.12", 50), band_policy="segment", day_slots=slots)
        for held, free in ((59, 0), (119, 60), (120, 120), (169, 120), (170, 170)):
            result = rated([Event(1, units=240, start=WEDNESDAY)], table, [Pool(1, held)])
            assert result.events["free_units"].to_list() == [free]

    def test_an_allowance_stops_at_the_first_increment_that_does_not_fit(self) -> None:
        """It takes none of the smaller increments behind it, and the next allowance begins with the one it left."""
        table = tariff(priced(PEAK, "0.30", 60), priced(OFF, "0.12", 1), band_policy="segment", day_slots=slots)
        result = rated([Event(1, units=240, start=WEDNESDAY)], table, [Pool(1, 100, 1), Pool(2, 59, 2), Pool(3, 80, 3)])
        assert sorted(result.uses.rows()) == [(1, 1, 60), (1, 3, 80)]

    def test_the_band_of_the_answer_opens_an_allowance(self) -> None:
        events = [Event(1, units=240, start=WEDNESDAY), Event(2, units=60, start=WEDNESDAY + timedelta(hours=1))]
        result = rated(events, two_bands("increment"), [Pool(1, 900, band_id=PEAK)])
        assert result.events["free_units"].to_list() == [240, 0]

    def test_a_call_free_in_one_band_only_uses_allowances(self) -> None:
        table = tariff(priced(PEAK, "0.30"), priced(OFF, "0"), day_slots=slots)
        events = [Event(1, units=60, start=WEDNESDAY + timedelta(hours=1)), Event(2, units=240, start=WEDNESDAY)]
        assert rated(events, table, [Pool(1, 900)]).uses.rows() == [(2, 1, 240)]


def test_messages_are_never_cut() -> None:
    rates = [
        Rate(n, PLAN, ZONE, "data", price, chain=(1,), unit_size=1, band_id=band)
        for n, (band, price) in enumerate(((PEAK, 300), (OFF, 100)), 1)
    ]
    row = one(Event(1, units=10**9, usage_kind="data", start=WEDNESDAY), tariff(*rates, day_slots=slots))
    assert (row["band_id"], row["amount_e4"]) == (PEAK, 3 * 10**9)
