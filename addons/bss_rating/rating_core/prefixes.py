"""Longest prefix match by flattened intervals: the digits of a number, padded to fifteen, are a point on a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from .values import Prefix

WIDTH = 15  # the longest E.164 number


class PrefixTable:
    """Sorted, disjoint intervals, each with the longest prefix that covers it (or none)."""

    def __init__(self, prefixes: Iterable[Prefix]) -> None:
        self._zone_of: dict[str, int] = {}
        for entry in prefixes:
            if not entry.prefix.isdecimal() or not entry.prefix.isascii() or len(entry.prefix) > WIDTH:
                raise ValueError(f"not a prefix: {entry.prefix!r}")
            if self._zone_of.setdefault(entry.prefix, entry.zone_id) != entry.zone_id:
                raise ValueError(f"prefix {entry.prefix} leads to two zones")
        rows = list(_flatten(self._zone_of))
        self.intervals = pl.DataFrame(
            {
                "point": [start for start, _ in rows],
                "prefix": [prefix for _, prefix in rows],
                "zone_id": [self._zone_of.get(prefix or "") for _, prefix in rows],
            },
            schema={"point": pl.Int64, "prefix": pl.String, "zone_id": pl.Int64},
        )

    def match(self, number: str) -> tuple[str, int] | None:
        """Longest prefix of one number and its zone."""
        for length in range(min(len(number), WIDTH), 0, -1):
            zone_id = self._zone_of.get(number[:length])
            if zone_id is not None:
                return number[:length], zone_id
        return None

    def join(self, events: pl.DataFrame) -> pl.DataFrame:
        """``events`` (column ``b_number``) with ``prefix`` and ``zone_id``, in the same order."""
        number = pl.col("b_number")
        well_formed = number.str.contains(rf"^[0-9]{{1,{WIDTH}}}$").fill_null(False)
        points = events.select(
            well_formed=well_formed,
            point=pl.when(well_formed).then(number.str.pad_end(WIDTH, "0")).cast(pl.Int64, strict=False).fill_null(0),
        )
        # The first interval begins at 0, so every point lies behind the start of one.
        places = self.intervals["point"].search_sorted(points["point"], side="right") - 1
        found = self.intervals.select("prefix", "zone_id")[places].with_columns(points["well_formed"])
        matched = events.hstack(
            found.select(
                prefix=pl.when("well_formed").then("prefix"),
                zone_id=pl.when("well_formed").then("zone_id"),
            )
        )
        return self._repair_short(matched)

    def _repair_short(self, frame: pl.DataFrame) -> pl.DataFrame:
        """A number shorter than a prefix falls into its interval by the padding (48 into 480): match it by hand."""
        wrong = pl.col("prefix").str.len_bytes() > pl.col("b_number").str.len_bytes()
        short = frame.filter(wrong)["b_number"].unique().to_list()
        if not short:
            return frame
        right = [self.match(number) or (None, None) for number in short]
        repair = pl.DataFrame(
            {
                "b_number": short,
                "prefix_right": [prefix for prefix, _ in right],
                "zone_right": [zone_id for _, zone_id in right],
            },
            schema={"b_number": pl.String, "prefix_right": pl.String, "zone_right": pl.Int64},
        )
        return (
            frame.with_columns(wrong=wrong.fill_null(False))
            .join(repair, on="b_number", how="left", maintain_order="left")
            .with_columns(
                prefix=pl.when("wrong").then("prefix_right").otherwise("prefix"),
                zone_id=pl.when("wrong").then("zone_right").otherwise("zone_id"),
            )
            .drop("wrong", "prefix_right", "zone_right")
        )


def _flatten(prefixes: Iterable[str]) -> Iterator[tuple[int, str | None]]:
    """Starts of disjoint intervals in ascending order, each with its innermost prefix or None for a gap."""
    borders: dict[int, str | None] = {0: None}
    open_ends: list[tuple[int, str]] = []

    def close(until: int) -> None:
        while open_ends and open_ends[-1][0] <= until:
            end, _ = open_ends.pop()
            borders[end] = open_ends[-1][1] if open_ends else None

    for prefix in sorted(prefixes):  # an outer prefix sorts before the ones inside it
        start = int(prefix.ljust(WIDTH, "0"))
        close(start)
        borders[start] = prefix
        open_ends.append((start + 10 ** (WIDTH - len(prefix)), prefix))
    close(10**WIDTH)
    yield from sorted(borders.items())
