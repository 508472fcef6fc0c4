"""Rounding of amounts; the only place of this kernel where it happens."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

GROSZ = Decimal("0.01")


def round_half_up(value: Fraction | Decimal) -> Decimal:
    """Exact value to whole grosz; ties go away from zero."""
    exact = Fraction(value)
    scaled = abs(exact) * 100
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    if 2 * rest >= scaled.denominator:
        whole += 1
    return Decimal(whole if exact >= 0 else -whole).scaleb(-2)


def spread(total: Decimal, weights: Sequence[Decimal | Fraction]) -> tuple[Decimal, ...]:
    """Share ``total`` (whole grosz) in proportion to ``weights``; the parts sum to the total.

    Largest remainder first, then the earlier part. With no positive weight the first part takes all.
    """
    if not weights:
        return ()
    if any(weight < 0 for weight in weights):
        raise ValueError("weights must not be negative")
    if total < 0:
        return tuple(-part for part in spread(-total, weights))
    whole = sum((Fraction(weight) for weight in weights), Fraction(0))
    if not whole:
        return (total, *(Decimal("0.00") for _weight in weights[1:]))
    exact = [Fraction(total) * Fraction(weight) / whole for weight in weights]
    floors = [(Decimal(part.numerator * 100 // part.denominator)).scaleb(-2) for part in exact]
    missing = int((total - sum(floors, Decimal(0))) * 100)
    order = sorted(range(len(weights)), key=lambda index: (Fraction(floors[index]) - exact[index], index))
    for index in order[:missing]:
        floors[index] += GROSZ
    return tuple(floors)


__all__ = ["GROSZ", "round_half_up", "spread"]
