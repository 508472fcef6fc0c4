"""Free units, consumed in event-time order by running sums.

An allowance takes the events of its service in (start, id) order: whole increments from the head of each event as long as the next
one fits. Every event before the sum of billed units exceeds what is left is taken whole; the first one that exceeds it is
taken in part, and what then is left is smaller than its next increment. So a pass settles, for every allowance at
once, all events up to and including that one; another pass is needed only where a later event has a smaller first
increment. Allowances of one service are offered the rest of each event in the order priority, earliest expiry, oldest, id.
"""

from __future__ import annotations

from typing import Literal

import polars as pl

from .values import USE_SCHEMA, Allowances

Consumption = Literal["increment", "unit"]


def consume(
    events: pl.DataFrame, allowances: Allowances, consumption: Consumption
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Uses (``USE_SCHEMA``) of payable ``events``, and ``allowances.frame`` with what remains.

    :param events: columns id, started_at, service_id, usage_kind, zone_id, first, next, rest; sorted by (started_at, id).
    :param consumption: whole tariff increments, or single units.
    """
    ranked = _ranked(allowances.frame, events)
    uses = [pl.DataFrame(schema=USE_SCHEMA)]
    work = events.select(
        "id", "started_at", "service_id", "usage_kind", "zone_id", "first", "next", "rest", head=pl.col("first")
    )
    if consumption == "unit":
        work = work.with_columns(head=pl.lit(1, pl.Int64), next=pl.lit(1, pl.Int64))
    for rank in range(int(ranked["rank"].max() or 0)):  # type: ignore[arg-type]
        offered = _offered(work, ranked.filter(pl.col("rank") == rank + 1), allowances.zone_sets)
        used = _consume_rank(offered)
        if not used.is_empty():
            uses.append(used)
            work = _after(work, used)
    total = pl.concat(uses)
    taken = total.group_by("allowance_id").agg(pl.col("units").sum().alias("taken"))
    left = allowances.frame.join(taken, on="allowance_id", how="left", maintain_order="left")
    left = left.with_columns(remaining=pl.col("remaining") - pl.col("taken").fill_null(0)).drop("taken")
    return total, left


def _ranked(frame: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    usable = frame.filter(pl.col("remaining") > 0).join(
        events.select("service_id", "usage_kind").unique(), on=["service_id", "usage_kind"], how="semi"
    )
    order = ["service_id", "usage_kind", "priority", "valid_to", "valid_from", "allowance_id"]
    return usable.sort(order).with_columns(
        rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("service_id", "usage_kind")
    )


def _offered(work: pl.DataFrame, allowances: pl.DataFrame, zone_sets: pl.DataFrame) -> pl.DataFrame:
    pairs = work.join(
        allowances.select(
            "service_id", "usage_kind", "allowance_id", "remaining", "valid_from", "valid_to", "zone_set"
        ),
        on=["service_id", "usage_kind"],
        maintain_order="left",
    ).filter(
        (pl.col("rest") > 0)
        & (pl.col("started_at") >= pl.col("valid_from"))
        & (pl.col("started_at") < pl.col("valid_to"))
    )
    allowed = zone_sets.select("zone_set", "zone_id").unique().with_columns(listed=pl.lit(True))
    return (
        pairs.join(allowed, on=["zone_set", "zone_id"], how="left", maintain_order="left")
        .filter(pl.col("zone_set").is_null() | pl.col("listed"))
        .drop("listed")
    )


def _consume_rank(offered: pl.DataFrame) -> pl.DataFrame:
    """Uses of allowances that do not meet in one event: one pass of running sums per partly taken event."""
    uses = [pl.DataFrame(schema=USE_SCHEMA)]
    waiting = offered.filter(pl.col("head") <= pl.col("remaining"))
    while not waiting.is_empty():
        running = waiting.with_columns(before=pl.col("rest").cum_sum().over("allowance_id") - pl.col("rest"))
        running = running.with_columns(left=pl.col("remaining") - pl.col("before"))
        reached = running.filter(pl.col("left") >= 0)
        part = pl.col("head") + (pl.col("left") - pl.col("head")) // pl.col("next") * pl.col("next")
        taken = (
            pl.when(pl.col("rest") <= pl.col("left"))
            .then("rest")
            .when(pl.col("head") <= pl.col("left"))
            .then(part)
            .otherwise(0)
        )
        reached = reached.with_columns(units=taken)
        uses.append(reached.filter(pl.col("units") > 0).select("id", "allowance_id", "units"))
        remaining = reached.group_by("allowance_id").agg(remaining=pl.col("remaining").first() - pl.col("units").sum())
        waiting = (
            running.filter(pl.col("left") < 0)
            .drop("before", "left", "remaining")
            .join(remaining, on="allowance_id", maintain_order="left")
            .filter(pl.col("head") <= pl.col("remaining"))
        )
    return pl.concat(uses)


def _after(work: pl.DataFrame, used: pl.DataFrame) -> pl.DataFrame:
    """What the next allowances are offered: the rest of each event, now made of ``next`` increments only."""
    joined = work.join(used.select("id", "units"), on="id", how="left", maintain_order="left")
    touched = pl.col("units").is_not_null()
    return joined.with_columns(
        rest=pl.col("rest") - pl.col("units").fill_null(0),
        head=pl.when(touched).then("next").otherwise("head"),
    ).drop("units")
