"""Sessions out of RADIUS records, whichever files they came in and in whatever order.

Counters grow from the start of a session, so a record says all that went before it, and nothing is lost with a record in between.
What was billed of a session is remembered as a *base*: its last record with the counters that are billed. Later records add only what
goes beyond it; the sum of a session never depends on files, order, or repetition.

- Ids come again after a reboot. A record is of another session when it is a Start after other records, or when by its ``Acct-Session-Time`` it
  began after the last record of the session before. A record that only came late (and has no delay time) began before it and is not.
- ``split`` session: one event when the session ends, at once with its Stop. day: an event per local day of the source, interim: an event
  per record; both wait ``settle_hours``, so that records of other files can come in between. A delta belongs to the day in which it begins.
- A session without a Stop is closed at its last record after ``idle_hours``, or after ``settle_hours`` when its NAS was started anew or its
  id came again. Its event says so (``Session-Closed = without stop``). A session that goes on after all goes on from there.
- Hours run by the records of the source, so that a backlog is not closed while it is loaded; when nothing comes any more, by the clock
  with a delay of seven days.
- Sessions and parts without any usage make no event: their records are merged. A call of which only the Start is known is a problem.
- An event is counted by its last record, which is its identity.

``legs_left`` may hold rows of the role ``base``: they are memory, not waiting, and were in ``used`` before. They are handed in again with
the waiting legs, and are dropped ``memory_days`` behind the newest record. ``pair`` needs all waiting legs of the source, whatever their session keys; of
the bases it needs those whose session keys wait or come.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from operator import itemgetter
from zoneinfo import ZoneInfo

import polars as pl

from ..values import Paired, SourceProfile
from .legs import leg_problems, paired, together
from .radius_events import Kept, with_result
from .registry import Option, option

OPTIONS = (
    Option("split", "One event per", "choice", "session", ("session", "day", "interim")),
    Option("idle_hours", "Hours after which a session without a Stop is closed", "int", "24"),
    Option("settle_hours", "Hours to wait for records of other files", "int", "6"),
    Option("memory_days", "Days to remember a closed session", "int", "7"),
)
SECOND = 1_000_000
HOUR = 3600 * SECOND
SAME_START = 300 * SECOND
SILENCE = 7 * 24 * HOUR
_RANK = {"start": 0, "interim": 1, "base": 2, "stop": 3}


@dataclass(slots=True)
class _Leg:
    """What pairing needs of a record; instants in microseconds."""

    index: int
    role: str
    at: int
    seconds: int | None
    up: int
    down: int
    voice: bool
    begin: int | None  # start of the session by this record
    stopped: bool  # a base whose session had its Stop

    @property
    def level(self) -> tuple[int, int, int]:
        return self.seconds or 0, self.up, self.down


@dataclass(slots=True)
class _Part:
    """A piece of usage: between two records, or all of them."""

    leg: _Leg
    start: int
    seconds: int
    up: int
    down: int
    closed: bool = False


@dataclass(slots=True)
class _Base:
    leg: _Leg
    begin: int
    level: tuple[int, int, int]
    stopped: bool


@dataclass
class _Outcome:
    """Where the records went, by their row."""

    parts: list[_Part] = field(default_factory=list)
    bases: list[_Base] = field(default_factory=list)
    used: list[int] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    halves: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class _Rules:
    """Settings of the source, and the time up to which it has been heard of."""

    split: str
    idle: int
    settle: int
    memory: int
    clock: int
    latest: int  # time of the newest record there is
    zone: ZoneInfo

    @classmethod
    def of(cls, profile: SourceProfile, latest: int, now: datetime) -> _Rules:
        return cls(
            option(profile, OPTIONS, "split"),
            _hours(profile, "idle_hours", 24),
            _hours(profile, "settle_hours", 6),
            _hours(profile, "memory_days", 7) * 24,
            _clock(latest, now),
            min(latest, _micros(now)),
            ZoneInfo(profile.timezone),
        )

    def day(self, at: int) -> int:
        return datetime.fromtimestamp(at // SECOND, self.zone).toordinal()


def _hours(profile: SourceProfile, name: str, default: int) -> int:
    text = option(profile, OPTIONS, name)
    return (int(text) if text.isascii() and text.isdigit() and len(text) < 6 else default) * HOUR


def pair(open_legs: pl.DataFrame, new_legs: pl.DataFrame, profile: SourceProfile, now: datetime) -> Paired:
    """Events of sessions out of all records so far.

    :param now: naive UTC.
    """
    legs = together(open_legs, new_legs)
    legs = legs.sort(pl.col("role") != "base", maintain_order=True).sort("pair_key", "at", maintain_order=True)
    twin = pl.col("leg_key").is_first_distinct().not_()
    twins = legs.filter(twin)
    legs = legs.filter(~twin).with_row_index("index")
    latest = legs.select(pl.col("at").max().dt.epoch("us")).item() or 0
    rules = _Rules.of(profile, latest, now)
    outcome = _Outcome()
    resets = _resets(legs.filter(role="reset"), rules, outcome)
    for key, group in groupby(_records(legs.filter(pl.col("role") != "reset")), key=itemgetter(0)):
        lives = _lives([leg for _, leg in group])
        restarts = resets.get(key.partition("|")[0], [])
        for life, following in pairwise([*lives, []]):
            _settle_life(life, following[0].at if following else None, restarts, rules, outcome)
    return _paired(legs, twins, outcome, rules)


def _clock(latest: int, now: datetime) -> int:
    """The time by which hours run: that of the newest record, but no more than seven days behind the wall clock."""
    return min(_micros(now), max(latest, _micros(now) - SILENCE))


def _micros(now: datetime) -> int:
    return (now - datetime(1970, 1, 1)) // timedelta(microseconds=1)  # noqa: DTZ001  (naive UTC on both sides)


def _resets(legs: pl.DataFrame, rules: _Rules, outcome: _Outcome) -> dict[str, list[int]]:
    """When each NAS was started or stopped; kept for the sessions that may still come."""
    found: dict[str, list[int]] = {}
    for index, key, at in legs.select("index", "pair_key", pl.col("at").dt.epoch("us")).iter_rows():
        found.setdefault(key.partition("|")[0], []).append(at)
        (outcome.used if at <= rules.clock - rules.idle else outcome.left).append(index)
    return found


def _records(legs: pl.DataFrame) -> Iterator[tuple[str, _Leg]]:
    columns = (
        pl.col("pair_key"),
        pl.col("index"),
        pl.col("role"),
        pl.col("at").dt.epoch("us"),
        pl.col("duration_s"),
        pl.col("volume_up").fill_null(0),
        pl.col("volume_down").fill_null(0),
        pl.col("usage_kind") == "voice",
        pl.col("started_at").dt.epoch("us"),
        pl.col("sequence").fill_null(0) == 1,
    )
    for key, index, role, at, seconds, up, down, voice, begin, stopped in legs.select(columns).iter_rows():
        if role == "start":
            begin = at
        elif role != "base":
            begin = None if seconds is None else at - seconds * SECOND
        yield key, _Leg(index, role, at, seconds, up, down, bool(voice), begin, stopped)


@dataclass(slots=True)
class _Life:
    """One session of a key while its records are gathered."""

    legs: list[_Leg] = field(default_factory=list)
    started: int | None = None  # by its Start
    last: _Leg | None = None  # that is no Start
    stop: _Leg | None = None

    def add(self, leg: _Leg) -> None:
        self.legs.append(leg)
        if leg.role == "start":
            self.started = leg.at
        else:
            self.last = leg
        if leg.role == "stop" or leg.stopped:
            self.stop = leg

    def is_over(self, leg: _Leg) -> bool:
        """Whether ``leg`` is of a later session: that cannot have begun before the last record of this one."""
        if self.last is None or leg.at <= self.last.at:
            return False
        if leg.role == "start":
            return True
        if leg.level == self.last.level and leg.at - self.last.at <= SAME_START:
            return False  # sent again
        if leg.begin is None:
            return self.stop is not None
        return leg.begin > self.last.at or (self.stop is not None and leg.begin >= self.stop.at)

    def is_before(self, leg: _Leg) -> bool:
        """Whether ``leg`` is of an earlier session than this one, which a Start that was late has begun."""
        return self.started is not None and leg.begin is not None and leg.begin < self.started - SAME_START


def _lives(legs: list[_Leg]) -> list[list[_Leg]]:
    """Sessions of one key, one after the other: the same id comes again after a reboot."""
    legs.sort(key=lambda leg: (leg.at, _RANK.get(leg.role, 1), leg.seconds or 0, leg.up + leg.down, leg.index))
    lives: list[_Life] = []
    for leg in legs:
        if not lives or lives[-1].is_over(leg):
            lives.append(_Life())
        life = lives[-2] if len(lives) > 1 and lives[-1].is_before(leg) else lives[-1]
        life.add(leg)
    return [life.legs for life in lives if life.legs]


def _settle_life(life: list[_Leg], next_at: int | None, restarts: list[int], rules: _Rules, outcome: _Outcome) -> None:
    base = max((leg for leg in life if leg.role == "base"), key=lambda leg: leg.level, default=None)
    records = [leg for leg in life if leg.role != "base"]
    stopped = any(leg.role == "stop" or leg.stopped for leg in life)
    if not records:
        if base is not None and base.at > rules.latest - rules.memory:
            outcome.bases.append(_Base(base, base.begin or base.at, base.level, base.stopped))
        return
    last = life[-1]
    # Evidence that the session is over: its id came again, or its NAS was started anew.
    signs = [at for at in (next_at, *restarts) if at is not None and at >= last.at]
    silent = last.at <= rules.clock - rules.idle or any(at <= rules.clock - rules.settle for at in signs)
    by_session = rules.split == "session" or records[-1].voice
    closed = stopped or silent
    if stopped and not silent and not by_session:
        closed = last.at <= rules.clock - rules.settle
    if records[-1].voice and not _is_call(life):
        (outcome.halves if silent else outcome.left).extend(leg.index for leg in records)
        return
    begin = _begin(life)
    parts = _parts(records, base, begin)
    ready = _ready(parts, records, closed, by_session, rules)
    _bill(parts, ready, by_session=by_session, flagged=closed and not stopped, rules=rules, outcome=outcome)
    _remember(records, ready, base, begin, stopped=stopped, rules=rules, outcome=outcome)


def _is_call(life: list[_Leg]) -> bool:
    """Whether a length is known: told by a record, or between Start and Stop."""
    return any(leg.seconds for leg in life) or {"start", "stop"} <= {leg.role for leg in life}


def _begin(life: list[_Leg]) -> int:
    """Start of the session by its last record that tells; so it does not depend on which others are there."""
    told = [leg for leg in life if leg.seconds is not None and leg.begin is not None] or [
        leg for leg in life if leg.begin is not None
    ]
    begin = told[-1].begin if told else None
    return life[0].at if begin is None else begin


def _parts(records: list[_Leg], base: _Leg | None, begin: int) -> list[_Part]:
    """What each record adds to the counters before it; one for every record, in order."""
    seconds, up, down = (0, 0, 0) if base is None else base.level
    before = begin if base is None else base.at
    parts = []
    for leg in records:
        # A record without a session time is as long as the clock says.
        reached = leg.seconds if leg.seconds is not None else max(leg.at - begin, 0) // SECOND
        parts.append(_Part(leg, before, max(reached - seconds, 0), max(leg.up - up, 0), max(leg.down - down, 0)))
        seconds, up, down = max(seconds, reached), max(up, leg.up), max(down, leg.down)
        before = max(before, leg.at)
    return parts


def _ready(parts: list[_Part], records: list[_Leg], closed: bool, by_session: bool, rules: _Rules) -> int:
    """How many records from the head can be billed."""
    if closed:
        return len(records)
    if by_session:
        return 0
    edge = rules.clock - rules.settle
    for count, part in enumerate(parts):
        too_new = part.leg.at > edge or (rules.split == "day" and rules.day(part.start) >= rules.day(edge))
        if too_new:
            return count
    return len(parts)


def _bill(parts: list[_Part], ready: int, *, by_session: bool, flagged: bool, rules: _Rules, outcome: _Outcome) -> None:
    used = [part for part in parts[:ready] if part.up or part.down or (part.seconds and part.leg.voice)]
    if not used:
        return
    if by_session:
        groups = [used]
    elif rules.split == "day":
        groups = [list(group) for _, group in groupby(used, key=lambda part: rules.day(part.start))]
    else:
        groups = [[part] for part in used]
    whole = parts[:ready]
    for group in groups:
        first, last = group[0], group[-1]
        # Time without traffic inside a session belongs to the event that it leads to.
        start = whole[0].start if by_session else first.start
        seconds = sum(part.seconds for part in whole) if by_session else sum(part.seconds for part in group)
        up, down = sum(part.up for part in group), sum(part.down for part in group)
        leg = whole[-1].leg if by_session else last.leg
        outcome.parts.append(_Part(leg, start, seconds, up, down, flagged and group is groups[-1]))


def _remember(
    records: list[_Leg],
    ready: int,
    base: _Leg | None,
    begin: int,
    *,
    stopped: bool,
    rules: _Rules,
    outcome: _Outcome,
) -> None:
    """Sort the records into used and left, and keep what has been billed."""
    done, rest = records[:ready], records[ready:]
    for leg, needed in zip(rest, _needed(rest, rules), strict=True):
        (outcome.left if needed else outcome.used).append(leg.index)
    outcome.used += [leg.index for leg in done]
    if done:
        levels = [leg.level for leg in done] + ([] if base is None else [base.level])
        level = (max(v[0] for v in levels), max(v[1] for v in levels), max(v[2] for v in levels))
        latest = max((leg for leg in [*done, base] if leg is not None), key=lambda leg: leg.at)
        outcome.bases.append(_Base(latest, begin, level, stopped))
    elif base is not None:
        outcome.bases.append(_Base(base, base.begin or base.at, base.level, base.stopped))


def _needed(rest: list[_Leg], rules: _Rules) -> list[bool]:
    """Which records of a session that goes on must wait; those between them say nothing that a later one does not say.

    The last one; by days also the first and the last of each; by records all.
    """
    if any(leg.seconds is None for leg in rest) or (rules.split == "interim" and not (rest and rest[-1].voice)):
        return [True] * len(rest)
    if rules.split == "session" or (rest and rest[-1].voice):
        return [place == len(rest) - 1 for place in range(len(rest))]
    days = [rules.day(leg.at) for leg in rest]
    return [
        place in (0, len(rest) - 1) or days[place - 1] != days[place] or days[place + 1] != days[place]
        for place in range(len(rest))
    ]


def _paired(legs: pl.DataFrame, twins: pl.DataFrame, outcome: _Outcome, rules: _Rules) -> Paired:
    def rows(indices: list[int]) -> pl.DataFrame:
        return legs[pl.Series(indices, dtype=pl.UInt32)].drop("index")

    def instants(values: list[int]) -> pl.Series:
        return pl.Series(values, dtype=pl.Int64).cast(pl.Datetime("us"))

    bases = outcome.bases
    memory = rows([base.leg.index for base in bases]).with_columns(
        role=pl.lit("base"),
        started_at=instants([base.begin for base in bases]),
        duration_s=pl.Series([base.level[0] for base in bases], dtype=pl.Int64),
        volume_up=pl.Series([base.level[1] for base in bases], dtype=pl.Int64),
        volume_down=pl.Series([base.level[2] for base in bases], dtype=pl.Int64),
        sequence=pl.Series([int(base.stopped) for base in bases], dtype=pl.Int64),
    )
    problems = leg_problems(
        rows(outcome.halves), "UNPAIRED", "Acct-Status-Type", pl.col("role"), days=max(rules.idle // (24 * HOUR), 1)
    )
    twins = twins.filter(pl.col("role") != "base")
    return paired(
        _events(rows([part.leg.index for part in outcome.parts]), outcome.parts),
        pl.concat([rows(outcome.left), memory]),
        pl.concat([rows(outcome.used), twins]),
        problems,
    )


def _events(frame: pl.DataFrame, parts: list[_Part]) -> pl.DataFrame:
    raws = [
        with_result(raw, Kept(part.start, part.seconds, part.up, part.down, key), closed=part.closed)
        for raw, key, part in zip(frame["raw"], frame["leg_key"], parts, strict=True)
    ]
    voice = pl.col("usage_kind") == "voice"
    up = pl.Series([part.up for part in parts], dtype=pl.Int64)
    down = pl.Series([part.down for part in parts], dtype=pl.Int64)
    seconds = pl.Series([part.seconds for part in parts], dtype=pl.Int64)
    start = pl.Series([part.start for part in parts], dtype=pl.Int64).cast(pl.Datetime("us"))
    return frame.with_columns(
        dedupe_key="leg_key",
        started_at=start,
        answered_at=pl.when(voice).then(start),
        duration_s=seconds,
        units=pl.when(voice).then(seconds).otherwise(up + down),
        volume_up=pl.when(~voice).then(up),
        volume_down=pl.when(~voice).then(down),
        raw=pl.Series(raws, dtype=pl.String),
    )
