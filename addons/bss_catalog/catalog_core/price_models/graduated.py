"""Graduated: each unit costs what its own tier says; the total never jumps."""

from collections.abc import Sequence
from decimal import Decimal

from .tiers import Piece, Priced, Tier, multiply, priced, shares


def graduated(quantity: Decimal, tiers: Sequence[Tier]) -> Priced:
    return priced(
        [
            Piece("unit", units, tier.price, multiply(units, tier.price), tier.start, tier.end)
            for tier, units in shares(quantity, tiers)
        ]
    )
