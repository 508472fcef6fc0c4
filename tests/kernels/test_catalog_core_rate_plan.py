from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_core import DAY_TYPES, Band, PlanFacts, RateFacts, RateTier, ZoneFacts, validate_plan

SOS = ZoneFacts("SOS", "Emergency", "emergency", ("48112",))
FIX = ZoneFacts("FIX", "Fixed", "national_fixed", ("4822", "4812"))
INT = ZoneFacts("INT", "Abroad", "international", ("49",))
GOOD = PlanFacts(
    code="STD",
    rates=(RateFacts("SOS", "voice", 0), RateFacts("FIX", "voice", 60_000), RateFacts("INT", "voice", 290_000)),
    zones=(SOS, FIX, INT),
)


def codes(plan: PlanFacts) -> list[str]:
    return [problem.code for problem in validate_plan(plan)]


def with_rate(rate: RateFacts) -> PlanFacts:
    rest = tuple(r for r in GOOD.rates if (r.zone, r.usage_kind) != (rate.zone, rate.usage_kind))
    return replace(GOOD, rates=(*rest, rate))


def test_a_good_plan_has_no_problems() -> None:
    assert validate_plan(GOOD) == []


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (replace(GOOD, rates=()), ["NO_RATES"]),
        (replace(GOOD, rates=(*GOOD.rates, GOOD.rates[1])), ["DUPLICATE_RATE"]),
        (with_rate(RateFacts("FIX", "voice", -1)), ["NEGATIVE_PRICE"]),
        (with_rate(RateFacts("FIX", "voice", 1, increment_next_s=0)), ["BAD_INCREMENT"]),
        (with_rate(RateFacts("SOS", "voice", 1)), ["FREE_ZONE_PAID"]),
        (with_rate(RateFacts("SOS", "voice", 0, connect_fee_micro=1)), ["FREE_ZONE_PAID"]),
        (with_rate(RateFacts("INT", "voice", 0)), ["PAID_ZONE_FREE"]),
        (replace(GOOD, date_start=date(2026, 2, 1), date_end=date(2026, 1, 31)), ["DATES_REVERSED"]),
        (replace(GOOD, zones=(SOS, FIX, replace(INT, prefixes=("49", "4822")))), ["PREFIX_CONFLICT"]),
        (replace(GOOD, zones=(SOS, FIX, replace(INT, prefixes=("049",)))), ["BAD_PREFIX"]),
        (replace(GOOD, zones=(SOS, FIX, replace(INT, prefixes=()))), ["ZONE_WITHOUT_PREFIX"]),
        (replace(GOOD, zones=(SOS, FIX, replace(INT, prefixes=(), codes=("net:262",)))), []),
        (replace(GOOD, rates=GOOD.rates[1:]), ["NO_EMERGENCY_RATE"]),
        (replace(GOOD, rates=GOOD.rates[:2]), ["ZONE_NOT_RATED"]),
    ],
)
def test_each_problem_is_found(plan: PlanFacts, expected: list[str]) -> None:
    assert codes(plan) == expected


@pytest.mark.parametrize(
    ("mine", "other", "overlap"),
    [
        ((None, None), (None, None), True),
        ((date(2026, 1, 1), None), (None, date(2025, 12, 31)), False),
        ((date(2026, 1, 1), None), (None, date(2026, 1, 1)), True),
        ((date(2026, 1, 1), date(2026, 6, 30)), (date(2026, 7, 1), None), False),
        ((date(2026, 1, 1), date(2026, 6, 30)), (date(2026, 3, 1), date(2026, 3, 31)), True),
    ],
)
def test_versions_of_one_code_do_not_overlap(
    mine: tuple[date | None, date | None], other: tuple[date | None, date | None], overlap: bool
) -> None:
    plan = replace(GOOD, date_start=mine[0], date_end=mine[1], other_versions=(other,))
    assert codes(plan) == (["VERSION_OVERLAP"] if overlap else [])


def test_a_plan_of_data_alone_needs_no_emergency_zone() -> None:
    assert codes(replace(GOOD, rates=(RateFacts("FIX", "data", 20_000),))) == []


def test_on_net_needs_no_prefix() -> None:
    on_net = ZoneFacts("NET", "Own", "on_net")
    plan = replace(GOOD, zones=(*GOOD.zones, on_net), rates=(*GOOD.rates, RateFacts("NET", "voice", 0)))
    assert codes(plan) == []


@given(st.lists(st.sampled_from(GOOD.rates), max_size=6), st.lists(st.sampled_from(GOOD.zones), max_size=4))
def test_errors_come_first_and_order_is_stable(rates: list[RateFacts], zones: list[ZoneFacts]) -> None:
    plan = replace(GOOD, rates=tuple(rates), zones=tuple(zones))
    problems = validate_plan(plan)
    flags = [problem.is_error for problem in problems]
    assert flags == sorted(flags, reverse=True)
    assert problems == validate_plan(plan)


