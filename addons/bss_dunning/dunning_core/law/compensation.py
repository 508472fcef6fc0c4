"""Compensation for recovery costs between businesses (art. 10 of the act of 8 March 2013, Dz.U. 2013/403).

Due for every unpaid performance without demand or damage, from the day on which interest begins. Since 2020 by bands
of the value of the performance, before that a flat sum (art. 20(4) of Dz.U. 2019/1649); contracts older than the act
have none (art. 15). The value is that of the whole performance (with VAT) or of its agreed instalment (art. 11), not
what a part payment left of it.
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
from .bands import Band, band_of
from .calendar import FreeDays

ONE_DAY = timedelta(days=1)


class DueReading(Enum):
    """Which day courts take for the one on which a claim became due."""

    DUE_DATE = "due_date"
    DAY_AFTER = "day_after"


@dataclass(frozen=True)
class Performance:
    """One unpaid invoice or instalment; ``value`` in PLN with VAT, ``due`` as agreed, ``concluded`` of the contract."""

    value: Decimal
    due: date
    between_businesses: bool = True
    concluded: date | None = None


@dataclass(frozen=True)
class Compensation:
    """What may be demanded, from which day, with its whole calculation."""

    amount_eur: Decimal
    rate_day: date
    entitled_from: date
    mid_rate: Decimal
    amount: Decimal
    explain: tuple[Reason, ...]


def compensation_eur(value: Decimal, due: date, bands: Iterable[Band]) -> Decimal | Failure:
    """EUR amount for one unpaid performance that fell due on ``due`` (already moved off free days)."""
    band = band_of(value, due, bands)
    if band is None:
        return Failure("NO_COMPENSATION", {"value": value, "day": due})
    return band.amount


def compensation_rate_day(due: date, calendar: FreeDays, reading: DueReading = DueReading.DUE_DATE) -> date:
    """Day of the NBP mid rate: last working day of the month before the month in which the claim became due.

    :param due: the due date as agreed; it is moved off free days first
    """
    became_due = calendar.shift(due)
    if reading is DueReading.DAY_AFTER:
        became_due += ONE_DAY
    return calendar.last_working_day_before(became_due.replace(day=1))


def compensation_pln(amount_eur: Decimal, mid_rate: Decimal) -> Decimal:
    """EUR compensation in PLN."""
    return round_half_up(Fraction(amount_eur) * Fraction(mid_rate))


def compensation(
    performance: Performance,
    as_of: date,
    bands: Iterable[Band],
    mid_rates: dict[date, Decimal],
    calendar: FreeDays,
    reading: DueReading = DueReading.DUE_DATE,
) -> Compensation | Failure:
    """Compensation for one performance as of a day.

    :param mid_rates: NBP table A mid rates of EUR by day; a missing day is a failure that names it, never guessed
    """
    bands = tuple(bands)
    due = calendar.shift(performance.due)
    failure = _bar(performance, due, as_of, bands)
    if failure is not None:
        return failure
    amount_eur = compensation_eur(performance.value, due, bands)
    if isinstance(amount_eur, Failure):
        return amount_eur
    rate_day = compensation_rate_day(performance.due, calendar, reading)
    mid_rate = mid_rates.get(rate_day)
    if mid_rate is None:
        return Failure("NO_MID_RATE", {"day": rate_day})
    amount = compensation_pln(amount_eur, mid_rate)
    explain = (
        Reason("COMPENSATION_BAND", {"value": performance.value, "eur": amount_eur}),
        Reason("COMPENSATION_RATE", {"due": due, "day": rate_day, "rate": mid_rate}),
        Reason("COMPENSATION_AMOUNT", {"eur": amount_eur, "rate": mid_rate, "amount": amount}),
    )
    return Compensation(amount_eur, rate_day, due + ONE_DAY, mid_rate, amount, explain)


def _bar(performance: Performance, due: date, as_of: date, bands: tuple[Band, ...]) -> Failure | None:
    if not performance.between_businesses:
        return Failure("NOT_BETWEEN_BUSINESSES")
    if as_of <= due:
        return Failure("NOT_LATE_YET", {"due": due})
    first = min((band.valid_from for band in bands), default=None)
    if performance.concluded is not None and first is not None and performance.concluded < first:
        return Failure("CONTRACT_OLDER_THAN_ACT", {"concluded": performance.concluded, "day": first})
    return None
