from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing_core import METHODS, Period, PriceSegment, add_months, bill_period, part_amount, round_half_up, spread

ONE_DAY = timedelta(days=1)


def D(text: str) -> Decimal:
    return Decimal(text)


def one_price(price: str, start: date, end: date | None = None) -> tuple[PriceSegment, ...]:
    return (PriceSegment(start, end, D(price)),)


def prorated(price: str, start: date, end: date | None, period: Period, method: str = "calendar") -> Decimal:
    """Amount of one period of a service that lives from ``start`` to ``end``."""
    part = period.clip(start, end)
    return part_amount(one_price(price, start, end), period, part, method) if part else D("0.00")


OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))


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


@pytest.mark.parametrize(
    ("price", "start", "end", "period", "method", "expected"),
    [
        # the worked examples of the rating facts
        ("49.00", date(2026, 10, 12), None, OCTOBER, "calendar", "31.61"),
        ("49.00", date(2026, 10, 12), None, OCTOBER, "thirty", "32.67"),
        ("49.00", date(2026, 2, 15), None, Period(date(2026, 2, 1), date(2026, 2, 28)), "calendar", "24.50"),
        ("49.00", date(2028, 2, 15), None, Period(date(2028, 2, 1), date(2028, 2, 29)), "calendar", "25.34"),
        # whole periods cost the whole fee whatever their length
        ("49.00", date(2026, 1, 1), None, OCTOBER, "calendar", "49.00"),
        ("49.00", date(2026, 1, 1), None, OCTOBER, "thirty", "49.00"),
        ("49.00", date(2026, 1, 1), None, Period(date(2026, 2, 1), date(2026, 2, 28)), "thirty", "49.00"),
        # a single day, first and last
        ("31.00", date(2026, 10, 31), None, OCTOBER, "calendar", "1.00"),
        ("31.00", date(2026, 1, 1), date(2026, 10, 1), OCTOBER, "calendar", "1.00"),
        # 30 of 31 days in thirtieths are a whole fee, never more
        ("49.00", date(2026, 10, 2), None, OCTOBER, "thirty", "49.00"),
        # none: the whole price as soon as one day is used
        ("49.00", date(2026, 10, 31), None, OCTOBER, "none", "49.00"),
        ("49.00", date(2026, 11, 1), None, OCTOBER, "none", "0.00"),
        ("49.00", date(2026, 1, 1), date(2026, 9, 30), OCTOBER, "calendar", "0.00"),
    ],
)
def test_worked_examples(price, start, end, period, method, expected):
    assert prorated(price, start, end, period, method) == D(expected)


def test_price_change_in_the_middle():
    segments = (
        PriceSegment(date(2026, 1, 1), date(2026, 10, 15), D("49.00")),
        PriceSegment(date(2026, 10, 16), None, D("69.00")),
    )
    first = part_amount(segments, OCTOBER, Period(OCTOBER.start, date(2026, 10, 15)), "calendar")
    second = part_amount(segments, OCTOBER, Period(date(2026, 10, 16), OCTOBER.end), "calendar")
    assert (first, second) == (D("23.71"), D("35.61"))
    assert part_amount(segments, OCTOBER, OCTOBER, "calendar") == D("59.32")


def test_days_without_a_price_are_free():
    segments = (
        PriceSegment(date(2026, 10, 1), date(2026, 10, 10), D("31.00")),
        PriceSegment(date(2026, 10, 21), None, D("31.00")),
    )
    assert part_amount(segments, OCTOBER, OCTOBER, "calendar") == D("21.00")


def test_overlapping_prices_are_refused():
    segments = one_price("1.00", date(2026, 1, 1)) * 2
    with pytest.raises(ValueError, match="overlap"):
        part_amount(segments, OCTOBER, OCTOBER, "calendar")


days = st.dates(date(2024, 1, 1), date(2032, 12, 31))
cycle_days = st.integers(1, 28)
prices = st.integers(0, 1_000_000).map(lambda grosz: Decimal(grosz).scaleb(-2))


@given(days, cycle_days, st.integers(1, 12))
def test_bill_periods_tile_the_calendar(day, cycle_day, months):
    period = bill_period(day, cycle_day, months)
    assert day in period
    assert period.start.day == cycle_day
    following = bill_period(period.end + ONE_DAY, cycle_day, months, anchor=period.start)
    assert following.start == period.end + ONE_DAY
    assert add_months(period.start, months) == following.start


@given(days, cycle_days, prices, st.sampled_from(METHODS), st.integers(1, 12), st.data())
def test_parts_of_a_full_period_sum_to_the_full_fee(day, cycle_day, price, method, months, data):
    period = bill_period(day, cycle_day, months)
    cuts = data.draw(st.sets(st.integers(1, period.days - 1), max_size=6))
    edges = [0, *sorted(cuts), period.days]
    parts = [
        Period(period.start + timedelta(days=first), period.start + timedelta(days=last - 1))
        for first, last in zip(edges, edges[1:], strict=False)
    ]
    segments = (PriceSegment(period.start, None, price),)
    amounts = [part_amount(segments, period, part, method, months) for part in parts]
    assert sum(amounts) == price


@given(days, cycle_days, prices, st.sampled_from(("calendar", "thirty")), st.data())
def test_an_amount_is_never_negative_nor_above_the_fee(day, cycle_day, price, method, data):
    period = bill_period(day, cycle_day)
    first = data.draw(st.integers(0, period.days - 1))
    last = data.draw(st.integers(first, period.days - 1))
    start, end = period.start + timedelta(days=first), period.start + timedelta(days=last)
    amount = part_amount((PriceSegment(start, end, price),), period, Period(start, end), method)
    assert 0 <= amount <= price
    exact = price * (last - first + 1) / (period.days if method == "calendar" else 30)
    if last - first + 1 < period.days:
        assert abs(amount - exact) <= D("0.005")


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
