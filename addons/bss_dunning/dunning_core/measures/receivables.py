"""How long money stays out: DSO, and how well it is collected: CEI."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

PLACES = Decimal("0.01")
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Month:
    """Receivables of a period: at its opening, billed within it, at its close, and of these what is not due yet."""

    opening: Decimal
    sales: Decimal
    closing: Decimal
    closing_current: Decimal


def ratio(part: Decimal, whole: Decimal, factor: Decimal = Decimal(1)) -> Decimal | None:
    """``part / whole * factor`` to two places; None when there is nothing to compare with."""
    if whole <= 0:
        return None
    return (part * factor / whole).quantize(PLACES, ROUND_HALF_UP)


def dso(receivables: Decimal, credit_sales: Decimal, days: int) -> Decimal | None:
    """Days sales outstanding: receivables / credit sales of the last ``days`` * days."""
    return ratio(receivables, credit_sales, Decimal(days))


def cei(month: Month) -> Decimal | None:
    """Collection effectiveness: of all that could be collected in a period, the percentage that was.

    (opening + sales - closing) / (opening + sales - closing current) * 100.
    """
    owed = month.opening + month.sales
    return ratio(owed - month.closing, owed - month.closing_current, HUNDRED)
