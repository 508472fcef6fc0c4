"""The oracle of rating against examples worked out by hand: it is the measure of the kernel, so it has its own proof.

The kernel is asked the same in every case.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from tests.kernels.rating_arithmetic import half_up, longest_prefix, tiered
from tests.kernels.rating_cases import WEDNESDAY, amounts, bucket, call, cost, instant, micro, one, price, priced
from tests.kernels.rating_world import EVERY_DAY, HOLIDAY, Band, Plan, Tier, World


class TestWorkedExamples:
    """Numbers of the sheet of worked examples (0.29 a minute net, four places, HALF_UP)."""

    @pytest.mark.parametrize(
        ("seconds", "expected"),
        [
            (1, "0.2900 0.0048 0.2900 0.1450"),
            (59, "0.2900 0.2852 0.2900 0.2900"),
            (61, "0.5800 0.2948 0.2948 0.3190"),
            (119, "0.5800 0.5752 0.5752 0.5800"),
            (121, "0.8700 0.5848 0.5848 0.6090"),
        ],
    )
    def test_increments(self, seconds: int, expected: str) -> None:
        chains = ((60, 60), (1, 1), (60, 1), (30, 6))
        assert " ".join(cost(call(seconds), price("0.29", *chain)) for chain in chains) == expected

    @pytest.mark.parametrize(("seconds", "expected"), [(30, "0.0030"), (32, "0.0036"), (57, "0.0060"), (75, "0.0078")])
    def test_small_price(self, seconds: int, expected: str) -> None:
        assert cost(call(seconds), price("0.006", 30, 6)) == expected

    @pytest.mark.parametrize("chain", [(60, 60), (60, 1), (1, 1)])
    def test_one_rounding(self, chain: tuple[int, ...]) -> None:
        assert cost(call(60), price("0.05", *chain)) == "0.0500"

    def test_connect_minimum_maximum(self) -> None:
        assert cost(call(24), price("0.05", 1, 1, connect_fee_micro=micro("0.15"))) == "0.1700"
        assert cost(call(61), price("0.29", 60, 1, connect_fee_micro=micro("0.15"))) == "0.4448"
        assert cost(call(3), price("0.29", 1, 1, min_charge_micro=micro("0.05"))) == "0.0500"
        assert cost(call(3600), price("0.29", 1, 1, max_charge_micro=micro("5"))) == "5.0000"

    def test_half_up(self) -> None:
        assert half_up(Fraction(micro("2.675")), 2) == 26_800
        assert [half_up(Fraction(149, 2), 4), half_up(Fraction(50), 4), half_up(Fraction(99, 2), 4)] == [1, 1, 0]
        assert [half_up(Fraction(micro("0.5")), n) for n in (0, 1)] == [10_000, 5_000]

    @pytest.mark.parametrize(
        ("policy", "expected"),
        [("start", "1.2000"), ("increment", "0.8400"), ("second", "0.7500"), ("segment", "0.9600")],
    )
    def test_band_split(self, policy: str, expected: str) -> None:
        """17:58:30 in Warsaw for 240 s, 0.30 up to 18:00, then 0.12, whole minutes."""
        bands = (Band(1, start_min=480, end_min=1080, weight=5), Band(2))
        rates = (price("0.30", band_id=1), price("0.12", rate_id=2, band_id=2))
        event = call(240, instant("2026-10-14 15:58:30"))
        assert cost(event, *rates, bands=bands, plans=(Plan(1, policy),)) == expected

    def test_pool(self) -> None:
        world = World((call(310),), (price("0.29", 60, 1),), allowances=(bucket(200),))
        assert (one(world).free, one(world).amount_e4) == (200, 5317)
        whole = replace(world, rates=(price("0.29", 60, 60),))
        books = priced(whole)
        assert (books.outcomes[1].billed, books.outcomes[1].free, amounts(books)) == (360, 180, [8700])
        assert books.remaining == {1: 20}

    def test_sum_of_calls_before_the_grosz(self) -> None:
        assert cost(call(36), price("0.29", 1, 1)) == "0.1740"
        total = Decimal("0.2948") + Decimal("0.1740") + Decimal("0.5317")
        assert total.quantize(Decimal("0.01"), ROUND_HALF_UP) == Decimal("1.00")

    def test_data_blocks(self) -> None:
        event = call(1_234_567 + 98_765_432, usage_kind="data", b_number=None)
        for block, expected in ((102_400, "9.7700"), (100_000, "10.0000")):
            rate = price("0.01", block, usage_kind="data", unit_size=block)
            assert cost(event, rate, codes={"data": 1}) == expected

    @pytest.mark.parametrize(
        ("quantity", "graduated", "volume"),
        [(500, "50.00", "50.00"), (501, "50.08", "40.08"), (1001, "90.05", "50.05"), (1250, "102.50", "62.50")],
    )
    def test_tiers(self, quantity: int, graduated: str, volume: str) -> None:
        tiers = (Tier(0, 500, 100_000), Tier(500, 1000, 80_000), Tier(1000, None, 50_000))
        rate = price("0", 1, unit_size=1, tiers=tiers)
        assert tiered(replace(rate, tier_model="graduated"), quantity) == micro(graduated)
        assert tiered(replace(rate, tier_model="volume"), quantity) == micro(volume)

    def test_package_and_stairstep(self) -> None:
        package = price("0", 1, unit_size=1, tier_model="package", tiers=(Tier(0, None, micro("20"), 500),))
        assert tiered(package, 1250) == micro("60")
        steps = (Tier(0, 500, micro("40")), Tier(500, 1000, micro("70")), Tier(1000, None, micro("100")))
        stairs = replace(package, tier_model="stairstep", tiers=steps)
        assert [tiered(stairs, n) for n in (0, 1, 500, 501, 1250)] == [0, 40 * 10**6, 40 * 10**6, 70 * 10**6, 10**8]

    @pytest.mark.parametrize(
        ("number", "expected"),
        [
            ("48501234567", "48501"), ("48701234567", "487012"), ("48701123456", "4870"), ("17875551234", "1787"),
            ("77011234567", "77"), ("79161234567", "7"), ("49301234", None), ("48x", None), ("1" * 16, None),
        ],
    )  # fmt: skip
    def test_longest_prefix(self, number: str, expected: str | None) -> None:
        prefixes = dict.fromkeys(("48", "4850", "48501", "4870", "48700", "487012", "1", "1787", "7", "77"), 1)
        assert longest_prefix(prefixes, number) == expected

    def test_upstream_price(self) -> None:
        """A TAP charge of 210 with three decimals is 0.210; a quarter on top and 0.05 for the call."""
        event = call(17, cost_micro=210_000)
        assert cost(event, price("9", basis="upstream")) == "0.2100"
        margin = price("9", basis="upstream", multiplier_micro=1_250_000, connect_fee_micro=micro("0.05"))
        assert cost(event, margin) == "0.3125"
        assert cost(call(17), margin) == "NO_COST"
        # what upstream gives back is given on: -0.21 x 1.25 + 0.05
        assert cost(call(17, cost_micro=-210_000), margin) == "-0.2125"

    def test_correction_of_a_price_error(self) -> None:
        wrong, right = cost(call(61), price("0.29", 60, 60)), cost(call(61), price("0.29", 60, 1))
        assert Decimal(right) - Decimal(wrong) == Decimal("-0.2852")


class TestBandsOfTheWallClock:
    NIGHT, REST = price("0.12", 1, 1, band_id=1), price("0.30", 1, 1, rate_id=2)

    def pieces(self, start: str, units: int, band: Band, policy: str = "second") -> list[tuple[int, int, int]]:
        event = call(units, instant(start))
        return one(World((event,), (self.NIGHT, self.REST), (Plan(1, policy),), bands=(band,))).pieces

    def test_the_repeated_hour_meets_a_border_twice(self) -> None:
        """00:30Z is 02:30 summer time; 900 s to 02:45, 900 s to 03:00, which is 02:00 again, 1,800 s to 02:30."""
        band = Band(1, start_min=0, end_min=165)
        for policy in ("second", "increment", "segment"):
            found = self.pieces("2026-10-25 00:30:00", 3600, band, policy)
            assert found == [(1, 900, 900), (2, 900, 900), (1, 1800, 1800)]

    def test_the_missing_hour(self) -> None:
        """00:59:30Z is 01:59:30, a minute later it is 03:00:30: the hour from two to three is never met."""
        assert self.pieces("2026-03-29 00:59:30", 60, Band(1, start_min=120, end_min=180)) == [(2, 60, 60)]
        assert self.pieces("2026-03-29 00:59:30", 60, Band(1, start_min=180)) == [(2, 30, 30), (1, 30, 30)]

    def test_a_holiday_replaces_its_weekday(self) -> None:
        """11 November 2026 is a Wednesday; it ends at 23:00Z."""
        rates = (price("0.30", 60, band_id=1), price("0.12", 60, rate_id=2, band_id=2))
        bands = (Band(1, frozenset({0, 1, 2, 3, 4})), Band(2, frozenset({5, 6, HOLIDAY})))
        others = {"bands": bands, "holidays": frozenset({date(2026, 11, 11)})}
        assert cost(call(60, instant("2026-11-11 12:00:00")), *rates, **others) == "0.1200"
        assert cost(call(60, instant("2026-11-11 12:00:00")), *rates, bands=bands) == "0.3000"
        assert cost(call(120, instant("2026-11-11 22:59:00")), *rates, **others) == "0.4200"
        assert cost(call(120, instant("2026-11-10 22:59:00")), *rates, **others) == "0.4200"

    def test_seasons_and_weights(self) -> None:
        rates = (price("1", 60, band_id=1), price("2", 60, rate_id=2, band_id=2), price("3", 60, rate_id=3, band_id=3))
        summer = Band(2, EVERY_DAY, weight=1, months=frozenset({7, 8}))
        fair = Band(3, EVERY_DAY, weight=2, first=date(2026, 8, 31), last=date(2026, 9, 1))
        bands = (Band(1), summer, fair)
        days = ("2026-06-30 21:59:59", "2026-06-30 22:00:00", "2026-08-30 22:00:00", "2026-09-01 21:59:59")
        assert [cost(call(1, instant(day)), *rates, bands=bands) for day in days] == [
            "1.0000", "2.0000", "3.0000", "3.0000",
        ]  # fmt: skip

    def test_a_hole_and_the_rate_of_any_time(self) -> None:
        band = Band(1, start_min=0, end_min=840)
        assert cost(call(60), self.NIGHT, bands=(band,)) == "NO_BAND_RATE"
        # 14:00 in Warsaw is the first minute of the hole
        assert cost(call(60, WEDNESDAY - timedelta(seconds=1)), self.NIGHT, bands=(band,)) == "NO_BAND_RATE"
        assert cost(call(60), self.NIGHT, bands=(band,), plans=(Plan(1, "start"),)) == "NO_BAND_RATE"
        earlier = call(60, WEDNESDAY - timedelta(seconds=1))
        assert cost(earlier, self.NIGHT, bands=(band,), plans=(Plan(1, "start"),)) == "0.1200"
        assert cost(earlier, self.NIGHT, self.REST, bands=(band,)) == "0.2970"

    def test_connect_minimum_chain_and_places_come_from_the_answer(self) -> None:
        """Rings at 13:59:30, answered 14:00:10, up to 14:01:15: the answer's band is the one from 14:00."""
        first = price("9", 1, 1, band_id=1, connect_fee_micro=micro("7"), min_charge_micro=micro("50"))
        second = price("0.10", 60, rate_id=2, connect_fee_micro=micro("0.05"), decimals=1)
        band = Band(1, start_min=0, end_min=840)
        event = call(65, WEDNESDAY - timedelta(seconds=30), answered_at=WEDNESDAY + timedelta(seconds=10))
        assert cost(event, first, second, bands=(band,)) == "0.3000"

    def test_segments_use_the_chain_of_each(self) -> None:
        """70 s in the first band by 60/1, 10 s in the second by 30/6; the connection fee once."""
        first = price("0.60", 60, 1, band_id=1, connect_fee_micro=micro("0.20"))
        second = price("0.06", 30, 6, rate_id=2, connect_fee_micro=micro("9"))
        found = one(
            World(
                (call(80, WEDNESDAY - timedelta(seconds=70)),),
                (first, second),
                (Plan(1, "segment"),),
                bands=(Band(1, start_min=0, end_min=840),),
            )
        )
        assert (found.pieces, found.amount_e4) == ([(1, 70, 70), (2, 30, 30)], 9_300)

    def test_only_events_that_last_meet_a_border(self) -> None:
        rates = (price("0.30", 1, usage_kind="sms", unit_size=1, band_id=1), price("9", 1, usage_kind="sms", rate_id=2))
        event = call(3, WEDNESDAY - timedelta(seconds=1), usage_kind="sms")
        assert cost(event, *rates, bands=(Band(1, start_min=0, end_min=840),)) == "0.9000"
