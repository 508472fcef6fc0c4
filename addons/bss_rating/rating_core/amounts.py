"""Amounts in exact integers: one fraction per event, one rounding HALF_UP to the decimals of the rate.

An event carries its price so far as ``exact`` ÷ ``size`` (micro). 128 bits are used where the largest product might not fit in 64
(data volumes).
"""

from __future__ import annotations

import math

import polars as pl

from .columns import largest
from .values import MICRO_PER_E4

SAFE_INT64 = 2**61
FEES = ("connect_fee_micro", "min_charge_micro", "max_charge_micro")


def priced_units(frame: pl.DataFrame, paid: str, price: str) -> pl.Expr:
    """Product of two columns in a type that holds it."""
    safe = largest(frame, paid) * largest(frame, price) < SAFE_INT64
    return pl.col(paid) * pl.col(price) if safe else pl.col(paid).cast(pl.Int128) * pl.col(price)


def sum_of_pieces(parts: pl.DataFrame) -> pl.DataFrame:
    """(row, exact, size) of pieces (row, paid, price_micro, unit_size): fractions brought to one denominator."""
    common = math.lcm(*parts["unit_size"].unique().to_list())
    factor = pl.lit(common, pl.Int64) // pl.col("unit_size")
    parts = parts.with_columns(exact=pl.col("paid").cast(pl.Int128) * pl.col("price_micro") * factor)
    return parts.group_by("row", maintain_order=True).agg(exact=pl.col("exact").sum(), size=pl.lit(common, pl.Int64))


def flat_amounts(frame: pl.DataFrame) -> pl.Expr:
    """exact/size + connection fee, at least the minimum, at most the maximum, rounded once: 1e-4.

    A minimum or maximum of 0 is none: what others give back (a negative cost) is given on.

    :param frame: exact, size, fees, quantum
    """
    fees = max(largest(frame, name) for name in FEES)
    bound = 2 * largest(frame, "exact") + largest(frame, "size") * (2 * fees + MICRO_PER_E4 * largest(frame, "quantum"))
    wide = pl.Int64 if 2 * bound < SAFE_INT64 else pl.Int128
    exact, size = pl.col("exact").cast(wide), pl.col("size").cast(wide)
    if fees:
        connect, least, most = (pl.col(name).cast(wide) * size for name in FEES)
        exact = exact + connect
        exact = pl.when(pl.col("min_charge_micro") > 0).then(pl.max_horizontal(exact, least)).otherwise(exact)
        exact = pl.when(pl.col("max_charge_micro") > 0).then(pl.min_horizontal(exact, most)).otherwise(exact)
    return rounded(exact, size, pl.col("quantum").cast(wide)).cast(pl.Int64)


def rounded(exact: pl.Expr, size: pl.Expr, quantum: pl.Expr) -> pl.Expr:
    grain = MICRO_PER_E4 * quantum * size
    return (2 * exact + grain) // (2 * grain) * quantum


def rounded_fee(fee: pl.Expr, quantum: pl.Expr) -> pl.Expr:
    """A fee in micro alone: 1e-4, HALF_UP to ``quantum``."""
    return rounded(fee, pl.lit(1, pl.Int64), quantum)
