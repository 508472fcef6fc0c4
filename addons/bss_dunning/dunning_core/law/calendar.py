"""Free days as dated rules, and the shift of a term that ends on a free day (art. 115 of the Civil Code)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

ONE_DAY = timedelta(days=1)


class FreeDayKind(Enum):
    """How a free day recurs."""

    WEEKDAY = "weekday"
    FIXED = "fixed"
    EASTER = "easter"
    ONCE = "once"


@dataclass(frozen=True)
class FreeDayRule:
    """One rule with its time of validity; only the fields of its kind matter."""

    kind: FreeDayKind
    name: str = ""
    weekday: int = 0
    month: int = 0
    day: int = 0
    easter_offset: int = 0
    once: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    def in_force(self, day: date) -> bool:
        """Tell whether the rule is law on this day."""
        if self.valid_from is not None and day < self.valid_from:
            return False
        return self.valid_to is None or day <= self.valid_to

    def matches(self, day: date) -> bool:
        """Tell whether the rule makes this day free."""
        if not self.in_force(day):
            return False
        if self.kind is FreeDayKind.WEEKDAY:
            return day.weekday() == self.weekday
        if self.kind is FreeDayKind.FIXED:
            return (day.month, day.day) == (self.month, self.day)
        if self.kind is FreeDayKind.EASTER:
            return (day - easter_sunday(day.year)).days == self.easter_offset
        return day == self.once


class FreeDays:
    """A calendar made of rules."""

    def __init__(self, rules: Iterable[FreeDayRule]) -> None:
        self._rules = tuple(rules)
        self._known: dict[date, bool] = {}

    def is_free(self, day: date) -> bool:
        """Tell whether terms ending on this day move on."""
        known = self._known.get(day)
        if known is None:
            known = any(rule.matches(day) for rule in self._rules)
            self._known[day] = known
        return known

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


NO_FREE_DAYS = FreeDays(())


def easter_sunday(year: int) -> date:
    """Gregorian Easter (Meeus, Jones, Butcher)."""
    a = year % 19
    b, c = divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)
