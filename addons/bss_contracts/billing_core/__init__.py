"""Recurring billing without a database: periods, proration, charges and corrections."""

from .identifiers import luhn_digit, luhn_is_valid, normalise
from .money import round_half_up, spread
from .period import Period, add_months, bill_period, month_start, next_period
from .proration import METHODS, PriceSegment, exact_amount, part_amount
from .recurring import (
    ChargedPart,
    Collected,
    Correction,
    Explanation,
    Problem,
    RecurringCharge,
    ServiceTerms,
    charges_of,
    end_corrections,
    recurring_charges,
)

__all__ = [
    "METHODS",
    "ChargedPart",
    "Collected",
    "Correction",
    "Explanation",
    "Period",
    "PriceSegment",
    "Problem",
    "RecurringCharge",
    "ServiceTerms",
    "add_months",
    "bill_period",
    "charges_of",
    "end_corrections",
    "exact_amount",
    "luhn_digit",
    "luhn_is_valid",
    "month_start",
    "next_period",
    "normalise",
    "part_amount",
    "recurring_charges",
    "round_half_up",
    "spread",
]
