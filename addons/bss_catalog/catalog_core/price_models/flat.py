"""Flat: every unit costs the same."""

from decimal import Decimal

from .tiers import Piece, Priced, multiply, priced


def flat(quantity: Decimal, unit_price: Decimal) -> Priced:
    return priced([Piece("unit", quantity, unit_price, multiply(quantity, unit_price))] if quantity else [])
