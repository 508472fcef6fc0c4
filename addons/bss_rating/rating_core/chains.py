"""Charging increments as columns: boundaries at, above and below a quantity.

A chain (30, 30, 6) has its boundaries at 0, 30, 60, 66, 72 …: ``chain_head`` (60) is the one from which the last
element (``chain_step``, 6) repeats, ``chain_1`` … are those between 0 and the head. Most chains have none of those.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import polars as pl

HEAD, STEP = "chain_head", "chain_step"


def shortest(chain: Sequence[int]) -> tuple[int, ...]:
    """The same increments without repetitions of the last one."""
    if not chain or min(chain) < 1:
        raise ValueError(f"no chain of increments: {chain!r}")
    end = len(chain)
    while end > 1 and chain[end - 2] == chain[-1]:
        end -= 1
    return tuple(chain[:end])


def inner_columns(chains: Sequence[Sequence[int]]) -> list[str]:
    """Names of the columns that the longest of ``chains`` needs beside head and step."""
    longest = max((len(shortest(chain)) for chain in chains), default=0)
    return [f"chain_{number}" for number in range(1, longest - 1)]


def chain_row(chain: Sequence[int], inner: Sequence[str]) -> dict[str, int | None]:
    """Values of the columns of one chain."""
    short = shortest(chain)
    ends = list(accumulate(short[:-1]))
    between: list[int | None] = [*ends[:-1], *[None] * len(inner)]
    return {HEAD: ends[-1] if ends else 0, STEP: short[-1], **dict(zip(inner, between, strict=False))}


def next_boundary(units: pl.Expr, inner: Sequence[str]) -> pl.Expr:
    """The smallest boundary at or above ``units``: what is charged for them."""
    head, step = pl.col(HEAD), pl.col(STEP)
    steps = pl.max_horizontal((units - head + step - 1) // step, pl.lit(0, pl.Int64))
    above = head + steps * step
    if inner:
        ends = [pl.when(pl.col(name) >= units).then(pl.col(name)) for name in inner]
        above = pl.when(units <= head).then(pl.min_horizontal(head, *ends)).otherwise(above)
    return pl.when(units > 0).then(above).otherwise(0)


def last_boundary(units: pl.Expr, inner: Sequence[str]) -> pl.Expr:
    """The largest boundary at or below ``units``: what whole increments fit into them."""
    head, step = pl.col(HEAD), pl.col(STEP)
    ends = [pl.when(pl.col(name) <= units).then(pl.col(name)) for name in inner]
    below = pl.max_horizontal(pl.lit(0, pl.Int64), *ends) if ends else pl.lit(0, pl.Int64)
    return pl.when(units >= head).then(head + (units - head) // step * step).otherwise(below)


def billed_units(units: int, chain: Sequence[int]) -> int:
    """Units after rounding up to increments; 0 stays 0."""
    short = shortest(chain)
    done = 0
    for element in short[:-1]:
        if done >= units:
            return done
        done += element
    return done - (done - units) // short[-1] * short[-1] if units > done else done


def chain_text(chain: Sequence[int]) -> str:
    """As people write it: 60/60, 60/1, 30/30/6."""
    short = shortest(chain)
    return "/".join(str(element) for element in (short if len(short) > 1 else short * 2))
