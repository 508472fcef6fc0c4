"""Whether a day brought as much as such days usually do: the same weekday of the weeks before, by their median."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_low

FEWEST_DAYS = 2  # one earlier day is no habit


@dataclass(frozen=True, slots=True)
class Deviation:
    """``rows`` of the day beside the ``usual`` ones; ``percent`` is below zero when there were fewer."""

    rows: int
    usual: int
    percent: int


def deviation(rows: int, earlier: Sequence[int], limit_percent: int) -> Deviation | None:
    """How far a day is off, or None when it is within the limit or nothing can be said.

    :param earlier: rows of the same weekday in the weeks before, days without any file left out
    """
    if len(earlier) < FEWEST_DAYS:
        return None
    usual = median_low(earlier)
    if usual <= 0:
        return None
    percent = (rows - usual) * 100 // usual if rows >= usual else -((usual - rows) * 100 // usual)
    return Deviation(rows, usual, percent) if abs(percent) > limit_percent else None
