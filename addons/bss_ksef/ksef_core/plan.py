"""Tonight's sending: in which turn, and whether every session opens before midnight in Warsaw.

KSeF compares the date of issue with the Warsaw day on which the session is opened. Opening is what must happen before
midnight; upload and processing may end after it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from .mode import WARSAW, sending_day
from .transport.limits import MARGIN, Allowance

#: Before midnight, no session is started any more: packing and the call itself take this long.
CLOSING_TIME = timedelta(seconds=60)


@dataclass(frozen=True)
class Pace:
    """How fast this installation works; the defaults are careful guesses until sessions were measured."""

    invoices_per_second: float = 300.0  # posted invoice to frozen XML
    seconds_per_session: float = 60.0  # packing, opening, uploading and closing one full session
    seconds_to_results: float = 600.0  # from closing to the stored UPO
    workers: int = 1


@dataclass(frozen=True)
class Load:
    """What waits: the documents of each session that is ready to be opened, and invoices that are in none yet."""

    ready: tuple[int, ...]
    waiting: int
    session_size: int


@dataclass(frozen=True)
class Plan:
    """When the sessions open; `fits` and `left` are invoices in sessions that open before midnight, and after it."""

    opens: tuple[datetime, ...]
    ready_at: datetime
    midnight: datetime
    fits: int
    left: int

    @property
    def before_midnight(self) -> bool:
        return not self.left


def midnight_after(moment: datetime) -> datetime:
    """The next midnight on the clocks of Warsaw, in UTC; a day there has 23, 24 or 25 hours."""
    tomorrow = sending_day(moment) + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, WARSAW).astimezone(UTC)


def opening_day(moment: datetime) -> date:
    """The day that counts for a session whose packing starts now: shortly before midnight it is already the next."""
    return sending_day(moment + CLOSING_TIME)


def make(
    load: Load,
    now: datetime,
    pace: Pace,
    allowance: Allowance,
    opened: Iterable[datetime] = (),
    blocked_until: datetime | None = None,
) -> Plan:
    """The course of sending `load` from `now` on; `opened` are the openings of the last hour that KSeF still counts."""
    sizes = _sizes(load)
    calls = deque(sorted(opened))
    opens: list[datetime] = []
    free = [now] * max(pace.workers, 1)
    frozen = 0
    for index, size in enumerate(sizes):
        if index >= len(load.ready):
            frozen += size
        worker = free.index(min(free))
        frozen_at = now + timedelta(seconds=frozen / pace.invoices_per_second)
        wished = max(free[worker], frozen_at, blocked_until or now)
        moment = _first_free(wished, calls, allowance)
        calls.append(moment)
        opens.append(moment)
        free[worker] = moment + timedelta(seconds=pace.seconds_per_session * size / load.session_size)
    midnight = midnight_after(now)
    fits = sum(size for size, moment in zip(sizes, opens, strict=True) if moment + CLOSING_TIME <= midnight)
    results = timedelta(seconds=pace.seconds_to_results)
    return Plan(tuple(opens), max(free) + results if sizes else now, midnight, fits, sum(sizes) - fits)


def _sizes(load: Load) -> Sequence[int]:
    full, rest = divmod(load.waiting, load.session_size)
    return (*load.ready, *[load.session_size] * full, *([rest] if rest else []))


def _first_free(wished: datetime, calls: Sequence[datetime], allowance: Allowance) -> datetime:
    """The first moment from `wished` on at which no window is full; `calls` are in order."""
    moment = wished
    for length, allowed in allowance.windows():
        if len(calls) >= allowed > 0:
            moment = max(moment, calls[-allowed] + timedelta(seconds=length + MARGIN))
    return moment
