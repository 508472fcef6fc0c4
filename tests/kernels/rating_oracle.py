"""What every event of a world costs, found the slow and obvious way: one event after another, one second, one increment,
one unit of allowance after another, in exact fractions. It shares no line and no idea of speed with the rating kernel.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from tests.kernels.rating_arithmetic import (
    Cell,
    half_up,
    increments,
    longest_prefix,
    pieces,
    tiered,
    units_by_rate,
    without_head,
)
from tests.kernels.rating_world import HOLIDAY, Allowance, Event, Plan, Rate, World

WARSAW = ZoneInfo("Europe/Warsaw")
MILLION = 1_000_000
# units of these kinds are seconds: only such an event lasts, and only it can meet a change of band
LASTING = ("voice", "premium")

CounterKey = tuple[str, int, int, str, date | None]


@dataclass
class Outcome:
    """``pieces``: (rate, billed units, paid units) in order of time, neighbours of one rate together."""

    event: Event
    state: str = "suspended"
    reason: str | None = None
    zone_id: int | None = None
    matched: str | None = None
    rate: Rate | None = None
    billed: int = 0
    free: int = 0
    amount_e4: int = 0
    money_e4: int = 0
    uses: dict[int, int] = field(default_factory=dict)
    pieces: list[tuple[int, int, int]] = field(default_factory=list)
    graduated: Fraction = Fraction(0)  # what graduated tiers ask for the event, not rounded, in micro
    story: list[str] = field(default_factory=list)


@dataclass
class Books:
    """All outcomes by event id, what is left of every allowance, and the counters that were touched."""

    outcomes: dict[int, Outcome]
    remaining: dict[int, int]
    counters: dict[CounterKey, int]


class _Suspended(Exception):
    """Raised with the reason for which an event cannot be priced."""


def rate_world(world: World) -> Books:
    oracle = _Oracle(world)
    for event in sorted(world.events, key=lambda one: (one.started_at, one.tie, one.id)):
        oracle.books.outcomes[event.id] = oracle.outcome(event)
    return oracle.books


class _Oracle:
    def __init__(self, world: World) -> None:
        self.world = world
        self.rates = {rate.rate_id: rate for rate in world.rates}
        self.plans = {plan.plan_id: plan for plan in world.plans}
        self.bands = {band.band_id: band for band in world.bands}
        self.books = Books({}, {one.allowance_id: one.remaining for one in world.allowances}, {})
        self._known_minutes: dict[tuple[frozenset[int], datetime], int | None] = {}

    def outcome(self, event: Event) -> Outcome:
        found = Outcome(event)
        try:
            self._price(event, found)
        except _Suspended as why:
            return Outcome(event, reason=str(why), zone_id=found.zone_id, story=[*found.story, f"suspended: {why}"])
        return found

    # --- steps of one event

    def _price(self, event: Event, found: Outcome) -> None:
        if event.units is None or event.units < 0:
            raise _Suspended("NEGATIVE_UNITS")
        if event.plan_id is None:
            raise _Suspended("NO_RATE_PLAN")
        plan = self.plans.get(event.plan_id, Plan(event.plan_id))
        self._find_zone(event, found)
        rates = self._rates(event, found.zone_id)
        if not rates:
            raise _Suspended("NO_RATE")
        answered = event.answered_at or event.started_at
        answer = self._rate_at(rates, answered)
        found.rate = answer
        found.story.append(f"plan {plan}; answered {answered} UTC at {answer}")
        if answer.basis == "upstream" and event.cost_micro is None:
            raise _Suspended("NO_COST")
        units = self._raw_units(event, plan, answer)
        offered, counters = self._billed(event, plan, rates, answer, units)
        found.billed = sum(cell.units for increment in offered for cell in increment)
        found.story.append(f"units {event.units} -> {units}, billed {found.billed} in {len(offered)} increments")
        bought = [[Cell(cell.units, cell.rate) for cell in increment] for increment in offered]
        left = dict(self.books.remaining)
        if not self._asks_nothing(event, offered, answer):
            bought = self._use_allowances(event, plan, found, bought, left)
        paid = [cell for increment in bought for cell in increment]
        found.free = found.billed - sum(cell.units for cell in paid)
        found.pieces = pieces([cell for increment in offered for cell in increment], paid)
        found.amount_e4 = self._amount(event, plan, found, paid, counters)
        self._use_money(event, found, left)
        found.state = "rated" if found.amount_e4 or found.money_e4 else "free"
        self.books.remaining = left
        self.books.counters.update(counters)

    def _find_zone(self, event: Event, found: Outcome) -> None:
        codes = self.world.codes
        if event.code or not event.b_number:
            abroad = event.code and event.code.startswith(("net:", "in:"))
            for code in (event.code, None if abroad else event.usage_kind):
                if code and code in codes:
                    found.zone_id, found.matched = codes[code], code
                    break
        else:
            found.matched = longest_prefix(self.world.prefixes, event.b_number)
            found.zone_id = self.world.prefixes[found.matched] if found.matched else None
            on_net = self.world.on_net_zone
            if event.on_net and on_net is not None and self._rates(event, on_net):
                found.zone_id = on_net
        found.story.append(f"zone {found.zone_id} by {found.matched!r}")
        if found.zone_id is None:
            raise _Suspended("NO_ZONE")

    def _rates(self, event: Event, zone_id: int | None) -> list[Rate]:
        return [
            rate
            for rate in self.world.rates
            if (rate.plan_id, rate.zone_id, rate.usage_kind) == (event.plan_id, zone_id, event.usage_kind)
        ]

    def _rate_at(self, rates: list[Rate], instant: datetime) -> Rate:
        """The rate of the band of an instant; the rate without a band where no band holds it."""
        ids = frozenset(rate.band_id for rate in rates if rate.band_id is not None)
        band_id = self._band_at(ids, instant) if ids else None
        for rate in rates:
            if rate.band_id == band_id:
                return rate
        raise _Suspended("NO_BAND_RATE")

    def _band_at(self, ids: frozenset[int], instant: datetime) -> int | None:
        """The heaviest of the bands ``ids`` that hold the wall-clock minute of an instant."""
        minute = instant.replace(second=0, microsecond=0)
        if (ids, minute) not in self._known_minutes:
            local = minute.replace(tzinfo=UTC).astimezone(WARSAW)
            day = local.date()
            kind = HOLIDAY if day in self.world.holidays else day.weekday()
            holding = [
                band
                for band in map(self.bands.__getitem__, sorted(ids))
                if kind in band.days
                and band.start_min <= local.hour * 60 + local.minute < band.end_min
                and (not band.months or day.month in band.months)
                and (band.first is None or band.first <= day)
                and (band.last is None or day <= band.last)
            ]
            best = max(holding, key=lambda band: band.weight, default=None)
            self._known_minutes[ids, minute] = best.band_id if best else None
        return self._known_minutes[ids, minute]

    def _raw_units(self, event: Event, plan: Plan, answer: Rate) -> int:
        if event.units == 0:
            return 1 if event.usage_kind in LASTING and plan.zero_length == "second" else 0
        if answer.step_bytes and event.volume is not None:
            return max(1, math.ceil(Fraction(event.volume, answer.step_bytes)))
        return event.units

    def _billed(
        self, event: Event, plan: Plan, rates: list[Rate], answer: Rate, units: int
    ) -> tuple[list[list[Cell]], dict[CounterKey, int]]:
        """Increments of the event as cells, and the counters of raw units that it moved."""
        banded = any(rate.band_id is not None for rate in rates)
        if banded and event.usage_kind in LASTING and answer.basis == "unit" and plan.band_policy != "start":
            return self._split(event, plan, rates, answer, units), {}
        key = self._rounding_key(event, answer)
        if key is None:
            return [[Cell(size, answer)] for size in increments(answer.chain, units)], {}
        before = self.books.counters.get(key, 0)
        known = len(increments(answer.chain, before))
        fresh = increments(answer.chain, before + units)[known:]
        return [[Cell(size, answer)] for size in fresh], {key: before + units} if units else {}

    def _rounding_key(self, event: Event, rate: Rate) -> CounterKey | None:
        """Whose raw units are summed before they are rounded up; None = the event's own."""
        if rate.rounding == "session" and event.session_key is not None:
            return "session", event.service_id, rate.rate_id, event.session_key, None
        if rate.rounding == "period":
            return "period", event.service_id, rate.rate_id, "", event.period
        return None

    def _split(self, event: Event, plan: Plan, rates: list[Rate], answer: Rate, units: int) -> list[list[Cell]]:
        answered = event.answered_at or event.started_at

        def rate_after(seconds: int) -> Rate:
            return self._rate_at(rates, answered + timedelta(seconds=seconds))

        if plan.band_policy == "segment":
            parts: list[tuple[Rate, int]] = []
            for second in range(units):
                rate = rate_after(second)
                if parts and parts[-1][0] is rate:
                    parts[-1] = (rate, parts[-1][1] + 1)
                else:
                    parts.append((rate, 1))
            return [[Cell(size, rate)] for rate, real in parts for size in increments(rate.chain, real)]
        found = []
        elapsed = 0
        for size in increments(answer.chain, units):
            if plan.band_policy == "second":
                found.append([Cell(1, rate_after(elapsed + second)) for second in range(size)])
            else:
                found.append([Cell(size, rate_after(elapsed))])
            elapsed += size
        return found

    def _asks_nothing(self, event: Event, offered: list[list[Cell]], answer: Rate) -> bool:
        """Whether the event would cost nothing whatever its length: no allowance is wasted on it."""
        if answer.connect_fee_micro or (answer.min_charge_micro and answer.tier_model == "flat"):
            return False
        if answer.basis == "upstream":
            return not (event.cost_micro and answer.multiplier_micro)
        touched = [cell.rate for increment in offered for cell in increment]
        return not any(
            rate.price_micro if rate.tier_model == "flat" else any(tier.price_micro for tier in rate.tiers)
            for rate in touched
        )

    # --- allowances

    def _serving(self, event: Event, found: Outcome, unit_kind: str) -> list[Allowance]:
        assert found.rate is not None
        serving = [
            one
            for one in self.world.allowances
            if one.unit_kind == unit_kind
            and event.service_id in one.services
            and one.valid_from <= event.started_at < one.valid_to
            and (one.zones is None or found.zone_id in one.zones)
            and (one.band_id is None or one.band_id == found.rate.band_id)
        ]
        return sorted(serving, key=lambda one: (one.priority, one.valid_to, one.valid_from, one.allowance_id))

    def _use_allowances(
        self, event: Event, plan: Plan, found: Outcome, waiting: list[list[Cell]], left: dict[int, int]
    ) -> list[list[Cell]]:
        """Increments that nothing pays for, after every allowance in turn took what it could from the head."""
        queue = deque(waiting)
        for allowance in self._serving(event, found, event.usage_kind):
            own = allowance.allowance_id
            took = 0
            while queue:
                size = sum(cell.units for cell in queue[0])
                if plan.consumption == "unit" and 0 < left[own] < size:
                    queue[0] = without_head(queue[0], left[own])
                    took += left[own]
                    left[own] = 0
                elif size <= left[own]:
                    left[own] -= size
                    took += size
                    queue.popleft()
                else:
                    break
            if took:
                found.uses[own] = took
                found.story.append(f"allowance {own} gave {took} units, {left[own]} stay")
        return list(queue)

    def _use_money(self, event: Event, found: Outcome, left: dict[int, int]) -> None:
        for allowance in self._serving(event, found, "money"):
            own = allowance.allowance_id
            part = min(left[own], found.amount_e4)
            if part > 0:
                left[own] -= part
                found.amount_e4 -= part
                found.money_e4 += part
                found.uses[own] = part
                found.story.append(f"money {own} paid {part} e4, {left[own]} stay")

    # --- money

    def _amount(
        self, event: Event, plan: Plan, found: Outcome, paid: list[Cell], counters: dict[CounterKey, int]
    ) -> int:
        answer = found.rate
        assert answer is not None
        if not paid:
            connect = answer.connect_fee_micro if found.billed and plan.free_pays_connect else 0
            return half_up(Fraction(connect), answer.decimals)
        if answer.tier_model != "flat":
            return half_up(Fraction(answer.connect_fee_micro), answer.decimals) + self._by_tiers(
                event, found, paid, counters
            )
        if answer.basis == "event":
            exact = Fraction(answer.price_micro)
        elif answer.basis == "upstream":
            assert event.cost_micro is not None
            exact = Fraction(event.cost_micro * answer.multiplier_micro, MILLION)
        else:
            exact = Fraction(0)
            for rate_id, units in units_by_rate(paid).items():
                rate = self.rates[rate_id]
                exact += Fraction(units * rate.price_micro, rate.unit_size)
        charge = exact + answer.connect_fee_micro
        if answer.min_charge_micro:  # a minimum of nothing is none: what upstream gives back is given on
            charge = max(charge, Fraction(answer.min_charge_micro))
        if answer.max_charge_micro:
            charge = min(charge, Fraction(answer.max_charge_micro))
        found.story.append(f"exact {exact} micro, with connect, minimum and maximum {charge}")
        return half_up(charge, answer.decimals)

    def _by_tiers(self, event: Event, found: Outcome, paid: list[Cell], counters: dict[CounterKey, int]) -> int:
        total = 0
        for rate_id, units in units_by_rate(paid).items():
            rate = self.rates[rate_id]
            key: CounterKey = ("tier", event.service_id, rate_id, "", event.period)
            before = self.books.counters.get(key, 0)
            try:
                start, end = tiered(rate, before), tiered(rate, before + units)
            except LookupError:
                raise _Suspended("TIER_END") from None
            counters[key] = before + units
            if rate.tier_model == "graduated":
                found.graduated += end - start
            total += half_up(end, rate.decimals) - half_up(start, rate.decimals)
            found.story.append(f"tiers of rate {rate_id}: {before} units {start} -> {before + units} units {end} micro")
        return total
