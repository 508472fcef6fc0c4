"""Prices by the quantity of a period: what the units of one event add to the rounded total of the period so far.

With S the paid units of (service, rate, period) and F the price of S, an event costs R(F(S after)) - R(F(S before)): the sum
over the period is the rounded price of its whole quantity. A quantity that no tier holds is never free.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from .amounts import rounded
from .tariff_table import MODELS
from .values import Rate

PARTIAL = (MODELS["graduated"], MODELS["package"])
ENDLESS = 2**61


def tier_frame(rates: Sequence[Rate]) -> pl.DataFrame:
    """Tiers of the tariff: rate (row), low and high (units, high included), tier_start, price, package (units)."""
    rows = [
        (
            row,
            tier.start * rate.unit_size,
            ENDLESS if tier.end is None else tier.end * rate.unit_size,
            tier.start,
            tier.price_micro,
            max(tier.package_size, 1) * rate.unit_size,
        )
        for row, rate in enumerate(rates)
        if rate.tier_model != "flat"
        for tier in rate.tiers
    ]
    schema = {
        "rate": pl.Int32,
        "low": pl.Int64,
        "high": pl.Int64,
        "tier_start": pl.Int64,
        "tier_price": pl.Int64,
        "package": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def tiered(items: pl.DataFrame, tiers: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Amounts and shares of cumulated items.

    :param items: item, rate, model, unit_size, quantum, units (paid), before
    :return: (item, amount_e4, held: a tier holds all of it, beyond: units past the last tier), (item, tier_start, tier_price, units)
    """
    before, after = pl.col("before"), pl.col("before") + pl.col("units")
    grain = (pl.col("unit_size").cast(pl.Int128), pl.col("quantum").cast(pl.Int128))
    pairs = items.with_columns(after=after).join(tiers, on="rate", maintain_order="left_right")
    pairs = pairs.with_columns(
        share_before=_share(before),
        share_after=_share(pl.col("after")),
        reached_before=_reached(before),
        reached_after=_reached(pl.col("after")),
    )
    priced = (
        pairs.group_by("item", maintain_order=True)
        .agg(
            pl.col("model", "unit_size", "quantum", "before", "after").first(),
            exact_before=_exact("before").sum(),
            exact_after=_exact("after").sum(),
            shared=pl.col("share_after").sum(),
            reached=pl.col("reached_after").any(),
            reach=pl.col("high").max(),
        )
        .with_columns(
            amount_e4=rounded(pl.col("exact_after"), *grain) - rounded(pl.col("exact_before"), *grain),
            held=pl.when(pl.col("model").is_in(PARTIAL))
            .then(pl.col("shared") == pl.col("after"))
            .otherwise(pl.col("reached") | (pl.col("after") == 0)),
        )
    )
    shares = pairs.select(
        "item",
        "tier_start",
        "tier_price",
        units=pl.when(pl.col("model").is_in(PARTIAL))
        .then(pl.col("share_after") - pl.col("share_before"))
        .when(pl.col("reached_after"))
        .then(pl.col("units"))
        .otherwise(0),
    ).filter(pl.col("units") > 0)
    known = items.select("item").join(priced, on="item", how="left", maintain_order="left")
    amounts = known.select(
        "item", pl.col("amount_e4").cast(pl.Int64).fill_null(0), pl.col("held").fill_null(value=False), "reach"
    )
    return amounts, shares


def _share(total: pl.Expr) -> pl.Expr:
    return (pl.min_horizontal(total, "high") - pl.col("low")).clip(lower_bound=0)


def _reached(total: pl.Expr) -> pl.Expr:
    return (total > pl.col("low")) & (total <= pl.col("high"))


def _exact(when: str) -> pl.Expr:
    """Price of a total × unit_size, tier by tier, in micro."""
    share, total = pl.col(f"share_{when}"), pl.col(when)
    price = pl.col("tier_price").cast(pl.Int128)
    packages = (share + pl.col("package") - 1) // pl.col("package")
    reached = pl.col(f"reached_{when}")
    return (
        pl.when(pl.col("model") == MODELS["graduated"])
        .then(share * price)
        .when(pl.col("model") == MODELS["package"])
        .then(packages * price * pl.col("unit_size"))
        .when(~reached)
        .then(pl.lit(0, pl.Int128))
        .when(pl.col("model") == MODELS["volume"])
        .then(total * price)
        .otherwise(price * pl.col("unit_size"))
    )
