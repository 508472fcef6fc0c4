"""Problems of a promotion that are told before it goes on sale."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_core import (
    PromotionFacts,
    PromotionSurroundings,
    StepFacts,
    price_by_month,
    validate_promotion,
)

GOOD = PromotionFacts(1, (StepFacts(1, 3, "fixed", Decimal(1)), StepFacts(4, 24, "percent", Decimal(20))), max_term=24)


def codes(promotion: PromotionFacts, around: PromotionSurroundings | None = None) -> list[str]:
    return [problem.code for problem in validate_promotion(promotion, around)]


def with_steps(*steps: StepFacts) -> PromotionFacts:
    return replace(GOOD, steps=steps, max_term=0)


def test_a_good_promotion_has_no_problems() -> None:
    assert codes(GOOD) == []


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((), ["NO_STEPS"]),
        ((StepFacts(1, 3, "fixed", Decimal(-1)),), ["NEGATIVE_VALUE"]),
        ((StepFacts(1, None, "percent", Decimal(101)),), ["PERCENT_TOO_HIGH"]),
        ((StepFacts(1, None, "percent", Decimal(100)),), []),
        ((StepFacts(1, 3, "amount"),), ["EMPTY_STEP"]),
        ((StepFacts(1, 3, "percent"),), ["NO_EFFECT"]),
        ((StepFacts(0, 3, "free"),), ["MONTH_BEFORE_FIRST"]),
        ((StepFacts(5, 3, "free"),), ["MONTHS_REVERSED", "LATE_START"]),
        ((StepFacts(1, 3, "free"), StepFacts(3, 6, "free")), ["STEPS_OVERLAP"]),
        ((StepFacts(1, 3, "free"), StepFacts(6, 8, "free")), ["STEPS_GAP"]),
        ((StepFacts(1, 3, "free"), StepFacts(4, 5, "percent"), StepFacts(6, 8, "free")), []),
        ((StepFacts(1, None, "free"), StepFacts(6, 8, "free")), ["AFTER_OPEN_STEP"]),
        ((StepFacts(1, 10, "free"), StepFacts(2, 3, "free"), StepFacts(5, 6, "free")), ["STEPS_OVERLAP"] * 2),
        ((StepFacts(4, 6, "free"),), ["LATE_START"]),
        ((StepFacts(1, 3, "units"),), ["EMPTY_UNITS"]),
        ((StepFacts(1, 3, "units", unit="byte", quantity=Decimal(1)), StepFacts(1, 6, "free")), []),
    ],
)
def test_steps(steps: tuple[StepFacts, ...], expected: list[str]) -> None:
    assert codes(with_steps(*steps)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"date_start": date(2026, 2, 1), "date_end": date(2026, 1, 1)}, ["DATES_REVERSED"]),
        ({"min_term": 36}, ["TERMS_REVERSED"]),
        ({"max_term": 12}, ["BEYOND_TERM"]),
        ({"teryt_prefixes": ("10", "1002x", "10020112")}, ["BAD_TERYT", "BAD_TERYT"]),
        ({"exclusive": True, "incompatible_ids": frozenset({4})}, ["EXCLUSIVE_WITH_LIST"]),
        ({"incompatible_ids": frozenset({1})}, ["EXCLUDES_ITSELF"]),
        ({"any_competitor": True, "competitor_ids": frozenset({4})}, ["COMPETITORS_TWICE"]),
        ({"bundle_ids": frozenset({9})}, ["PER_PART"]),
        ({"bundle_ids": frozenset({9}), "product_ids": frozenset({7})}, []),
        ({"target": "activation"}, ["ACTIVATION_STEPS"]),
        ({"target": "activation", "steps": (StepFacts(1, 1, "fixed", Decimal(1)),)}, []),
    ],
)
def test_conditions(changes: dict[str, object], expected: list[str]) -> None:
    assert codes(replace(GOOD, **changes)) == expected  # type: ignore[arg-type]  # names from a table


def test_two_versions_are_not_sold_on_one_day() -> None:
    around = PromotionSurroundings(other_versions=((None, date(2026, 6, 30)),))
    assert codes(GOOD, around) == ["VERSION_OVERLAP"]
    assert codes(replace(GOOD, date_start=date(2026, 7, 1)), around) == []
    assert codes(replace(GOOD, date_start=date(2026, 6, 30)), around) == ["VERSION_OVERLAP"]


def test_a_fixed_price_above_the_list_price_is_shown() -> None:
    around = PromotionSurroundings(list_prices=(("NET", Decimal("0.50")), ("TV", Decimal(39))))
    problems = validate_promotion(GOOD, around)
    assert [(p.code, p.params["offering"], p.is_error) for p in problems] == [("RAISES_PRICE", "NET", False)]


def test_naming_one_that_stands_alone_is_needless() -> None:
    promotion = replace(GOOD, incompatible_ids=frozenset({4, 5}))
    assert codes(promotion, PromotionSurroundings(exclusive_ids=frozenset({5}))) == ["LISTS_EXCLUSIVE"]


steps = st.builds(
    StepFacts,
    st.integers(1, 12),
    st.one_of(st.none(), st.integers(1, 14)),
    st.just("fixed"),
    st.integers(1, 9).map(Decimal),
)


@given(st.lists(steps, min_size=1, max_size=4))
def test_accepted_steps_name_one_price_for_every_month(some: list[StepFacts]) -> None:
    """What the validator lets through has no month with two prices and no hole between its steps."""
    covered = [sum(step.covers(month) for step in some) for month in range(1, 30)]
    reversed_months = any(step.month_to is not None and step.month_to < step.month_from for step in some)
    inner = "".join(str(min(n, 2)) for n in covered).strip("0")
    has_errors = any(problem.is_error for problem in validate_promotion(with_steps(*some)))
    assert has_errors == (reversed_months or "0" in inner or "2" in inner)
    if not has_errors:
        prices = [row.price for row in price_by_month(Decimal(100), [with_steps(*some)], 29)]
        assert [price == 100 for price in prices] == [count == 0 for count in covered]
