"""Recurring billing without a database: timelines of services → charges, corrections, relief and notice dates."""

from .charges import (
    Collected,
    DueLine,
    Explanation,
    RecurringCharge,
    bill_charges,
    charge_all,
    due_lines,
)
from .daily import Applied, Segment, segments
from .grid import period_of
from .identifiers import luhn_digit, luhn_is_valid, normalise
from .ledger import Charged, Correction, corrections
from .money import round_half_up, spread
from .period import Period, add_months, bill_period, month_start, next_period
from .proration import METHODS, Method, PriceSegment, exact_amount, part_amount
from .recurring import ChargedPart, ServiceTerms, charges_of, end_corrections, recurring_charges
from .timeline import (
    ChargingRule,
    PriceStep,
    Problem,
    Promotion,
    Suspension,
    Timeline,
    Version,
    check,
    check_promotion,
    check_rule,
)

__all__ = [
    "METHODS",
    "Applied",
    "Charged",
    "ChargedPart",
    "ChargingRule",
    "Collected",
    "Correction",
    "DueLine",
    "Explanation",
    "Method",
    "Period",
    "PriceSegment",
    "PriceStep",
    "Problem",
    "Promotion",
    "RecurringCharge",
    "Segment",
    "ServiceTerms",
    "Suspension",
    "Timeline",
    "Version",
    "add_months",
    "bill_charges",
    "bill_period",
    "charge_all",
    "charges_of",
    "check",
    "check_promotion",
    "check_rule",
    "corrections",
    "due_lines",
    "end_corrections",
    "exact_amount",
    "luhn_digit",
    "luhn_is_valid",
    "month_start",
    "next_period",
    "normalise",
    "part_amount",
    "period_of",
    "recurring_charges",
    "round_half_up",
    "segments",
    "spread",
]
