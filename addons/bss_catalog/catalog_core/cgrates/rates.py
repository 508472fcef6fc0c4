"""Rows of one CGRateS rate (groups by the second at which they begin) to one price with a chain of increments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from ..increments import MAX_ELEMENTS, normalise_chain
from .values import RateRow

MICRO = 1_000_000
TIMED_KINDS = frozenset({"voice", "premium"})
MINUTE = 60


@dataclass(frozen=True, slots=True)
class Price:
    """A price of ``unit_size`` units in micro, charged by ``chain``."""

    price_micro: int
    unit_size: int
    connect_fee_micro: int
    chain: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RateProblem:
    """Why the rows are no price of ours: the row to blame, its field, the code, the value."""

    line: int
    field: str
    code: str
    value: str = ""


def price_of(rows: Sequence[RateRow], usage_kind: str) -> Price | RateProblem:
    """The price that charges every length of usage as the rows do; never an approximation."""
    groups = sorted(rows, key=lambda row: row.group_start.units)
    problem = _shape(groups) or _units(groups, usage_kind in TIMED_KINDS)
    if problem:
        return problem
    first = groups[0]
    prices = {_per_unit(row) for row in groups}
    if len(prices) > 1:
        other = next(row for row in groups if _per_unit(row) != _per_unit(first))
        return RateProblem(other.line, "Rate", "PRICE_CHANGES_IN_CALL", str(other.price))
    chain = _chain(groups)
    if isinstance(chain, RateProblem):
        return chain
    connect = micro(first.connect_fee)
    if connect is None:
        return RateProblem(first.line, "ConnectFee", "PRICE_TOO_FINE", str(first.connect_fee))
    unit_size = first.unit.units or 1
    if usage_kind in TIMED_KINDS and (prices.copy().pop() * MINUTE * MICRO).denominator == 1:
        unit_size = MINUTE
    exact = prices.pop() * unit_size * MICRO
    if exact.denominator != 1:
        return RateProblem(first.line, "Rate", "PRICE_TOO_FINE", str(first.price))
    return Price(int(exact), unit_size, connect, chain)


def micro(amount: Decimal) -> int | None:
    """Exact millionths, None when there are smaller parts."""
    exact = Fraction(amount) * MICRO
    return int(exact) if exact.denominator == 1 else None


def _shape(groups: Sequence[RateRow]) -> RateProblem | None:
    if groups[0].group_start.units:
        return RateProblem(groups[0].line, "GroupIntervalStart", "RATE_GROUP_HOLE", str(groups[0].group_start.units))
    for before, row in zip(groups, groups[1:], strict=False):
        if before.group_start.units == row.group_start.units:
            value = str(row.group_start.units)
            return RateProblem(row.line, "GroupIntervalStart", "RATE_GROUP_UNEVEN", value)
        if row.connect_fee:
            return RateProblem(row.line, "ConnectFee", "CONNECT_FEE_TWICE", str(row.connect_fee))
    return None


def _units(groups: Sequence[RateRow], timed: bool) -> RateProblem | None:
    """Seconds for calls, bare counts for all else; a price of nothing needs no unit."""
    for row in groups:
        if row.increment.units < 1:
            return RateProblem(row.line, "RateIncrement", "BAD_UNIT", str(row.increment.units))
        if row.price and not row.unit.units:
            return RateProblem(row.line, "RateUnit", "BAD_UNIT", "0")
        for name, value in (("RateUnit", row.unit), ("RateIncrement", row.increment)):
            if value.units and value.is_time != timed:
                return RateProblem(row.line, name, "UNIT_OF_OTHER_USAGE", str(value.units))
    return None


def _per_unit(row: RateRow) -> Fraction:
    return Fraction(row.price) / row.unit.units if row.price else Fraction(0)


def _chain(groups: Sequence[RateRow]) -> tuple[int, ...] | RateProblem:
    """Each group fills the units up to the next one with whole increments of its own; the last one goes on for ever."""
    last = groups[-1].increment.units
    tail = len(groups) - 1
    while tail and groups[tail - 1].increment.units == last:
        tail -= 1
        if (groups[tail + 1].group_start.units - groups[tail].group_start.units) % last:
            return RateProblem(groups[tail].line, "RateIncrement", "RATE_GROUP_UNEVEN", str(last))
    chain: list[int] = []
    for row, following in zip(groups[:tail], groups[1 : tail + 1], strict=True):
        size = row.increment.units
        count, rest = divmod(following.group_start.units - row.group_start.units, size)
        if rest:
            return RateProblem(row.line, "RateIncrement", "RATE_GROUP_UNEVEN", str(size))
        if len(chain) + count >= MAX_ELEMENTS:
            return RateProblem(row.line, "RateIncrement", "CHAIN_TOO_LONG", f"{count} × {size}")
        chain += [size] * count
    return normalise_chain([*chain, last])
