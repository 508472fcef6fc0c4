"""The price of every day of a service, as stretches of equal days. Nothing is rounded here.

Prices are pairs (number, digits) = number ÷ 10**digits: whole numbers stay exact and are quick. Days are ordinals
(``date.toordinal``); the public ``segments`` gives dates and decimals.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from .period import Period
from .timeline import PriceStep, Promotion, Suspension, Timeline, Version

FAR = date.max.toordinal()
DIGITS = 6

Price = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Applied:
    """A promotion at work: its step and the months of the promotion (from 1) it is seen in."""

    promotion_id: int
    month_from: int
    month_to: int
    step: PriceStep


@dataclass(slots=True)
class Stretch:
    """Days ``first`` … ``last`` (ordinals) that all cost the same."""

    first: int
    last: int
    version: Version
    applied: tuple[Applied, ...]
    suspension: Suspension | None
    price: Price

    @property
    def is_chargeable(self) -> bool:
        return self.suspension is None or self.suspension.percent > 0


@dataclass(frozen=True, slots=True)
class Segment:
    """What a screen shows of a stretch: ``price`` is the unrounded price of a full period at these days' terms."""

    start: date
    end: date
    version: Version
    applied: tuple[Applied, ...]
    suspension: Suspension | None
    price: Fraction

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def is_chargeable(self) -> bool:
        return self.suspension is None or self.suspension.percent > 0


