"""Columnar rating of usage events in integers: frames in, frames out, no database and no clock."""

from .chains import billed_units
from .engine import Engine, rate
from .explain import Step, explain
from .prefixes import PrefixTable
from .values import (
    ALLOWANCE_SCHEMA,
    COUNTER_SCHEMA,
    EVENT_SCHEMA,
    MEMBER_SCHEMA,
    PIECE_SCHEMA,
    REASONS,
    RESULT_SCHEMA,
    TIMED_KINDS,
    USE_SCHEMA,
    ZONE_SET_SCHEMA,
    Allowances,
    Plan,
    Prefix,
    Rate,
    Rated,
    Tariff,
    Tier,
    ZoneCode,
)

__all__ = [
    "ALLOWANCE_SCHEMA",
    "COUNTER_SCHEMA",
    "EVENT_SCHEMA",
    "MEMBER_SCHEMA",
    "PIECE_SCHEMA",
    "REASONS",
    "RESULT_SCHEMA",
    "TIMED_KINDS",
    "USE_SCHEMA",
    "ZONE_SET_SCHEMA",
    "Allowances",
    "Engine",
    "Plan",
    "Prefix",
    "PrefixTable",
    "Rate",
    "Rated",
    "Step",
    "Tariff",
    "Tier",
    "ZoneCode",
    "billed_units",
    "explain",
    "rate",
]
