"""An obvious, slow second opinion on recurring charges: one day after the other, in fractions.

It reads the data classes of billing_core and shares none of its code.
"""

from __future__ import annotations

import math
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

ONE = timedelta(days=1)


def anniversary(start: date, months: int) -> date:
    """The same day ``months`` later, or the last day of that month."""
    year, month = start.year, start.month + months
    while month > 12:
        year, month = year + 1, month - 12
    while month < 1:
        year, month = year - 1, month + 12
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def rounded(value: Fraction) -> int:
    """Grosz, a half goes away from zero."""
    return math.floor(value * 100 + Fraction(1, 2)) if value >= 0 else -math.floor(-value * 100 + Fraction(1, 2))


def suspension_on(timeline: Any, day: date) -> Any:
    for one in timeline.suspensions:
        if one.start <= day and (one.end is None or day <= one.end):
            return one
    return None


def version_on(timeline: Any, day: date) -> Any:
    found = timeline.versions[0]
    for one in timeline.versions:
        if one.start <= day:
            found = one
    return found


def month_on(timeline: Any, promotion: Any, day: date) -> int:
    """Month of the promotion's own clock, which may stand still while the service is suspended."""
    clock = day
    if promotion.stops_while_suspended:
        clock = there = promotion.start
        while there < day:
            if not suspension_on(timeline, there):
                clock += ONE
            there += ONE
    month = 1
    while anniversary(promotion.start, month) <= clock:
        month += 1
    return month


def steps_on(timeline: Any, day: date) -> list[tuple[Any, list[Any]]]:
    """Promotions at work on the day with their step, in the order they are applied."""
    product = version_on(timeline, day).product_id
    found = []
    for promotion in timeline.promotions:
        if day < promotion.start or (promotion.end is not None and day > promotion.end):
            continue
        if promotion.product_ids and product not in promotion.product_ids:
            continue
        month = month_on(timeline, promotion, day)
        steps = [one for one in promotion.steps if one.month_from <= month <= (one.month_to or 10**6)]
        if steps:
            found.append((promotion, sorted(steps, key=lambda one: one.month_from)[:1]))
    found.sort(key=lambda item: (item[0].priority, item[0].promotion_id))
    exclusive = [item for item in found if item[0].exclusive]
    return exclusive[:1] or found


def price_on(timeline: Any, day: date) -> Fraction:
    """Price of a full period at the terms of the day."""
    version = version_on(timeline, day)
    price = Fraction(version.amount)
    for _promotion, steps in steps_on(timeline, day):
        for step in steps:
            value = Fraction(step.value)
            if step.kind == "percent":
                price = price * (100 - value) / 100
            elif step.kind == "amount":
                price -= value * Fraction(version.quantity)
            elif step.kind == "fixed":
                price = value * Fraction(version.quantity)
            else:
                price = Fraction(0)
            price = max(Fraction(0), price)
    suspension = suspension_on(timeline, day)
    return price if suspension is None else price * Fraction(suspension.percent) / 100


def period_on(timeline: Any, day: date) -> tuple[date, date]:
    rule = version_on(timeline, day).rule
    anchor = timeline.anchor or timeline.start
    if rule.unit == "month":
        begin = date(anchor.year, anchor.month, timeline.cycle_day)
        if begin > anchor:
            begin = anniversary(begin, -1)
        number = 0
        while anniversary(begin, number) > day:
            number -= rule.count
        while anniversary(begin, number + rule.count) <= day:
            number += rule.count
        return anniversary(begin, number), anniversary(begin, number + rule.count) - ONE
    length = timedelta(days=rule.count * {"day": 1, "week": 7}[rule.unit])
    begin = anchor
    while begin > day:
        begin -= length
    while begin + length <= day:
        begin += length
    return begin, begin + length - ONE


@dataclass
class Day:
    day: date
    product_id: int
    rule: Any
    chargeable: bool
    price: Fraction
    weight: Fraction = Fraction(0)  # part of the full period's price
    total: int = 0  # grosz of the period up to and including this day


@dataclass
class Sheet:
    """The days of one charging period under one rule."""

    start: date
    end: date
    timing: str
    days: list[Day]

    @property
    def sort(self) -> tuple[date, date]:
        return self.days[0].day, self.end


def lived(timeline: Any, horizon: date) -> Iterator[date]:
    day = timeline.start
    while day <= (horizon if timeline.end is None else min(horizon, timeline.end)):
        yield day
        day += ONE


def kind_of_rule(rule: Any) -> tuple[str, str, int]:
    return rule.timing, rule.unit, rule.count


