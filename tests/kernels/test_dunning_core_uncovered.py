"""What is charged after a note: nothing twice, nothing lost, by each rounding."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from dunning_data import rate_table
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning_core.law.interest import Allocation, Claim, Interest, Payment, Rounding, Terms, interest
from dunning_core.law.uncovered import uncovered
from dunning_core.money import round_half_up

CIVIL = rate_table("civil")
DUE = date(2025, 4, 15)
E1 = Claim(Decimal("1234.56"), DUE)


def calculate(claim: Claim, as_of: date, terms: Terms | None = None) -> Interest:
    result = interest(claim, CIVIL, as_of, terms=terms or Terms())
    assert isinstance(result, Interest)
    return result


def test_without_an_earlier_note_it_is_the_whole_calculation() -> None:
    result = calculate(E1, date(2025, 12, 10))
    fresh = uncovered(result)
    assert (fresh.amount, fresh.days, fresh.segments) == (Decimal("84.20"), 239, result.segments)


def test_days_of_an_earlier_note_are_cut_within_a_rate() -> None:
    result = calculate(E1, date(2025, 12, 10))
    fresh = uncovered(result, date(2025, 12, 5))
    assert (fresh.amount, fresh.days) == (Decimal("1.61"), 5)  # 1234.56 x 9.5% x 5 / 365 = 1.6066
    assert fresh.segments[0].date_start == date(2025, 12, 6)


def test_nothing_is_left_on_the_covered_day() -> None:
    fresh = uncovered(calculate(E1, date(2025, 12, 10)), date(2025, 12, 10))
    assert (fresh.amount, fresh.segments) == (Decimal("0.00"), ())


def test_each_rate_is_rounded_when_asked() -> None:
    result = calculate(E1, date(2025, 12, 10), Terms(rounding=Rounding.PER_SEGMENT))
    assert uncovered(result).amount == Decimal("84.18")


def test_interest_first_counts_a_payment_before_the_covered_day() -> None:
    claim = Claim(Decimal("1234.56"), date(2025, 6, 30), (Payment(date(2025, 8, 18), Decimal("500.00")),))
    result = calculate(claim, date(2025, 12, 31), Terms(allocation=Allocation.INTEREST_FIRST))
    assert uncovered(result).amount == Decimal("45.15")
    fresh = uncovered(result, date(2025, 8, 18))
    assert fresh.amount == Decimal("27.73")
    assert round_half_up(fresh.segments[0].principal) == Decimal("751.98")


@pytest.mark.parametrize("rounding", list(Rounding))
@settings(max_examples=60)
@given(
    principal=st.integers(1, 10_000_000),
    days=st.integers(2, 900),
    cut=st.integers(1, 900),
    paid=st.lists(st.tuples(st.integers(1, 900), st.integers(1, 3_000_000)), max_size=3),
)
def test_two_notes_charge_the_days_of_one(
    rounding: Rounding, principal: int, days: int, cut: int, paid: list[tuple[int, int]]
) -> None:
    payments = tuple(Payment(DUE + timedelta(days=day), Decimal(grosze) / 100) for day, grosze in paid)
    claim = Claim(Decimal(principal) / 100, DUE, payments)
    terms = Terms(rounding=rounding)
    middle, end = DUE + timedelta(days=min(cut, days)), DUE + timedelta(days=days)
    whole = calculate(claim, end, terms)
    first, second = uncovered(calculate(claim, middle, terms)), uncovered(whole, middle)
    charged = {
        segment.date_start + timedelta(days=offset): segment.principal
        for segment in (*first.segments, *second.segments)
        for offset in range(segment.days)
    }
    # no day twice, none left out, each with its balance
    assert len(charged) == first.days + second.days == whole.days
    exact = sum((segment.exact for segment in whole.segments), Fraction(0))
    parts = sum((segment.exact for segment in (*first.segments, *second.segments)), Fraction(0))
    assert parts == exact
    if not payments:
        assert uncovered(whole).amount == whole.amount
