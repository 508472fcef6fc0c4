"""Price lists by prefix with a first and a following period: prefix, description, seconds, price, seconds, price."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from .cgrates.rates import RateProblem, price_of
from .cgrates.rows import parse_number, split_cells
from .cgrates.values import Duration, RateRow
from .prefixes import prefix_is_valid

COLUMNS = ("prefix", "description", "first_s", "first_price", "next_s", "next_price")
FIELD_OF = {"Rate": "next_price", "RateIncrement": "next_s"}


@dataclass(frozen=True, slots=True)
class PeriodPrice:
    """``price_micro`` is for ``unit_size`` seconds, charged by ``chain``."""

    prefix: str
    description: str
    price_micro: int
    unit_size: int
    chain: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PeriodProblem:
    """TOO_FEW_COLUMNS, BAD_PREFIX, BAD_SECONDS, BAD_PRICE, PRICE_CHANGES_IN_CALL, PRICE_TOO_FINE, PREFIX_TWICE."""

    line: int
    field: str
    code: str
    value: str


def read_period_prices(text: str) -> tuple[list[PeriodPrice], list[PeriodProblem]]:
    """Prices that can be said with one price and a chain of increments; every other row as a problem."""
    prices: dict[str, PeriodPrice] = {}
    problems: list[PeriodProblem] = []
    for line, row in enumerate(text.splitlines(), 1):
        if not row.strip():
            continue
        found = _row(line, [cell.strip() for cell in split_cells(row) or ()])
        if isinstance(found, PeriodProblem):
            problems.append(found)
        elif found.prefix in prices:
            problems.append(PeriodProblem(line, "prefix", "PREFIX_TWICE", found.prefix))
        else:
            prices[found.prefix] = found
    return list(prices.values()), problems


def _row(line: int, cells: list[str]) -> PeriodPrice | PeriodProblem:
    if len(cells) < len(COLUMNS):
        return PeriodProblem(line, COLUMNS[len(cells)], "TOO_FEW_COLUMNS", ",".join(cells))
    row = dict(zip(COLUMNS, cells, strict=False))
    if not prefix_is_valid(row["prefix"]):
        return PeriodProblem(line, "prefix", "BAD_PREFIX", row["prefix"])
    for name in ("first_s", "next_s"):
        if not (row[name].isascii() and row[name].isdigit() and int(row[name][:9]) > 0 and len(row[name]) < 6):
            return PeriodProblem(line, name, "BAD_SECONDS", row[name])
    amounts = {name: parse_number(row[name]) for name in ("first_price", "next_price")}
    for name, amount in amounts.items():
        if amount is None:
            return PeriodProblem(line, name, "BAD_PRICE", row[name])
    first, following = Duration(int(row["first_s"]), True), Duration(int(row["next_s"]), True)
    zero = Decimal(0)
    price = price_of(
        [
            RateRow(line, row["prefix"], zero, amounts["first_price"] or zero, first, first, Duration(0, True)),
            RateRow(line, row["prefix"], zero, amounts["next_price"] or zero, following, following, first),
        ],
        "voice",
    )
    if isinstance(price, RateProblem):
        return PeriodProblem(line, FIELD_OF.get(price.field, price.field), price.code, price.value)
    return PeriodPrice(row["prefix"], row["description"], price.price_micro, price.unit_size, price.chain)
