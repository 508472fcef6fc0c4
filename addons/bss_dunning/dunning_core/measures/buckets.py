"""Ageing: in which bucket a debt lies after so many days of delay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from ..law.calendar import FreeDays

# a bucket holds the debts late for more days than its own limit and at most as many as the next one's
LIMITS = (0, 30, 60, 90, 180, 365)
BUCKETS = ("not_due", "1_30", "31_60", "61_90", "91_180", "181_365", "365")


def bucket(days_late: int) -> str:
    """Bucket of a debt that is late for so many days; none or fewer: not due."""
    return BUCKETS[sum(days_late > limit for limit in LIMITS)]


def order(code: str) -> int:
    """Place of a bucket, the youngest first."""
    return BUCKETS.index(code)


def last_due_days(as_of: date, calendar: FreeDays) -> Sequence[date]:
    """For each limit the last due date that, moved off free days, is late for more days than it.

    A database compares due dates with these days instead of moving every one of them.
    """
    return tuple(calendar.last_working_day_before(as_of - timedelta(days=limit)) for limit in LIMITS)
