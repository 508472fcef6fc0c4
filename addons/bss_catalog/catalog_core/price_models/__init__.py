"""Price models: what a quantity costs in one full period, and why.

Amounts are exact Decimals in the currency of the prices and are not rounded. A quantity without a price is a
:class:`PriceProblem`, never free of charge.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from .flat import flat
from .graduated import graduated
from .minimum import with_minimum
from .package import package
from .stairstep import stairstep
from .tiers import ZERO, Piece, Priced, PriceProblem, Tier, in_order, plain, reached, shares, tier_problems
from .volume import volume

TIERED_MODELS = ("graduated", "volume", "package", "stairstep")
PRICE_MODELS = ("flat", *TIERED_MODELS)


def price_problems(model: str, tiers: Sequence[Tier], minimum: Decimal = ZERO) -> list[PriceProblem]:
    """What is wrong with a price before anything is sold; findings that only warn have ``is_error`` false."""
    if model not in PRICE_MODELS:
        return [PriceProblem("UNKNOWN_MODEL", {"model": model})]
    problems = tier_problems(model, tiers) if model in TIERED_MODELS else []
    if minimum < ZERO:
        problems.append(PriceProblem("NEGATIVE_MINIMUM"))
    return problems


def price_of(
    model: str,
    quantity: Decimal,
    tiers: Sequence[Tier] = (),
    unit_price: Decimal = ZERO,
    minimum: Decimal = ZERO,
) -> Priced | PriceProblem:
    """Amount of ``quantity`` units in one full period.

    ``unit_price`` counts for the model flat only, ``tiers`` for the others; with ``minimum`` the amount is topped up
    to it. The first error of the tiers, or a quantity outside all of them, is given back as a problem.
    """
    if quantity < ZERO:
        return PriceProblem("NEGATIVE_QUANTITY", {"quantity": plain(quantity)})
    for problem in price_problems(model, tiers, minimum):
        if problem.is_error:
            return problem
    result = _of_model(model, quantity, in_order(tiers), unit_price)
    return result if isinstance(result, PriceProblem) else with_minimum(result, minimum)


def _of_model(model: str, quantity: Decimal, ordered: Sequence[Tier], unit_price: Decimal) -> Priced | PriceProblem:
    if model == "flat":
        return flat(quantity, unit_price)
    if quantity == ZERO:
        return Priced(ZERO, ())
    tier = reached(quantity, ordered)
    if tier is None:
        params = {"quantity": plain(quantity), "end": plain(ordered[-1].end or ZERO)}
        return PriceProblem("PAST_LAST_TIER", params)
    if model == "graduated":
        return graduated(quantity, ordered)
    if model == "package":
        return package(quantity, ordered)
    return volume(quantity, tier) if model == "volume" else stairstep(quantity, tier)


__all__ = [
    "PRICE_MODELS",
    "TIERED_MODELS",
    "Piece",
    "PriceProblem",
    "Priced",
    "Tier",
    "flat",
    "graduated",
    "in_order",
    "package",
    "plain",
    "price_of",
    "price_problems",
    "reached",
    "shares",
    "stairstep",
    "tier_problems",
    "volume",
    "with_minimum",
]
