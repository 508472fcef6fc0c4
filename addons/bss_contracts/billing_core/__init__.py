"""Recurring billing without a database: timelines of services → charges, corrections, relief and notice dates."""

from .charges import (
    Collected,
    DueLine,
    Explanation,
    PricePart,
    RecurringCharge,
    bill_charges,
    charge_all,
    due_lines,
)
from .daily import Applied, Segment, segments
from .due import DUE_RULES, DueRule, due_date
from .grid import period_of
from .identifiers import luhn_digit, luhn_is_valid, normalise
from .ledger import Charged, Correction, corrections
from .money import round_half_up, spread
from .notice import NOTICE_RULES, NoticeRule, notice_end, term_binds
from .period import Period, add_months, bill_period, month_start, next_period
from .promotion_end import promotion_end
from .relief import Cause, ClawBack, ClawBackMethod, OneTimeRelief, Relief, ReliefRun, claw_back, relief
from .timeline import (
    METHODS,
    ChargingRule,
    Method,
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
    "Applied",
    "Cause",
    "Charged",
    "ChargingRule",
    "ClawBack",
    "ClawBackMethod",
    "Collected",
    "Correction",
    "DUE_RULES",
    "DueLine",
    "DueRule",
    "Explanation",
    "PricePart",
    "METHODS",
    "Method",
    "NOTICE_RULES",
    "NoticeRule",
    "OneTimeRelief",
    "Period",
    "PriceStep",
    "Problem",
    "Promotion",
    "RecurringCharge",
    "Relief",
    "ReliefRun",
    "Segment",
    "Suspension",
    "Timeline",
    "Version",
    "add_months",
    "bill_charges",
    "bill_period",
    "charge_all",
    "check",
    "check_promotion",
    "check_rule",
    "claw_back",
    "corrections",
    "due_date",
    "due_lines",
    "luhn_digit",
    "luhn_is_valid",
    "month_start",
    "next_period",
    "normalise",
    "notice_end",
    "period_of",
    "promotion_end",
    "relief",
    "round_half_up",
    "segments",
    "spread",
    "term_binds",
]
