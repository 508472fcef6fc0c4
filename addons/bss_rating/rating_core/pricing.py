"""The way from the rate of each event to its amount: increments, pieces, allowances, tiers, rounding, money."""

from __future__ import annotations

import polars as pl

from . import counters as counting
from .allowances import Consumed, consume, nothing_consumed
from .amounts import flat_amounts, priced_units, rounded_fee, sum_of_pieces
from .chains import HEAD, STEP, next_boundary
from .columns import constant, largest, put
from .pieces import PART_SCHEMA, cut
from .results import event_frame, piece_frame
from .tariff_table import ROUNDINGS, TariffTable
from .tiers import tiered
from .timeline import Borders
from .values import MONEY, REASONS, USE_SCHEMA, Allowances, Rated

NO_BAND_RATE = REASONS.index("NO_BAND_RATE") + 1


class Pricing:
    """One way through a frame of located events; nothing is kept between frames."""

    def __init__(self, table: TariffTable, tiers: pl.DataFrame, borders: Borders | None) -> None:
        self._table = table
        self._tiers = tiers
        self._borders = borders
        self._chain = [HEAD, STEP, *table.inner]

    def rate(self, frame: pl.DataFrame, allowances: Allowances, counters: pl.DataFrame) -> tuple[Rated, pl.Series]:
        """The rated frame, and rows to suspend for the end of their tiers (then the result is to be thrown away)."""
        frame = self._with_units(frame)
        frame, rounding = self._charged(frame, counters)
        frame, pieces = self._cut(frame)
        frame, units = self._freed(frame, pieces, allowances)
        pieces = self._paid_pieces(frame, pieces)
        parts, shares, ended = self._tiered(frame, pieces, counters)
        if not ended.is_empty():
            return _nothing(allowances), ended
        frame = self._amounts(frame, pieces, parts)
        frame, money = self._money(frame, allowances, units.frame)
        uses = pl.concat([units.uses, money.uses])
        ids = frame.select("row", "id")
        return (
            Rated(
                event_frame(frame, self._table),
                uses.join(ids, on="row", maintain_order="left").select(list(USE_SCHEMA)),
                piece_frame(frame, pieces, parts, shares, self._table),
                pl.concat([rounding, counting.after(parts) if len(parts) else counting.none()]),
                Allowances(money.frame, allowances.members, allowances.zone_sets),
            ),
            ended,
        )

    # --- increments

    def _with_units(self, frame: pl.DataFrame) -> pl.DataFrame:
        """``use``: what is rounded to increments. Size steps of messages, a second for a call without one."""
        table, use = self._table, pl.col("units")
        if table.has("step_bytes"):
            step, volume = table.column("step_bytes", pl.col("rate")), pl.col("volume")
            steps = ((volume + step - 1) // step).clip(lower_bound=1)
            use = pl.when((step > 0) & volume.is_not_null() & (pl.col("units") > 0)).then(steps).otherwise(use)
        if table.has("zero_pays"):
            use = pl.when((pl.col("units") == 0) & table.column("zero_pays", pl.col("rate"))).then(1).otherwise(use)
        return frame.with_columns(use=pl.when(pl.col("why") == 0).then(use).otherwise(0).cast(pl.Int64))

    def _charged(self, frame: pl.DataFrame, counters: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """``pos`` and ``end``: the charged units of the event on the chain; and the counters of sessions and periods."""
        table = self._table
        frame = frame.with_columns(table.columns(self._chain))
        frame = frame.with_columns(end=next_boundary(pl.col("use"), table.inner), pos=pl.lit(0, pl.Int64))
        if not table.has("rounding"):
            return frame, counting.none()
        items = self._summed(frame)
        if items.is_empty():
            return frame, counting.none()
        items = counting.cumulate(items, counters)
        before = next_boundary(pl.col("before"), table.inner)
        bounds = items.select(before=before, after=next_boundary(pl.col("before") + pl.col("units"), table.inner))
        return frame.with_columns(
            pos=put(frame["pos"], items["row"], bounds["before"]),
            end=put(frame["end"], items["row"], bounds["after"]),
        ), counting.after(items)

    def _summed(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Events whose session or period is rounded as a whole."""
        kinds = frame.with_columns(self._table.columns(["rounding", "rate_id"])).filter(
            (pl.col("use") > 0)
            & (
                (pl.col("rounding") == ROUNDINGS["period"])
                | ((pl.col("rounding") == ROUNDINGS["session"]) & pl.col("session_key").is_not_null())
            )
        )
        by_session = pl.col("rounding") == ROUNDINGS["session"]
        return kinds.select(
            "row",
            "service_id",
            "rate_id",
            *self._chain,
            units=pl.col("use"),
            scope=pl.when(by_session).then(pl.lit(counting.SESSION)).otherwise(pl.lit(counting.PERIOD)),
            key=pl.when(by_session).then(pl.col("session_key")).otherwise(pl.lit("")),
            # the end of a period does not cut a session
            period=pl.when(~by_session).then(pl.col("period")),
        )

    # --- pieces

    def _cut(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Pieces of events over a change of band; an event with an unpriced one waits."""
        frame = frame.with_columns(costs_nothing=self._costs_nothing())
        pieces = pl.DataFrame(schema=PART_SCHEMA)
        if self._borders is None:
            return frame, pieces
        candidates = frame.filter((pl.col("why") == 0) & pl.col("slot").is_not_null() & (pl.col("end") > 0))
        pieces = cut(candidates, self._table, self._borders)
        if pieces.is_empty():
            return frame, pieces
        basis = self._table.column("basis", pl.col("rate"))
        unpriced = pieces.filter(pl.col("rate").is_null() | (basis != "unit"))["row"].unique()
        pieces = pieces.filter(~pl.col("row").is_in(unpriced.implode()))
        totals = (
            pieces.with_columns(gratis=self._table.column("units_cost_nothing", pl.col("rate")))
            .group_by("row", maintain_order=True)
            .agg(units=pl.col("units").sum(), gratis=pl.col("gratis").all())
        )
        # fees are those of the answer, whatever bands the event passes
        gratis = totals["gratis"] & frame["costs_nothing"].gather(totals["row"])
        return frame.with_columns(
            why=put(frame["why"], unpriced, NO_BAND_RATE),
            end=put(put(frame["end"], unpriced, 0), totals["row"], totals["units"]),
            costs_nothing=put(frame["costs_nothing"], totals["row"], gratis),
        ), pieces

    def _costs_nothing(self) -> pl.Expr:
        """Whether no unit of the event can cost anything."""
        table, rate = self._table, pl.col("rate")
        nothing = table.column("costs_nothing", rate)
        if table.uses("basis", "upstream"):  # what was billed by others costs nothing when they ask nothing
            upstream = table.column("basis", rate) == "upstream"
            priced = (pl.col("cost_micro") != 0) & (table.column("multiplier_micro", rate) != 0)
            nothing = nothing & ~(upstream & priced.fill_null(value=False))
        return (pl.col("why") == 0) & nothing

    # --- allowances

    def _freed(
        self, frame: pl.DataFrame, pieces: pl.DataFrame, allowances: Allowances
    ) -> tuple[pl.DataFrame, Consumed]:
        """``free`` and ``paid`` units of each event."""
        items = self._items(frame, pieces) if len(allowances.frame) else frame.clear()
        consumed = nothing_consumed(allowances.frame)
        if not items.is_empty():
            divided = bool(pieces["segment"].any())
            consumed = consume(items, allowances, self._table.kinds, self._table.inner, divided)
        free = put(constant(0, len(frame)), consumed.by_row["row"], consumed.by_row["units"])
        frame = frame.with_columns(free=free)
        return frame.with_columns(paid=pl.col("end") - pl.col("pos") - pl.col("free")), consumed

    def _items(self, frame: pl.DataFrame, pieces: pl.DataFrame) -> pl.DataFrame:
        table = self._table
        payable = frame.filter((pl.col("end") > pl.col("pos")) & ~pl.col("costs_nothing"))
        items = payable.select(
            "row",
            "service_id",
            "started_at",
            "pos",
            "end",
            "kind",
            *self._chain,
            zone_id=pl.lit(table.zone_ids).gather("zone"),
            band_id=table.column("band_id", pl.col("rate")),
            single=table.column("single_units", pl.col("rate")),
        )
        segments = pieces.filter("segment")
        if not segments.is_empty():
            items = self._with_segments(items, segments)
        if table.has("single_units"):
            one = {HEAD: 0, STEP: 1, **dict.fromkeys(table.inner)}
            items = items.with_columns(
                pl.when("single").then(pl.lit(value, pl.Int64)).otherwise(name).alias(name)
                for name, value in one.items()
            )
        return items.drop("single")

    def _with_segments(self, items: pl.DataFrame, segments: pl.DataFrame) -> pl.DataFrame:
        """Each piece of a call cut in segments has increments of its own."""
        own = segments.select("row", "seq", *self._table.columns(self._chain), end=pl.col("units"))
        common = items.drop("pos", "end", *self._chain).join(own, on="row", maintain_order="left_right")
        whole = items.join(segments.select("row"), on="row", how="anti").with_columns(seq=pl.lit(0, pl.Int64))
        parts = common.with_columns(pos=pl.lit(0, pl.Int64)).select(whole.columns)
        return pl.concat([whole, parts]).sort("row", "seq").drop("seq")

    def _paid_pieces(self, frame: pl.DataFrame, pieces: pl.DataFrame) -> pl.DataFrame:
        """``pieces`` with what is paid of each; free units come off the head of the event."""
        upto = pl.col("units").cum_sum().over("row")
        paid = (upto - pl.lit(frame["free"]).gather("row")).clip(lower_bound=0)
        return pieces.with_columns(paid=pl.min_horizontal("units", paid))

    # --- tiers

    def _tiered(
        self, frame: pl.DataFrame, pieces: pl.DataFrame, counters: pl.DataFrame
    ) -> tuple[pl.DataFrame, pl.DataFrame, pl.Series]:
        """Parts priced by tiers with their amounts, their shares of tiers, and the rows that a tier does not hold."""
        table = self._table
        none = pl.Series(dtype=pl.UInt32)
        columns = ["rate_id", "model", "unit_size", "quantum"]
        if not table.has("model"):
            return pl.DataFrame(), pl.DataFrame(), none
        single = frame.filter((pl.col("why") == 0) & (pl.col("paid") > 0))
        single = single.join(pieces.select("row"), on="row", how="anti", maintain_order="left")
        parts = pl.concat(
            [
                single.select("row", "rate", seq=pl.lit(0, pl.Int64), units="paid"),
                pieces.filter(pl.col("paid") > 0).select("row", "rate", "seq", units="paid"),
            ]
        )
        parts = parts.with_columns(table.columns(columns)).filter(pl.col("model") > 0).sort("row", "seq")
        if parts.is_empty():
            return pl.DataFrame(), pl.DataFrame(), none
        events = frame.select("service_id", "period", "free")
        parts = parts.hstack(events.select(pl.all().gather(parts["row"]))).with_row_index("item")
        parts = parts.with_columns(scope=pl.lit(counting.TIER), key=pl.lit(""))
        parts = counting.cumulate(parts, counters)
        amounts, shares = tiered(parts, self._tiers)
        parts = parts.hstack(amounts.drop("item"))
        return parts, shares, self._ended(parts)

    def _ended(self, parts: pl.DataFrame) -> pl.Series:
        """Rows past the last tier that can be suspended now.

        The first one of all frees its units and room for those behind it. Where it used no allowance nothing else changes
        for the later events of its counter that used none and are too large as well: they go with it.
        """
        failing = parts.filter(~pl.col("held"))
        if failing.is_empty():
            return failing["row"]
        first = failing.row(0, named=True)
        alone = (self._table.column("rounding", pl.lit(first["rate"])) == 0) & (pl.lit(first["free"]) == 0)
        # a call may come back to the rate after another band: all of it goes
        own = (pl.col("row") == first["row"]) & (pl.col("rate") == first["rate"])
        before = parts.filter(own)["before"].min()
        # another failing event gives its free units back: those behind it may then pay less
        giving = failing.filter(pl.col("free") > 0)["row"].min()
        alone = alone & (pl.col("row") < (giving if giving is not None else 2**32))
        later = parts.filter(
            alone
            & (pl.col("free") == 0)
            & (pl.col("row") > first["row"])
            & (pl.col("service_id") == first["service_id"])
            & (pl.col("rate") == first["rate"])
            & pl.col("period").eq_missing(pl.lit(first["period"], pl.Date))
            & (pl.col("units") > (pl.col("reach") - before))
        )
        return pl.concat([failing["row"].head(1), later["row"]]).unique()

    # --- amounts

    def _amounts(self, frame: pl.DataFrame, pieces: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
        """``amount_e4`` before prepaid money."""
        table = self._table
        names = [
            "price_micro",
            "connect_fee_micro",
            "min_charge_micro",
            "max_charge_micro",
            "unit_size",
            "quantum",
            "model",
        ]
        frame = frame.with_columns(table.columns([*names, "basis", "multiplier_micro", "free_pays_connect"]))
        frame = self._exact(frame, pieces)
        amount = flat_amounts(frame)
        fee = rounded_fee(pl.col("connect_fee_micro"), pl.col("quantum"))
        if len(parts):
            frame = self._with_tiers(frame, parts)
            no_fees = frame.with_columns(
                pl.lit(0, pl.Int64).alias(name)
                for name in ("connect_fee_micro", "min_charge_micro", "max_charge_micro")
            )
            bare = no_fees.select(flat_amounts(no_fees)).to_series()
            amount = pl.when(pl.col("model") == 0).then(amount).otherwise(pl.lit(bare) + fee) + pl.col("tier_e4")
        gratis: pl.Expr = pl.lit(0, pl.Int64)
        if table.has("free_pays_connect"):
            gratis = pl.when(pl.col("free_pays_connect") & (pl.col("free") > 0)).then(fee).otherwise(gratis)
        amount = pl.when(pl.col("paid") > 0).then(amount).otherwise(gratis)
        return frame.with_columns(amount_e4=amount.cast(pl.Int64), money_e4=pl.lit(0, pl.Int64))

    def _exact(self, frame: pl.DataFrame, pieces: pl.DataFrame) -> pl.DataFrame:
        """``exact`` ÷ ``size``: price of the paid units in micro, without fees."""
        table = self._table
        exact, size = priced_units(frame, "paid", "price_micro"), pl.col("unit_size")
        if table.uses("basis", "event") or table.uses("basis", "upstream"):
            by_event, upstream = (pl.col("basis") == name for name in ("event", "upstream"))
            cost = pl.col("cost_micro").cast(pl.Int128) * pl.col("multiplier_micro")
            exact = pl.when(upstream).then(cost).when(by_event).then(pl.col("price_micro") * size).otherwise(exact)
            size = pl.when(upstream).then(1_000_000).otherwise(size)
        if table.has("model"):
            exact = pl.when(pl.col("model") > 0).then(0).otherwise(exact)
        frame = frame.with_columns(exact=exact, size=size)
        if pieces.is_empty():
            return frame
        flat = pieces.with_columns(table.columns(["price_micro", "unit_size", "model"]))
        sums = sum_of_pieces(
            flat.with_columns(price_micro=pl.when(pl.col("model") == 0).then("price_micro").otherwise(0))
        )
        wide = frame["exact"].dtype
        if largest(sums, "exact") >= 2**61:
            wide = pl.Int128()
        return frame.with_columns(
            exact=put(frame["exact"].cast(wide), sums["row"], sums["exact"].cast(wide)),
            size=put(frame["size"], sums["row"], sums["size"]),
        )

    def _with_tiers(self, frame: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
        sums = parts.group_by("row").agg(pl.col("amount_e4").sum())
        return frame.with_columns(tier_e4=put(constant(0, len(frame)), sums["row"], sums["amount_e4"]))

    # --- prepaid money

    def _money(self, frame: pl.DataFrame, allowances: Allowances, left: pl.DataFrame) -> tuple[pl.DataFrame, Consumed]:
        """Amounts are paid by allowances of money in the order of the events, in any part."""
        payable = frame.filter(pl.col("amount_e4") > 0) if (left["unit_kind"] == MONEY).any() else frame.clear()
        if payable.is_empty():
            return frame, nothing_consumed(left)
        items = payable.select(
            "row",
            "service_id",
            "started_at",
            kind=pl.lit(0, pl.UInt8),
            zone_id=pl.lit(self._table.zone_ids).gather("zone"),
            band_id=self._table.column("band_id", pl.col("rate")),
            pos=pl.lit(0, pl.Int64),
            end="amount_e4",
            **{HEAD: pl.lit(0, pl.Int64), STEP: pl.lit(1, pl.Int64)},
        )
        held = Allowances(left, allowances.members, allowances.zone_sets)
        consumed = consume(items, held, pl.Enum([MONEY]), [], divided=False)
        money = put(frame["money_e4"], consumed.by_row["row"], consumed.by_row["units"])
        frame = frame.with_columns(money_e4=money)
        return frame.with_columns(amount_e4=pl.col("amount_e4") - pl.col("money_e4")), consumed


def _nothing(allowances: Allowances) -> Rated:
    return Rated(pl.DataFrame(), pl.DataFrame(), pl.DataFrame(), counting.none(), allowances)
