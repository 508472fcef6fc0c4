"""Lookup of intervals by leading digits: a few steps through small pages, where a binary search takes one for every bit.

A page has an entry for each value of the next digits; it names the interval that holds all such numbers, or the page that goes
on. Numbers that the last page still leaves open are searched.
"""

from __future__ import annotations

import polars as pl

from .columns import put

WIDTH = 15  # the longest E.164 number
FIRST_DIGITS = 4
NEXT_DIGITS = (2, 2)  # then prefixes of eight digits are resolved


class DigitPages:
    """:param points: ascending starts of intervals over 15 digits, the first one 0"""

    def __init__(self, points: pl.Series) -> None:
        self._points = points
        self._levels: list[pl.Series] = []
        digits = WIDTH - FIRST_DIGITS
        starts = pl.int_range(0, 10**WIDTH, 10**digits, eager=True)
        for more in (*NEXT_DIGITS, 0):
            last = self._search(starts + (10**digits - 1))
            level = pl.DataFrame({"start": starts, "first": self._search(starts), "last": last})
            open_ = pl.col("first") != pl.col("last")
            # an interval is told by its row, a page by its number below zero
            level = level.with_columns(entry=pl.when(open_).then(-open_.cum_sum().cast(pl.Int32)).otherwise("first"))
            self._levels.append(level["entry"])
            digits -= more
            pages = level.filter(open_)["start"]
            within = pl.int_range(0, 10**more, eager=True) * 10**digits
            starts = (
                pl.DataFrame({"page": pages})
                .join(pl.DataFrame({"at": within}), how="cross")
                .select(pl.col("page") + pl.col("at"))["page"]
            )

    def rows(self, points: pl.Series) -> pl.Series:
        """Row of the interval of each point."""
        digits = WIDTH - FIRST_DIGITS
        entry = self._levels[0].gather(points // 10**digits)
        for level, more in zip(self._levels[1:], NEXT_DIGITS, strict=True):
            digits -= more
            if level.is_empty():
                return entry
            at = (-entry - 1) * 10**more + ((points // 10**digits) % 10**more).cast(pl.Int32)
            entry = pl.select(
                pl.when(entry < 0).then(pl.lit(level).gather(at.clip(lower_bound=0))).otherwise(entry)
            ).to_series()
        left = (entry < 0).arg_true()
        return put(entry, left, self._search(points.gather(left)))

    def _search(self, points: pl.Series) -> pl.Series:
        return (self._points.search_sorted(points, side="right").cast(pl.Int64) - 1).cast(pl.Int32)
