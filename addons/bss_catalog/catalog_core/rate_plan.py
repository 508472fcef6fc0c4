"""Rate plan validator: everything that would park or misprice usage is reported before activation."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from .numbering import is_dialled
from .prefixes import find_conflicts, find_unreachable, prefix_is_valid
from .rate_tiers import FLAT, RateTier, check_tiers
from .time_bands import GAP, Band, BandFinding, check_bands, clock

FREE_KINDS = frozenset({"free", "emergency"})
NO_PREFIX_KINDS = frozenset({"on_net"})
COSTLY_KINDS = frozenset({"international", "premium"})
UPSTREAM = "upstream"
TIMED_KINDS = frozenset({"voice", "premium"})
ERROR = "error"
WARNING = "warning"
ZONES_NAMED = 4


@dataclass(frozen=True, slots=True)
class ZoneFacts:
    code: str
    name: str
    kind: str
    prefixes: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RateFacts:
    """``basis`` upstream: cost × ``multiplier_micro`` (1e-6). ``band`` empty = at any time; amounts in micro-PLN, a maximum of 0 = none; ``chain`` empty = first/next increments."""

    zone: str
    usage_kind: str
    price_micro: int
    connect_fee_micro: int = 0
    increment_first_s: int = 60
    increment_next_s: int = 60
    min_charge_micro: int = 0
    max_charge_micro: int = 0
    band: str = ""
    chain: tuple[int, ...] = ()
    tier_model: str = FLAT
    tiers: tuple[RateTier, ...] = ()
    basis: str = "unit"
    multiplier_micro: int = 1_000_000
    rounding: str = "event"
    step_bytes: int = 0

    @property
    def is_paid(self) -> bool:
        price = self.multiplier_micro if self.basis == UPSTREAM else self.price_micro
        return any((price, self.connect_fee_micro, self.min_charge_micro)) or any(
            tier.price_micro for tier in self.tiers
        )

    @property
    def place(self) -> dict[str, str]:
        return {"zone": self.zone, "usage_kind": self.usage_kind, "band": self.band}


@dataclass(frozen=True, slots=True)
class PlanFacts:
    code: str
    rates: tuple[RateFacts, ...]
    zones: tuple[ZoneFacts, ...]
    date_start: date | None = None
    date_end: date | None = None
    # (start, end) of the other active versions that carry the same code
    other_versions: tuple[tuple[date | None, date | None], ...] = ()
    bands: tuple[Band, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """``params`` name the place: zone, usage_kind, band, prefix, days with from and to, dates."""

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
        *_bands(plan),
        *_prefixes(plan),
        *_coverage(plan),
    ]
    return sorted(problems, key=lambda problem: not problem.is_error)


# --- versions


def successor_end(start: date | None, other: tuple[date | None, date | None]) -> date | None:
    """Last day of an open-ended version when another one with ``start`` takes over; None when it does not follow."""
    other_start, other_end = other
    if start is None or other_end is not None or (other_start or date.min) >= start:
        return None
    return start - timedelta(days=1)


def _validity(plan: PlanFacts) -> list[Problem]:
    if plan.date_start and plan.date_end and plan.date_end < plan.date_start:
        return [Problem("DATES_REVERSED", ERROR)]
    problems = []
    standing: list[tuple[date, date]] = []
    for start, end in plan.other_versions:
        last = successor_end(plan.date_start, (start, end))
        if last:
            problems.append(Problem("VERSION_ENDS", WARNING, {"start": str(start or "…"), "end": str(last)}))
            end = last
        elif _overlaps(plan.date_start, plan.date_end, start, end):
            problems.append(Problem("VERSION_OVERLAP", ERROR, {"start": str(start or "…"), "end": str(end or "…")}))
        standing.append((start or date.min, end or date.max))
    return [*problems, *_gaps_beside((plan.date_start or date.min, plan.date_end or date.max), standing)]


def _overlaps(a_start: date | None, a_end: date | None, b_start: date | None, b_end: date | None) -> bool:
    return (a_start or date.min) <= (b_end or date.max) and (b_start or date.min) <= (a_end or date.max)


def _gaps_beside(mine: tuple[date, date], others: Sequence[tuple[date, date]]) -> list[Problem]:
    """Days without any version just before and just after this one."""
    start, end = mine
    problems = []
    before = [last for _first, last in others if last < start]
    if before and start - max(before) > timedelta(days=1):
        problems.append(_gap(max(before) + timedelta(days=1), start - timedelta(days=1)))
    after = [first for first, _last in others if first > end]
    if after and min(after) - end > timedelta(days=1):
        problems.append(_gap(end + timedelta(days=1), min(after) - timedelta(days=1)))
    return problems


def _gap(first: date, last: date) -> Problem:
    return Problem("VERSION_GAP", WARNING, {"start": str(first), "end": str(last)})


# --- rates


def _emptiness(plan: PlanFacts) -> list[Problem]:
    return [] if plan.rates else [Problem("NO_RATES", ERROR)]


def _rates(plan: PlanFacts) -> list[Problem]:
    kind_of = {zone.code: zone.kind for zone in plan.zones}
    counts = Counter((r.zone, r.usage_kind, r.band) for r in plan.rates)
    problems = [
        Problem("DUPLICATE_RATE", ERROR, {"zone": zone, "usage_kind": usage_kind, "band": band})
        for (zone, usage_kind, band), count in sorted(counts.items())
        if count > 1
    ]
    for rate in plan.rates:
        problems += _amounts(rate)
        problems += _ways(rate)
        problems += [
            Problem(found.code, ERROR, {**rate.place, **found.params})
            for found in check_tiers(rate.tier_model, rate.tiers)
        ]
        if rate.is_paid and kind_of.get(rate.zone) in FREE_KINDS:
            problems.append(Problem("FREE_ZONE_PAID", ERROR, rate.place))
        if not rate.is_paid and kind_of.get(rate.zone) in COSTLY_KINDS:
            problems.append(Problem("PAID_ZONE_FREE", WARNING, rate.place))
    return problems


def _amounts(rate: RateFacts) -> list[Problem]:
    problems = []
    if min(rate.price_micro, rate.connect_fee_micro, rate.min_charge_micro, rate.max_charge_micro) < 0:
        problems.append(Problem("NEGATIVE_PRICE", ERROR, rate.place))
    if 0 < rate.max_charge_micro < rate.min_charge_micro:
        problems.append(Problem("MIN_ABOVE_MAX", ERROR, rate.place))
    chain = rate.chain or (rate.increment_first_s, rate.increment_next_s)
    if rate.usage_kind in TIMED_KINDS and min(chain) < 1:
        problems.append(Problem("BAD_INCREMENT", ERROR, rate.place))
    return problems


def _ways(rate: RateFacts) -> list[Problem]:
    """Ways to charge that the kind of usage does not have, and prices that nobody asks for."""
    problems = []
    if rate.rounding != "event" and rate.usage_kind in TIMED_KINDS:
        problems.append(Problem("ROUNDING_OF_CALLS", ERROR, rate.place))
    if rate.step_bytes and rate.usage_kind != "mms":
        problems.append(Problem("STEP_WITHOUT_SIZE", ERROR, rate.place))
    if rate.basis == UPSTREAM and rate.price_micro:
        problems.append(Problem("PRICE_BESIDE_COST", WARNING, rate.place))
    return problems


# --- time bands


def _bands(plan: PlanFacts) -> list[Problem]:
    """Each zone must have one price at every minute: its bands cover the week and the holiday, or a rate stands at any time."""
    known = {band.code: band for band in plan.bands}
    used = {rate.band for rate in plan.rates if rate.band}
    problems = [problem for code in sorted(used & known.keys()) for problem in _shape(known[code])]
    groups: dict[tuple[frozenset[str], bool], list[str]] = {}
    bands_of: dict[tuple[str, str], set[str]] = {}
    for rate in plan.rates:
        bands_of.setdefault((rate.zone, rate.usage_kind), set()).add(rate.band)
    for (zone, _kind), codes in bands_of.items():
        if codes != {""}:
            zones = groups.setdefault((frozenset(codes - {""}), "" in codes), [])
            if zone not in zones:
                zones.append(zone)
    for (own, always), zones in groups.items():
        for found in check_bands([known[code] for code in sorted(own & known.keys())]):
            if not (always and found.kind == GAP):
                problems.append(_band_problem(found, own, zones))
    return problems


def _shape(band: Band) -> list[Problem]:
    if not band.days:
        return [Problem("BAND_NO_DAYS", ERROR, {"band": band.code})]
    if band.end_min <= band.start_min:
        params = {"band": band.code, "from": clock(band.start_min), "to": clock(band.end_min)}
        return [Problem("BAND_EMPTY", ERROR, params)]
    return []


def _band_problem(found: BandFinding, codes: frozenset[str], zones: Sequence[str]) -> Problem:
    named = ", ".join(zones[:ZONES_NAMED]) + (" …" if len(zones) > ZONES_NAMED else "")
    return Problem(
        "BAND_GAP" if found.kind == GAP else "BAND_OVERLAP",
        ERROR,
        {
            "zone": named,
            "band": ", ".join(found.codes or sorted(codes)),
            "days": " ".join(found.days),
            "from": clock(found.start_min),
            "to": clock(found.end_min),
            "months": " ".join(str(month) for month in found.months),
            "first": str(found.date_start or ""),
            "last": str(found.date_end or ""),
        },
    )


# --- prefixes


def _prefixes(plan: PlanFacts) -> list[Problem]:
    pairs = [(prefix, zone.code) for zone in plan.zones for prefix in zone.prefixes]
    rated = {rate.zone for rate in plan.rates}
    problems = [
        Problem("PREFIX_CONFLICT", ERROR, {"prefix": conflict.prefix, "zones": ", ".join(conflict.zones)})
        for conflict in find_conflicts(pairs)
    ]
    for prefix, zone in pairs:
        if not prefix_is_valid(prefix):
            problems.append(Problem("BAD_PREFIX", ERROR, {"prefix": prefix, "zone": zone}))
        elif zone in rated and not is_dialled(prefix):
            problems.append(Problem("PREFIX_NOT_DIALLED", WARNING, {"prefix": prefix, "zone": zone}))
    for hidden in find_unreachable(pairs):
        if hidden.zone in rated:
            # a zone that hides its own prefix loses nothing but clarity
            severity = WARNING if set(hidden.covered_by) == {hidden.zone} else ERROR
            params = {"prefix": hidden.prefix, "zone": hidden.zone, "zones": ", ".join(hidden.covered_by)}
            problems.append(Problem("PREFIX_UNREACHABLE", severity, params))
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
        if zone.code in rated and not (zone.prefixes or zone.codes) and zone.kind not in NO_PREFIX_KINDS:
            problems.append(Problem("ZONE_WITHOUT_PREFIX", ERROR, {"zone": zone.code}))
        if voice_rated and zone.prefixes and zone.code not in voice_rated and zone.kind != "emergency":
            problems.append(Problem("ZONE_NOT_RATED", WARNING, {"zone": zone.code}))
    return problems
