"""Local wall-clock stamps to UTC, with the two hours of an autumn night told apart by the row itself.

Only facts of the row are used (epoch inside the unique id, end stamp and duration), so that the same row in another
file gives the same instant: deduplication depends on it. Where nothing decides, the first of the two hours is taken.
"""

from __future__ import annotations

import polars as pl

CREATED_WITHIN_S = 1800


def _utc(local: pl.Expr, timezone: str, ambiguous: str) -> pl.Expr:
    zoned = local.dt.replace_time_zone(timezone, ambiguous=ambiguous, non_existent="null")  # type: ignore[arg-type]
    return zoned.dt.convert_time_zone("UTC").dt.replace_time_zone(None)


def start_to_utc(start: pl.Expr, end: pl.Expr, duration_s: pl.Expr, created_epoch: pl.Expr, timezone: str) -> pl.Expr:
    """UTC instant of ``start``; null when the clock never showed that time (spring night)."""
    first, second = _utc(start, timezone, "earliest"), _utc(start, timezone, "latest")
    end_first, end_second = _utc(end, timezone, "earliest"), _utc(end, timezone, "latest")
    by_epoch_first = (first.dt.epoch("s") - created_epoch).abs()
    by_epoch_second = (second.dt.epoch("s") - created_epoch).abs()
    epoch_usable = pl.min_horizontal(by_epoch_first, by_epoch_second) <= CREATED_WITHIN_S

    def misfit(candidate: pl.Expr) -> pl.Expr:
        return pl.min_horizontal(
            ((end_first - candidate).dt.total_seconds() - duration_s).abs(),
            ((end_second - candidate).dt.total_seconds() - duration_s).abs(),
        )

    second_wins = (
        pl.when(epoch_usable)
        .then(by_epoch_second < by_epoch_first)
        .otherwise(misfit(second) < misfit(first))
        .fill_null(False)
    )
    return pl.when((first != second) & second_wins).then(second).otherwise(first)


def starts_to_utc(frame: pl.DataFrame, timezone: str, start: str, end: str, duration_s: str, created: str) -> pl.Series:
    """:func:`start_to_utc` of named columns; only the rows of a changing night are weighed."""
    plain = frame.select(_utc(pl.col(start), timezone, "null")).to_series()
    odd = (plain.is_null() & frame[start].is_not_null()).arg_true()
    if odd.is_empty():
        return plain
    weighed = frame[odd].select(start_to_utc(pl.col(start), pl.col(end), pl.col(duration_s), pl.col(created), timezone))
    return plain.scatter(odd, weighed.to_series())


def to_utc(local: pl.Series, timezone: str) -> pl.Series:
    """UTC instants of local stamps of which nothing else is known: the first of two readings, null where there is none."""
    plain = local.to_frame("local").select(_utc(pl.col("local"), timezone, "null")).to_series()
    odd = (plain.is_null() & local.is_not_null()).arg_true()
    if odd.is_empty():
        return plain
    first = local[odd].to_frame("local").select(_utc(pl.col("local"), timezone, "earliest"))
    return plain.scatter(odd, first.to_series())
