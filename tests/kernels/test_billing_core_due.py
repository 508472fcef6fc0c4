"""Due dates: three rules, and what they share."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing_core import due_date
from catalog_core import polish_holidays

DAYS_OFF = frozenset(one.day for year in range(2024, 2031) for one in polish_holidays(year))
DAYS = st.dates(date(2024, 1, 1), date(2029, 12, 31))


@pytest.mark.parametrize(
    ("rule", "number", "invoice_date", "expected"),
    [
        ("days", 14, date(2026, 11, 1), date(2026, 11, 15)),
        ("days", 0, date(2026, 11, 1), date(2026, 11, 1)),
        # Friday 6 November; Wednesday 11 November is a holiday
        ("working_days", 3, date(2026, 11, 6), date(2026, 11, 12)),
        ("working_days", 0, date(2026, 11, 7), date(2026, 11, 7)),
        # Christmas Eve, a holiday since 2025, is a Thursday; Friday and Saturday follow
        ("working_days", 1, date(2026, 12, 23), date(2026, 12, 28)),
        ("day_of_month", 15, date(2026, 11, 1), date(2026, 11, 15)),
        ("day_of_month", 15, date(2026, 11, 15), date(2026, 12, 15)),
        ("day_of_month", 10, date(2026, 12, 20), date(2027, 1, 10)),
        ("day_of_month", 31, date(2027, 1, 31), date(2027, 2, 28)),
        ("day_of_month", 31, date(2027, 2, 28), date(2027, 3, 31)),
    ],
)
def test_examples(rule, number, invoice_date, expected):
    assert due_date(rule, number, invoice_date, DAYS_OFF) == expected


@given(DAYS, st.integers(1, 60))
def test_working_days_between_are_as_many_as_asked_for(day, number):
    due = due_date("working_days", number, day, DAYS_OFF)
    between = [day + timedelta(days=step) for step in range(1, (due - day).days + 1)]
    working = [one for one in between if one.isoweekday() <= 5 and one not in DAYS_OFF]
    assert len(working) == number
    assert working[-1] == due


@given(DAYS, st.integers(1, 31))
def test_day_of_month_is_the_first_one_after(day, number):
    due = due_date("day_of_month", number, day)
    assert day < due <= day + timedelta(days=62)
    assert due.day == number or (due + timedelta(days=1)).day == 1 and due.day < number
    after_due_of_the_day_before = due_date("day_of_month", number, due - timedelta(days=1))
    assert after_due_of_the_day_before == due


def test_no_day_of_a_month():
    with pytest.raises(ValueError, match="no day"):
        due_date("day_of_month", 0, date(2026, 1, 1))