def sheets(timeline: Any, horizon: date) -> list[Sheet]:
    """Every charging period that begins in the service's life up to ``horizon``, whole, with its running totals."""
    found: list[Sheet] = []
    before = None
    for day in lived(timeline, horizon + timedelta(days=800)):
        rule = version_on(timeline, day).rule
        same = found and before == kind_of_rule(rule) and day <= found[-1].end
        if not same:
            if day > horizon:
                break
            found.append(Sheet(*period_on(timeline, day), rule.timing, []))
        before = kind_of_rule(rule)
        suspension = suspension_on(timeline, day)
        chargeable = suspension is None or suspension.percent > 0
        found[-1].days.append(Day(day, version_on(timeline, day).product_id, rule, chargeable, price_on(timeline, day)))
    for sheet in found:
        sum_up(timeline, sheet)
    return found


def method_of(timeline: Any, sheet: Sheet) -> str:
    rule = sheet.days[0].rule
    first, last = sheet.days[0].day, sheet.days[-1].day
    starts = first > sheet.start
    ends = last < sheet.end
    born = starts and first == timeline.start and not timeline.carried_in
    dies = ends and last == timeline.end and not timeline.carried_out
    method: str = rule.proration
    if dies and rule.last:
        method = rule.last
    if born and (rule.first or dies):
        method = rule.first or rule.proration
    if method == "none" and ((starts and not born) or (ends and not dies)):
        method = "calendar"
    return method


def sum_up(timeline: Any, sheet: Sheet) -> None:
    method = method_of(timeline, sheet)
    rule = sheet.days[0].rule
    length = (sheet.end - sheet.start).days + 1
    chargeable = [one for one in sheet.days if one.chargeable]
    weights: dict[date, Fraction] = {}
    if method == "none":
        weights = {one.day: Fraction(int(number == 0)) for number, one in enumerate(chargeable)}
    elif method == "thirty" and rule.unit == "month":
        left = Fraction(1)
        for one in chargeable:
            weights[one.day] = min(left, Fraction(1, 30 * rule.count))
            left -= weights[one.day]
        if len(chargeable) == length:
            weights[chargeable[-1].day] += left
    else:
        weights = {one.day: Fraction(1, length) for one in chargeable}
    total = Fraction(0)
    for one in sheet.days:
        one.weight = weights.get(one.day, Fraction(0))
        total += one.weight * one.price
        one.total = rounded(total)


def relief(timeline: Any, found: list[Sheet], first: date, last: date) -> Fraction:
    """List price less the price paid, of the days [first, last]."""
    total = Fraction(0)
    for sheet in found:
        for one in sheet.days:
            if first <= one.day <= last:
                suspension = suspension_on(timeline, one.day)
                part = Fraction(1) if suspension is None else Fraction(suspension.percent) / 100
                spared = Fraction(version_on(timeline, one.day).amount) * part - one.price
                total += one.weight * max(Fraction(0), spared)
    return total


def lines(sheet: Sheet, first: date, last: date) -> list[tuple[int, date, date, int, int]]:
    """(product, first day, last day, grosz, chargeable days) of the runs of [first, last]."""
    found: list[tuple[int, date, date, int, int]] = []
    before: Day | None = None
    for one in sheet.days:
        grosz = one.total - (before.total if before else 0)
        if first <= one.day <= last:
            if found and before and (before.product_id, before.rule) == (one.product_id, one.rule):
                product, begun, _until, amount, days = found[-1]
                found[-1] = (product, begun, one.day, amount + grosz, days + one.chargeable)
            else:
                found.append((one.product_id, one.day, one.day, grosz, int(one.chargeable)))
        before = one
    return found


def billed(
    found: list[Sheet], bill_start: date, bill_end: date, charged_through: date | None
) -> list[tuple[int, date, date, int, int]]:
    """What one bill charges, in order of time, up to the first period that is not due."""
    charged: list[tuple[int, date, date, int, int]] = []
    leg_start = None
    previous = None
    for sheet in found:
        kind = kind_of_rule(sheet.days[0].rule)
        if kind != previous:
            leg_start, previous = sheet.days[0].day, kind
        if charged_through is not None and sheet.days[-1].day <= charged_through:
            continue
        begins = max(sheet.start, leg_start) if leg_start else sheet.start
        due = begins <= bill_end if sheet.timing == "advance" else min(sheet.end, sheet.days[-1].day) < bill_start
        if not due:
            break
        after = sheet.start if charged_through is None else charged_through + ONE
        charged.extend(lines(sheet, after, sheet.end))
    return charged
