"""Small helpers on columns."""

from __future__ import annotations

import polars as pl

PolarsType = pl.DataType | type[pl.DataType]


def constant(value: int, length: int, dtype: PolarsType = pl.Int64) -> pl.Series:
    return pl.select(pl.repeat(value, length, dtype=dtype)).to_series()


def put(column: pl.Series, rows: pl.Series, values: pl.Series | int) -> pl.Series:
    """``column`` with ``values`` at ``rows``; the column itself stays as it is."""
    if rows.is_empty():
        return column
    return column.clone().scatter(rows, values)


def largest(frame: pl.DataFrame, name: str) -> int:
    """Largest absolute value of an integer column, 0 of an empty one."""
    return max(int(frame[name].max() or 0), -int(frame[name].min() or 0))  # type: ignore[arg-type]


def smallest(frame: pl.DataFrame, name: str) -> int:
    """Smallest value of an integer column, 0 of an empty one."""
    return int(frame[name].min() or 0)  # type: ignore[arg-type]
