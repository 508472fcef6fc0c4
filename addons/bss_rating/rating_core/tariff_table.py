"""The tariff compiled to arrays: from plan, zone, kind and band to the row of a rate by lookups of integers.

A *place* stands for one (plan, zone, kind of usage): its rates lie side by side in ``rate_of_place``, one per band in the order
of its timeline and then the one for any other time. A place without bands has only the last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from .chains import HEAD, STEP, chain_row, chain_text, inner_columns
from .prefixes import PrefixTable
from .timeline import Timeline
from .values import MOST_DECIMALS, TIMED_KINDS, DaySlots, Plan, Rate, Tariff

ROUNDINGS = {"event": 0, "session": 1, "period": 2}
MODELS = {"flat": 0, "graduated": 1, "volume": 2, "package": 3, "stairstep": 4}
POLICIES = {"start": 0, "increment": 1, "second": 2, "segment": 3}
DENSE = 1_000_000  # plans whose ids lie within are looked up in an array
RATE_COLUMNS: Mapping[str, Any] = {
    "rate_id": pl.Int64,
    "band_id": pl.Int64,
    "price_micro": pl.Int64,
    "connect_fee_micro": pl.Int64,
    "min_charge_micro": pl.Int64,
    "max_charge_micro": pl.Int64,
    "chain": pl.String,
    "unit_size": pl.Int64,
    HEAD: pl.Int64,
    STEP: pl.Int64,
    "quantum": pl.Int64,
    "decimals": pl.Int64,
    "basis": pl.String,
    "multiplier_micro": pl.Int64,
    "rounding": pl.UInt8,
    "step_bytes": pl.Int64,
    "model": pl.UInt8,
    "policy": pl.UInt8,
    "single_units": pl.Boolean,
    "zero_pays": pl.Boolean,
    "free_pays_connect": pl.Boolean,
    "costs_nothing": pl.Boolean,
    "units_cost_nothing": pl.Boolean,
}


class TariffTable:
    """Lookups of a tariff; ``rates`` holds one row per rate (``RATE_COLUMNS`` and the columns of longer chains)."""

    def __init__(self, tariff: Tariff, prefix_table: PrefixTable | None = None) -> None:
        self.prefixes = prefix_table or PrefixTable(tariff.prefixes)
        self.source = list(tariff.rates)
        plans = {plan.plan_id: plan for plan in tariff.plans}
        self.inner = inner_columns([entry.chain for entry in self.source])
        self.rates = _rate_frame(self.source, plans, self.inner)
        # how far the rounding up of a call may reach beyond its units
        self.longest_step = max((max(entry.chain) * len(entry.chain) for entry in self.source), default=0)
        self._constants = {name: self.rates[name][0] for name in self.rates.columns if _is_constant(self.rates[name])}
        self.kinds = pl.Enum(sorted({entry.usage_kind for entry in self.source}))
        self._index_zones(tariff)
        self.timelines: list[Timeline] = []
        self._index_places(plans)

    # --- rates

    def has(self, column: str) -> bool:
        """Whether some rate has anything but zero (false, null) there."""
        return bool(self._constants.get(column, True)) if self.source else False

    def uses(self, column: str, value: object) -> bool:
        """Whether some rate has ``value`` there."""
        return bool((self.rates[column] == value).any())

    def column(self, name: str, row: pl.Expr) -> pl.Expr:
        """Column of the rates at ``row``; one value for all rates is a literal (also where the row is null)."""
        if name in self._constants:
            return pl.lit(self._constants[name], dtype=self.rates.schema[name]).alias(name)
        return pl.lit(self.rates[name]).gather(row).alias(name)

    def columns(self, names: Sequence[str], row: str = "rate") -> list[pl.Expr]:
        return [self.column(name, pl.col(row)) for name in names]

    # --- zones

    def _index_zones(self, tariff: Tariff) -> None:
        self.codes = [entry.code for entry in tariff.codes]
        if len(set(self.codes)) < len(self.codes):
            raise ValueError("a zone code leads to two zones")
        mentioned: set[int] = set(self.prefixes.zone_ids.to_list())
        mentioned |= {entry.zone_id for entry in tariff.codes} | {entry.zone_id for entry in self.source}
        if tariff.on_net_zone_id is not None:
            mentioned.add(tariff.on_net_zone_id)
        ids = sorted(mentioned)
        self.zone_ids = pl.Series(ids, dtype=pl.Int64)
        self.zone_of_id = {zone_id: row for row, zone_id in enumerate(ids)}
        self.zone_of_prefix = pl.Series(
            [self.zone_of_id[one] for one in self.prefixes.zone_ids.to_list()], dtype=pl.Int32
        )
        self.zone_of_code = pl.Series([self.zone_of_id[entry.zone_id] for entry in tariff.codes], dtype=pl.Int32)
        self.on_net_zone = None if tariff.on_net_zone_id is None else self.zone_of_id[tariff.on_net_zone_id]

    # --- places

    def _index_places(self, plans: Mapping[int, Plan]) -> None:
        places: dict[tuple[int, int, int], dict[int | None, int]] = {}
        kind_of = {kind: number for number, kind in enumerate(self.kinds.categories)}
        self.plan_ids = pl.Series(sorted({entry.plan_id for entry in self.source}), dtype=pl.Int64)
        if self.source and self.plan_ids[-1] - self.plan_ids[0] < DENSE:
            numbers = pl.DataFrame({"plan_id": self.plan_ids}).with_row_index("plan").cast({"plan": pl.Int32})
            every = pl.DataFrame({"plan_id": pl.int_range(self.plan_ids[0], self.plan_ids[-1] + 1, eager=True)})
            self._number_of_plan = every.join(numbers, on="plan_id", how="left", maintain_order="left")["plan"]
        plan_of = {plan_id: number for number, plan_id in enumerate(self.plan_ids.to_list())}
        for row, entry in enumerate(self.source):
            key = (plan_of[entry.plan_id], kind_of[entry.usage_kind], self.zone_of_id[entry.zone_id])
            if places.setdefault(key, {}).setdefault(entry.band_id, row) != row:
                raise ValueError("a zone is priced twice in a plan for one kind of usage and time band")
        rows: list[int | None] = []
        timelines: list[int | None] = []
        starts: list[int | None] = [None] * (len(plan_of) * len(kind_of) * len(self.zone_ids))
        known: dict[tuple[DaySlots | None, frozenset[int]], int] = {}
        for (plan, kind, zone), by_band in places.items():
            starts[(plan * len(kind_of) + kind) * len(self.zone_ids) + zone] = len(rows)
            bands = frozenset(band for band in by_band if band is not None)
            owner = plans.get(self.plan_ids[plan])
            number = self._timeline(known, owner.day_slots if owner else None, bands) if bands else None
            row_of = [by_band[band] for band in sorted(bands)]
            rows += [*row_of, by_band.get(None)]
            timelines += [number] * (len(bands) + 1)
        self._place_start = pl.Series(starts, dtype=pl.Int32)
        self.rate_of_place = pl.Series(rows, dtype=pl.Int32)
        self.timeline_of_place = pl.Series(timelines, dtype=pl.Int32)

    def _timeline(
        self, known: dict[tuple[DaySlots | None, frozenset[int]], int], slots: DaySlots | None, bands: frozenset[int]
    ) -> int:
        if (slots, bands) not in known:
            known[slots, bands] = len(self.timelines)
            self.timelines.append(Timeline(slots, sorted(bands)))
        return known[slots, bands]

    def kind(self, usage_kind: pl.Series) -> pl.Series:
        """Number of each kind of usage in ``kinds``, null of those that no rate prices."""
        return usage_kind.cast(self.kinds, strict=False).to_physical()

    def shelf(self, plan_id: pl.Series, kind: pl.Series) -> pl.Series:
        """Number of (plan, kind of usage), null when the tariff has neither."""
        if not self.source:
            return pl.Series([None] * len(plan_id), dtype=pl.Int32)
        return pl.DataFrame({"plan": self._plan_number(plan_id), "kind": kind}).select(
            (pl.col("plan") * len(self.kinds.categories) + pl.col("kind")).cast(pl.Int32)
        )["plan"]

    def _plan_number(self, plan_id: pl.Series) -> pl.Series:
        first, last = int(self.plan_ids[0]), int(self.plan_ids[-1])
        frame = pl.DataFrame({"plan_id": plan_id})
        if last - first < DENSE:
            inside = pl.col("plan_id").is_between(first, last)
            at = pl.when(inside).then(pl.col("plan_id") - first).cast(pl.UInt32)
            return frame.select(plan=pl.lit(self._number_of_plan).gather(at))["plan"]
        found = self.plan_ids.search_sorted(plan_id.fill_null(first), side="left").clip(0, len(self.plan_ids) - 1)
        same = pl.lit(self.plan_ids).gather(pl.lit(found)) == pl.col("plan_id")
        return frame.select(plan=pl.when(same).then(pl.lit(found)).cast(pl.Int32))["plan"]

    def place(self, shelf: pl.Expr, zone: pl.Expr) -> pl.Expr:
        """First row of the place of a zone, null when the plan does not price the kind of usage there."""
        return pl.lit(self._place_start).gather(shelf * len(self.zone_ids) + zone)


def _is_constant(column: pl.Series) -> bool:
    return len(column) > 0 and column.n_unique() == 1


def _rate_frame(rates: Sequence[Rate], plans: Mapping[int, Plan], inner: Sequence[str]) -> pl.DataFrame:
    schema = {**RATE_COLUMNS, **dict.fromkeys(inner, pl.Int64)}
    rows = [_rate_row(entry, plans.get(entry.plan_id) or Plan(entry.plan_id), inner) for entry in rates]
    return pl.DataFrame(rows, schema=schema)


def _rate_row(entry: Rate, plan: Plan, inner: Sequence[str]) -> dict[str, Any]:
    if not 0 <= entry.decimals <= MOST_DECIMALS or entry.unit_size < 1:
        raise ValueError(f"rate {entry.rate_id}: 0 to 4 decimals, a unit of at least 1")
    timed = entry.usage_kind in TIMED_KINDS
    prices = [tier.price_micro for tier in entry.tiers] if entry.tier_model != "flat" else [entry.price_micro]
    if entry.basis == "upstream":
        prices = []
    fees = [entry.connect_fee_micro, *([entry.min_charge_micro] if entry.tier_model == "flat" else [])]
    return {
        "rate_id": entry.rate_id,
        "band_id": entry.band_id,
        "price_micro": entry.price_micro,
        "connect_fee_micro": entry.connect_fee_micro,
        "min_charge_micro": entry.min_charge_micro,
        "max_charge_micro": entry.max_charge_micro,
        "chain": chain_text(entry.chain),
        "unit_size": entry.unit_size,
        "decimals": entry.decimals,
        "quantum": 10 ** (MOST_DECIMALS - entry.decimals),
        "basis": entry.basis,
        "multiplier_micro": entry.multiplier_micro,
        # seconds are rounded call by call: a call is cut by bands, a sum of calls cannot be
        "rounding": 0 if timed else ROUNDINGS[entry.rounding],
        "step_bytes": entry.step_bytes,
        "model": MODELS[entry.tier_model],
        "policy": POLICIES[plan.band_policy] if timed and entry.basis == "unit" else POLICIES["start"],
        "single_units": plan.consumption == "unit",
        "zero_pays": timed and plan.zero_length == "second",
        "free_pays_connect": plan.free_pays_connect,
        "costs_nothing": not any((*prices, *fees)),
        "units_cost_nothing": not any(prices),
        **chain_row(entry.chain, inner),
    }
