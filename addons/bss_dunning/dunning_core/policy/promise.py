"""Promises to pay: whether one may be taken, when it is reminded of, whether it was kept.

A promise is kept as soon as the given part of its amount was paid between the day it was made and its last day; it is
broken when that day is over. The last day is the promised one with the days of grace, moved off free days: a transfer
of a Saturday arrives on Monday. Money given back counts against what was paid.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum

from ..law.calendar import FreeDays
from ..money import round_half_up
from ..result import Failure

ONE_DAY = timedelta(days=1)
ZERO = Decimal("0.00")
HUNDRED = Decimal(100)


class PromiseStatus(Enum):
    """Where a promise stands on a day."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"


@dataclass(frozen=True)
class PromiseRules:
    """What a company accepts: ``percent_kept`` of the amount is enough, 0 of the limits stands for none.

    ``min_percent`` of the debt has to be promised; after a broken promise none is taken for ``broken_days``, after
    ``max_broken`` in one case none at all.
    """

    percent_kept: Decimal = HUNDRED
    grace_days: int = 0
    max_days: int = 0
    max_open: int = 0
    remind_days: int = 0
    min_percent: Decimal = ZERO
    broken_days: int = 0
    max_broken: int = 0

    def without_limits(self) -> PromiseRules:
        """The same rules for a promise that a manager takes in spite of the limits."""
        return PromiseRules(self.percent_kept, self.grace_days, remind_days=self.remind_days)


@dataclass(frozen=True)
class PastPromises:
    """What became of promises before: open and broken ones of the case, the last broken one of the account."""

    open: int = 0
    broken: int = 0
    last_broken: date | None = None


NO_PROMISES = PastPromises()


@dataclass(frozen=True)
class Promise:
    """Who promised when, how much, until when; ``paid_before``: money of the first day that was there before."""

    made: date
    day: date
    amount: Decimal
    paid_before: Decimal = ZERO


@dataclass(frozen=True)
class Paid:
    """Money received on a day, negative when it was given back."""

    day: date
    amount: Decimal


@dataclass(frozen=True)
class Judgement:
    """Answer for one day: what was paid in time and what would have been enough."""

    status: PromiseStatus
    paid: Decimal
    needed: Decimal
    last_day: date
    kept_on: date | None = None


def last_day(promise: Promise, rules: PromiseRules, calendar: FreeDays) -> date:
    """Return the last day on which payment still keeps the promise."""
    return calendar.shift(promise.day + timedelta(days=rules.grace_days))


def reminder_day(promise: Promise, rules: PromiseRules) -> date | None:
    """Return the day of the reminder; None when there is none or the promise was made too late for one."""
    if rules.remind_days <= 0:
        return None
    day = promise.day - timedelta(days=rules.remind_days)
    return day if day > promise.made else None


def needed(promise: Promise, rules: PromiseRules) -> Decimal:
    """Return the amount that keeps the promise."""
    return round_half_up(promise.amount * rules.percent_kept / HUNDRED)


def decide(
    promise: Promise, payments: Iterable[Paid], as_of: date, rules: PromiseRules, calendar: FreeDays
) -> Judgement:
    """Judge a promise at the end of a day; later payments are not looked at."""
    end = last_day(promise, rules, calendar)
    enough = needed(promise, rules)
    reached = -promise.paid_before
    for payment in sorted(payments, key=lambda one: one.day):
        if not promise.made <= payment.day <= min(end, as_of):
            continue
        reached += payment.amount
        if reached >= enough:
            return Judgement(PromiseStatus.KEPT, reached, enough, end, payment.day)
    status = PromiseStatus.BROKEN if as_of > end else PromiseStatus.OPEN
    return Judgement(status, max(reached, ZERO), enough, end)


def stands(promise: Promise, payments: Iterable[Paid], rules: PromiseRules, calendar: FreeDays) -> bool:
    """Tell whether what was paid in time still keeps a promise after all that was taken back since."""
    end = last_day(promise, rules, calendar)
    reached = sum((one.amount for one in payments if promise.made <= one.day <= end), ZERO)
    return reached - promise.paid_before >= needed(promise, rules)


def smallest(owed: Decimal, rules: PromiseRules) -> Decimal:
    """Return the least amount that is taken as a promise."""
    return round_half_up(owed * rules.min_percent / HUNDRED)


def latest(made: date, rules: PromiseRules) -> date | None:
    """Return the latest day that may be promised, None without a limit."""
    return made + timedelta(days=rules.max_days) if rules.max_days else None


def closed(made: date, before: PastPromises, rules: PromiseRules) -> Failure | None:
    """Say why no promise at all is taken on a day, whatever its amount; None when one may be."""
    if rules.max_open and before.open >= rules.max_open:
        return Failure("PROMISE_TOO_MANY", {"count": before.open, "limit": rules.max_open})
    if rules.max_broken and before.broken >= rules.max_broken:
        return Failure("PROMISE_BROKEN_TOO_OFTEN", {"count": before.broken, "limit": rules.max_broken})
    if rules.broken_days and before.last_broken is not None:
        until = before.last_broken + timedelta(days=rules.broken_days)
        if made <= until:
            return Failure("PROMISE_BROKEN_LATELY", {"day": until, "days": rules.broken_days})
    return None


def refusal(promise: Promise, before: PastPromises, owed: Decimal, rules: PromiseRules) -> Failure | None:
    """Say why a promise is not taken, None when it is.

    :param before: promises of the past
    :param owed: what the case demands
    """
    if promise.amount <= 0:
        return Failure("PROMISE_NO_AMOUNT")
    if promise.amount > owed:
        return Failure("PROMISE_ABOVE_DEBT", {"amount": promise.amount, "owed": owed})
    least = smallest(owed, rules)
    if promise.amount < least:
        return Failure("PROMISE_TOO_SMALL", {"amount": promise.amount, "least": least, "percent": rules.min_percent})
    if promise.day < promise.made:
        return Failure("PROMISE_DAY_OVER", {"day": promise.day})
    limit = latest(promise.made, rules)
    if limit is not None and promise.day > limit:
        return Failure("PROMISE_TOO_LATE", {"day": promise.day, "limit": limit, "days": rules.max_days})
    return closed(promise.made, before, rules)
