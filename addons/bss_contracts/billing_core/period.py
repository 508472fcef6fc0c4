"""Inclusive date periods and bill periods (months from the cycle day)."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
MIN_DAY = 1
MAX_DAY = 28


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Days from ``start`` to ``end``, both included."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"period ends {self.end} before it starts {self.start}")

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day <= self.end

    def clip(self, start: date | None, end: date | None) -> Period | None:
        """The part of this period inside [start, end]; None when nothing is left."""
        first = self.start if start is None else max(self.start, start)
        last = self.end if end is None else min(self.end, end)
        return Period(first, last) if first <= last else None


def add_months(day: date, months: int) -> date:
    """Same day of another month; the 31st falls on the last day of a short month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def month_start(day: date, cycle_day: int) -> date:
    """The last cycle day on or before ``day``."""
    if not MIN_DAY <= cycle_day <= MAX_DAY:
        raise ValueError(f"cycle day {cycle_day} is outside {MIN_DAY}-{MAX_DAY}")
    start = day.replace(day=cycle_day)
    return start if start <= day else add_months(start, -1)


def bill_period(day: date, cycle_day: int, months: int = 1, anchor: date | None = None) -> Period:
    """The period that holds ``day``: ``months`` long, counted from the period of ``anchor``.

    Without an anchor, periods longer than a month are counted from January, so that quarters,
    half-years and years start where people expect them.
    """
    if months < 1:
        raise ValueError(f"a period of {months} months")
    start = month_start(day, cycle_day)
    base = month_start(anchor, cycle_day) if anchor else date(start.year, 1, cycle_day)
    passed = (start.year - base.year) * 12 + start.month - base.month
    start = add_months(base, passed - passed % months)
    return Period(start, add_months(start, months) - ONE_DAY)


def next_period(period: Period, months: int = 1) -> Period:
    start = period.end + ONE_DAY
    return Period(start, add_months(start, months) - ONE_DAY)
