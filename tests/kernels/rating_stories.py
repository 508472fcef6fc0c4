"""Random worlds of rating, crooked on purpose: borders, DST nights, month ends, holes, nested prefixes, shared pools.

``world(dice, size)`` takes any ``random.Random``: seeded for volume, or one that hypothesis draws from (``worlds``), which
then shrinks a failing world.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from tests.kernels.rating_stories_tariff import KINDS, tariff
from tests.kernels.rating_world import Allowance, Event, World

WARSAW = ZoneInfo("Europe/Warsaw")
# first local day of the three or so in which a world plays
STAGES = (
    date(2026, 10, 24),  # summer time ends on the 25th
    date(2026, 3, 28),  # and begins on the 29th
    date(2026, 10, 30),  # a month ends
    date(2026, 12, 30),  # and a year
    date(2026, 11, 10),  # a holiday in the middle of a week
    date(2028, 2, 28),
)
LENGTHS = (1, 2, 29, 30, 31, 59, 60, 61, 119, 120, 121, 240, 600, 3599, 3600, 3601)
DATA_SIZES = (1, 1023, 1024, 1025, 99_999, 100_000, 102_400, 1_234_567)
SERVICES = 4


def world(dice: Random, size: int) -> World:
    """A tariff, allowances and ``size`` events of a few services within about three days."""
    first = dice.choice(STAGES)
    base = tariff(dice, first)
    events = _together(dice, tuple(_event(dice, base, first, number) for number in range(1, size + 1)))
    return World(
        events=events,
        rates=base.rates,
        plans=base.plans,
        prefixes=base.prefixes,
        codes=base.codes,
        on_net_zone=base.on_net_zone,
        bands=base.bands,
        holidays=base.holidays,
        allowances=tuple(
            _allowance(dice, base, first, events, number) for number in range(1, dice.choice((1, 3, 6, 9, 14)))
        ),
    )


def worlds(largest: int = 12) -> st.SearchStrategy[World]:
    return st.tuples(st.randoms(use_true_random=False), st.integers(1, largest)).map(lambda two: world(*two))


# --- instants


def utc(day: date, minute: int, second: int = 0) -> datetime:
    """The (first) instant of a wall-clock minute in Warsaw."""
    local = datetime(day.year, day.month, day.day, tzinfo=WARSAW).replace(hour=minute // 60, minute=minute % 60)
    return local.astimezone(UTC).replace(tzinfo=None) + timedelta(seconds=second)


def _start(dice: Random, base: World, first: date, units: int | None) -> datetime:
    day = first + timedelta(days=dice.randrange(3))
    way = dice.random()
    if way < 0.6 and base.bands:  # just before a border of a band
        band = dice.choice(base.bands)
        before = dice.choice((0, 1, 59, 60, 61, min(max(units or 1, 1), 40_000) * dice.randrange(8) // 8))
        border = utc(day, dice.choice((band.start_min, band.end_min)) % 1440, -before)
        return border + timedelta(hours=dice.random() < 0.2)  # the repeated hour meets it twice
    if way < 0.75:  # around the changes of the clock and of the day
        shift = timedelta(hours=dice.random() < 0.3)
        return utc(day, dice.choice((0, 90, 119, 120, 150, 179, 180, 1439)), dice.randrange(60)) + shift
    start = utc(day, dice.randrange(1440), dice.randrange(60))
    return start + timedelta(microseconds=dice.randrange(1_000_000)) if dice.random() < 0.2 else start


def _together(dice: Random, events: tuple[Event, ...]) -> tuple[Event, ...]:
    """Some events begin at the very instant of another one; ids and ties decide, not the row."""
    found = []
    for event in events:
        if found and dice.random() < 0.15:
            twin = dice.choice(found)
            values = {name: getattr(event, name) for name in Event.__dataclass_fields__}
            values |= {"started_at": twin.started_at, "answered_at": None, "period": twin.period}
            values["tie"] = dice.choice((0, 0, 1, -1))
            if dice.random() < 0.6:  # and compete for the same allowances
                values |= {
                    name: getattr(twin, name) for name in ("service_id", "plan_id", "usage_kind", "b_number", "units")
                }
            event = Event(**values)
        found.append(event)
    return tuple(found)


# --- events


def _event(dice: Random, base: World, first: date, number: int) -> Event:
    kind = dice.choice(KINDS)
    units = _units(dice, kind)
    start = _start(dice, base, first, units)
    rings = dice.choice((None, None, None, 0, 1, 12, 75))
    local = start.replace(tzinfo=UTC).astimezone(WARSAW).date()
    codes = (*base.codes, *base.codes, *base.codes, "net:99999", "")
    code = dice.choice(codes) if base.codes and dice.random() < 0.15 else None
    return Event(
        id=number,
        started_at=start,
        answered_at=None if rings is None else start + timedelta(seconds=rings),
        service_id=dice.randrange(1, SERVICES + 1),
        plan_id=None if dice.random() < 0.01 else dice.choice(base.plans).plan_id,
        usage_kind=kind,
        b_number=_number(dice, base, kind),
        code=code,
        on_net=dice.random() < 0.1,
        units=units,
        volume=dice.choice((None, 0, 1, 99_999, 100_000, 100_001, 350_000)) if kind == "mms" else None,
        session_key=dice.choice((None, "s1", "s2", "s3")) if kind == "data" else None,
        period=local.replace(day=1),
        cost_micro=None if dice.random() < 0.1 else dice.choice((0, 1, 49, 50, -33_333, dice.randrange(5_000_000))),
    )


def _number(dice: Random, base: World, kind: str) -> str | None:
    if kind in ("data", "content") and dice.random() < 0.7:
        return None
    if dice.random() < 0.03:
        return dice.choice(("", "48x", "1" * 16, "99", "*100#"))
    prefix = dice.choice(list(base.prefixes))
    return (prefix + str(dice.randrange(10**9)))[: dice.choice((len(prefix), 11, 11, 11, 15))]


def _units(dice: Random, kind: str) -> int | None:
    way = dice.random()
    if way < 0.005:
        return dice.choice((None, -1, -100))
    if way < 0.05:
        return 0
    if kind == "data":
        return dice.choice(DATA_SIZES) if way < 0.5 else dice.randrange(1, 4_000_000)
    if kind not in ("voice", "premium"):
        return 1 if way < 0.8 else dice.randrange(1, 7)
    if way < 0.5:
        return dice.choice(LENGTHS)
    if way < 0.98:
        return dice.randrange(1, 900)
    return dice.randrange(1, 4 * 3600) if way < 0.999 else dice.randrange(1, 60 * 3600)


# --- allowances


def _allowance(dice: Random, base: World, first: date, events: tuple[Event, ...], number: int) -> Allowance:
    kind = dice.choice(("voice", "voice", "voice", "sms", "data", "money", "mms", "premium"))
    largest = {"voice": 16_000, "premium": 4000, "data": 30_000_000, "money": 200_000}.get(kind, 12)
    early, late = utc(first - timedelta(days=9), 0), utc(first + timedelta(days=20), 0)
    inside = dice.choice(events).started_at  # ends and begins with an event
    valid_from, valid_to = dice.choice(((early, late),) * 3 + ((early, inside), (inside, late), (inside, late)))
    members = dice.sample(range(1, SERVICES + 1), dice.choice((1, 1, 2, 3, SERVICES)))
    zones = None if dice.random() < 0.7 else frozenset(dice.sample(range(1, 6), dice.randrange(1, 4)))
    return Allowance(
        allowance_id=number,
        unit_kind=kind,
        remaining=dice.randrange(dice.choice((largest, largest, largest // 10 + 2))),
        valid_from=valid_from,
        valid_to=valid_to,
        services=frozenset(members),
        priority=dice.choice((1, 1, 2)),
        zones=zones,
        band_id=dice.choice(base.bands).band_id if base.bands and dice.random() < 0.15 else None,
    )
