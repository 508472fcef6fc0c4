"""Volume: all units cost what the reached tier says; the total may drop at the edge of a tier."""

from decimal import Decimal

from .tiers import Piece, Priced, Tier, multiply, priced


def volume(quantity: Decimal, tier: Tier) -> Priced:
    amount = multiply(quantity, tier.price)
    return priced([Piece("unit", quantity, tier.price, amount, tier.start, tier.end)])
