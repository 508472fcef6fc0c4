"""Free units and prepaid money, consumed in event order by running sums.

Allowances are offered the rest of each event in the order priority, earliest expiry, oldest, id. What one takes does not depend on
those behind it, so allowances are served level by level: one is on the level behind the last of those before it that share a
service with it. On a level all allowances take at once: every event before the sum of units exceeds what is left is taken
whole, the first that exceeds it in part (whole increments from its head), and what then is left is smaller than its next
increment. Another pass is needed only where a later event has a smaller increment.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from .chains import HEAD, STEP, last_boundary, next_boundary
from .columns import largest, put, smallest
from .values import Allowances

RANKING = ["priority", "valid_to", "valid_from", "allowance_id"]


@dataclass(frozen=True)
class Consumed:
    """``uses``: row, allowance_id, units; ``by_row``: row, units; ``frame``: the allowances with what remains."""

    uses: pl.DataFrame
    by_row: pl.DataFrame
    frame: pl.DataFrame


def nothing_consumed(frame: pl.DataFrame) -> Consumed:
    uses = pl.DataFrame(schema={"row": pl.UInt32, "allowance_id": pl.Int64, "units": pl.Int64})
    return Consumed(uses, uses.select("row", "units"), frame)


def consume(items: pl.DataFrame, allowances: Allowances, kinds: pl.Enum, inner: list[str], divided: bool) -> Consumed:
    """Let the allowances take what they can of the open units of ``items``.

    :param items: in order of rating: row (of the event), service_id, kind (number in ``kinds``), zone_id, band_id, started_at,
        pos and end (charged units that are open), columns of the chain.
    :param divided: events may have several items, one behind the other.
    """
    frame = allowances.frame.with_row_index("owner")
    need = next_boundary(pl.col("pos") + 1, inner) - pl.col("pos")
    work = items.with_columns(key=_key(pl.col("kind"), kinds), need=need)
    # what an allowance leaves of an event may go on with smaller increments than its first one
    least = 1 if inner else min(smallest(work, "need"), smallest(work, STEP))
    offers = _levelled(_offers(frame, allowances.members, work, kinds, least), work)
    taken = []
    levels = largest(offers, "level")
    for level in range(1, levels + 1):
        served = offers.filter(pl.col("level") == level)
        pairs = _offered(work, served, frame["remaining"], allowances.zone_sets, inner)
        used = _serve(pairs, inner, divided)
        if used.is_empty():
            continue
        taken.append(used.select("row", "owner", "units"))
        if level < levels:
            pos = put(work["pos"], used["item"], used["pos"] + used["units"])
            work = work.with_columns(pos=pos).with_columns(need=need)
    if not taken:
        return nothing_consumed(allowances.frame)
    uses = pl.concat(taken)
    by_row = uses.select("row", "units")
    if divided:
        uses = uses.group_by("row", "owner", maintain_order=True).agg(pl.col("units").sum())
    if divided or len(taken) > 1:
        by_row = by_row.group_by("row").agg(pl.col("units").sum())
    spent = uses.group_by("owner").agg(pl.col("units").sum())
    left = put(frame["remaining"], spent["owner"], frame["remaining"].gather(spent["owner"]) - spent["units"])
    named = uses.select("row", allowance_id=pl.lit(frame["allowance_id"]).gather("owner"), units="units")
    return Consumed(named, by_row, allowances.frame.with_columns(left))


def _key(kind: pl.Expr, kinds: pl.Enum) -> pl.Expr:
    """Service and kind of unit in one number."""
    return pl.col("service_id") * len(kinds.categories) + kind.cast(pl.Int64)


def _offers(frame: pl.DataFrame, members: pl.DataFrame, work: pl.DataFrame, kinds: pl.Enum, least: int) -> pl.DataFrame:
    """One row per allowance that can still give the ``least`` increment × service that may use it."""
    usable = frame.with_columns(kind=pl.col("unit_kind").cast(kinds, strict=False).to_physical()).filter(
        (pl.col("remaining") >= least)
        & pl.col("kind").is_not_null()
        & (pl.col("valid_from") <= work["started_at"].max())
        & (pl.col("valid_to") > work["started_at"].min())
    )
    return usable.join(members, on="allowance_id").with_columns(key=_key(pl.col("kind"), kinds))


def _levelled(offers: pl.DataFrame, work: pl.DataFrame) -> pl.DataFrame:
    """``offers`` with their level; one allowance has one level, higher than those before it at any of its services."""
    if offers["key"].n_unique() == len(offers):
        return offers.with_columns(level=pl.lit(1, pl.Int64))
    ranked = offers.join(work.select("key"), on="key", how="semi").sort(RANKING)
    ranked = ranked.with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("key"))
    ranked = ranked.with_columns(level=pl.col("rank"))
    if ranked["owner"].n_unique() == len(ranked):
        return ranked
    while True:
        own = ranked.with_columns(pl.col("level").max().over("owner"))
        behind = (pl.col("level") - pl.col("rank")).cum_max().over("key") + pl.col("rank")
        lifted = own.with_columns(level=behind)
        if lifted["level"].equals(ranked["level"]):
            return ranked
        ranked = lifted


def _offered(
    work: pl.DataFrame, offers: pl.DataFrame, remaining: pl.Series, zone_sets: pl.DataFrame, inner: list[str]
) -> pl.DataFrame:
    """Items with something open, each beside the allowance of this level that may serve it; by allowance, then by time."""
    pairs = work.select("key", item=pl.int_range(pl.len(), dtype=pl.UInt32)).filter(work["end"] > work["pos"])
    pairs = pairs.join(offers.select("key", "owner", "valid_from", "valid_to", "zone_set", "band_id"), on="key")
    pairs = _within_limits(pairs, work, zone_sets)
    # one number is sorted faster than rows
    place = pairs.select(place=pl.col("owner").cast(pl.Int64) * 2**32 + pl.col("item"))["place"].sort()
    pairs = pl.DataFrame({"place": place}).select(
        item=(pl.col("place") % 2**32).cast(pl.UInt32), owner=(pl.col("place") // 2**32).cast(pl.UInt32)
    )
    columns = ("row", "pos", "end", "need", HEAD, STEP, *inner)
    return pairs.with_columns(
        pl.lit(remaining).gather("owner"), *(pl.lit(work[name]).gather("item").alias(name) for name in columns)
    )


def _within_limits(pairs: pl.DataFrame, work: pl.DataFrame, zone_sets: pl.DataFrame) -> pl.DataFrame:
    """Pairs of an item and an allowance that serves its time, its band and its zone; limits that hold nobody back cost nothing."""
    first, last = work["started_at"].min(), work["started_at"].max()
    if (pairs["valid_from"] > first).any() or (pairs["valid_to"] <= last).any():
        start = pl.lit(work["started_at"]).gather("item")
        pairs = pairs.filter((start >= pl.col("valid_from")) & (start < pl.col("valid_to")))
    if pairs["band_id"].null_count() < len(pairs):
        band = pl.lit(work["band_id"]).gather("item")
        pairs = pairs.filter(pl.col("band_id").is_null() | (pl.col("band_id") == band))
    if pairs["zone_set"].null_count() < len(pairs):
        listed = zone_sets.select("zone_set", "zone_id").unique().with_columns(listed=pl.lit(value=True))
        pairs = pairs.with_columns(zone_id=pl.lit(work["zone_id"]).gather("item"))
        pairs = pairs.join(listed, on=["zone_set", "zone_id"], how="left").filter(
            pl.col("zone_set").is_null() | pl.col("listed")
        )
    return pairs


def _serve(pairs: pl.DataFrame, inner: list[str], divided: bool) -> pl.DataFrame:
    """Units that allowances take which do not meet in one event: one pass of running sums per event taken in part."""
    pos, end, left = pl.col("pos"), pl.col("end"), pl.col("left")
    waiting = _startable(pairs, divided)
    served = [waiting.clear().with_columns(units=pl.lit(0, pl.Int64))]
    while not waiting.is_empty():
        running = waiting.with_columns(rest=end - pos)
        running = running.with_columns(left=pl.col("remaining") - _so_far(running, "rest") + pl.col("rest"))
        fits = (pl.min_horizontal(last_boundary(pos + left, inner), end) - pos).clip(lower_bound=0)
        running = running.with_columns(units=pl.when(left >= 0).then(fits).otherwise(0))
        served.append(running.filter(pl.col("units") > 0).drop("rest", "left"))
        spent = running.with_columns(remaining=pl.col("remaining") - _so_far(running, "units"))
        waiting = spent.filter(left < 0)
        if divided and not waiting.is_empty():
            stopped = running.filter((left >= 0) & (pl.col("units") < pl.col("rest"))).select("owner", "row")
            waiting = waiting.join(stopped, on=["owner", "row"], how="anti", maintain_order="left")
        waiting = _startable(waiting.drop("rest", "left", "units"), divided)
    return pl.concat(served)


def _so_far(pairs: pl.DataFrame, column: str) -> pl.Expr:
    """Running sum of ``column`` within each allowance; rows of one allowance lie together."""
    total = pairs[column].cum_sum()
    begins = pairs["owner"] != pairs["owner"].shift(1)
    base = pl.select(pl.when(begins.fill_null(value=True)).then(total - pairs[column]).forward_fill()).to_series()
    return pl.lit(total - base)


def _startable(waiting: pl.DataFrame, divided: bool) -> pl.DataFrame:
    """Without items whose next increment does not fit; an allowance stops there and takes no later item of the event."""
    blocked = pl.col("need") > pl.col("remaining")
    if divided:
        blocked = blocked.cum_max().over("owner", "row")
    return waiting.filter(~blocked)
