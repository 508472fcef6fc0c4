"""Interest rates with the day from which they hold."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rate:
    """Percent per year from a day on, until the next one of the table; ``basis`` tells a rate that was derived."""

    valid_from: date
    percent: Decimal
    basis: str = ""


@dataclass(frozen=True)
class RateSpan:
    """Consecutive days (both ends included) with one rate."""

    first: date
    last: date
    percent: Decimal
    basis: str = ""

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


class RateTable:
    """All rates of one regime (civil, commercial, medical, or derived for a contract)."""

    def __init__(self, regime: str, rates: Iterable[Rate]) -> None:
        self.regime = regime
        self.rates = tuple(sorted(rates, key=lambda rate: rate.valid_from))
        self._starts = [rate.valid_from for rate in self.rates]
        if len(set(self._starts)) != len(self._starts):
            raise ValueError("two rates of one regime start on the same day")

    def on(self, day: date) -> Rate | None:
        """Return the rate in force on a day, None before the table begins."""
        position = bisect_right(self._starts, day)
        return self.rates[position - 1] if position else None

    def spans(self, first: date, last: date) -> Iterator[RateSpan]:
        """Cut the days first..last where the rate changes; the table must cover ``first``."""
        while first <= last:
            position = bisect_right(self._starts, first)
            end = last
            if position < len(self.rates):
                end = min(last, self.rates[position].valid_from - ONE_DAY)
            rate = self.rates[position - 1]
            yield RateSpan(first, end, rate.percent, rate.basis)
            first = end + ONE_DAY
