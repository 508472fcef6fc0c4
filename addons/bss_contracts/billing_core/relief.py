"""The relief a customer was granted for a definite term, and how much of it may be claimed back.

Relief is the list price less the promotional price, day by day over the whole term, plus what was spared once (an
activation fee, a device). On early termination the claim is the relief of the whole term in proportion to the days
not served. Who must pay and by which article is the caller's to decide; the method is a parameter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from .charges import Sheet, sheet_of
from .daily import Stretch, fraction, scaled, stepped
from .grid import charging_period, legs
from .money import spread
from .period import Period
from .timeline import Problem, Timeline, check

Cause = Literal["customer", "customer_breach", "operator_notice", "operator_fault", "statutory_withdrawal"]
ClawBackMethod = Literal["proportional", "none"]
# ends that give the operator no claim
WITHOUT_CLAIM: frozenset[Cause] = frozenset(("operator_fault", "statutory_withdrawal", "operator_notice"))


@dataclass(frozen=True, slots=True)
class OneTimeRelief:
    """Something given below its list price once; ``promotion_id`` None = not by a promotion."""

    day: date
    list_price: Decimal
    paid: Decimal
    promotion_id: int | None = None


@dataclass(frozen=True, slots=True)
class ReliefRun:
    """Exact relief of the days ``start`` … ``end``, the same every day, and the promotions' shares of it."""

    start: date
    end: date
    amount: Fraction
    shares: tuple[tuple[int | None, Fraction], ...]


@dataclass(frozen=True, slots=True)
class Relief:
    """Relief of a whole term, in order of time."""

    term: Period
    runs: tuple[ReliefRun, ...]

    @property
    def exact(self) -> Fraction:
        return sum((one.amount for one in self.runs), Fraction(0))

    @property
    def amount(self) -> Decimal:
        """Whole grosz, rounded down."""
        return round_down(self.exact)

    @property
    def by_promotion(self) -> tuple[tuple[int | None, Decimal], ...]:
        """``amount`` shared between the promotions that gave it, to the grosz; by number, None last."""
        shares: dict[int | None, Fraction] = {}
        for run in self.runs:
            for promotion_id, share in run.shares:
                shares[promotion_id] = shares.get(promotion_id, Fraction(0)) + share
        numbers = sorted(shares, key=lambda one: (one is None, one or 0))
        return tuple(zip(numbers, spread(self.amount, [shares[one] for one in numbers]), strict=True))

    def granted_until(self, day: date) -> Decimal:
        """Relief consumed up to and including ``day``, rounded down."""
        total = Fraction(0)
        for run in self.runs:
            if run.start <= day:
                served = (min(day, run.end) - run.start).days + 1
                total += run.amount * served / ((run.end - run.start).days + 1)
        return round_down(total)


@dataclass(frozen=True, slots=True)
class ClawBack:
    """What may be claimed back. PROPORTIONAL (``relief`` × ``remaining`` of ``days``), NO_CLAIM (``cause``),
    TERM_SERVED, METHOD_NONE."""

    amount: Decimal
    code: Literal["PROPORTIONAL", "NO_CLAIM", "TERM_SERVED", "METHOD_NONE"]
    params: dict[str, str] = field(default_factory=dict)


def round_down(exact: Fraction) -> Decimal:
    return Decimal(exact.numerator * 100 // exact.denominator).scaleb(-2)


def _shares(one: Stretch) -> tuple[Fraction, dict[int | None, Fraction]]:
    """Relief of a full period at the terms of a stretch, and the promotions' parts of it.

    A step that raises the price takes from the relief of the others; a stretch dearer than the list has none.
    """
    part = Fraction(1) if one.suspension is None else Fraction(one.suspension.percent) / 100
    price = scaled(one.version.amount)
    before = fraction(price)
    total, gained = Fraction(0), Fraction(0)
    shares: dict[int | None, Fraction] = {}
    for applied in one.applied:
        price = stepped(price, applied.step, one.version.quantity)
        after = fraction(price)
        total += before - after
        if after < before:
            gained += before - after
            shares[applied.promotion_id] = shares.get(applied.promotion_id, Fraction(0)) + before - after
        before = after
    if total <= 0:
        return Fraction(0), {}
    return total * part, {number: share * total / gained * part for number, share in shares.items()}


def _runs(sheet: Sheet, first: int, last: int) -> Iterable[ReliefRun]:
    for one, weight in zip(sheet.days, sheet.weights(), strict=True):
        if weight and one.applied and first <= one.first and one.last <= last:
            amount, shares = _shares(one)
            if amount:
                part = Fraction(weight, sheet.base)
                yield ReliefRun(
                    date.fromordinal(one.first),
                    date.fromordinal(one.last),
                    amount * part,
                    tuple((number, share * part) for number, share in shares.items()),
                )


def relief(timeline: Timeline, term: Period, extra: Sequence[OneTimeRelief] = ()) -> Relief | Problem:
    """Relief granted for the whole ``term``, also for its part that is still to come.

    The end of the service does not count: the relief was agreed for the term. ``extra`` outside the term does not
    belong to it. Prices and promotions are those of the timeline, so a change of offering changes the relief.
    """
    problem = check(replace(timeline, end=None))
    if problem:
        return problem
    whole = replace(timeline, end=None)
    found: list[ReliefRun] = []
    first, last = term.start.toordinal(), term.end.toordinal()
    for leg in legs(whole):
        day, until = max(first, leg[0]), min(last, leg[1])
        while day <= until:
            start, end = charging_period(whole, leg[2].rule, day)
            found.extend(_runs(sheet_of(whole, leg, start, end, (day, until + 1)), day, until))
            day = end + 1
    for item in extra:
        spared = Fraction(item.list_price - item.paid)
        if spared > 0 and item.day in term:
            found.append(ReliefRun(item.day, item.day, spared, ((item.promotion_id, spared),)))
    return Relief(term, tuple(sorted(found, key=lambda one: one.start)))


def claw_back(
    granted: Relief | Decimal, term: Period, end: date, cause: Cause, method: ClawBackMethod = "proportional"
) -> ClawBack:
    """Claim when the last day of service is ``end``; ``granted`` is the relief of the whole term (or its amount)."""
    if cause in WITHOUT_CLAIM:
        return ClawBack(Decimal("0.00"), "NO_CLAIM", {"cause": cause})
    if method == "none":
        return ClawBack(Decimal("0.00"), "METHOD_NONE")
    if end >= term.end:
        return ClawBack(Decimal("0.00"), "TERM_SERVED", {"end": term.end.isoformat()})
    amount = granted.amount if isinstance(granted, Relief) else granted
    if amount < 0:
        raise ValueError(f"a relief of {amount}")
    remaining = term.days if end < term.start else (term.end - end).days
    claim = round_down(Fraction(amount) * remaining / term.days)
    params = {"relief": str(amount), "remaining": str(remaining), "days": str(term.days)}
    return ClawBack(claim, "PROPORTIONAL", params)


__all__ = ["Cause", "ClawBack", "ClawBackMethod", "OneTimeRelief", "Relief", "ReliefRun", "claw_back", "relief"]
