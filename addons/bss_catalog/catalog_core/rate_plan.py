"""Rate plan validator: everything that would park or misprice usage is reported before activation."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from .prefixes import find_conflicts, prefix_is_valid

FREE_KINDS = frozenset({"free", "emergency"})
NO_PREFIX_KINDS = frozenset({"on_net"})
ERROR = "error"
WARNING = "warning"


@dataclass(frozen=True, slots=True)
class ZoneFacts:
    code: str
    name: str
    kind: str
    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RateFacts:
    zone: str
    usage_kind: str
    price_micro: int
    connect_fee_micro: int = 0
    increment_first_s: int = 60
    increment_next_s: int = 60
    min_charge_micro: int = 0


@dataclass(frozen=True, slots=True)
class PlanFacts:
    code: str
    rates: tuple[RateFacts, ...]
    zones: tuple[ZoneFacts, ...]
    date_start: date | None = None
    date_end: date | None = None
    # (start, end) of the other active versions that carry the same code
    other_versions: tuple[tuple[date | None, date | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    code: str
    severity: str
    params: dict[str, str] = field(default_factory=dict)

    @property
    def is_error(self) -> bool:
        return self.severity == ERROR


def validate_plan(plan: PlanFacts) -> list[Problem]:
    """Every problem of the plan, errors first, in a stable order."""
    problems = [
        *_validity(plan),
        *_emptiness(plan),
        *_rates(plan),
        *_prefixes(plan.zones),
        *_coverage(plan),
    ]
    return sorted(problems, key=lambda problem: not problem.is_error)


def _validity(plan: PlanFacts) -> list[Problem]:
    if plan.date_start and plan.date_end and plan.date_end < plan.date_start:
        return [Problem("DATES_REVERSED", ERROR)]
    return [
        Problem("VERSION_OVERLAP", ERROR, {"start": str(start or "…"), "end": str(end or "…")})
        for start, end in plan.other_versions
        if _overlaps(plan.date_start, plan.date_end, start, end)
    ]


def _overlaps(a_start: date | None, a_end: date | None, b_start: date | None, b_end: date | None) -> bool:
    return (a_start or date.min) <= (b_end or date.max) and (b_start or date.min) <= (a_end or date.max)


def _emptiness(plan: PlanFacts) -> list[Problem]:
    return [] if plan.rates else [Problem("NO_RATES", ERROR)]


def _rates(plan: PlanFacts) -> list[Problem]:
    kind_of = {zone.code: zone.kind for zone in plan.zones}
    problems = [
        Problem("DUPLICATE_RATE", ERROR, {"zone": zone, "usage_kind": usage_kind})
        for (zone, usage_kind), count in sorted(Counter((r.zone, r.usage_kind) for r in plan.rates).items())
        if count > 1
    ]
    for rate in plan.rates:
        params = {"zone": rate.zone, "usage_kind": rate.usage_kind}
        if min(rate.price_micro, rate.connect_fee_micro, rate.min_charge_micro) < 0:
            problems.append(Problem("NEGATIVE_PRICE", ERROR, params))
        if rate.usage_kind == "voice" and min(rate.increment_first_s, rate.increment_next_s) < 1:
            problems.append(Problem("BAD_INCREMENT", ERROR, params))
        paid = rate.price_micro or rate.connect_fee_micro or rate.min_charge_micro
        if paid and kind_of.get(rate.zone) in FREE_KINDS:
            problems.append(Problem("FREE_ZONE_PAID", ERROR, params))
        if not paid and kind_of.get(rate.zone) in {"international", "premium"}:
            problems.append(Problem("PAID_ZONE_FREE", WARNING, params))
    return problems


def _prefixes(zones: Sequence[ZoneFacts]) -> list[Problem]:
    pairs = [(prefix, zone.code) for zone in zones for prefix in zone.prefixes]
    problems = [
        Problem("PREFIX_CONFLICT", ERROR, {"prefix": conflict.prefix, "zones": ", ".join(conflict.zones)})
        for conflict in find_conflicts(pairs)
    ]
    problems += [
        Problem("BAD_PREFIX", ERROR, {"prefix": prefix, "zone": zone})
        for prefix, zone in pairs
        if not prefix_is_valid(prefix)
    ]
    return problems


def _coverage(plan: PlanFacts) -> list[Problem]:
    if not plan.rates:
        return []
    voice_rated = {rate.zone for rate in plan.rates if rate.usage_kind == "voice"}
    rated = {rate.zone for rate in plan.rates}
    problems: list[Problem] = []
    if voice_rated and not any(zone.kind == "emergency" and zone.code in voice_rated for zone in plan.zones):
        problems.append(Problem("NO_EMERGENCY_RATE", ERROR))
    for zone in plan.zones:
        if zone.code in rated and not zone.prefixes and zone.kind not in NO_PREFIX_KINDS:
            problems.append(Problem("ZONE_WITHOUT_PREFIX", ERROR, {"zone": zone.code}))
        if voice_rated and zone.prefixes and zone.code not in voice_rated and zone.kind != "emergency":
            problems.append(Problem("ZONE_NOT_RATED", WARNING, {"zone": zone.code}))
    return problems
