"""Timelines of services → recurring charges of one bill.

A bill for [period_start, period_end] covers, for every service, all its periods not charged yet that
* begin on or before ``period_end`` when the offering is charged in advance,
* ended before ``period_start`` when it is charged in arrears.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .charges import Explanation
from .period import ONE_DAY, Period, bill_period, next_period
from .proration import METHODS, Method, PriceSegment, chargeable_days, part_amount
from .timeline import Problem, Timing

MAX_PERIODS = 36


@dataclass(frozen=True, slots=True)
class ServiceTerms:
    """All the kernel must know of one recurring service."""

    service_id: int
    price: Decimal
    date_start: date | None
    date_end: date | None = None
    quantity: Decimal = Decimal(1)
    charged_through: date | None = None
    timing: Timing = "advance"
    proration: Method = "calendar"
    period_months: int = 1
    cycle_day: int = 1
    # price changes and paid suspensions; empty = one price from start to end
    segments: tuple[PriceSegment, ...] = ()
    # days charged once and given back by corrections since, each time they were
    given_back: tuple[Period, ...] = ()

    def price_segments(self, end: date | None) -> tuple[PriceSegment, ...]:
        """Full-period amounts (price × quantity) by time, cut to the life of the service."""
        if self.date_start is None:
            return ()
        base = self.segments or (PriceSegment(self.date_start, None, self.price),)
        cut = []
        for item in base:
            start = max(item.start, self.date_start)
            ends = [day for day in (item.end, end) if day is not None]
            last = min(ends) if ends else None
            if last is None or start <= last:
                cut.append(PriceSegment(start, last, item.price * self.quantity))
        return tuple(cut)


@dataclass(frozen=True, slots=True)
class RecurringCharge:
    """One part of one period of one service."""

    service_id: int
    period: Period
    part: Period
    amount: Decimal
    price: Decimal
    quantity: Decimal
    days_charged: int
    explanation: Explanation
    # how often its first day was charged and given back before
    repeated: int = 0

    @property
    def is_full(self) -> bool:
        return self.part == self.period and self.days_charged == self.period.days

    @property
    def identity_key(self) -> str:
        """The same first day of the same service is never charged twice, unless it was given back between."""
        key = f"rec:{self.service_id}:{self.part.start.isoformat()}"
        return f"{key}:{self.repeated}" if self.repeated else key


@dataclass(frozen=True, slots=True)
class Collected:
    charges: tuple[RecurringCharge, ...]
    problems: tuple[Problem, ...]

    def charged_through(self) -> dict[int, date]:
        """Last charged day per service."""
        result: dict[int, date] = {}
        for charge in self.charges:
            last = result.get(charge.service_id)
            if last is None or charge.part.end > last:
                result[charge.service_id] = charge.part.end
        return result


def _problem(terms: ServiceTerms) -> Problem | None:
    if terms.date_start is None:
        return Problem(terms.service_id, "NO_START")
    if terms.date_end is not None and terms.date_end < terms.date_start:
        params = {"start": terms.date_start.isoformat(), "end": terms.date_end.isoformat()}
        # a service that ended the day before it began never ran: nothing to charge, no problem
        if terms.date_start - terms.date_end == ONE_DAY:
            return None
        return Problem(terms.service_id, "END_BEFORE_START", params)
    if terms.proration not in METHODS:
        return Problem(terms.service_id, "UNKNOWN_PRORATION", {"proration": terms.proration})
    if terms.period_months < 1:
        return Problem(terms.service_id, "BAD_PERIOD", {"months": str(terms.period_months)})
    return None


def _due(terms: ServiceTerms, period: Period, bill: Period) -> bool:
    if terms.timing == "advance":
        return period.start <= bill.end
    ends = period.end if terms.date_end is None else min(period.end, terms.date_end)
    return ends < bill.start


def _explain(terms: ServiceTerms, period: Period, part: Period, days: int) -> Explanation:
    if terms.proration == "none" or (part == period and days == period.days):
        return Explanation("FULL_PERIOD")
    if terms.proration == "thirty":
        return Explanation("THIRTIETHS", {"days": str(days), "all": str(30 * terms.period_months)})
    return Explanation("DAYS", {"days": str(days), "all": str(period.days)})


def charges_of(
    terms: ServiceTerms, bill: Period, max_periods: int = MAX_PERIODS
) -> tuple[RecurringCharge, ...] | Problem:
    """Charges of one service on one bill, oldest first."""
    problem = _problem(terms)
    if problem:
        return problem
    start = terms.date_start
    if start is None:  # pragma: no cover - excluded above, said again for the type checker
        raise AssertionError("checked by _problem")
    first = start if terms.charged_through is None else max(start, terms.charged_through + ONE_DAY)
    segments = terms.price_segments(terms.date_end)
    found: list[RecurringCharge] = []
    period = bill_period(first, terms.cycle_day, terms.period_months, anchor=start)
    passed = 0
    while _due(terms, period, bill) and (terms.date_end is None or period.start <= terms.date_end):
        passed += 1
        if passed > max_periods:
            params = {"from": first.isoformat(), "limit": str(max_periods)}
            return Problem(terms.service_id, "TOO_FAR_BACK", params)
        part = period.clip(first, terms.date_end)
        if part:
            days = chargeable_days(segments, part) if segments else 0
            if days:
                found.append(
                    RecurringCharge(
                        service_id=terms.service_id,
                        period=period,
                        part=part,
                        amount=part_amount(segments, period, part, terms.proration, terms.period_months),
                        price=terms.price,
                        quantity=terms.quantity,
                        days_charged=days,
                        explanation=_explain(terms, period, part, days),
                        repeated=sum(part.start in days_back for days_back in terms.given_back),
                    )
                )
        period = next_period(period, terms.period_months)
    return tuple(found)


def recurring_charges(
    services: Iterable[ServiceTerms],
    period_start: date,
    period_end: date,
    max_periods: int = MAX_PERIODS,
) -> Collected:
    """Recurring charges of one bill for many services; services with a problem are listed apart."""
    bill = Period(period_start, period_end)
    charges: list[RecurringCharge] = []
    problems: list[Problem] = []
    for terms in services:
        result = charges_of(terms, bill, max_periods)
        if isinstance(result, Problem):
            problems.append(result)
        else:
            charges.extend(result)
    return Collected(tuple(charges), tuple(problems))


@dataclass(frozen=True, slots=True)
class ChargedPart:
    """A recurring charge made earlier, with the corrections made against it since."""

    charge_id: int
    part: Period
    # net of the corrections
    amount: Decimal
    # days that the corrections gave back
    given_back: tuple[Period, ...] = ()

    @property
    def standing(self) -> Period | None:
        """The days that are still charged; corrections give back from the end."""
        first = min((one.start for one in self.given_back), default=None)
        return self.part if first is None else self.part.clip(None, first - ONE_DAY)


@dataclass(frozen=True, slots=True)
class Correction:
    """Difference between what a part should have cost and what was charged."""

    service_id: int
    charge_id: int
    part: Period
    amount: Decimal
    explanation: Explanation

    def identity_key(self, new_end: date) -> str:
        return f"cor:{self.service_id}:{self.charge_id}:{new_end.isoformat()}"


def end_corrections(terms: ServiceTerms, charged: Sequence[ChargedPart], new_end: date) -> tuple[Correction, ...]:
    """A service ends on ``new_end``: corrections of charged parts that reach beyond it.

    What an earlier correction gave back is no longer charged: the end may move to and fro.
    ``none`` proration gives nothing back for a period that had begun.
    """
    segments = terms.price_segments(new_end)
    anchor = terms.date_start
    found = []
    for item in sorted(charged, key=lambda one: one.part.start):
        standing = item.standing
        if standing is None or standing.end <= new_end:
            continue
        period = bill_period(standing.start, terms.cycle_day, terms.period_months, anchor=anchor)
        kept = standing.clip(None, new_end)
        if kept is None or not segments:
            due = Decimal("0.00")
        elif terms.proration == "none":
            due = item.amount
        else:
            due = part_amount(segments, period, kept, terms.proration, terms.period_months)
        if due != item.amount:
            found.append(
                Correction(
                    service_id=terms.service_id,
                    charge_id=item.charge_id,
                    part=Period(max(new_end + ONE_DAY, standing.start), standing.end),
                    amount=due - item.amount,
                    explanation=Explanation("DUE_CHARGED", {"due": str(due), "charged": str(item.amount)}),
                )
            )
    return tuple(found)
