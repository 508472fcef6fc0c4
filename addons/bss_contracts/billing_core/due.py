"""Until when an invoice is to be paid."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Container
from datetime import date, timedelta
from typing import Literal, get_args

DueRule = Literal["days", "working_days", "day_of_month"]
DUE_RULES: tuple[DueRule, ...] = get_args(DueRule)

SATURDAY = 5


def due_date(rule: DueRule, number: int, invoice_date: date, days_off: Container[date] = ()) -> date:
    """Last day for payment of an invoice of ``invoice_date``.

    days: so many calendar days later. working_days: so many days later that are neither Saturday, Sunday nor in
    ``days_off``; 0 is the invoice date itself. day_of_month: the first such day after the invoice date, the last
    day of months that are too short. A day that falls on a day off is not moved: that the term then ends on the next
    working day is the law's own (art. 115 of the Civil Code), whatever is printed.
    """
    if rule == "days":
        return invoice_date + timedelta(days=number)
    if rule == "working_days":
        day = invoice_date
        while number > 0:
            day += timedelta(days=1)
            if day.weekday() < SATURDAY and day not in days_off:
                number -= 1
        return day
    if not 1 <= number <= 31:
        raise ValueError(f"day {number} is no day of a month")
    day = _in_month(invoice_date.year, invoice_date.month, number)
    if day > invoice_date:
        return day
    year, month = divmod(invoice_date.year * 12 + invoice_date.month, 12)
    return _in_month(year, month + 1, number)


def _in_month(year: int, month: int, number: int) -> date:
    return date(year, month, min(number, monthrange(year, month)[1]))


__all__ = ["DUE_RULES", "DueRule", "due_date"]
