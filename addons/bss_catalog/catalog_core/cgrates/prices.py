"""Rows of destination rates to our rates: price, rounding and the highest cost of a call."""

from __future__ import annotations

from fractions import Fraction

from .rates import Price, RateProblem, micro, price_of
from .rows import DESTINATION_RATES, RATES, Rows
from .values import WARNING, DestinationRateRow, ImportedRate, ImportProblem, RateRow

UP, MIDDLE, DOWN = "*up", "*middle", "*down"
MOST_DECIMALS = 4
FREE_BEYOND = "*free"


class Prices:
    """Prices of a set; what is wrong with them gathers in ``problems``, once for each row."""

    def __init__(self, rows: Rows) -> None:
        self.problems: list[ImportProblem] = []
        self._broken = rows.broken.get(RATES, set())
        self._rows: dict[str, list[RateRow]] = {}
        for row in rows.rates:
            self._rows.setdefault(row.code, []).append(row)

    def of(self, row: DestinationRateRow, usage_kind: str) -> ImportedRate | None:
        """The rate without its zone and band; None when it cannot be said exactly."""
        price = self._price(row, usage_kind)
        most = self._max_charge(row)
        if price is None or most is None:
            return None
        if row.rounding not in (UP, MIDDLE, DOWN):
            self._tell(row, "RoundingMethod", "ROUNDING_UNKNOWN", row.rounding)
            return None
        decimals = min(row.decimals, MOST_DECIMALS)
        same = row.rounding == MIDDLE and row.decimals <= MOST_DECIMALS
        if not same and not _never_rounded(price, decimals):
            self._tell(row, "RoundingMethod", "ROUNDING_DIFFERS", f"{row.rounding} {row.decimals}", WARNING)
        return ImportedRate(
            "",
            usage_kind,
            "",
            price.price_micro,
            price.unit_size,
            price.connect_fee_micro,
            most,
            price.chain,
            decimals,
        )

    def _price(self, row: DestinationRateRow, usage_kind: str) -> Price | None:
        rows = self._rows.get(row.rate)
        if not rows or row.rate in self._broken:
            self._tell(row, "RatesTag", "UNKNOWN_RATE", row.rate)
            return None
        found = price_of(rows, usage_kind)
        if isinstance(found, RateProblem):
            self._add(ImportProblem(RATES, found.line, found.field, found.code, found.value))
            return None
        return found

    def _max_charge(self, row: DestinationRateRow) -> int | None:
        """0 = none. A call that its highest cost would have cut is not the same as one that goes on for nothing."""
        if not row.max_cost:
            return 0
        if row.max_cost_strategy != FREE_BEYOND:
            self._tell(row, "MaxCostStrategy", "MAX_COST_STRATEGY", row.max_cost_strategy)
            return None
        found = micro(row.max_cost)
        if found is None:
            self._tell(row, "MaxCost", "PRICE_TOO_FINE", str(row.max_cost))
        return found

    def _tell(self, row: DestinationRateRow, column: str, code: str, value: str, severity: str = "error") -> None:
        self._add(ImportProblem(DESTINATION_RATES, row.line, column, code, value, severity))

    def _add(self, problem: ImportProblem) -> None:
        if problem not in self.problems:
            self.problems.append(problem)


def _never_rounded(price: Price, decimals: int) -> bool:
    """Whether every number of increments costs a whole number of the smallest amounts, so that no rounding is met."""
    smallest = 10 ** (6 - decimals)
    parts = [Fraction(price.price_micro * size, price.unit_size) for size in price.chain]
    return all(part.denominator == 1 and part % smallest == 0 for part in [*parts, Fraction(price.connect_fee_micro)])
