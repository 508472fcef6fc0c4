"""Rate a frame of events: prefix, rate, increments, allowances, amount.

Order of the steps and the readings behind them:

- Events are rated in the order (start instant, id), whatever the order of the frame.
- The longest prefix decides the zone; a zone that the plan does not price suspends the event (never a shorter prefix, never free).
- An event that would cost nothing anyway (free zone, zero units) uses no allowance.
- A wholly free event costs nothing: no connection fee, no minimum. A partly free one pays the fee, and minimum and
  maximum apply to its paid part. The amount is rounded once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from .allowances import Consumption, consume
from .prefixes import PrefixTable
from .values import (
    EVENT_SCHEMA,
    MICRO_PER_E4,
    NO_RATE,
    NO_RATE_PLAN,
    NO_ZONE,
    RESULT_SCHEMA,
    STATE_FREE,
    STATE_RATED,
    STATE_SUSPENDED,
    Allowances,
    Rate,
    Tariff,
)

SAFE_INT64 = 2**61


@dataclass(frozen=True)
class Rated:
    """``events`` by (started_at, id) in ``RESULT_SCHEMA``; ``uses`` explain the free units; ``allowances`` hold the rest."""

    events: pl.DataFrame
    uses: pl.DataFrame
    allowances: Allowances


def rate(
    events: pl.DataFrame,
    tariff: Tariff,
    allowances: Allowances | None = None,
    *,
    consumption: Consumption = "increment",
    prefix_table: PrefixTable | None = None,
) -> Rated:
    """Price every event or say why not.

    :param events: ``EVENT_SCHEMA``.
    :param prefix_table: the flattened ``tariff.prefixes`` when many frames are rated with one tariff.
    """
    allowances = allowances or Allowances.none()
    table = prefix_table or PrefixTable(tariff.prefixes)
    frame = table.join(events.select(list(EVENT_SCHEMA)).sort("started_at", "id"))
    keys = ["plan_id", "zone_id", "usage_kind"]
    frame = _billed(frame.join(_rate_frame(tariff.rates), on=keys, how="left", maintain_order="left"))
    payable = frame.filter((pl.col("rest") > 0) & ~_costs_nothing())
    uses, left = consume(payable, allowances, consumption)
    free = uses.group_by("id").agg(free_units=pl.col("units").sum())
    frame = frame.join(free, on="id", how="left", maintain_order="left").with_columns(
        free_units=pl.col("free_units").fill_null(0)
    )
    frame = _amounts(frame.with_columns(paid=pl.col("rest") - pl.col("free_units")))
    return Rated(_result(frame), uses, Allowances(left, allowances.zone_sets))


def _rate_frame(rates: Sequence[Rate]) -> pl.DataFrame:
    columns = {
        "rate_id": pl.Int64,
        "plan_id": pl.Int64,
        "zone_id": pl.Int64,
        "usage_kind": pl.String,
        "price_micro": pl.Int64,
        "connect_fee_micro": pl.Int64,
        "min_charge_micro": pl.Int64,
        "max_charge_micro": pl.Int64,
        "first": pl.Int64,
        "next": pl.Int64,
        "unit_size": pl.Int64,
    }
    frame = pl.DataFrame({name: [getattr(entry, name) for entry in rates] for name in columns}, schema=columns)
    if frame.select("plan_id", "zone_id", "usage_kind").is_duplicated().any():
        raise ValueError("a zone is priced twice in a plan")
    return frame


def _billed(frame: pl.DataFrame) -> pl.DataFrame:
    units, first, following = pl.col("units"), pl.col("first"), pl.col("next")
    steps = (units - first + following - 1) // following
    billed = (
        pl.when(pl.col("rate_id").is_null())
        .then(None)
        .when(units == 0)
        .then(0)
        .when(units <= first)
        .then(first)
        .otherwise(first + steps * following)
    )
    return frame.with_columns(billed_units=billed.cast(pl.Int64), rest=billed.cast(pl.Int64).fill_null(0))


def _costs_nothing() -> pl.Expr:
    return (pl.col("price_micro") == 0) & (pl.col("connect_fee_micro") == 0) & (pl.col("min_charge_micro") == 0)


def _largest(frame: pl.DataFrame, name: str) -> int:
    return int(frame[name].max() or 0)  # type: ignore[arg-type]


def _amounts(frame: pl.DataFrame) -> pl.DataFrame:
    """Exact integers; 128 bits where the largest product might not fit in 64 (data volumes)."""
    size_max = _largest(frame, "unit_size")
    fees = max(_largest(frame, name) for name in ("connect_fee_micro", "min_charge_micro", "max_charge_micro"))
    bound = _largest(frame, "paid") * _largest(frame, "price_micro") + size_max * (2 * fees + MICRO_PER_E4)
    wide = pl.Int64 if bound < SAFE_INT64 else pl.Int128
    paid, size = pl.col("paid").cast(wide), pl.col("unit_size").cast(wide)
    least, most = size * pl.col("min_charge_micro"), size * pl.col("max_charge_micro")
    exact = pl.max_horizontal(paid * pl.col("price_micro") + size * pl.col("connect_fee_micro"), least)
    exact = pl.when(pl.col("max_charge_micro") > 0).then(pl.min_horizontal(exact, most)).otherwise(exact)
    rounded = (2 * exact + MICRO_PER_E4 * size) // (2 * MICRO_PER_E4 * size)
    amount = pl.when(pl.col("paid") > 0).then(rounded).otherwise(0)
    return frame.with_columns(amount_e4=amount.cast(pl.Int64))


def _result(frame: pl.DataFrame) -> pl.DataFrame:
    reason = (
        pl.when(pl.col("plan_id").is_null())
        .then(pl.lit(NO_RATE_PLAN))
        .when(pl.col("zone_id").is_null())
        .then(pl.lit(NO_ZONE))
        .when(pl.col("rate_id").is_null())
        .then(pl.lit(NO_RATE))
    )
    state = (
        pl.when(pl.col("reason").is_not_null())
        .then(pl.lit(STATE_SUSPENDED))
        .when(pl.col("amount_e4") == 0)
        .then(pl.lit(STATE_FREE))
        .otherwise(pl.lit(STATE_RATED))
    )
    return frame.with_columns(reason=reason).with_columns(state=state).select(list(RESULT_SCHEMA))
