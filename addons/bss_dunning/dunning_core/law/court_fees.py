"""Fee of a claim for payment, in ordinary proceedings and in the electronic ones (EPU), and the cost norm.

Ordinary fee by bands of the value in dispute (art. 13 of the act on costs in civil cases), rounded up to a full zloty
(art. 21). EPU: a quarter of it, rounded up, not less than the minimum (art. 19(2)).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from ..result import Failure, Reason
from .bands import Band, band_of
from .terms import add_years


@dataclass(frozen=True)
class EpuTerms:
    """Numbers of the electronic proceedings: divisor of the fee, its minimum (PLN), years back that claims may lie."""

    fee_divisor: int
    fee_minimum: int
    claim_years: int


@dataclass(frozen=True)
class Fee:
    """Fee in full PLN with its calculation."""

    amount: int
    explain: tuple[Reason, ...]


def ordinary_fee(value: Decimal, filed: date, bands: Iterable[Band]) -> Fee | Failure:
    """Fee of an ordinary claim filed on a day."""
    if value <= 0:
        return Failure("BAD_AMOUNT", {"amount": value})
    dispute = value_in_dispute(value)
    band = band_of(dispute, filed, bands)
    if band is None:
        return Failure("NO_COURT_FEE", {"value": dispute, "day": filed})
    amount = math.ceil(band.result(dispute))
    code = "COURT_FEE_PERCENT" if band.percent else "COURT_FEE_FIXED"
    return Fee(amount, (Reason(code, {"value": dispute, "percent": band.percent, "amount": amount}),))


def epu_fee(value: Decimal, filed: date, bands: Iterable[Band], terms: EpuTerms) -> Fee | Failure:
    """Fee of a claim filed in the electronic proceedings on a day."""
    ordinary = ordinary_fee(value, filed, bands)
    if isinstance(ordinary, Failure):
        return ordinary
    quarter = math.ceil(Fraction(ordinary.amount, terms.fee_divisor))
    amount = max(quarter, terms.fee_minimum)
    params = {
        "ordinary": ordinary.amount,
        "divisor": terms.fee_divisor,
        "minimum": terms.fee_minimum,
        "amount": amount,
    }
    return Fee(amount, (*ordinary.explain, Reason("EPU_FEE", params)))


def epu_claims_from(filed: date, terms: EpuTerms) -> date:
    """First due date that may still be claimed in a suit filed on a day (art. 505(29a) of the procedure code)."""
    return add_years(filed, -terms.claim_years)


def cost_norm(value: Decimal, filed: date, bands: Iterable[Band]) -> Decimal | Failure:
    """Cost of an attorney by the norm, PLN."""
    dispute = value_in_dispute(value)
    band = band_of(dispute, filed, bands)
    if band is None:
        return Failure("NO_COST_NORM", {"value": dispute, "day": filed})
    return band.amount


def value_in_dispute(claims: Decimal) -> Decimal:
    """Sum of the claims without interest claimed beside them, up to a full zloty (art. 126(1) § 3 of the code)."""
    return Decimal(math.ceil(claims))
