"""Time bands as borders on the UTC line, wall-clock jumps included.

Bands are of the wall clock; calls run in UTC. Between two changes of the clock the border of a band at a local minute is one instant;
at a change the band is looked up anew, so that the repeated hour of October meets a border twice and a border in the
hour that March leaves out comes with the jump.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from .values import DaySlots

DAY = 86_400
EPOCH = date(1970, 1, 1)
# Timelines lie one behind the other on one line, so that one search serves the events of all plans.
SPAN = 2**40
ZERO = 2**39  # seconds before 1970 stay positive
Slots = tuple[tuple[int, int | None], ...]


class Clock:
    """Wall clock of a time zone in whole seconds since 1970."""

    def __init__(self, timezone: str) -> None:
        self._zone = ZoneInfo(timezone)
        self._offset_of_day: dict[int, int] = {}

    def offset(self, second: int) -> int:
        """Local time minus UTC at an instant."""
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
        return int((moment.astimezone(self._zone).utcoffset() or timedelta()).total_seconds())

    def stretches(self, first: int, last: int) -> Iterator[tuple[int, int, int]]:
        """(start, end, offset) of the time from the UTC day of ``first`` to that of ``last`` in which the clock is not changed."""
        start = first // DAY * DAY
        for day in range(first // DAY, last // DAY + 1):
            before, after = self._at_midnight(day), self._at_midnight(day + 1)
            if before != after:
                change = self._change(day * DAY, (day + 1) * DAY)
                yield start, change, before
                start = change
        end = (last // DAY + 1) * DAY
        if start < end:
            yield start, end, self._at_midnight(last // DAY + 1)

    def _at_midnight(self, day: int) -> int:
        if day not in self._offset_of_day:
            self._offset_of_day[day] = self.offset(day * DAY)
        return self._offset_of_day[day]

    def _change(self, low: int, high: int) -> int:
        """First second with the offset of ``high``."""
        before = self.offset(low)
        while high - low > 1:
            middle = (low + high) // 2
            if self.offset(middle) == before:
                low = middle
            else:
                high = middle
        return high


class Timeline:
    """Bands of one plan for one set of priced bands; days are asked for once."""

    def __init__(self, day_slots: DaySlots | None, bands: Sequence[int]) -> None:
        self.bands = sorted(bands)
        self._day_slots = day_slots
        self._known: dict[int, Slots] = {}

    def borders(self, clock: Clock, first: int, last: int) -> list[tuple[int, int]]:
        """(UTC second, place of the band in ``bands``; their number for none), changes only."""
        place_of = {band: place for place, band in enumerate(self.bands)}
        found: list[tuple[int, int]] = []
        for start, end, offset in clock.stretches(first, last):
            for second, band in self._local(start + offset, end + offset):
                place = len(self.bands) if band is None else place_of.get(band, len(self.bands))
                if not found or found[-1][1] != place:
                    found.append((second - offset, place))
        return found

    def _local(self, start: int, end: int) -> Iterator[tuple[int, int | None]]:
        """Slots of the local time from ``start`` to ``end``, the first one cut to it."""
        for day in range(start // DAY, (end - 1) // DAY + 1):
            slots = self._slots(day)
            for number, (minute, band) in enumerate(slots):
                begins = day * DAY + minute * 60
                ends = day * DAY + (slots[number + 1][0] * 60 if number + 1 < len(slots) else DAY)
                if begins < end and ends > start:
                    yield max(begins, start), band

    def _slots(self, day: int) -> Slots:
        if day not in self._known:
            slots = self._day_slots(EPOCH + timedelta(days=day), frozenset(self.bands)) if self._day_slots else ()
            if not slots or slots[0][0] != 0:
                slots = ((0, None), *slots)
            self._known[day] = tuple(slots)
        return self._known[day]


class Borders:
    """All timelines for the time that a frame of events needs, on one line."""

    def __init__(self, timelines: Sequence[Timeline], clock: Clock, first: int, last: int) -> None:
        starts: list[int] = []
        ends: list[int] = []
        places: list[int] = []
        for number, timeline in enumerate(timelines):
            borders = timeline.borders(clock, first, last)
            begins = [number * SPAN + ZERO + second for second, _ in borders]
            starts += begins
            ends += [*begins[1:], (number + 1) * SPAN]
            places += [place for _, place in borders]
        self.starts = pl.Series(starts, dtype=pl.Int64)
        self.ends = pl.Series(ends, dtype=pl.Int64)
        self.places = pl.Series(places, dtype=pl.Int32)

    @staticmethod
    def point(timeline: pl.Expr, second: pl.Expr) -> pl.Expr:
        return timeline.cast(pl.Int64) * SPAN + ZERO + second

    def slots(self, points: pl.Series) -> pl.Series:
        """Row of the slot of each point (of ``point``)."""
        return (self.starts.search_sorted(points, side="right").cast(pl.Int64) - 1).cast(pl.Int32)
