"""Columnar rating of usage events in integers: frames in, frames out, no database and no clock."""

from .allowances import Consumption
from .engine import Rated, rate
from .prefixes import PrefixTable
from .values import (
    ALLOWANCE_SCHEMA,
    EVENT_SCHEMA,
    RESULT_SCHEMA,
    USE_SCHEMA,
    ZONE_SET_SCHEMA,
    Allowances,
    Prefix,
    Rate,
    Tariff,
    amount_e4,
    billed_units,
)

__all__ = [
    "ALLOWANCE_SCHEMA",
    "EVENT_SCHEMA",
    "RESULT_SCHEMA",
    "USE_SCHEMA",
    "ZONE_SET_SCHEMA",
    "Allowances",
    "Consumption",
    "Prefix",
    "PrefixTable",
    "Rate",
    "Rated",
    "Tariff",
    "amount_e4",
    "billed_units",
    "rate",
]
