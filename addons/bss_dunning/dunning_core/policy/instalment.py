"""Instalment plans: the debt split into parts exact to the grosz, and judged by what was paid.

Payments count against the instalments in their order. An instalment is missed when it is not paid in full after its due
date with the days of grace, moved off free days; one that was paid late, but before anybody looked, breaks nothing. A
plan is kept when all of it is paid, or when nothing is left of its documents.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from enum import Enum

from ..law.calendar import FreeDays
from ..result import Failure

ZERO = Decimal("0.00")
GROSZ = Decimal("0.01")
#: months within which a plan ends where the company sets no number of instalments
LONGEST = 600


@dataclass(frozen=True)
class PlanRules:
    """What a company agrees to; 0 stands for no limit."""

    max_count: int = 0
    min_amount: Decimal = ZERO


@dataclass(frozen=True)
class PlanWish:
    """What is agreed: ``total`` in ``count`` instalments, after a down payment when there is one."""

    made: date
    total: Decimal
    count: int
    first: date
    monthly_day: int
    down: Decimal = ZERO
    down_day: date | None = None


@dataclass(frozen=True)
class Instalment:
    """One part with its due date; number 0 is the down payment."""

    number: int
    due: date
    amount: Decimal


@dataclass(frozen=True)
class Paid:
    """Money received for the plan on a day, negative when it was given back."""

    day: date
    amount: Decimal


class PlanStatus(Enum):
    """Where a plan stands on a day."""

    ACTIVE = "active"
    KEPT = "kept"
    BROKEN = "broken"


class PartStatus(Enum):
    """Where an instalment stands on a day; late within the days of grace."""

    OPEN = "open"
    PAID = "paid"
    LATE = "late"
    MISSED = "missed"


@dataclass(frozen=True)
class Part:
    """An instalment with what was paid of it and the day on which it was complete."""

    instalment: Instalment
    paid: Decimal
    status: PartStatus
    paid_on: date | None


@dataclass(frozen=True)
class PlanJudgement:
    """Answer for one day."""

    status: PlanStatus
    paid: Decimal
    parts: tuple[Part, ...]


def refusal(wish: PlanWish, rules: PlanRules) -> Failure | None:
    """Say why a plan is not made, None when it is."""
    rest = wish.total - wish.down
    if wish.total <= 0:
        return Failure("PLAN_NOTHING_OWED")
    if wish.count < 1:
        return Failure("PLAN_NO_PARTS")
    if wish.down < 0 or rest <= 0:
        return Failure("PLAN_BAD_DOWN_PAYMENT", {"amount": wish.down, "total": wish.total})
    if wish.first < wish.made or (wish.down > 0 and (wish.down_day or wish.made) > wish.first):
        return Failure("PLAN_BAD_DAYS", {"day": wish.first})
    if not 1 <= wish.monthly_day <= 31:
        return Failure("PLAN_BAD_MONTHLY_DAY", {"day": wish.monthly_day})
    if rules.max_count and wish.count > rules.max_count:
        return Failure("PLAN_TOO_LONG", {"count": wish.count, "limit": rules.max_count})
    part = _part(rest, wish.count)
    if part <= 0 or part < rules.min_amount:
        return Failure("PLAN_PARTS_TOO_SMALL", {"amount": part, "limit": rules.min_amount})
    months = rules.max_count or LONGEST
    if _month(wish.first) + wish.count - 1 - _month(wish.made) > months + 1:
        return Failure("PLAN_ENDS_TOO_LATE", {"limit": months})
    return None


def _month(day: date) -> int:
    return day.year * 12 + day.month


def split(wish: PlanWish) -> tuple[Instalment, ...]:
    """Return equal instalments, the last one with what is left, the down payment before them."""
    rest = wish.total - wish.down
    part = _part(rest, wish.count)
    down = (Instalment(0, wish.down_day or wish.made, wish.down),) if wish.down > 0 else ()
    regular = tuple(
        Instalment(
            number,
            wish.first if number == 1 else _monthly(wish.first, number - 1, wish.monthly_day),
            part if number < wish.count else rest - part * (wish.count - 1),
        )
        for number in range(1, wish.count + 1)
    )
    return down + regular


def judge(
    instalments: Sequence[Instalment],
    payments: Iterable[Paid],
    as_of: date,
    grace_days: int,
    calendar: FreeDays,
    settled: bool = False,
) -> PlanJudgement:
    """Judge a plan at the end of a day; later payments are not looked at.

    :param settled: nothing is left of the documents of the plan, however that came about
    """
    known = sorted((one for one in payments if one.day <= as_of), key=lambda one: one.day)
    total = max(sum((one.amount for one in known), ZERO), ZERO)
    parts: list[Part] = []
    before = ZERO
    for one in instalments:
        reached = before + one.amount
        paid = min(max(total - before, ZERO), one.amount)
        last = calendar.shift(one.due + timedelta(days=grace_days))
        parts.append(Part(one, paid, _status(one, paid, last, as_of), _reached_on(known, reached, paid >= one.amount)))
        before = reached
    if settled or total >= before:
        status = PlanStatus.KEPT
    elif any(part.status is PartStatus.MISSED for part in parts):
        status = PlanStatus.BROKEN
    else:
        status = PlanStatus.ACTIVE
    return PlanJudgement(status, min(total, before), tuple(parts))


def _status(one: Instalment, paid: Decimal, last: date, as_of: date) -> PartStatus:
    if paid >= one.amount:
        return PartStatus.PAID
    if as_of > last:
        return PartStatus.MISSED
    return PartStatus.LATE if as_of > one.due else PartStatus.OPEN


def _reached_on(payments: Sequence[Paid], amount: Decimal, complete: bool) -> date | None:
    """Day on which an amount was there for good: money given back before the end takes it away again."""
    if not complete:
        return None
    found: date | None = None
    sum_now = ZERO
    for payment in payments:
        sum_now += payment.amount
        if sum_now < amount:
            found = None
        elif found is None:
            found = payment.day
    return found


def _part(rest: Decimal, count: int) -> Decimal:
    return (rest / count).quantize(GROSZ, ROUND_DOWN)


def _monthly(first: date, months: int, day: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    month += 1
    return date(year, month, min(day, monthrange(year, month)[1]))
