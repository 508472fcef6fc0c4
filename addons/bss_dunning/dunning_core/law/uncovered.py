"""Interest of the days that no note has charged yet: the calculation of a claim cut after a covered-to day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from ..money import round_half_up
from .interest import ZERO, Covered, Interest, Rounding, Segment

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Uncovered:
    """Segments still to be charged with their sum, rounded by the rule of the calculation."""

    segments: tuple[Segment, ...]
    amount: Decimal
    rounding: Rounding

    @property
    def days(self) -> int:
        return sum(segment.days for segment in self.segments)


def uncovered(result: Interest, covered_to: date | None = None) -> Uncovered:
    """What of ``result`` lies after ``covered_to``; all of it without such a day.

    Balances are those of the whole history, so a payment from before the day counts; only the days are cut.
    """
    stretches = [_after(stretch, covered_to) for stretch in _stretches(result)]
    amount = sum((_stretch_sum(stretch, result.rounding) for stretch in stretches), ZERO)
    segments = tuple(segment for stretch in stretches for segment in stretch)
    return Uncovered(segments, round_half_up(amount), result.rounding)


def _stretches(result: Interest) -> Iterator[list[Segment]]:
    """Segments between two payments."""
    stretch: list[Segment] = []
    for line in result.lines:
        if isinstance(line, Covered):
            yield stretch
            stretch = []
        else:
            stretch.append(line)
    yield stretch


def _after(segments: list[Segment], covered_to: date | None) -> list[Segment]:
    if covered_to is None:
        return segments
    return [_cut(segment, covered_to) for segment in segments if segment.date_end > covered_to]


def _cut(segment: Segment, covered_to: date) -> Segment:
    start = max(segment.date_start, covered_to + ONE_DAY)
    days = (segment.date_end - start).days + 1
    return replace(segment, date_start=start, exact=segment.exact * days / segment.days)


def _stretch_sum(segments: list[Segment], rounding: Rounding) -> Fraction:
    if rounding is Rounding.PER_SEGMENT:
        return sum((Fraction(round_half_up(segment.exact)) for segment in segments), ZERO)
    exact = sum((segment.exact for segment in segments), ZERO)
    return Fraction(round_half_up(exact)) if rounding is Rounding.PER_PAYMENT else exact
