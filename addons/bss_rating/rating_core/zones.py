"""Zone of each event: by its code, else by the longest prefix of its number; calls inside the network have a zone of their own.

- A code that the tariff does not know, or neither code nor number, leaves the code of the kind of usage ("data"); a code never
  falls back to the number, and its zone is never replaced by the one inside the network.
- The code of a visited network (``ABROAD``) leaves none: what is used abroad never costs what it costs at home by mistake.
- A call inside the network takes that zone where the plan prices it, and keeps its prefix.
"""

from __future__ import annotations

import polars as pl

from .tariff_table import TariffTable

ABROAD = ("net:", "in:")  # usage in a visited network, and being called there


def locate(frame: pl.DataFrame, table: TariffTable) -> pl.DataFrame:
    """``frame`` with ``kind``, ``zone`` (row of ``table.zone_ids``), ``prefix`` (or code) and ``place``, each null where there is none."""
    found = _by_number(frame, table)
    if table.codes or frame["code"].null_count() < len(frame):
        found = _by_code(frame, found, table)
    kind = table.kind(frame["usage_kind"])
    found = found.with_columns(kind=kind, shelf=table.shelf(frame["plan_id"], kind))
    found = found.with_columns(place=table.place(pl.col("shelf"), pl.col("zone")))
    if table.on_net_zone is not None and frame["on_net"].any():
        found = _on_net(frame, found, table)
    return frame.hstack(found.select("kind", "zone", "prefix", "place"))


def _by_number(frame: pl.DataFrame, table: TariffTable) -> pl.DataFrame:
    row = table.prefixes.rows(frame["b_number"])
    return pl.DataFrame({"row": row}).select(
        zone=pl.lit(table.zone_of_prefix).gather("row"),
        prefix=pl.lit(table.prefixes.prefixes).gather("row"),
        coded=frame["b_number"].is_null() | (frame["b_number"] == ""),
    )


def _by_code(frame: pl.DataFrame, found: pl.DataFrame, table: TariffTable) -> pl.DataFrame:
    codes = pl.Enum(sorted(table.codes))
    zones = pl.Series([table.zone_of_code[table.codes.index(code)] for code in codes.categories], dtype=pl.Int32)
    code, number = (pl.when(pl.col(name) != "").then(pl.col(name)) for name in ("code", "b_number"))
    usage: pl.Expr = pl.col("usage_kind")
    if frame["code"].null_count() < len(frame):
        abroad = pl.any_horizontal(code.str.starts_with(head) for head in ABROAD).fill_null(value=False)
        usage = pl.when(~abroad).then(usage)
    own, kind = (one.cast(codes, strict=False) for one in (code, usage))
    matched = frame.select(
        coded=code.is_not_null() | number.is_null(),
        match=pl.coalesce(own, kind),
        known=pl.coalesce(own, kind).is_not_null(),
    )
    row = pl.lit(matched["match"].to_physical())
    return found.hstack(matched.drop("coded")).select(
        zone=pl.when(matched["coded"]).then(pl.lit(zones).gather(row)).otherwise("zone"),
        prefix=pl.when(matched["coded"]).then(pl.col("match").cast(pl.String)).otherwise("prefix"),
        coded=matched["coded"],
    )


def _on_net(frame: pl.DataFrame, found: pl.DataFrame, table: TariffTable) -> pl.DataFrame:
    own = found.select(
        place=pl.when(frame["on_net"] & ~pl.col("coded")).then(
            table.place(pl.col("shelf"), pl.lit(table.on_net_zone, pl.Int32))
        )
    )["place"]
    return found.with_columns(
        zone=pl.when(own.is_not_null()).then(pl.lit(table.on_net_zone, pl.Int32)).otherwise("zone"),
        place=pl.coalesce(own, "place"),
    )
