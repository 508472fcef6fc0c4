"""Calls that run over a change of band, cut into pieces by the policy of the plan.

- start: the whole call at the band of the answer (nothing is cut);
- increment: increments are anchored at the answer, each has the band in which it begins;
- second: each charged second, those of the rounding up included, has the band in which it begins;
- segment: the seconds spoken are cut, the chain restarts in each piece and rounds it up.

Only the few calls that reach the end of their slot are touched.
"""

from __future__ import annotations

import polars as pl

from .chains import HEAD, STEP, next_boundary
from .tariff_table import POLICIES, TariffTable
from .timeline import Borders

PART_SCHEMA = {
    "row": pl.UInt32(),
    "seq": pl.Int64(),
    "rate": pl.Int32(),
    "units": pl.Int64(),
    "segment": pl.Boolean(),
}


def cut(frame: pl.DataFrame, table: TariffTable, borders: Borders) -> pl.DataFrame:
    """Pieces of the rows of ``frame`` that have several: row, seq, rate (null: no price there), units, segment; in time order.

    :param frame: columns row, slot, point, rate, use, end; the policy is that of ``rate``.
    """
    policy = table.column("policy", pl.col("rate"))
    spoken = policy == POLICIES["segment"]
    span = pl.when(spoken).then(pl.col("use")).otherwise(pl.col("end"))
    slot_end = pl.lit(borders.ends).gather(pl.col("slot"))
    crossing = frame.filter((policy != POLICIES["start"]) & (pl.col("point") + span > slot_end))
    if crossing.is_empty():
        return pl.DataFrame(schema=PART_SCHEMA)
    crossing = crossing.select("row", "slot", "point", "place", "end", head=pl.col("rate"), span=span, policy=policy)
    last = borders.slots(crossing.select(pl.col("point") + pl.col("span") - 1).to_series())
    parts = crossing.with_columns(slot=pl.int_ranges(pl.col("slot"), last + 1, dtype=pl.Int32)).explode("slot")
    parts = parts.with_columns(
        begins=(pl.lit(borders.starts).gather("slot") - pl.col("point")).clip(lower_bound=0),
        ends=pl.min_horizontal(pl.lit(borders.ends).gather("slot") - pl.col("point"), "span"),
        rate=pl.lit(table.rate_of_place).gather(pl.col("place") + pl.lit(borders.places).gather("slot")),
        segment=pl.col("policy") == POLICIES["segment"],
    )
    parts = _measured(parts, table).filter(pl.col("units") > 0)
    parts = parts.with_columns(seq=pl.int_range(pl.len(), dtype=pl.Int64).over("row"))
    several = pl.len().over("row") > 1
    return parts.filter(several).select("row", "seq", "rate", "units", "segment")


def _measured(parts: pl.DataFrame, table: TariffTable) -> pl.DataFrame:
    """Charged units of each part. ``begins`` and ``ends`` are seconds from the answer."""
    begins, ends = pl.col("begins"), pl.col("ends")
    chain = [HEAD, STEP, *table.inner]
    anchored = parts.with_columns(table.columns(chain, "head"))
    by_increment = anchored.select(
        pl.min_horizontal(next_boundary(ends, table.inner), "end")
        - pl.min_horizontal(next_boundary(begins, table.inner), "end")
    ).to_series()
    # without a price there is no chain either, and the call waits whole
    own = parts.with_columns(table.columns(chain)).with_columns(pl.col(HEAD).fill_null(0), pl.col(STEP).fill_null(1))
    by_segment = own.select(next_boundary(ends - begins, table.inner)).to_series()
    units = (
        pl.when(pl.col("policy") == POLICIES["increment"])
        .then(by_increment)
        .when(pl.col("policy") == POLICIES["segment"])
        .then(by_segment)
        .otherwise(ends - begins)
    )
    return parts.with_columns(units=units)
