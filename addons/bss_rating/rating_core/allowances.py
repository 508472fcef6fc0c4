"""Free units and prepaid money, consumed in event order by running sums.

Allowances are offered the rest of each event in the order priority, earliest expiry, oldest, id. What one takes does not depend on
those behind it, so allowances are served level by level: one is on the level behind the last of those before it that share a
service with it. On a level all allowances take at once: every event before the sum of units exceeds what is left is taken
whole, the first that exceeds it in part (whole increments from its head), and what then is left is smaller than its next
increment. Another pass is needed only where a later event has a smaller increment.
"""

from __future__ import annotations

import polars as pl

from .chains import HEAD, STEP, last_boundary, next_boundary
from .columns import put
from .values import Allowances

TAKEN_SCHEMA = {"row": pl.UInt32(), "allowance_id": pl.Int64(), "units": pl.Int64()}
RANKING = ["priority", "valid_to", "valid_from", "allowance_id"]


def consume(items: pl.DataFrame, allowances: Allowances, inner: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What each allowance gave (row, allowance_id, units), and ``allowances.frame`` with what remains.

    :param items: in order of rating: row (of the event; several items of one event follow each other), service_id, unit_kind,
        zone_id, band_id, started_at, pos and end (charged units that are open), columns of the chain.
    """
    offers = _offers(allowances, items)
    taken = [pl.DataFrame(schema=TAKEN_SCHEMA)]
    if not offers.is_empty():
        kinds = pl.Enum(offers["unit_kind"].unique().to_list())
        offers = offers.with_columns(key=_key(kinds))
        work = items.with_columns(key=_key(kinds)).filter(pl.col("key").is_not_null())
        offers = _levelled(offers.join(work.select("key"), on="key", how="semi"))
        divided = work["row"].is_duplicated().any()
        for level in range(1, _most(offers["level"]) + 1):
            pairs = _offered(work, offers.filter(pl.col("level") == level), allowances.zone_sets)
            used = _serve(pairs, inner, divided)
            if not used.is_empty():
                taken.append(used.select(list(TAKEN_SCHEMA)))
                work = work.with_columns(pos=put(work["pos"], used["item"], used["pos"] + used["units"]))
    total = pl.concat(taken)
    if len(taken) > 1:
        total = total.group_by("row", "allowance_id", maintain_order=True).agg(pl.col("units").sum())
    used_up = total.group_by("allowance_id").agg(pl.col("units").sum().alias("taken"))
    left = allowances.frame.join(used_up, on="allowance_id", how="left", maintain_order="left")
    left = left.with_columns(remaining=pl.col("remaining") - pl.col("taken").fill_null(0)).drop("taken")
    return total, left


def _most(column: pl.Series) -> int:
    return int(column.max() or 0)  # type: ignore[arg-type]


def _key(kinds: pl.Enum) -> pl.Expr:
    """Service and kind of unit in one number, null for kinds that no allowance has."""
    kind = pl.col("unit_kind").cast(kinds, strict=False).to_physical().cast(pl.Int64)
    return pl.col("service_id") * len(kinds.categories) + kind


def _offers(allowances: Allowances, items: pl.DataFrame) -> pl.DataFrame:
    """One row per allowance with something left × service that may use it."""
    kinds = items["unit_kind"].unique()
    usable = allowances.frame.filter(
        (pl.col("remaining") > 0)
        & pl.col("unit_kind").is_in(kinds.implode())
        & (pl.col("valid_from") <= items["started_at"].max())
        & (pl.col("valid_to") > items["started_at"].min())
    )
    return usable.join(allowances.members.unique(), on="allowance_id")


def _levelled(offers: pl.DataFrame) -> pl.DataFrame:
    """``offers`` with their level; one allowance has one level, higher than those before it at any of its services."""
    ranked = offers.sort(RANKING).with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("key"))
    ranked = ranked.with_columns(level=pl.col("rank"))
    if not ranked["allowance_id"].is_duplicated().any():
        return ranked
    while True:
        own = ranked.with_columns(pl.col("level").max().over("allowance_id"))
        behind = (pl.col("level") - pl.col("rank")).cum_max().over("key") + pl.col("rank")
        lifted = own.with_columns(level=behind)
        if lifted["level"].equals(ranked["level"]):
            return ranked
        ranked = lifted


def _offered(work: pl.DataFrame, offers: pl.DataFrame, zone_sets: pl.DataFrame) -> pl.DataFrame:
    """Items with something open, each beside the allowance of this level that may serve it."""
    columns = ["key", "allowance_id", "remaining", "valid_from", "valid_to", "zone_set", "band"]
    offers = offers.rename({"band_id": "band"}).select(columns)
    open_items = work.with_row_index("item").filter(pl.col("end") > pl.col("pos"))
    pairs = open_items.join(offers, on="key", maintain_order="left").filter(
        (pl.col("started_at") >= pl.col("valid_from")) & (pl.col("started_at") < pl.col("valid_to"))
    )
    if offers["band"].null_count() < len(offers):
        pairs = pairs.filter(pl.col("band").is_null() | (pl.col("band") == pl.col("band_id")))
    if offers["zone_set"].null_count() < len(offers):
        listed = zone_sets.select("zone_set", "zone_id").unique().with_columns(listed=pl.lit(value=True))
        pairs = pairs.join(listed, on=["zone_set", "zone_id"], how="left", maintain_order="left").filter(
            pl.col("zone_set").is_null() | pl.col("listed")
        )
    return pairs


def _serve(pairs: pl.DataFrame, inner: list[str], divided: bool) -> pl.DataFrame:
    """Units that allowances take which do not meet in one event: one pass of running sums per event taken in part."""
    pos, end, left = pl.col("pos"), pl.col("end"), pl.col("left")
    waiting = pairs.select(
        "item", "row", "allowance_id", "remaining", "pos", "end", HEAD, STEP, *inner, rest=end - pos,
        need=next_boundary(pos + 1, inner) - pos,
    )  # fmt: skip
    waiting = _startable(waiting, divided)
    served = [waiting.clear().with_columns(units=pl.lit(0, pl.Int64))]
    while not waiting.is_empty():
        before = pl.col("rest").cum_sum().over("allowance_id") - pl.col("rest")
        running = waiting.with_columns(left=pl.col("remaining") - before)
        fits = (pl.min_horizontal(last_boundary(pos + left, inner), end) - pos).clip(lower_bound=0)
        reached = running.filter(left >= 0).with_columns(units=fits).drop("left")
        served.append(reached.filter(pl.col("units") > 0))
        waiting = running.filter(left < 0).drop("left")
        if not waiting.is_empty():
            waiting = _startable(_behind(waiting, reached, divided), divided)
    return pl.concat(served)


def _behind(waiting: pl.DataFrame, reached: pl.DataFrame, divided: bool) -> pl.DataFrame:
    """``waiting`` with what is left now, without the later items of events that were taken in part."""
    spent = reached.group_by("allowance_id").agg(spent=pl.col("units").sum())
    waiting = waiting.join(spent, on="allowance_id", how="left", maintain_order="left")
    waiting = waiting.with_columns(remaining=pl.col("remaining") - pl.col("spent").fill_null(0)).drop("spent")
    if divided:
        stopped = reached.filter(pl.col("units") < pl.col("rest")).select("allowance_id", "row")
        waiting = waiting.join(stopped, on=["allowance_id", "row"], how="anti", maintain_order="left")
    return waiting


def _startable(waiting: pl.DataFrame, divided: bool) -> pl.DataFrame:
    """Without items whose next increment does not fit; an allowance stops there and takes no later item of the event."""
    blocked = pl.col("need") > pl.col("remaining")
    if divided:
        blocked = blocked.cum_max().over("allowance_id", "row")
    return waiting.filter(~blocked)
