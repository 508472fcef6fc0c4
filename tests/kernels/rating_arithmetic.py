"""Prefixes, increments, rounding and tiers of the rating oracle, each as its sentence in the price list reads."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

from tests.kernels.rating_world import Rate


def longest_prefix(prefixes: dict[str, int], number: str) -> str | None:
    if not (1 <= len(number) <= 15 and all(digit in "0123456789" for digit in number)):
        return None
    for length in range(len(number), 0, -1):
        if number[:length] in prefixes:
            return number[:length]
    return None


def increments(chain: tuple[int, ...], units: int) -> list[int]:
    """Sizes of the increments that ``units`` start: each element of the chain once, the last one again and again."""
    sizes: list[int] = []
    reached = 0
    while reached < units:
        sizes.append(chain[min(len(sizes), len(chain) - 1)])
        reached += sizes[-1]
    return sizes


def half_up(micro: Fraction, decimals: int) -> int:
    """Micro to e4, rounded once to ``decimals`` places of the currency, halves up (away from zero for what is owed)."""
    step = Fraction(10 ** (6 - decimals))
    whole = math.floor(micro / step + Fraction(1, 2))
    return whole * 10 ** (4 - decimals)


def tiered(rate: Rate, units: int) -> Fraction:
    """Price in micro of the first ``units`` units of a period by the tiers of a rate; LookupError beyond them."""
    quantity = Fraction(units, rate.unit_size)
    if not units:
        return Fraction(0)
    reached = [t for t in rate.tiers if t.start < quantity and (t.end is None or quantity <= t.end)]
    if not reached:
        raise LookupError(units)
    if rate.tier_model == "volume":
        return quantity * reached[0].price_micro
    if rate.tier_model == "stairstep":
        return Fraction(reached[0].price_micro)
    total = Fraction(0)
    for tier in rate.tiers:
        share = (quantity if tier.end is None else min(quantity, Fraction(tier.end))) - tier.start
        if share > 0 and rate.tier_model == "package":
            total += math.ceil(share / tier.package_size) * tier.price_micro
        elif share > 0:
            total += share * tier.price_micro
    return total


# --- increments and what is taken from them


@dataclass
class Cell:
    """Some billed units of one increment, at the rate that prices them."""

    units: int
    rate: Rate


def units_by_rate(cells: list[Cell]) -> dict[int, int]:
    found = Counter[int]()
    for cell in cells:
        found[cell.rate.rate_id] += cell.units
    return found


def without_head(increment: list[Cell], units: int) -> list[Cell]:
    kept = []
    for cell in increment:
        taken = min(units, cell.units)
        units -= taken
        if cell.units > taken:
            kept.append(Cell(cell.units - taken, cell.rate))
    return kept


def pieces(billed: list[Cell], paid: list[Cell]) -> list[tuple[int, int, int]]:
    """Runs of one rate: the paid units are the tail of the billed ones."""
    free = sum(cell.units for cell in billed) - sum(cell.units for cell in paid)
    runs: list[tuple[int, int, int]] = []
    for cell in billed:
        gratis = min(free, cell.units)
        free -= gratis
        piece = (cell.rate.rate_id, cell.units, cell.units - gratis)
        if runs and runs[-1][0] == piece[0]:
            piece = (piece[0], runs[-1][1] + piece[1], runs[-1][2] + piece[2])
            runs.pop()
        runs.append(piece)
    return runs
