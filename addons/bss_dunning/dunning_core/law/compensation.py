"""Compensation for recovery costs between businesses (art. 10 of the act of 8 March 2013)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from ..money import round_half_up
from ..result import Failure
from .calendar import FreeDays


@dataclass(frozen=True)
class CompensationBand:
    """EUR amount for unpaid values from a limit on, for claims due from a day on."""

    valid_from: date
    value_from: Decimal
    value_from_included: bool
    amount_eur: Decimal

    def holds(self, value: Decimal) -> bool:
        return value > self.value_from or (self.value_from_included and value == self.value_from)


def compensation_eur(value: Decimal, due: date, bands: Iterable[CompensationBand]) -> Decimal | Failure:
    """EUR amount for one unpaid performance that fell due on ``due`` (already moved off free days)."""
    dated = [band for band in bands if band.valid_from <= due]
    if not dated:
        return Failure("NO_COMPENSATION", {"day": due})
    start = max(band.valid_from for band in dated)
    fitting = [band for band in dated if band.valid_from == start and band.holds(value)]
    if not fitting:
        return Failure("NO_COMPENSATION", {"value": value})
    return max(fitting, key=lambda band: band.value_from).amount_eur


def compensation_rate_day(due: date, calendar: FreeDays) -> date:
    """Day of the NBP mid rate: last working day of the month before the month of the (shifted) due date."""
    return calendar.last_working_day_before(calendar.shift(due).replace(day=1))


def compensation_pln(amount_eur: Decimal, mid_rate: Decimal) -> Decimal:
    """EUR compensation in PLN."""
    return round_half_up(Fraction(amount_eur) * Fraction(mid_rate))
