"""Interest for delay: simple, per rate span, balance by balance.

Interest of a span = principal * percent * days / (100 * 365), also in leap years. The first day is the day after the
due date (moved off free days), the last one is the day of payment. Sums are exact fractions and are rounded once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from ..money import round_half_up
from ..result import Failure, Reason
from .calendar import NO_FREE_DAYS, FreeDays
from .rates import RateTable

ONE_DAY = timedelta(days=1)
ZERO = Fraction(0)


class Allocation(Enum):
    """What a part payment covers first (art. 451 of the Civil Code)."""

    PRINCIPAL_FIRST = "principal_first"
    INTEREST_FIRST = "interest_first"


class Rounding(Enum):
    """Where interest is rounded to the grosz."""

    ONCE = "once"
    PER_PAYMENT = "per_payment"
    PER_SEGMENT = "per_segment"


@dataclass(frozen=True)
class Payment:
    """Money credited on a day (value date of the bank)."""

    day: date
    amount: Decimal


@dataclass(frozen=True)
class Claim:
    """One due amount, e.g. one instalment of one invoice."""

    principal: Decimal
    due: date
    payments: tuple[Payment, ...] = ()


@dataclass(frozen=True)
class Terms:
    """How to calculate; the defaults are those of the settled reading."""

    allocation: Allocation = Allocation.PRINCIPAL_FIRST
    rounding: Rounding | None = None
    divisor: int = 365

    @property
    def rounding_used(self) -> Rounding:
        if self.rounding is not None:
            return self.rounding
        if self.allocation is Allocation.INTEREST_FIRST:
            return Rounding.PER_PAYMENT
        return Rounding.ONCE


@dataclass(frozen=True)
class Segment:
    """Days with one balance and one rate."""

    date_start: date
    date_end: date
    principal: Fraction
    percent: Decimal
    divisor: int
    exact: Fraction
    basis: str = ""

    @property
    def days(self) -> int:
        return (self.date_end - self.date_start).days + 1

    @property
    def reason(self) -> Reason:
        """The arithmetic as data; ``basis`` tells a rate that was derived (contract, cap, floor)."""
        return Reason(
            "INTEREST_SEGMENT",
            {
                "first": self.date_start,
                "last": self.date_end,
                "principal": round_half_up(self.principal),
                "percent": self.percent,
                "days": self.days,
                "divisor": self.divisor,
                "interest": round_half_up(self.exact, 4),
                "basis": self.basis,
            },
        )

    @property
    def formula(self) -> str:
        """The arithmetic as printed for people, without words."""
        principal = round_half_up(self.principal)
        interest = round_half_up(self.exact, 4)
        return f"{principal} × {self.percent}% × {self.days} / {self.divisor} = {interest}"


@dataclass(frozen=True)
class Covered:
    """What one payment did to the principal."""

    payment: Payment
    before: Fraction
    after: Fraction
    allocation: Allocation

    @property
    def reason(self) -> Reason:
        return Reason(
            "INTEREST_PAYMENT",
            {
                "day": self.payment.day,
                "amount": self.payment.amount,
                "to_principal": round_half_up(self.before - self.after),
                "principal": round_half_up(self.after),
                "allocation": self.allocation.value,
            },
        )


@dataclass(frozen=True)
class Interest:
    """Interest of one claim up to a day, with its whole calculation."""

    due: date
    due_effective: date
    segments: tuple[Segment, ...]
    amount: Decimal
    principal_left: Decimal
    interest_left: Decimal
    surplus: Decimal
    per_day: Decimal
    lines: tuple[Segment | Covered, ...] = ()
    rounding: Rounding = Rounding.ONCE

    @property
    def explain(self) -> tuple[Reason, ...]:
        """The calculation line by line; made only when somebody reads it."""
        shift = Reason("DUE_SHIFTED", {"due": self.due, "effective": self.due_effective})
        exact = sum((segment.exact for segment in self.segments), ZERO)
        params = {"exact": round_half_up(exact, 4), "amount": self.amount, "rounding": self.rounding.value}
        return (
            *((shift,) if self.due != self.due_effective else ()),
            *(line.reason for line in self.lines),
            Reason("INTEREST_ROUNDED", params),
        )

    @property
    def days(self) -> int:
        return sum(segment.days for segment in self.segments)

    @property
    def total_left(self) -> Decimal:
        return self.principal_left + self.interest_left


class _Ledger:
    """Balance of one claim while days pass and money comes."""

    def __init__(self, claim: Claim, table: RateTable, terms: Terms) -> None:
        self.table = table
        self.terms = terms
        self.start = Fraction(claim.principal)
        self.principal = self.start
        self.interest_due = ZERO
        self.received = ZERO
        self.surplus = ZERO
        self.segments: list[Segment] = []
        self.lines: list[Segment | Covered] = []

    def accrue(self, first: date, last: date) -> None:
        if not self.principal or first > last:
            return
        total = ZERO
        for span in self.table.spans(first, last):
            exact = self.principal * Fraction(span.percent) * span.days / (100 * self.terms.divisor)
            segment = Segment(
                span.first, span.last, self.principal, span.percent, self.terms.divisor, exact, span.basis
            )
            self.segments.append(segment)
            self.lines.append(segment)
            total += self._rounded(exact, Rounding.PER_SEGMENT)
        self.interest_due += self._rounded(total, Rounding.PER_PAYMENT)

    def _rounded(self, value: Fraction, where: Rounding) -> Fraction:
        return Fraction(round_half_up(value)) if self.terms.rounding_used is where else value

    def pay(self, payment: Payment) -> None:
        money = Fraction(payment.amount)
        before = self.principal
        self._cover(money)
        self.lines.append(Covered(payment, before, self.principal, self.terms.allocation))

    def _cover(self, money: Fraction) -> None:
        self.received += money
        owed = Fraction(round_half_up(self.principal + self.interest_due))
        if money >= owed:
            self.surplus += money - owed
            self.principal = self.interest_due = ZERO
        elif self.terms.allocation is Allocation.INTEREST_FIRST:
            to_interest = min(money, self.interest_due)
            self.interest_due -= to_interest
            self.principal -= money - to_interest
        else:
            to_principal = min(money, self.principal)
            self.principal -= to_principal
            self.interest_due -= money - to_principal

    def result(self, due: date, due_effective: date, as_of: date) -> Interest:
        left = round_half_up(self.principal + self.interest_due)
        principal_left = round_half_up(self.principal)
        amount = round_half_up(Fraction(left) + self.received - self.surplus - self.start)
        return Interest(
            due=due,
            due_effective=due_effective,
            segments=tuple(self.segments),
            amount=amount,
            principal_left=principal_left,
            interest_left=left - principal_left,
            surplus=round_half_up(self.surplus),
            per_day=self._per_day(as_of),
            lines=tuple(self.lines),
            rounding=self.terms.rounding_used,
        )

    def _per_day(self, as_of: date) -> Decimal:
        rate = self.table.on(as_of + ONE_DAY)
        if rate is None:
            return Decimal("0.00")
        return round_half_up(self.principal * Fraction(rate.percent) / (100 * self.terms.divisor))


def interest(
    claim: Claim,
    table: RateTable,
    as_of: date,
    calendar: FreeDays = NO_FREE_DAYS,
    terms: Terms = Terms(),
) -> Interest | Failure:
    """Interest of a claim through ``as_of`` inclusive; payments after that day are not looked at."""
    due = calendar.shift(claim.due)
    first = due + ONE_DAY
    payments = sorted((p for p in claim.payments if p.day <= as_of), key=lambda p: p.day)
    failure = _check(claim, payments, table, first, as_of)
    if failure is not None:
        return failure
    ledger = _Ledger(claim, table, terms)
    for payment in payments:
        ledger.accrue(first, payment.day)
        first = max(first, payment.day + ONE_DAY)
        ledger.pay(payment)
    ledger.accrue(first, as_of)
    return ledger.result(claim.due, due, as_of)


def interest_on_interest(overdue: Decimal, filed: date, table: RateTable, as_of: date) -> Interest | Failure:
    """Interest on overdue interest from the day a suit for it was filed (art. 482), or was agreed after arrears began.

    :param overdue: interest in PLN as of that day
    """
    return interest(Claim(overdue, filed - ONE_DAY), table, as_of)


def _check(claim: Claim, payments: Iterable[Payment], table: RateTable, first: date, as_of: date) -> Failure | None:
    if claim.principal < 0:
        return Failure("BAD_AMOUNT", {"amount": claim.principal})
    for payment in payments:
        if payment.amount <= 0:
            return Failure("BAD_PAYMENT", {"amount": payment.amount, "day": payment.day})
    if first <= as_of and table.on(first) is None:
        return Failure("NO_RATE", {"regime": table.regime, "day": first})
    return None
