"""The last day of a promotion that runs for a number of months."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from .period import ONE_DAY, add_months
from .timeline import Suspension


def promotion_end(start: date, months: int, waits: Iterable[Suspension] = ()) -> date | None:
    """Last day of month ``months`` (from 1) of a promotion whose first month begins on ``start``.

    :param waits: suspensions whose days do not use its months up; one without an end gives None: nobody knows the day
    """
    if months < 1:
        raise ValueError(f"a promotion of {months} months")
    last = add_months(start, months) - ONE_DAY
    for one in sorted(waits, key=lambda item: item.start):
        first = max(one.start, start)
        if first > last:
            break
        if one.end is None:
            return None
        last += timedelta(days=max(0, (one.end - first).days + 1))
    return last


__all__ = ["promotion_end"]
