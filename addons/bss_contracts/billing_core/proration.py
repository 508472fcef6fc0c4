"""What part of a full period's price a run of days is worth.

One value per service and period is rounded once, HALF_UP. When a period is charged in several parts
(a bill in the middle, a price change), each part is the difference of two rounded running sums, so the
parts always add up to the amount of the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from .money import round_half_up
from .period import ONE_DAY, Period

Method = Literal["calendar", "thirty", "none"]
METHODS: tuple[Method, ...] = ("calendar", "thirty", "none")


@dataclass(frozen=True, slots=True)
class PriceSegment:
    """Full-period net price in force from ``start`` to ``end`` (None = open), both included.

    Days that no segment covers are not chargeable. A suspension at a part of the price is a segment
    with the reduced price.
    """

    start: date
    end: date | None
    price: Decimal


def _chargeable(segments: Sequence[PriceSegment], period: Period) -> list[tuple[Period, Decimal]]:
    """Segments cut to the period, in order of time."""
    cut = []
    for segment in sorted(segments, key=lambda item: item.start):
        part = period.clip(segment.start, segment.end)
        if part:
            cut.append((part, segment.price))
    for (one, _price), (two, _other) in zip(cut, cut[1:], strict=False):
        if two.start <= one.end:
            raise ValueError(f"price segments overlap on {two.start}")
    return cut


def chargeable_days(segments: Sequence[PriceSegment], period: Period) -> int:
    return sum(part.days for part, _price in _chargeable(segments, period))


def exact_amount(
    segments: Sequence[PriceSegment], period: Period, through: date, method: Method, months: int = 1
) -> Fraction:
    """Unrounded amount of the chargeable days of ``period`` up to and including ``through``."""
    parts = _chargeable(segments, period)
    if not parts or through < parts[0][0].start:
        return Fraction(0)
    if method == "none":
        return Fraction(parts[0][1])
    total = Fraction(0)
    whole = sum(part.days for part, _price in parts) == period.days
    base = period.days if method == "calendar" else 30 * months
    for part, price in parts:
        counted = part.clip(None, through)
        if counted is None:
            break
        weight = Fraction(counted.days, base)
        if method == "thirty" and whole and counted.end == period.end:
            # the last day of a wholly chargeable period carries what the others left
            weight += 1 - Fraction(period.days, base)
        total += Fraction(price) * weight
    return total


def part_amount(
    segments: Sequence[PriceSegment], period: Period, part: Period, method: Method, months: int = 1
) -> Decimal:
    """Amount of ``part`` of ``period``: rounded running sum at its end less the one before its start."""
    if method not in METHODS:
        raise ValueError(f"unknown proration {method}")
    until = round_half_up(exact_amount(segments, period, part.end, method, months))
    before = round_half_up(
        exact_amount(segments, period, part.start - ONE_DAY, method, months)
        if part.start > period.start
        else Fraction(0)
    )
    return until - before
