"""Longest prefix match by flattened intervals: the digits of a number, padded to fifteen, are a point on a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from .columns import put
from .digits import WIDTH, DigitPages
from .values import Prefix

ENOUGH = 20_000  # numbers at once for which pages of digits pay
POWERS = pl.Series([10**digits for digits in range(WIDTH + 1)], dtype=pl.Int64)


class PrefixTable:
    """Sorted, disjoint intervals, each with the longest prefix that covers it (or none)."""

    def __init__(self, prefixes: Iterable[Prefix]) -> None:
        zone_of: dict[str, int] = {}
        for entry in prefixes:
            if not entry.prefix.isdecimal() or not entry.prefix.isascii() or len(entry.prefix) > WIDTH:
                raise ValueError(f"not a prefix: {entry.prefix!r}")
            if zone_of.setdefault(entry.prefix, entry.zone_id) != entry.zone_id:
                raise ValueError(f"prefix {entry.prefix} leads to two zones")
        self._row_of = {prefix: row for row, prefix in enumerate(sorted(zone_of))}
        self.prefixes = pl.Series("prefix", list(self._row_of), dtype=pl.String)
        self.zone_ids = pl.Series("zone_id", [zone_of[prefix] for prefix in self._row_of], dtype=pl.Int64)
        intervals = list(_flatten(self._row_of))
        self._points = pl.Series([start for start, _ in intervals], dtype=pl.Int64)
        self._rows = pl.Series([self._row_of.get(prefix or "") for _, prefix in intervals], dtype=pl.Int32)
        self._pages: DigitPages | None = None
        # how many digits a number needs for the prefix of the interval to be its own
        self._digits = pl.Series([len(prefix or "") for _, prefix in intervals], dtype=pl.UInt32)

    def match(self, number: str) -> tuple[str, int] | None:
        """Longest prefix of one number and its zone."""
        row = self._match_row(number)
        return None if row is None else (self.prefixes[row], self.zone_ids[row])

    def _match_row(self, number: str) -> int | None:
        if not number.isdecimal() or not number.isascii() or len(number) > WIDTH:
            return None
        for length in range(len(number), 0, -1):
            row = self._row_of.get(number[:length])
            if row is not None:
                return row
        return None

    def rows(self, numbers: pl.Series) -> pl.Series:
        """Row of the longest prefix in ``prefixes`` and ``zone_ids``, null without one; malformed numbers have none."""
        number = pl.col("number")
        read = pl.DataFrame({"number": numbers}).select(
            "number", value=number.cast(pl.Int64, strict=False), digits=number.str.len_bytes()
        )
        # A number that is as long as its value has nothing but digits; a sign, a blank or a leading zero makes it longer.
        shift = pl.lit(POWERS).gather(WIDTH - pl.col("digits").clip(upper_bound=WIDTH))
        plain = (pl.col("digits") <= WIDTH) & (pl.col("value") * shift >= 10 ** (WIDTH - 1))
        read = read.with_columns(point=pl.when(plain).then(pl.col("value") * shift))
        places = self._places(read["point"].fill_null(0))
        found = read.select(
            "number",
            row=pl.when(pl.col("point").is_not_null()).then(pl.lit(self._rows).gather(pl.lit(places))),
            # 48 padded falls into the interval of 480, a leading zero is rare: these are matched by hand
            odd=number.is_not_null()
            & ((pl.lit(self._digits).gather(pl.lit(places)) > pl.col("digits")) | pl.col("point").is_null()),
        )
        return self._repair(found)

    def _places(self, points: pl.Series) -> pl.Series:
        """Row of the interval of each point; the first interval begins at 0, so every point lies behind the start of one."""
        if len(points) < ENOUGH:
            return self._points.search_sorted(points, side="right") - 1
        if self._pages is None:
            self._pages = DigitPages(self._points)
        return self._pages.rows(points)

    def _repair(self, found: pl.DataFrame) -> pl.Series:
        odd = found["odd"].arg_true()
        if odd.is_empty():
            return found["row"]
        numbers = found["number"].gather(odd)
        known = {number: self._match_row(number) for number in numbers.unique().to_list() if number is not None}
        right = pl.Series([known.get(number) for number in numbers.to_list()], dtype=pl.Int32)
        return put(found["row"], odd, right)


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
