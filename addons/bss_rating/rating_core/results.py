"""What rating hands back: one row per event, and the pieces of those that were cut."""

from __future__ import annotations

import polars as pl

from .tariff_table import TariffTable
from .values import (
    NEGATIVE_UNITS,
    NO_RATE_PLAN,
    PIECE_SCHEMA,
    REASONS,
    RESULT_SCHEMA,
    STATE_FREE,
    STATE_RATED,
    STATE_SUSPENDED,
)

STATES = pl.Series([STATE_FREE, STATE_RATED, STATE_SUSPENDED])
REASON_OF = pl.Series([None, *REASONS], dtype=pl.String)
OF_THE_RATE = (
    "rate_id",
    "band_id",
    "price_micro",
    "connect_fee_micro",
    "min_charge_micro",
    "max_charge_micro",
    "chain",
    "unit_size",
    "basis",
    "multiplier_micro",
    "decimals",
)


def event_frame(frame: pl.DataFrame, table: TariffTable) -> pl.DataFrame:
    """``RESULT_SCHEMA``; a suspended event has no rate and no charged units."""
    good = pl.col("why") == 0
    suspended = (frame["why"] > 0).any()
    row = pl.when(good).then("rate") if suspended else pl.col("rate")
    own = frame.with_columns(rate=row)
    if suspended:  # a literal would stand beside suspended events too
        of_rate = [pl.lit(table.rates[name]).gather("rate").alias(name) for name in OF_THE_RATE]
    else:
        of_rate = table.columns(OF_THE_RATE)
    placed = pl.lit(value=True)
    if suspended:  # nobody looks for the zone of an event that no plan prices
        placed = ~pl.col("why").is_in([REASONS.index(reason) + 1 for reason in (NEGATIVE_UNITS, NO_RATE_PLAN)])
    # a total by volume may fall, and the event that makes it fall has a negative amount; what money paid is not free
    state = (
        pl.when(good)
        .then((pl.col("amount_e4") + pl.col("money_e4") != 0).cast(pl.UInt8))
        .otherwise(pl.lit(2, pl.UInt8))
    )
    return own.with_columns(
        *of_rate,
        state=pl.lit(STATES).gather(state),
        reason=pl.lit(REASON_OF).gather("why"),
        zone_id=pl.when(placed).then(pl.lit(table.zone_ids).gather("zone")),
        prefix=pl.when(placed).then("prefix"),
        billed_units=pl.col("end") - pl.col("pos"),
        free_units=pl.col("free"),
    ).select(pl.col(name).cast(kind) for name, kind in RESULT_SCHEMA.items())


def piece_frame(
    frame: pl.DataFrame, pieces: pl.DataFrame, parts: pl.DataFrame, shares: pl.DataFrame, table: TariffTable
) -> pl.DataFrame:
    """``PIECE_SCHEMA`` of events with several bands or with tiers, in the order of the events."""
    rows = pieces.select("row", "seq", "rate", "units", "paid")
    if table.has("model"):
        whole = frame.filter((pl.col("why") == 0) & (pl.col("model") > 0) & (pl.col("end") > pl.col("pos")))
        whole = whole.join(rows.select("row"), on="row", how="anti", maintain_order="left")
        units = pl.col("end") - pl.col("pos")
        rows = pl.concat(
            [rows, whole.select("row", "rate", "paid", seq=pl.lit(0, pl.Int64), units=units).select(rows.columns)]
        )
    rows = rows.with_columns(table.columns(["rate_id", "band_id", "price_micro", "unit_size"])).with_columns(
        tier_start=pl.lit(None, pl.Int64)
    )
    if len(parts):
        rows = _by_tier(rows, parts, shares)
    rows = rows.sort("row", "seq", "tier_start", nulls_last=False, maintain_order=True)
    rows = rows.with_columns(seq=pl.int_range(pl.len(), dtype=pl.Int64).over("row"))
    named = rows.with_columns(id=pl.lit(frame["id"]).gather("row"), paid_units="paid")
    return named.select(pl.col(name).cast(kind) for name, kind in PIECE_SCHEMA.items())


def _by_tier(rows: pl.DataFrame, parts: pl.DataFrame, shares: pl.DataFrame) -> pl.DataFrame:
    """Pieces priced by tiers cut once more, by tier; units that were free stay with the first share."""
    cut = parts.select("item", "row", "seq").join(shares, on="item", maintain_order="left_right")
    tiered = rows.drop("tier_start").join(
        cut.select("row", "seq", "tier_start", "tier_price", share="units"),
        on=["row", "seq"],
        maintain_order="left_right",
    )
    first = pl.int_range(pl.len()).over("row", "seq") == 0
    tiered = tiered.with_columns(
        units=pl.when(first).then(pl.col("units") - pl.col("paid") + pl.col("share")).otherwise("share"),
        paid=pl.col("share"),
        price_micro=pl.col("tier_price"),
    )
    flat = rows.join(cut.select("row", "seq"), on=["row", "seq"], how="anti", maintain_order="left")
    return pl.concat([flat, tiered.select(flat.columns)])