def scaled(value: Decimal) -> Price:
    """Exact whole number and its decimal digits."""
    shifted = value.scaleb(DIGITS)
    number = int(shifted)
    if number == shifted:
        return number, DIGITS
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError(f"{value} is not an amount")
    top, bottom = value.as_integer_ratio()
    return top * (10**-exponent // bottom), -exponent


def align(one: Price, two: Price) -> tuple[int, int, int]:
    """Both numbers at the same digits, and the digits."""
    if one[1] == two[1]:
        return one[0], two[0], one[1]
    digits = max(one[1], two[1])
    return one[0] * 10 ** (digits - one[1]), two[0] * 10 ** (digits - two[1]), digits


def fraction(price: Price) -> Fraction:
    return Fraction(price[0], 10 ** price[1])


def stepped(price: Price, step: PriceStep, quantity: Decimal) -> Price:
    """Price after one step of a promotion. A price below 0 is a credit, which no promotion changes."""
    if price[0] < 0:
        return price
    if step.kind == "free":
        return 0, 0
    number, digits = scaled(step.value)
    if step.kind == "percent":
        return max(0, 100 * 10**digits - number) * price[0], price[1] + digits + 2
    units, more = scaled(quantity)
    value = number * units, digits + more
    if step.kind == "fixed":
        return value
    before, less, digits = align(price, value)
    return max(0, before - less), digits


def priced(version: Version, applied: tuple[Applied, ...], suspension: Suspension | None) -> Price:
    price = scaled(version.amount)
    for one in applied:
        price = stepped(price, one.step, version.quantity)
    if suspension is not None:
        number, digits = scaled(suspension.percent)
        price = price[0] * number, price[1] + digits + 2
    return price


@lru_cache(maxsize=65536)
def _anniversary(start: date, months: int) -> int:
    """Ordinal of the day ``months`` months after ``start``, counted from the original day of the month."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if year > date.max.year:
        return FAR
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1])).toordinal()


def month_number(start: date, day: int) -> int:
    """Month of a promotion (from 1) that the day (ordinal, not before its start) falls in."""
    there = date.fromordinal(day)
    months = (there.year - start.year) * 12 + there.month - start.month
    if there.day < start.day and _anniversary(start, months) > day:
        months -= 1
    return months + 1


def _suspended_days(timeline: Timeline, first: int, last: int) -> int:
    """Suspended days from ``first`` to ``last``, both included."""
    total = 0
    for one in timeline.suspensions:
        start = max(first, one.start.toordinal())
        end = last if one.end is None else min(last, one.end.toordinal())
        total += max(0, end - start + 1)
    return total


def _step_of(promotion: Promotion, month: int) -> PriceStep | None:
    """The step of the month; of several the earliest."""
    found: PriceStep | None = None
    for step in promotion.steps:
        covers = step.month_from <= month and (step.month_to is None or month <= step.month_to)
        if covers and (found is None or step.month_from < found.month_from):
            found = step
    return found


def _steps_in_time(
    promotion: Promotion, timeline: Timeline, first: int, last: int, suspended: bool, by_month: bool
) -> list[tuple[int, int, Applied]]:
    """Days of [first, last] on which the promotion has a step; one entry for neighbouring months of one step."""
    start = promotion.start.toordinal()
    day = max(first, start)
    if promotion.end is not None:
        last = min(last, promotion.end.toordinal())
    found: list[tuple[int, int, Applied]] = []
    if day > last:
        return found
    shift, stopped = 0, False
    if promotion.stops_while_suspended and timeline.suspensions:
        shift, stopped = _suspended_days(timeline, start, day - 1), suspended
    month = month_number(promotion.start, day - shift)
    begun, since, step = day, month, _step_of(promotion, month)
    while not stopped:
        border = _anniversary(promotion.start, month) + shift
        if border > last:
            break
        following = _step_of(promotion, month + 1)
        if following is not step or by_month:
            if step is not None:
                found.append((begun, border - 1, Applied(promotion.promotion_id, since, month, step)))
            begun, since, step = border, month + 1, following
        month += 1
    if step is not None:
        found.append((begun, last, Applied(promotion.promotion_id, since, month, step)))
    return found


def _promoted(
    timeline: Timeline, version: Version, first: int, last: int, suspended: bool, by_month: bool
) -> list[tuple[int, int, tuple[Applied, ...]]]:
    """[first, last] cut where a promotion begins, ends or changes, with what is at work in each part."""
    found: list[tuple[int, int, tuple[Applied, ...]]] = []
    lines: list[tuple[Promotion, list[tuple[int, int, Applied]]]] = []
    for promotion in timeline.promotions:
        if promotion.product_ids and version.product_id not in promotion.product_ids:
            continue
        steps = _steps_in_time(promotion, timeline, first, last, suspended, by_month)
        if steps:
            lines.append((promotion, steps))
    if not lines:
        return [(first, last, ())]
    if len(lines) == 1:
        day = first
        for begun, until, applied in lines[0][1]:
            if day < begun:
                found.append((day, begun - 1, ()))
            found.append((begun, until, (applied,)))
            day = until + 1
        if day <= last:
            found.append((day, last, ()))
        return found
    return _stacked(lines, first, last)


def _stacked(
    lines: list[tuple[Promotion, list[tuple[int, int, Applied]]]], first: int, last: int
) -> list[tuple[int, int, tuple[Applied, ...]]]:
    """Several promotions: in ascending priority, or the first exclusive one alone."""
    lines.sort(key=lambda line: (line[0].priority, line[0].promotion_id))
    edges = {first}
    for _promotion, steps in lines:
        for begun, until, _applied in steps:
            edges.add(begun)
            if until < last:
                edges.add(until + 1)
    starts = sorted(edges)
    found = []
    for begun, following in zip(starts, [*starts[1:], last + 1], strict=True):
        active = [
            (promotion.exclusive, applied)
            for promotion, steps in lines
            for since, until, applied in steps
            if since <= begun <= until
        ]
        alone = [applied for exclusive, applied in active if exclusive][:1]
        found.append((begun, following - 1, tuple(alone or [applied for _exclusive, applied in active])))
    return found


def _versions(timeline: Timeline, first: int, last: int) -> list[tuple[int, int, Version]]:
    versions = timeline.versions
    current, begun = versions[0], first
    found = []
    for version in versions[1:]:
        start = version.start.toordinal()
        if start > last:
            break
        if start > begun:
            found.append((begun, start - 1, current))
            begun = start
        current = version
    found.append((begun, last, current))
    return found


def _suspended(timeline: Timeline, first: int, last: int) -> Iterator[tuple[int, int, Suspension | None]]:
    day = first
    for one in sorted(timeline.suspensions, key=lambda item: item.start):
        begun = max(day, one.start.toordinal())
        until = last if one.end is None else min(last, one.end.toordinal())
        if begun > until:
            continue
        if begun > day:
            yield day, begun - 1, None
        yield begun, until, one
        day = until + 1
    if day <= last:
        yield day, last, None


def stretches(timeline: Timeline, first: int, last: int, by_month: bool = False) -> list[Stretch]:
    """Days ``first`` … ``last`` as stretches in order of time, whether the service lives on them or not."""
    found: list[Stretch] = []
    for start, end, version in _versions(timeline, first, last):
        parts = _suspended(timeline, start, end) if timeline.suspensions else ((start, end, None),)
        for begun, until, suspension in parts:
            for one, two, applied in _promoted(timeline, version, begun, until, suspension is not None, by_month):
                found.append(Stretch(one, two, version, applied, suspension, priced(version, applied, suspension)))
    return found


def life(timeline: Timeline, first: int, last: int) -> tuple[int, int]:
    """[first, last] cut to the life of the service; empty (first > last) when nothing is left."""
    if timeline.start is None:
        return first, first - 1
    end = last if timeline.end is None else min(last, timeline.end.toordinal())
    return max(first, timeline.start.toordinal()), end


def segments(timeline: Timeline, period: Period) -> tuple[Segment, ...]:
    """The days of ``period`` that the service lives, cut wherever anything about the price or its reason changes.

    A promotion is cut at each of its months, so that ``applied`` names one month. The timeline must pass ``check``.
    """
    first, last = life(timeline, period.start.toordinal(), period.end.toordinal())
    return (
        tuple(
            Segment(
                date.fromordinal(one.first),
                date.fromordinal(one.last),
                one.version,
                one.applied,
                one.suspension,
                fraction(one.price),
            )
            for one in stretches(timeline, first, last, by_month=True)
        )
        if first <= last
        else ()
    )


__all__ = ["Applied", "Segment", "segments"]
