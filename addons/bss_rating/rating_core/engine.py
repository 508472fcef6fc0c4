"""Rate a frame of events: zone, rate of the band, increments, allowances, amount.

The readings behind the steps:

- Events are rated in the order (start instant, tie, id), whatever the order of the frame.
- The longest prefix decides the zone; a zone that the plan does not price suspends the event (never a shorter prefix, never free).
- The band of the answer gives connection fee, minimum, maximum, chain, decimals and basis; see ``pieces`` for calls over a
  change of band.
- An event that would cost nothing anyway (free zone, zero units) uses no allowance.
- A wholly free event costs nothing: no connection fee (unless the plan says so), no minimum. A partly free one pays the fee,
  and minimum and maximum apply to its paid part. The amount is rounded once.
- Priced per event or upstream, an event that is not wholly free pays its whole price.
- A suspended event uses no allowance and moves no counter.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from . import counters as counting
from .columns import greatest, put
from .prefixes import PrefixTable
from .pricing import Pricing
from .tariff_table import TariffTable
from .tiers import tier_frame
from .timeline import Borders, Clock
from .values import (
    EVENT_SCHEMA,
    REASONS,
    REQUIRED_COLUMNS,
    TIMED_KINDS,
    Allowances,
    Rated,
    Tariff,
)
from .zones import locate

MOST_SECONDS = 400 * 86_400  # further ahead no timeline is made; no call lasts longer
WHY: Mapping[str, int] = {reason: number for number, reason in enumerate(REASONS, start=1)}


class Engine:
    """A tariff made ready for many frames of events."""

    def __init__(
        self, tariff: Tariff, timezone: str = "Europe/Warsaw", *, prefix_table: PrefixTable | None = None
    ) -> None:
        self.table = TariffTable(tariff, prefix_table)
        self._clock = Clock(timezone)
        self._tiers = tier_frame(self.table.source)

    def rate(
        self, events: pl.DataFrame, allowances: Allowances | None = None, counters: pl.DataFrame | None = None
    ) -> Rated:
        """Price every event or say why not.

        :param events: ``EVENT_SCHEMA``; columns beyond ``REQUIRED_COLUMNS`` may be missing.
        :param counters: ``COUNTER_SCHEMA``, as the rating of earlier events left them.
        """
        frame = locate(_ordered(_complete(events)), self.table).with_row_index("row")
        frame, borders = self._banded(frame)
        frame = self._refused(frame)
        pricing = Pricing(self.table, self._tiers, borders)
        stored = counting.none() if counters is None else counters
        while True:
            rated, ended = pricing.rate(frame, allowances or Allowances.none(), stored)
            if ended.is_empty():
                return rated
            # past the last tier: these wait, and what they would have used is there for others
            frame = frame.with_columns(why=put(frame["why"], ended, WHY["TIER_END"]))

    @property
    def counts(self) -> bool:
        """Whether prices depend on earlier events, so that counters must be handed on."""
        return self.table.has("model") or self.table.has("rounding")

    def _banded(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, Borders | None]:
        """``frame`` with the rate of the band of the answer and, where there are bands, the slot and point of the answer."""
        table, place = self.table, pl.col("place")
        if not table.timelines:
            return frame.with_columns(rate=pl.lit(table.rate_of_place).gather(place)), None
        answer = pl.coalesce("answered_at", "started_at").cast(pl.Int64) // 1_000_000
        times = frame.select(answer=answer, timeline=pl.lit(table.timeline_of_place).gather(place))
        held = times.filter(pl.col("timeline").is_not_null())
        if held.is_empty():
            return frame.with_columns(rate=pl.lit(table.rate_of_place).gather(place)), None
        first, last = held.select(first=pl.col("answer").min(), last=pl.col("answer").max()).row(0)
        timed = frame.filter(pl.col("usage_kind").is_in(list(TIMED_KINDS)))
        longest = min(max(greatest(timed, "units"), 0) + table.longest_step, MOST_SECONDS)
        borders = Borders(table.timelines, self._clock, first, last + longest)
        frame = frame.hstack(times.select(point=Borders.point(pl.col("timeline"), pl.col("answer"))))
        slot = borders.slots(frame["point"].fill_null(0)).clip(lower_bound=0)
        frame = frame.with_columns(slot=pl.when(pl.col("point").is_not_null()).then(pl.lit(slot)))
        offset = pl.lit(borders.places).gather("slot").fill_null(0)
        return frame.with_columns(rate=pl.lit(table.rate_of_place).gather(place + offset)), borders

    def _refused(self, frame: pl.DataFrame) -> pl.DataFrame:
        """``frame`` with ``why``: the number of the first reason not to rate, 0 for none."""
        cost = pl.lit(value=False)
        if self.table.uses("basis", "upstream"):
            upstream = self.table.column("basis", pl.col("rate")) == "upstream"
            cost = upstream & pl.col("cost_micro").is_null()
        why = (
            pl.when((pl.col("units") < 0) | pl.col("units").is_null())
            .then(WHY["NEGATIVE_UNITS"])
            .when(pl.col("plan_id").is_null())
            .then(WHY["NO_RATE_PLAN"])
            .when(pl.col("zone").is_null())
            .then(WHY["NO_ZONE"])
            .when(pl.col("place").is_null())
            .then(WHY["NO_RATE"])
            .when(pl.col("rate").is_null())
            .then(WHY["NO_BAND_RATE"])
            .when(cost)
            .then(WHY["NO_COST"])
            .otherwise(0)
        )
        return frame.with_columns(why=why.cast(pl.UInt8))


def rate(
    events: pl.DataFrame,
    tariff: Tariff,
    allowances: Allowances | None = None,
    *,
    counters: pl.DataFrame | None = None,
    prefix_table: PrefixTable | None = None,
    timezone: str = "Europe/Warsaw",
) -> Rated:
    """Price one frame of events; see ``Engine.rate``.

    :param prefix_table: the flattened ``tariff.prefixes`` when many tariffs share them.
    """
    return Engine(tariff, timezone, prefix_table=prefix_table).rate(events, allowances, counters)


def _complete(events: pl.DataFrame) -> pl.DataFrame:
    missing = [name for name in REQUIRED_COLUMNS if name not in events.columns]
    if missing:
        raise ValueError(f"events without {', '.join(missing)}")
    return events.select(
        [
            pl.col(name) if name in events.columns else pl.lit(None, dtype=kind).alias(name)
            for name, kind in EVENT_SCHEMA.items()
        ]
    ).with_columns(pl.col("on_net").fill_null(value=False), pl.col("tie").fill_null(0))


def _ordered(frame: pl.DataFrame) -> pl.DataFrame:
    """In the order of rating; frames from a database are so already."""
    step = {name: pl.col(name).cast(pl.Int64).diff() for name in ("started_at", "tie", "id")}
    same_tie = (step["tie"] < 0) | ((step["tie"] == 0) & (step["id"] < 0))
    wrong = (step["started_at"] < 0) | ((step["started_at"] == 0) & same_tie)
    return frame.sort("started_at", "tie", "id") if frame.select(wrong.any()).item() else frame
