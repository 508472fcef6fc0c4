"""Terms counted in days, working days, months and years (art. 110-115 of the Civil Code)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from .calendar import FreeDays

ONE_DAY = timedelta(days=1)


def add_months(start: date, months: int) -> date:
    """Last day of a term of months: the day of the same number, or the last one of a shorter month (art. 112)."""
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    month += 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def add_years(start: date, years: int) -> date:
    """Last day of a term of years (art. 112)."""
    return add_months(start, 12 * years)


def add_days(start: date, days: int) -> date:
    """Last day of a term of days; the day of the event is not counted (art. 111 § 2)."""
    return start + timedelta(days=days)


def add_working_days(start: date, days: int, calendar: FreeDays) -> date:
    """Last day of a term of working days; the day of the event is not counted."""
    day = start
    for _number in range(days):
        day = calendar.shift(day + ONE_DAY)
    return day
