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
    return max(_whole(frame[name].max()), -_whole(frame[name].min()))


def greatest(frame: pl.DataFrame, name: str) -> int:
    """Greatest value of an integer column, 0 of an empty one."""
    return _whole(frame[name].max())


def smallest(frame: pl.DataFrame, name: str) -> int:
    """Smallest value of an integer column, 0 of an empty one."""
    return _whole(frame[name].min())


def _whole(value: object) -> int:
    """An extreme of an integer column, which polars types as any value; 0 for none."""
    return value if isinstance(value, int) else 0
