"""What a set of CGRateS tariff plan files holds once it is read, and what became of it in the words of this catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ..time_bands import Band

ERROR, WARNING = "error", "warning"
ANY = "*any"


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """Something of a file that was not taken over (error) or means a little else here (warning).

    Rows: UNREADABLE_ROW, TOO_FEW_COLUMNS, NO_VALUE, BAD_NUMBER, BAD_DURATION, BAD_TIME, BAD_INSTANT, BAD_PREFIX, NO_FILE.
    References: UNKNOWN_DESTINATION, UNKNOWN_RATE, UNKNOWN_DESTINATION_RATE, UNKNOWN_TIMING, UNKNOWN_PLAN,
    UNKNOWN_CATEGORY.
    Rates: RATE_GROUP_HOLE, RATE_GROUP_UNEVEN, PRICE_CHANGES_IN_CALL, CHAIN_TOO_LONG, CONNECT_FEE_TWICE, BAD_UNIT,
    UNIT_OF_OTHER_USAGE, PRICE_TOO_FINE, MAX_COST_STRATEGY, ROUNDING_UNKNOWN, ROUNDING_DIFFERS.
    Plans: TIMING_NOT_A_BAND, TIMING_TWICE, TIMING_HIDDEN, HOLIDAYS_OPEN, DESTINATIONS_SHARE_PREFIX, PLAN_UNUSED,
    NOT_PRICED (a destination of a plan that has no price for one of the other reasons), FALLBACK_SUBJECT.
    """

    file: str
    line: int
    field: str
    code: str
    value: str = ""
    severity: str = ERROR
    params: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Duration:
    """Units of usage: whole seconds when a unit of time was written, otherwise bytes, messages …"""

    units: int
    is_time: bool


@dataclass(frozen=True, slots=True)
class DestinationRow:
    line: int
    code: str
    prefix: str


@dataclass(frozen=True, slots=True)
class RateRow:
    line: int
    code: str
    connect_fee: Decimal
    price: Decimal
    unit: Duration
    increment: Duration
    group_start: Duration


@dataclass(frozen=True, slots=True)
class DestinationRateRow:
    line: int
    code: str
    destination: str
    rate: str
    rounding: str
    decimals: int
    max_cost: Decimal
    max_cost_strategy: str


@dataclass(frozen=True, slots=True)
class TimingRow:
    line: int
    code: str
    years: str
    months: str
    month_days: str
    week_days: str
    time: str


@dataclass(frozen=True, slots=True)
class PlanRow:
    line: int
    code: str
    destination_rate: str
    timing: str
    weight: Decimal


@dataclass(frozen=True, slots=True)
class ProfileRow:
    line: int
    tenant: str
    category: str
    subject: str
    active_from: datetime
    plan: str
    fallback: str


@dataclass(frozen=True, slots=True)
class ImportedZone:
    """Prefixes that every plan of the set treats alike; ``destinations`` are those of the set that it stands for."""

    code: str
    destinations: tuple[str, ...]
    prefixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportedRate:
    """``price_micro`` is for ``unit_size`` units; an empty ``band`` means any time no other band holds."""

    zone: str
    usage_kind: str
    band: str
    price_micro: int
    unit_size: int
    connect_fee_micro: int
    max_charge_micro: int
    chain: tuple[int, ...]
    decimals: int


@dataclass(frozen=True, slots=True)
class ImportedPlan:
    code: str
    rates: tuple[ImportedRate, ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who is rated by which plan from when (UTC without a zone)."""

    tenant: str
    category: str
    usage_kind: str
    subject: str
    active_from: datetime
    plan: str


@dataclass(frozen=True, slots=True)
class ImportedTariff:
    zones: tuple[ImportedZone, ...]
    bands: tuple[Band, ...]
    plans: tuple[ImportedPlan, ...]
    assignments: tuple[Assignment, ...]
    problems: tuple[ImportProblem, ...]
