"""Free days, and the shift of a term that ends on one (art. 115 of the Civil Code)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
SATURDAY, SUNDAY = 5, 6
# since then a term does not end on a Saturday either (Dz.U. 2016 item 2255)
SATURDAY_SINCE = date(2017, 1, 1)


class FreeDays:
    """Days on which no term ends: those that the law declares free of work, and weekends."""

    def __init__(self, holidays: Iterable[date] = (), *, weekends: bool = True) -> None:
        """Take the statutory holidays of every year in question.

        :param holidays: dates off by law; those on a weekend may be among them
        :param weekends: False for a calendar without any free day
        """
        self._holidays = frozenset(holidays)
        self._weekends = weekends

    def is_free(self, day: date) -> bool:
        """Tell whether terms ending on this day move on."""
        return day in self._holidays or (self._weekends and _is_weekend(day))

    def is_working(self, day: date) -> bool:
        """Tell whether this is an ordinary working day."""
        return not self.is_free(day)

    def shift(self, day: date) -> date:
        """Return the day itself, or the next day that is not free."""
        for _attempt in range(366):
            if not self.is_free(day):
                return day
            day += ONE_DAY
        raise ValueError("the calendar has no working day within a year")

    def last_working_day_before(self, day: date) -> date:
        """Return the last working day strictly before this one."""
        for _attempt in range(366):
            day -= ONE_DAY
            if not self.is_free(day):
                return day
        raise ValueError("the calendar has no working day within a year")


def _is_weekend(day: date) -> bool:
    weekday = day.weekday()
    return weekday == SUNDAY or (weekday == SATURDAY and day >= SATURDAY_SINCE)


NO_FREE_DAYS = FreeDays(weekends=False)