ALWAYS = frozenset(DAY_TYPES)
DAY = Band("DAY", ALWAYS, 0, 22 * 60)
NIGHT = Band("NIGHT", ALWAYS, 22 * 60)


def banded(*bands: Band, extra: tuple[RateFacts, ...] = ()) -> PlanFacts:
    rates = tuple(RateFacts("FIX", "voice", 60_000, band=band.code) for band in bands)
    return replace(GOOD, rates=(GOOD.rates[0], GOOD.rates[2], *rates, *extra), bands=bands)


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (with_rate(RateFacts("FIX", "voice", 1, min_charge_micro=2, max_charge_micro=1)), ["MIN_ABOVE_MAX"]),
        (with_rate(RateFacts("FIX", "voice", 1, chain=(60, 0))), ["BAD_INCREMENT"]),
        (with_rate(RateFacts("FIX", "voice", 1, max_charge_micro=-1)), ["NEGATIVE_PRICE"]),
        (
            with_rate(RateFacts("FIX", "voice", 1, tier_model="volume", tiers=(RateTier(0, 5, 1), RateTier(6, 0, 1)))),
            ["TIER_HOLE"],
        ),
        (with_rate(RateFacts("SOS", "voice", 0, tier_model="volume", tiers=(RateTier(0, 0, 1),))), ["FREE_ZONE_PAID"]),
        (banded(DAY, NIGHT), []),
        (banded(DAY), ["BAND_GAP"]),
        (banded(DAY, extra=(RateFacts("FIX", "voice", 1),)), []),
        (banded(DAY, replace(NIGHT, start_min=20 * 60)), ["BAND_OVERLAP"]),
        (banded(DAY, NIGHT, Band("NONE", ALWAYS, 60, 60)), ["BAND_EMPTY"]),
        (banded(DAY, NIGHT, Band("NEVER", frozenset())), ["BAND_NO_DAYS"]),
        (banded(DAY, NIGHT, extra=(RateFacts("FIX", "voice", 1, band="DAY"),)), ["DUPLICATE_RATE"]),
        (replace(GOOD, zones=(SOS, FIX, replace(INT, prefixes=("999",)))), ["PREFIX_NOT_DIALLED"]),
        (
            replace(GOOD, zones=(SOS, FIX, replace(INT, prefixes=("49", *(f"49{n}" for n in range(10)))))),
            ["PREFIX_UNREACHABLE"],
        ),
    ],
)
def test_each_problem_of_a_rich_plan_is_found(plan: PlanFacts, expected: list[str]) -> None:
    assert codes(plan) == expected


def test_the_hole_has_its_place() -> None:
    (problem,) = validate_plan(banded(DAY, replace(NIGHT, days=ALWAYS - {"wed"})))
    assert problem.is_error
    assert {"zone": "FIX", "days": "wed", "from": "22:00", "to": "24:00"}.items() <= problem.params.items()


def test_a_prefix_hidden_by_another_zone_is_an_error_and_by_its_own_a_remark() -> None:
    below = tuple(f"49{n}" for n in range(10))
    own = replace(GOOD, zones=(SOS, FIX, replace(INT, prefixes=("49", *below))))
    other = replace(GOOD, zones=(SOS, replace(FIX, prefixes=below), INT))
    assert [problem.is_error for problem in validate_plan(own)] == [False]
    assert [problem.is_error for problem in validate_plan(other)] == [True]
    unrated = replace(GOOD, zones=(*GOOD.zones, ZoneFacts("X", "X", "emergency", ("4", *(f"4{n}" for n in range(10))))))
    assert "PREFIX_UNREACHABLE" not in codes(unrated)


@pytest.mark.parametrize(
    ("mine", "others", "expected"),
    [
        ((date(2027, 1, 1), None), ((date(2026, 1, 1), None),), ["VERSION_ENDS"]),
        ((None, None), ((date(2026, 1, 1), None),), ["VERSION_OVERLAP"]),
        ((date(2027, 1, 1), None), ((None, date(2026, 12, 31)),), []),
        ((date(2027, 1, 1), None), ((None, date(2026, 12, 30)),), ["VERSION_GAP"]),
        ((None, date(2026, 6, 30)), ((date(2026, 7, 2), None),), ["VERSION_GAP"]),
        ((date(2026, 3, 1), date(2026, 3, 31)), ((None, date(2026, 2, 28)), (date(2026, 4, 1), None)), []),
    ],
)
def test_versions_follow_one_another(
    mine: tuple[date | None, date | None], others: tuple[tuple[date | None, date | None], ...], expected: list[str]
) -> None:
    plan = replace(GOOD, date_start=mine[0], date_end=mine[1], other_versions=others)
    assert codes(plan) == expected
