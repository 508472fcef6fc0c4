"""Free days, terms that end on one, and the cut-off of what is overdue."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from dunning_data import polish_free_days
from hypothesis import given
from hypothesis import strategies as st

from dunning_core.law.calendar import NO_FREE_DAYS, FreeDays
from dunning_core.law.terms import add_months, add_working_days, add_years

CALENDAR = polish_free_days()


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("due", "moved"),
    [
        ("2025-11-01", "2025-11-03"),
        ("2025-12-24", "2025-12-29"),
        ("2024-12-24", "2024-12-24"),
        ("2023-12-31", "2024-01-02"),
        ("2018-11-10", "2018-11-13"),
        ("2016-10-15", "2016-10-15"),
    ],
)
def test_e7_due_date_moves_off_free_days(due, moved):
    assert CALENDAR.shift(day(due)) == day(moved)


class TestCalendar:
    @pytest.mark.parametrize(("saturday", "is_free"), [("2016-12-31", False), ("2017-01-07", True)])
    def test_saturday_is_free_since_2017(self, saturday, is_free):
        assert FreeDays().is_free(day(saturday)) is is_free

    def test_a_plain_set_of_dates_is_enough(self):
        monday = day("2026-03-02")
        assert FreeDays([monday]).shift(day("2026-02-28")) == day("2026-03-03")
        assert not NO_FREE_DAYS.is_free(day("2026-03-01"))

    @pytest.mark.parametrize(
        "free", ["2026-04-06", "2026-05-24", "2026-06-04", "2026-08-15", "2025-12-24", "2018-11-12"]
    )
    def test_free(self, free):
        assert CALENDAR.is_free(day(free))

    @pytest.mark.parametrize("working", ["2024-12-24", "2019-11-12", "2016-12-31", "2026-06-05", "2010-01-06"])
    def test_working(self, working):
        assert CALENDAR.is_working(day(working))


class TestCutoff:
    @given(st.dates(date(2015, 1, 1), date(2030, 12, 31)), st.integers(-20, 5))
    def test_overdue_means_that_the_shifted_term_is_over(self, as_of, distance):
        due = as_of + timedelta(days=distance)
        assert (due <= CALENDAR.last_working_day_before(as_of)) == (CALENDAR.shift(due) < as_of)


class TestTerms:
    @pytest.mark.parametrize(
        ("start", "months", "last"),
        [
            ("2026-01-31", 1, "2026-02-28"),
            ("2024-01-31", 1, "2024-02-29"),
            ("2025-12-15", 1, "2026-01-15"),
            ("2026-03-31", -1, "2026-02-28"),
            ("2025-11-30", 12, "2026-11-30"),
        ],
    )
    def test_a_month_ends_on_the_day_of_the_same_number(self, start, months, last):
        assert add_months(day(start), months) == day(last)

    def test_a_year_from_29_february(self):
        assert add_years(day("2024-02-29"), 3) == day("2027-02-28")
        assert add_years(day("2024-02-29"), 4) == day("2028-02-29")

    def test_working_days_jump_over_free_ones(self):
        assert add_working_days(day("2025-12-23"), 3, CALENDAR) == day("2025-12-31")
        assert add_working_days(day("2026-11-16"), 3, CALENDAR) == day("2026-11-19")

    @given(st.dates(date(2015, 1, 1), date(2030, 12, 31)), st.integers(0, 15))
    def test_working_days_are_counted_one_by_one(self, start, number):
        last = add_working_days(start, number, CALENDAR)
        between = [start + timedelta(days=n) for n in range(1, (last - start).days + 1)]
        assert sum(1 for one in between if CALENDAR.is_working(one)) == number
