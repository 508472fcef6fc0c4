"""Time bands against a minute-by-minute oracle, holidays against published calendars, chains, tiers, ranges, numbering."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_core import (
    DAY_TYPES,
    Band,
    BandFinding,
    ChainProblem,
    RangeProblem,
    RateTier,
    band_at,
    check_bands,
    check_tiers,
    day_type,
    easter_sunday,
    expand_range,
    find_unreachable,
    format_chain,
    is_dialled,
    parse_chain,
    polish_holidays,
)
from catalog_core.time_bands import DAY_MINUTES

WORK = frozenset(("mon", "tue", "wed", "thu", "fri"))
FREE = frozenset(("sat", "sun", "holiday"))
ALL = frozenset(DAY_TYPES)
PEAK = Band("PEAK", WORK, 8 * 60, 18 * 60, weight=10)
OFF = Band("OFF", ALL)


class TestBands:
    def test_a_heavier_band_over_the_whole_week_leaves_nothing(self) -> None:
        assert check_bands([PEAK, OFF]) == []

    def test_the_hole_is_named(self) -> None:
        bands = [
            Band("DAY", ALL, 0, 22 * 60),
            Band("NIGHT", ALL - {"wed"}, 22 * 60),
        ]
        assert check_bands(bands) == [BandFinding("gap", ("wed",), 22 * 60, DAY_MINUTES)]

    def test_a_forgotten_holiday_is_a_hole_of_the_whole_day(self) -> None:
        weekend = Band("OFF", frozenset(("sat", "sun")))
        evening = [Band("NIGHT", WORK, 0, 480), Band("EVE", WORK, 1080)]
        (found,) = check_bands([PEAK, weekend, *evening])
        assert (found.kind, found.days, found.start_min, found.end_min) == ("gap", ("holiday",), 0, 1440)

    def test_equal_weights_overlap(self) -> None:
        (found,) = check_bands([Band("A", ALL), Band("B", WORK, 600, 660)])
        assert (found.kind, found.codes, found.start_min, found.end_min) == ("overlap", ("A", "B"), 600, 660)
        assert found.days == ("mon", "tue", "wed", "thu", "fri")

    def test_no_bands_are_one_hole(self) -> None:
        (found,) = check_bands([])
        assert (found.days, found.start_min, found.end_min, found.months) == (DAY_TYPES, 0, 1440, ())

    def test_months_that_nothing_holds_are_named(self) -> None:
        (found,) = check_bands(
            [
                Band("SUMMER", ALL, months=frozenset((6, 7, 8))),
                Band("REST", ALL, months=frozenset((1, 2, 3, 4, 5, 9, 10, 11))),
            ]
        )
        assert (found.kind, found.months) == ("gap", (12,))

    def test_dates_cut_the_year_and_only_days_that_occur_count(self) -> None:
        fair = Band("FAIR", ALL, date_start=date(2026, 10, 14), date_end=date(2026, 10, 14))
        (found,) = check_bands([fair, OFF])
        assert (found.kind, found.days) == ("overlap", ("wed", "holiday"))
        assert (found.date_start, found.date_end) == (date(2026, 10, 14), date(2026, 10, 14))

    def test_a_holiday_replaces_its_weekday(self) -> None:
        eve = date(2026, 11, 11)  # a Wednesday
        assert band_at([PEAK, OFF], eve, 600) == "PEAK"
        assert band_at([PEAK, OFF], eve, 600, {eve}) == "OFF"
        assert day_type(eve, {eve}) == "holiday"

    def test_borders_belong_to_the_later_band(self) -> None:
        day = date(2026, 10, 14)
        assert [band_at([PEAK, OFF], day, minute) for minute in (479, 480, 1079, 1080)] == [
            "OFF",
            "PEAK",
            "PEAK",
            "OFF",
        ]

    @given(
        st.lists(
            st.builds(
                lambda n, days, a, b, weight: Band(f"B{n}", days, min(a, b) * 60, (max(a, b) + 1) * 60, weight=weight),
                st.integers(0, 99),
                st.frozensets(st.sampled_from(DAY_TYPES), min_size=1),
                st.integers(0, 23),
                st.integers(0, 23),
                st.integers(0, 2),
            ),
            max_size=6,
            unique_by=lambda band: band.code,
        )
    )
    def test_findings_are_those_of_an_hour_by_hour_count(self, bands: list[Band]) -> None:
        expected = set()
        for day in DAY_TYPES:
            for hour in range(24):
                held = [b for b in bands if day in b.days and b.start_min <= hour * 60 < b.end_min]
                top = [b for b in held if b.weight == max(one.weight for one in held)]
                if len(top) != 1:
                    expected.add((day, hour, tuple(sorted(b.code for b in top))))
        found = {
            (day, minute // 60, finding.codes)
            for finding in check_bands(bands)
            for day in finding.days
            for minute in range(finding.start_min, finding.end_min, 60)
        }
        assert found == expected


class TestHolidays:
    @pytest.mark.parametrize(
        ("year", "month", "day"),
        [(2024, 3, 31), (2025, 4, 20), (2026, 4, 5), (2027, 3, 28), (2028, 4, 16), (2038, 4, 25), (2035, 3, 25)],
    )
    def test_easter(self, year: int, month: int, day: int) -> None:
        assert easter_sunday(year) == date(year, month, day)

    def test_movable_ones_of_2026(self) -> None:
        names = {one.name: one.day for one in polish_holidays(2026)}
        assert names["Poniedziałek Wielkanocny"] == date(2026, 4, 6)
        assert names["Zielone Świątki"] == date(2026, 5, 24)
        assert names["Boże Ciało"] == date(2026, 6, 4)

    def test_christmas_eve_is_free_from_2025(self) -> None:
        assert date(2024, 12, 24) not in {one.day for one in polish_holidays(2024)}
        assert date(2025, 12, 24) in {one.day for one in polish_holidays(2025)}
        assert [len(polish_holidays(year)) for year in (2010, 2024, 2025)] == [12, 13, 14]

    def test_the_centenary_was_free_once(self) -> None:
        assert [date(year, 11, 12) in {one.day for one in polish_holidays(year)} for year in (2017, 2018, 2019)] == [
            False,
            True,
            False,
        ]

    @given(st.integers(1990, 2200))
    def test_easter_is_a_sunday_in_its_bounds(self, year: int) -> None:
        easter = easter_sunday(year)
        assert easter.weekday() == 6
        assert date(year, 3, 22) <= easter <= date(year, 4, 25)


class TestChains:
    @pytest.mark.parametrize(
        ("text", "chain"),
        [
            ("60/60", (60, 60)),
            ("1/1", (1, 1)),
            (" 60 / 1 ", (60, 1)),
            ("30/6", (30, 6)),
            ("30/30/6", (30, 30, 6)),
            ("60", (60, 60)),
            ("60/1/1/1", (60, 1)),
            ("30/30/30", (30, 30)),
        ],
    )
    def test_read(self, text: str, chain: tuple[int, ...]) -> None:
        assert parse_chain(text) == chain

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("", "CHAIN_EMPTY"),
            ("60/", "CHAIN_NOT_A_NUMBER"),
            ("60:1", "CHAIN_NOT_A_NUMBER"),
            ("60/-1", "CHAIN_NOT_A_NUMBER"),
            ("60/1,5", "CHAIN_NOT_A_NUMBER"),
            ("٦٠/1", "CHAIN_NOT_A_NUMBER"),
            ("60/0", "CHAIN_NOT_POSITIVE"),
            ("86401/1", "CHAIN_TOO_LARGE"),
            ("1/2/3/4/5/6/7", "CHAIN_TOO_LONG"),
        ],
    )
    def test_refused(self, text: str, code: str) -> None:
        found = parse_chain(text)
        assert isinstance(found, ChainProblem)
        assert found.code == code

    @given(st.lists(st.integers(1, 86_400), min_size=1, max_size=6), st.integers(1, 100_000))
    def test_the_written_chain_charges_the_same(self, values: list[int], units: int) -> None:
        chain = parse_chain("/".join(map(str, values)))
        assert isinstance(chain, tuple)
        assert parse_chain(format_chain(chain)) == chain

        def billed(steps: list[int]) -> int:
            total, position = 0, 0
            while total < units:
                total += steps[min(position, len(steps) - 1)]
                position += 1
                if position > len(steps) and steps[-1] < 5:
                    return total + -(-(units - total) // steps[-1]) * steps[-1] if total < units else total
            return total

        assert billed(list(chain)) == billed(values)


class TestTiers:
    LADDER = (RateTier(0, 500, 100_000), RateTier(500, 1000, 80_000), RateTier(1000, 0, 50_000))

    def test_a_ladder_without_holes(self) -> None:
        for model in ("graduated", "volume", "stairstep"):
            assert check_tiers(model, self.LADDER) == []

    @pytest.mark.parametrize(
        ("model", "tiers", "codes"),
        [
            ("flat", LADDER, ["TIER_UNUSED"]),
            ("volume", (), ["TIER_MISSING"]),
            ("volume", LADDER[1:], ["TIER_HOLE"]),
            ("volume", (LADDER[0], LADDER[2]), ["TIER_HOLE"]),
            ("volume", LADDER[:2], ["TIER_NO_END"]),
            ("volume", (*LADDER, RateTier(400, 450, 1)), ["TIER_OVERLAP"]),
            ("volume", (RateTier(0, 0, 1), RateTier(5, 0, 1)), ["TIER_OVERLAP"]),
            ("volume", (RateTier(0, 0, -1),), ["TIER_NEGATIVE"]),
            ("volume", (RateTier(0, 5, 1), RateTier(5, 5, 1), RateTier(5, 0, 1)), ["TIER_EMPTY"]),
            ("package", (RateTier(0, 0, 1),), ["TIER_PACKAGE"]),
            ("package", (RateTier(0, 0, 1, 500),), []),
        ],
    )
    def test_each_fault(self, model: str, tiers: tuple[RateTier, ...], codes: list[str]) -> None:
        assert [problem.code for problem in check_tiers(model, tiers)] == codes


class TestPrefixes:
    @pytest.mark.parametrize(
        ("text", "prefixes"),
        [
            ("48600-48609", ("4860",)),
            ("48600 – 48604", ("48600", "48601", "48602", "48603", "48604")),
            ("48598-48612", ("48598", "48599", "4860", "48610", "48611", "48612")),
            ("4822", ("4822",)),
            ("1-9", ("1", "2", "3", "4", "5", "6", "7", "8", "9")),
        ],
    )
    def test_ranges(self, text: str, prefixes: tuple[str, ...]) -> None:
        assert expand_range(text) == prefixes

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("48-499", "RANGE_LENGTHS"),
            ("489-480", "RANGE_REVERSED"),
            ("0-9", "RANGE_BAD_PREFIX"),
            ("48x", "RANGE_BAD_PREFIX"),
            ("48-", "RANGE_BAD_PREFIX"),
        ],
    )
    def test_bad_ranges(self, text: str, code: str) -> None:
        found = expand_range(text)
        assert isinstance(found, RangeProblem)
        assert found.code == code

    @given(st.integers(100, 999), st.integers(100, 999))
    def test_a_range_holds_its_numbers_and_no_other(self, a: int, b: int) -> None:
        low, high = min(a, b), max(a, b)
        found = expand_range(f"{low}-{high}")
        assert isinstance(found, tuple)
        held = {n for n in range(100, 1000) if str(n).startswith(found)}
        assert held == set(range(low, high + 1))
        assert len(found) <= high - low + 1

    def test_a_prefix_whose_continuations_are_all_taken_is_never_met(self) -> None:
        below = [(f"48{digit}", "B") for digit in range(9)]
        assert find_unreachable([("48", "A"), *below]) == []
        deep = [(f"489{digit}", "C") for digit in range(10)]
        (found,) = find_unreachable([("48", "A"), *below, *deep])
        assert (found.prefix, found.zone, found.covered_by) == ("48", "A", ("B", "C"))

    @given(st.dictionaries(st.text("012", min_size=1, max_size=3), st.sampled_from("XY"), max_size=30), st.booleans())
    def test_unreachable_equals_brute_force(self, zones: dict[str, str], fill: bool) -> None:
        if fill:
            zones |= {f"1{digit}": "Z" for digit in "3456789"}
        met = {
            max((p for p in zones if number.startswith(p)), key=len, default="")
            for number in (f"{n:04}" for n in range(10_000))
        }
        assert {one.prefix for one in find_unreachable(zones.items())} == set(zones) - met

    @pytest.mark.parametrize(
        ("prefix", "dialled"),
        [
            ("48", True), ("4", True), ("4822", True), ("48112", True), ("4830", False), ("4840", False), ("48703", True),
            ("48702", False), ("4919", True), ("48221234567", True), ("482212345678", False), ("999", False), ("1", True),
            ("1876", True), ("38", True), ("384", False), ("4819", True),
        ],
    )  # fmt: skip
    def test_numbering(self, prefix: str, dialled: bool) -> None:
        assert is_dialled(prefix) is dialled

    def test_a_year_of_days_has_a_type(self) -> None:
        first = date(2026, 1, 1)
        holidays = {one.day for one in polish_holidays(2026)}
        types = [day_type(first + timedelta(days=n), holidays) for n in range(365)]
        assert types.count("holiday") == 14
