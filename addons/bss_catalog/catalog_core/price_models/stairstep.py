"""Stairstep: one price for the whole range in which the quantity falls."""

from decimal import Decimal

from .tiers import Piece, Priced, Tier, priced


def stairstep(quantity: Decimal, tier: Tier) -> Priced:
    return priced([Piece("step", quantity, tier.price, tier.price, tier.start, tier.end)])
