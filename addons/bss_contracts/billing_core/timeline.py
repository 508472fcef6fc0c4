"""A service in time: what it is, at which price, with which promotions and suspensions.

Everything here is plain data; ``check`` says whether a timeline can be charged at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from .period import MAX_DAY, MIN_DAY, ONE_DAY

Method = Literal["calendar", "thirty", "none"]
Timing = Literal["advance", "arrears"]
Unit = Literal["day", "week", "month"]
StepKind = Literal["percent", "amount", "fixed", "free"]
METHODS: tuple[Method, ...] = ("calendar", "thirty", "none")
UNITS: tuple[Unit, ...] = ("day", "week", "month")
STEP_KINDS: tuple[StepKind, ...] = ("percent", "amount", "fixed", "free")


@dataclass(frozen=True, slots=True)
class ChargingRule:
    """How an offering is charged: a period of ``count`` units, before or after it was used.

    ``proration`` prices a period with a change or a suspension inside; ``first`` one that the start of the
    service cuts, ``last`` one that its end cuts (None = as ``proration``; cut by both = ``first``).
    """

    timing: Timing = "advance"
    unit: Unit = "month"
    count: int = 1
    proration: Method = "calendar"
    first: Method | None = None
    last: Method | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """What holds from ``start`` until the next version; the first one also holds before its start.

    ``amount`` is the price of a full period of all ``quantity`` units, net or gross as the caller has it.
    """

    start: date
    product_id: int
    amount: Decimal
    rule: ChargingRule = ChargingRule()
    quantity: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class PriceStep:
    """What a promotion does in its months ``month_from`` … ``month_to`` (None = without end), from 1.

    ``value``: percent off, amount off one unit, or the new price of one unit; of no meaning for ``free``.
    """

    month_from: int
    month_to: int | None
    kind: StepKind
    value: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Promotion:
    """A promotion granted to a service: month 1 begins on ``start``; nothing holds after ``end``.

    ``product_ids``: the offerings it changes, empty = all. With ``stops_while_suspended`` the days of a
    suspension do not count in its months.
    """

    promotion_id: int
    start: date
    end: date | None
    priority: int
    exclusive: bool
    steps: tuple[PriceStep, ...]
    stops_while_suspended: bool = False
    product_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Suspension:
    """Days on which only ``percent`` of the price is charged; at 0 they are not chargeable at all."""

    start: date
    end: date | None
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Timeline:
    """One service from its first to its last day, both included.

    ``anchor``: start of the chain of services that this one continues; days, weeks and periods longer than a
    month are counted from it (None = from ``start``). ``carried_in``/``carried_out``: the start/end is a hand-over
    to or from another service of the chain, settled by days and not by ``first``/``last``. ``former_days``: cycle
    days before ``cycle_day``; what was charged by their periods stays in them.
    """

    service_id: int
    start: date | None
    end: date | None
    versions: tuple[Version, ...]
    promotions: tuple[Promotion, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    cycle_day: int = 1
    anchor: date | None = None
    carried_in: bool = False
    carried_out: bool = False
    former_days: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Problem:
    """An expected failure: the service is not charged until someone corrects it."""

    service_id: int
    code: Literal[
        "NO_START",
        "END_BEFORE_START",
        "NO_VERSION",
        "VERSION_ORDER",
        "BAD_AMOUNT",
        "SUSPENSION_OVERLAP",
        "BAD_SUSPENSION",
        "UNKNOWN_PRORATION",
        "BAD_PERIOD",
        "BAD_PROMOTION",
        "TOO_FAR_BACK",
    ]
    params: dict[str, str] = field(default_factory=dict)


def check_rule(service_id: int, rule: ChargingRule) -> Problem | None:
    for method in (rule.proration, rule.first, rule.last):
        if method is not None and method not in METHODS:
            return Problem(service_id, "UNKNOWN_PRORATION", {"proration": method})
    if rule.count < 1 or rule.unit not in UNITS:
        return Problem(service_id, "BAD_PERIOD", {"count": str(rule.count), "unit": rule.unit})
    if rule.timing not in ("advance", "arrears"):
        return Problem(service_id, "BAD_PERIOD", {"timing": rule.timing})
    return None


def check_promotion(service_id: int, promotion: Promotion) -> Problem | None:
    for step in promotion.steps:
        if step.kind not in STEP_KINDS or step.month_from < 1 or not step.value.is_finite() or step.value < 0:
            params = {"promotion": str(promotion.promotion_id), "step": f"{step.month_from} {step.kind} {step.value}"}
            return Problem(service_id, "BAD_PROMOTION", params)
    return None


def never_ran(timeline: Timeline) -> bool:
    """A service that ended the day before it began: nothing to charge, no problem."""
    start, end = timeline.start, timeline.end
    return start is not None and end is not None and start - end == ONE_DAY


def check(timeline: Timeline) -> Problem | None:
    """Why the timeline cannot be charged; None when it can."""
    service = timeline.service_id
    if timeline.start is None:
        return Problem(service, "NO_START")
    if timeline.end is not None and timeline.end < timeline.start and not never_ran(timeline):
        return Problem(
            service, "END_BEFORE_START", {"start": timeline.start.isoformat(), "end": timeline.end.isoformat()}
        )
    if not timeline.versions:
        return Problem(service, "NO_VERSION")
    if not MIN_DAY <= timeline.cycle_day <= MAX_DAY:
        return Problem(service, "BAD_PERIOD", {"cycle_day": str(timeline.cycle_day)})
    before = None
    for version in timeline.versions:
        if before is not None and version.start <= before.start:
            return Problem(service, "VERSION_ORDER", {"start": version.start.isoformat()})
        if not (version.amount.is_finite() and version.quantity.is_finite()):
            return Problem(
                service,
                "BAD_AMOUNT",
                {"start": version.start.isoformat(), "amount": f"{version.amount} × {version.quantity}"},
            )
        if before is None or version.rule is not before.rule:
            found = check_rule(service, version.rule)
            if found:
                return found
        before = version
    for promotion in timeline.promotions:
        found = check_promotion(service, promotion)
        if found:
            return found
    return _check_suspensions(timeline) if timeline.suspensions else None


def _check_suspensions(timeline: Timeline) -> Problem | None:
    ordered = sorted(timeline.suspensions, key=lambda one: one.start)
    for one in ordered:
        if not (one.percent.is_finite() and 0 <= one.percent <= 100):
            params = {"start": one.start.isoformat(), "percent": str(one.percent)}
            return Problem(timeline.service_id, "BAD_SUSPENSION", params)
    for one, two in zip(ordered, ordered[1:], strict=False):
        if one.end is None or two.start <= one.end:
            return Problem(timeline.service_id, "SUSPENSION_OVERLAP", {"start": two.start.isoformat()})
    return None


__all__ = [
    "METHODS",
    "STEP_KINDS",
    "UNITS",
    "ChargingRule",
    "Method",
    "PriceStep",
    "Problem",
    "Promotion",
    "StepKind",
    "Suspension",
    "Timeline",
    "Timing",
    "Unit",
    "Version",
    "check",
    "check_promotion",
    "check_rule",
    "never_ran",
]
