from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing_core import Period, add_months, bill_period, round_half_up, spread

ONE_DAY = timedelta(days=1)


def D(text: str) -> Decimal:
    return Decimal(text)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2.675", "2.68"),
        ("2.665", "2.67"),
        ("-2.675", "-2.68"),
        ("0.004999", "0.00"),
        ("0.005", "0.01"),
        ("1.0005", "1.00"),
        ("0", "0.00"),
    ],
)
def test_rounding_is_half_up_on_exact_values(value, expected):
    assert round_half_up(D(value)) == D(expected)
    assert round_half_up(Fraction(value)) == D(expected)


days = st.dates(date(2024, 1, 1), date(2032, 12, 31))
cycle_days = st.integers(1, 28)


@given(days, cycle_days, st.integers(1, 12))
def test_bill_periods_tile_the_calendar(day, cycle_day, months):
    period = bill_period(day, cycle_day, months)
    assert day in period
    assert period.start.day == cycle_day
    following = bill_period(period.end + ONE_DAY, cycle_day, months, anchor=period.start)
    assert following.start == period.end + ONE_DAY
    assert add_months(period.start, months) == following.start


@given(st.integers(-10_000_000, 10_000_000), st.lists(st.integers(0, 100_000), min_size=1, max_size=12))
def test_spread_loses_nothing(grosz, weights):
    total = Decimal(grosz).scaleb(-2)
    parts = spread(total, [Decimal(weight) for weight in weights])
    assert len(parts) == len(weights)
    assert sum(parts) == total
    if sum(weights):
        for part, weight in zip(parts, weights, strict=True):
            assert abs(part - total * weight / sum(weights)) < D("0.01")


def test_spread_gives_the_rest_to_the_largest_remainder():
    assert spread(D("100.00"), [D(1), D(1), D(1)]) == (D("33.34"), D("33.33"), D("33.33"))
    assert spread(D("0.01"), [D("62.10"), D("31.20")]) == (D("0.01"), D("0.00"))
    assert spread(D("5.00"), []) == ()
    with pytest.raises(ValueError, match="negative"):
        spread(D("5.00"), [D(-1)])


def test_period_guards():
    with pytest.raises(ValueError, match="before it starts"):
        Period(date(2026, 1, 2), date(2026, 1, 1))
    with pytest.raises(ValueError, match="cycle day"):
        bill_period(date(2026, 1, 1), 29)
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2026, 1, 31), -2) == date(2025, 11, 30)
