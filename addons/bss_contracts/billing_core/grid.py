"""Charging periods of an offering, and the legs of a timeline that are charged by one rule each. Days are ordinals."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from .daily import FAR, life
from .period import Period, bill_period
from .timeline import ChargingRule, Timeline, Timing, Unit, Version

# charging periods in a month at most: how far a bill may reach back is said in months
PER_MONTH: dict[Unit, int] = {"day": 31, "week": 5, "month": 1}

Leg = tuple[int, int, Version]
Key = tuple[Timing, Unit, int]


def rule_key(rule: ChargingRule) -> Key:
    return rule.timing, rule.unit, rule.count


@lru_cache(maxsize=4096)
def _months(year: int, month: int, cycle_day: int, count: int, anchor: date | None) -> tuple[int, int]:
    found = bill_period(date(year, month, cycle_day), cycle_day, count, anchor)
    return found.start.toordinal(), found.end.toordinal()


def charging_period(timeline: Timeline, rule: ChargingRule, day: int) -> tuple[int, int]:
    """First and last day of the charging period that holds ``day``.

    Months count from the cycle day; several months from the bill period of the anchor; days and weeks from the anchor.
    """
    if rule.unit == "month":
        there = date.fromordinal(day)
        year, month = there.year, there.month
        if there.day < timeline.cycle_day:
            year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        anchor = None if rule.count == 1 else timeline.anchor or timeline.start
        return _months(year, month, timeline.cycle_day, rule.count, anchor)
    base = timeline.anchor or timeline.start
    if base is None:
        raise ValueError("a service without a start has no charging periods")
    length = rule.count * (7 if rule.unit == "week" else 1)
    first = day - (day - base.toordinal()) % length
    return first, first + length - 1


def period_of(timeline: Timeline, rule: ChargingRule, day: date) -> Period:
    """The charging period of ``rule`` that holds ``day``."""
    first, last = charging_period(timeline, rule, day.toordinal())
    return Period(date.fromordinal(first), date.fromordinal(last))


def legs(timeline: Timeline) -> list[Leg]:
    """Life of the service cut where the rule changes in timing, unit or count: first and last day, first version."""
    first, last = life(timeline, 1, FAR)
    if first > last:
        return []
    found: list[Leg] = []
    begun, leading = first, timeline.versions[0]
    for version in timeline.versions[1:]:
        start = version.start.toordinal()
        if start > last:
            break
        if version.rule is not leading.rule and rule_key(version.rule) != rule_key(leading.rule):
            if start > begun:
                found.append((begun, start - 1, leading))
                begun = start
            leading = version
    found.append((begun, last, leading))
    return found


__all__ = ["period_of"]
