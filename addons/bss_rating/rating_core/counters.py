"""Running totals that go on from frame to frame: sessions and periods that are rounded as a whole, and tiers."""

from __future__ import annotations

import polars as pl

from .values import COUNTER_SCHEMA

TIER, SESSION, PERIOD = "tier", "session", "period"
KEYS = ["scope", "service_id", "rate_id", "key", "period"]


def none() -> pl.DataFrame:
    return pl.DataFrame(schema=COUNTER_SCHEMA)


def cumulate(items: pl.DataFrame, counters: pl.DataFrame) -> pl.DataFrame:
    """``items`` with ``before``: what the counter of each one stood at when its turn came.

    :param items: in order of rating, with the columns of ``KEYS`` and ``units``
    """
    stored = counters.select(*KEYS, stored=pl.col("units"))
    joined = items.join(stored, on=KEYS, how="left", nulls_equal=True, maintain_order="left")
    earlier = pl.col("units").cum_sum().over(KEYS) - pl.col("units")
    return joined.with_columns(before=pl.col("stored").fill_null(0) + earlier).drop("stored")


def after(items: pl.DataFrame) -> pl.DataFrame:
    """Counters (``COUNTER_SCHEMA``) behind the last of the cumulated ``items``."""
    total = (pl.col("before") + pl.col("units")).last()
    totals = items.group_by(KEYS, maintain_order=True).agg(units=total)
    return totals.select(pl.col(name).cast(kind) for name, kind in COUNTER_SCHEMA.items())
