"""Amounts that the law sets by bands of a value: compensation, court fees, cost norms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class Band:
    """A fixed amount, or a percentage up to a maximum, for values from a limit on and for claims from a day on.

    ``included``: the limit itself belongs to the band. Amounts are in the currency of the rule, percent per hundred.
    """

    valid_from: date
    value_from: Decimal
    included: bool
    amount: Decimal
    percent: Decimal = Decimal(0)
    maximum: Decimal | None = None

    def holds(self, value: Decimal) -> bool:
        """Tell whether the value reaches this band."""
        return value > self.value_from or (self.included and value == self.value_from)

    def result(self, value: Decimal) -> Fraction:
        """Exact amount for a value of this band."""
        exact = Fraction(self.amount) + Fraction(value) * Fraction(self.percent) / 100
        return exact if self.maximum is None else min(exact, Fraction(self.maximum))


def band_of(value: Decimal, day: date, bands: Iterable[Band]) -> Band | None:
    """Band of a value in the table in force on a day; None when there is no table or no band for it."""
    dated = [band for band in bands if band.valid_from <= day]
    if not dated:
        return None
    start = max(band.valid_from for band in dated)
    fitting = [band for band in dated if band.valid_from == start and band.holds(value)]
    return max(fitting, key=lambda band: band.value_from, default=None)
