"""Package: every started package is paid whole; a tier may have packages of its own size and price."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil

from .tiers import Piece, Priced, Tier, multiply, priced, shares


def package(quantity: Decimal, tiers: Sequence[Tier]) -> Priced:
    return priced([_piece(tier, units) for tier, units in shares(quantity, tiers)])


def _piece(tier: Tier, units: Decimal) -> Piece:
    if tier.package_size is None:
        raise ValueError("a tier of packages has a size")
    started = ceil(Fraction(units) / Fraction(tier.package_size))
    amount = multiply(Decimal(started), tier.price)
    return Piece("package", units, tier.price, amount, tier.start, tier.end, started)
