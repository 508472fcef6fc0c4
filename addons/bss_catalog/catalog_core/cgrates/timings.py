"""Timings of CGRateS, which only begin, to time bands, which also end."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..time_bands import ALL_MONTHS, DAY_MINUTES, DAY_TYPES, WEEKDAYS, Band
from .values import ANY, DestinationRateRow, TimingRow

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class TimingProblem:
    """Why a timing is no band: which field, the code, the value."""

    field: str
    code: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Timing:
    """Days (0 Monday) of months from ``start_min`` of the wall clock until another timing of the same weight begins."""

    code: str
    days: frozenset[int]
    months: frozenset[int]
    start_min: int
    first: date | None = None
    last: date | None = None

    @property
    def is_always(self) -> bool:
        whole = len(self.days) == len(WEEKDAYS) and self.months == ALL_MONTHS
        return whole and not self.start_min and self.first is None


ALWAYS = Timing(ANY, frozenset(range(7)), ALL_MONTHS, 0)


def timing_of(row: TimingRow) -> Timing | TimingProblem:
    time = _TIME.fullmatch(row.time)
    if time is None or time[3] != "00":
        return TimingProblem("Time", "TIMING_NOT_A_BAND", row.time)
    months = _numbers(row.months, 12)
    days = _numbers(row.week_days, 7)
    if months is None or not months:
        return TimingProblem("Months", "TIMING_NOT_A_BAND", row.months)
    if days is None or not days:
        return TimingProblem("WeekDays", "TIMING_NOT_A_BAND", row.week_days)
    dates = _dates(row)
    if isinstance(dates, TimingProblem):
        return dates
    start = int(time[1]) * 60 + int(time[2])
    first, last = dates
    if first:
        months = ALL_MONTHS
    return Timing(row.code, frozenset(day - 1 for day in days), months, start, first, last)


def _numbers(text: str, largest: int) -> frozenset[int] | None:
    if text == ANY:
        return frozenset(range(1, largest + 1))
    parts = text.split(";")
    if not all(part.isascii() and part.isdigit() and len(part) < 3 and 1 <= int(part) <= largest for part in parts):
        return None
    return frozenset(map(int, parts))


def _dates(row: TimingRow) -> tuple[date | None, date | None] | TimingProblem:
    """Days of one named year may be dates; a day of every year (New Year) is nothing that a band can hold."""
    month_days = _numbers(row.month_days, 31)
    if month_days is None:
        return TimingProblem("MonthDays", "TIMING_NOT_A_BAND", row.month_days)
    if row.years == ANY:
        return (
            (None, None) if row.month_days == ANY else TimingProblem("MonthDays", "TIMING_NOT_A_BAND", row.month_days)
        )
    if not (row.years.isascii() and row.years.isdigit() and len(row.years) == 4 and int(row.years)):
        return TimingProblem("Years", "TIMING_NOT_A_BAND", row.years)
    year = int(row.years)
    if row.months == ANY and row.month_days == ANY:
        return date(year, 1, 1), date(year, 12, 31)
    months = sorted(_numbers(row.months, 12) or ())
    if len(months) != 1:
        return TimingProblem("Months", "TIMING_NOT_A_BAND", row.months)
    length = calendar.monthrange(year, months[0])[1]
    days = sorted(day for day in month_days if day <= length)
    if not days or days != list(range(days[0], days[-1] + 1)):
        return TimingProblem("MonthDays", "TIMING_NOT_A_BAND", row.month_days)
    return date(year, months[0], days[0]), date(year, months[0], days[-1])


# --- the timings of one price list together


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a plan for a destination: when, how heavy, at which price."""

    line: int
    timing: Timing
    weight: Decimal
    price: DestinationRateRow


def clash(entries: Sequence[Entry]) -> Entry | None:
    """An entry that begins in the same minute of the same day with the same weight as an earlier one."""
    for index, entry in enumerate(entries):
        for other in entries[:index]:
            same = (other.weight, other.timing.start_min) == (entry.weight, entry.timing.start_min)
            meets = other.timing.days & entry.timing.days and other.timing.months & entry.timing.months
            if same and meets and _dates_meet(other.timing, entry.timing):
                return entry
            dated = other.timing.first or entry.timing.first
            if dated and other.weight == entry.weight and meets and _dates_meet(other.timing, entry.timing):
                return entry  # one ends the other on some days only
    return None


def _dates_meet(one: Timing, other: Timing) -> bool:
    return (one.first or date.min) <= (other.last or date.max) and (other.first or date.min) <= (one.last or date.max)


def filler(entries: Sequence[Entry]) -> Entry | None:
    """The heaviest entry that holds at any time: the price where no band prices."""
    always = [entry for entry in entries if entry.timing.is_always]
    return max(always, key=lambda entry: entry.weight, default=None)


def bands_of(entry: Entry, entries: Sequence[Entry], weights: Mapping[Decimal, int]) -> list[Band]:
    """The bands in which ``entry`` prices: up to the next beginning of its weight on the day, or midnight.

    A set knows no holidays. A band of all seven days holds them too; other bands leave them open.
    """
    timing = entry.timing
    months_of: dict[tuple[int, frozenset[int]], set[int]] = {}
    for month in timing.months:
        days_of: dict[int, set[int]] = {}
        for day in timing.days:
            later = [
                other.timing.start_min
                for other in entries
                if other.weight == entry.weight
                and other.timing.start_min > timing.start_min
                and day in other.timing.days
                and month in other.timing.months
                and _dates_meet(timing, other.timing)
            ]
            days_of.setdefault(min(later, default=DAY_MINUTES), set()).add(day)
        for end, days in days_of.items():
            months_of.setdefault((end, frozenset(days)), set()).add(month)
    return [
        Band(
            timing.code,
            _day_types(days),
            timing.start_min,
            end,
            frozenset() if len(months) == len(ALL_MONTHS) else frozenset(months),
            timing.first,
            timing.last,
            weights[entry.weight],
        )
        for (end, days), months in sorted(months_of.items(), key=lambda one: (one[0][0], sorted(one[0][1])))
    ]


def _day_types(days: frozenset[int]) -> frozenset[str]:
    return frozenset(DAY_TYPES if len(days) == len(WEEKDAYS) else (WEEKDAYS[day] for day in days))
