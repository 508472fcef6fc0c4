"""Minimum commitment: what the units cost less is topped up."""

from decimal import Decimal

from .tiers import ZERO, Piece, Priced, priced


def with_minimum(result: Priced, minimum: Decimal) -> Priced:
    missing = minimum - result.amount
    if missing <= ZERO:
        return result
    return priced([*result.explanation, Piece("true_up", ZERO, minimum, missing)])
