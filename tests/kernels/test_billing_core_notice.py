from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing_core import NOTICE_RULES, bill_period, notice_end, term_binds


@pytest.mark.parametrize(
    ("given_on", "months", "days", "rule", "cycle_day", "expected"),
    [
        # the day that corresponds to the first, or the last of a month without one
        (date(2026, 1, 15), 1, 0, "days", 1, date(2026, 2, 15)),
        (date(2026, 1, 31), 1, 0, "days", 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, 0, "days", 1, date(2028, 2, 29)),
        (date(2026, 11, 30), 3, 0, "days", 1, date(2027, 2, 28)),
        # the first day of a notice in days does not count
        (date(2026, 1, 15), 0, 14, "days", 1, date(2026, 1, 29)),
        (date(2026, 1, 15), 0, 0, "days", 1, date(2026, 1, 15)),
        # with the end of the calendar month
        (date(2026, 1, 15), 1, 0, "month_end", 1, date(2026, 2, 28)),
        (date(2026, 1, 31), 1, 0, "month_end", 1, date(2026, 2, 28)),
        (date(2026, 1, 15), 0, 30, "month_end", 1, date(2026, 2, 28)),
        (date(2026, 1, 15), 0, 0, "month_end", 1, date(2026, 1, 31)),
        # with the end of the bill period
        (date(2026, 1, 15), 1, 0, "cycle_end", 10, date(2026, 3, 9)),
        (date(2026, 1, 9), 1, 0, "cycle_end", 10, date(2026, 2, 9)),
        (date(2026, 1, 10), 1, 0, "cycle_end", 10, date(2026, 3, 9)),
        (date(2026, 1, 15), 1, 0, "cycle_end", 1, date(2026, 2, 28)),
    ],
)
def test_notice(given_on, months, days, rule, cycle_day, expected):
    assert notice_end(given_on, months, days, rule, cycle_day) == expected


@pytest.mark.parametrize(
    ("months", "days", "rule", "cycle_day", "words"),
    [
        (-1, 0, "days", 1, "notice of -1 months"),
        (0, -1, "days", 1, "-1 days"),
        (1, 0, "weeks", 1, "unknown notice rule weeks"),
        (1, 0, "cycle_end", 31, "cycle day 31"),
    ],
)
def test_nonsense_is_refused(months, days, rule, cycle_day, words):
    with pytest.raises(ValueError, match=words):
        notice_end(date(2026, 1, 15), months, days, rule, cycle_day)


@given(
    st.dates(date(2024, 1, 1), date(2032, 12, 31)),
    st.integers(0, 12),
    st.integers(0, 90),
    st.sampled_from(NOTICE_RULES),
    st.integers(1, 28),
)
def test_a_later_notice_never_ends_sooner(day, months, days, rule, cycle_day):
    end = notice_end(day, months, days, rule, cycle_day)
    assert day <= end <= notice_end(day + timedelta(days=1), months, days, rule, cycle_day)
    if rule == "month_end":
        assert (end + timedelta(days=1)).day == 1
    if rule == "cycle_end":
        assert end == bill_period(end, cycle_day).end


def test_a_definite_term_runs_on_open_ended():
    assert term_binds(date(2026, 12, 31), date(2026, 12, 31))
    assert not term_binds(date(2027, 1, 1), date(2026, 12, 31))
    assert not term_binds(date(2026, 1, 1), None)
