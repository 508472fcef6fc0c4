"""Bundles: which parts a customer may choose, and what each part costs.

Three ways of pricing, all to the grosz and in whatever kind (net or gross) the prices come:

- ``own``: the bundle has a price of its own for its fixed parts in their usual quantities; it is spread over them.
  Further units and optional parts cost their list price less their own discount.
- ``sum``: every part costs its list price less its own discount.
- ``discount``: the sum of the list prices less a percentage and an amount, spread over the parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from .money import round_half_up, spread

ZERO = Decimal(0)
WAYS = ("own", "sum", "discount")


@dataclass(frozen=True, slots=True)
class PartFacts:
    """One part of a bundle; ``price`` is the list price of one unit, ``key`` is given back with the answer."""

    key: int
    name: str
    price: Decimal
    is_optional: bool = False
    minimum: int = 1
    usual: int = 1
    maximum: int = 1
    discount_percent: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class BundleTerms:
    way: str = "sum"
    own_price: Decimal = ZERO
    discount_percent: Decimal = ZERO
    discount_amount: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class BundleProblem:
    code: str
    params: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PartPrice:
    """``amount`` (grosze, exact) for ``quantity`` units; ``price_unit`` times quantity rounds to it."""

    key: int
    quantity: int
    price_unit: Decimal
    amount: Decimal


def choose_parts(
    parts: Sequence[PartFacts], choice: Mapping[int, int] | None = None
) -> dict[int, int] | tuple[BundleProblem, ...]:
    """{key: quantity} of the chosen parts, or everything that is wrong with the choice.

    What ``choice`` does not name comes in its usual quantity. An optional part may be left out (0); once chosen its
    minimum counts.
    """
    choice = choice or {}
    problems = [BundleProblem("UNKNOWN_PART", {"part": str(key)}) for key in choice.keys() - {p.key for p in parts}]
    chosen: dict[int, int] = {}
    for part in parts:
        quantity = choice.get(part.key, part.usual)
        if quantity == 0 and part.is_optional:
            continue
        problems.extend(_quantity_problems(part, quantity))
        if quantity:
            chosen[part.key] = quantity
    if not problems and not chosen:
        problems.append(BundleProblem("NOTHING_CHOSEN"))
    return tuple(problems) if problems else chosen


def _quantity_problems(part: PartFacts, quantity: int) -> list[BundleProblem]:
    params = {"part": part.name, "quantity": str(quantity)}
    if quantity < part.minimum:
        return [BundleProblem("TOO_FEW", {**params, "minimum": str(part.minimum)})]
    if quantity > part.maximum:
        return [BundleProblem("TOO_MANY", {**params, "maximum": str(part.maximum)})]
    return []


def price_bundle(
    terms: BundleTerms, parts: Sequence[PartFacts], chosen: Mapping[int, int]
) -> tuple[PartPrice, ...] | BundleProblem:
    """Price of every chosen part, in the order of ``parts``; the amounts sum to the price of the bundle."""
    taken = [part for part in parts if chosen.get(part.key)]
    if terms.way == "own":
        amounts = _own(terms, taken, chosen)
    elif terms.way == "discount":
        answer = _discounted(terms, taken, chosen)
        if isinstance(answer, BundleProblem):
            return answer
        amounts = answer
    else:
        amounts = [_list_amount(part, chosen[part.key]) for part in taken]
    return tuple(
        PartPrice(part.key, chosen[part.key], round_half_up(amount / chosen[part.key], 6), amount)
        for part, amount in zip(taken, amounts, strict=True)
    )


def bundle_problems(terms: BundleTerms, parts: Sequence[PartFacts]) -> list[BundleProblem]:
    """What would make the bundle impossible to sell as it usually is."""
    if not parts:
        return [BundleProblem("NO_PARTS")]
    problems = [
        BundleProblem("BAD_QUANTITIES", {"part": part.name})
        for part in parts
        if not (0 <= part.minimum <= part.maximum and 0 <= part.usual <= part.maximum)
        or (part.usual < part.minimum and not (part.is_optional and part.usual == 0))
    ]
    if terms.way == "own" and terms.own_price <= ZERO:
        problems.append(BundleProblem("NO_OWN_PRICE"))
    if problems:
        return problems
    chosen = choose_parts(parts)
    if isinstance(chosen, tuple):
        return list(chosen)
    # the dearest discount: only what must be taken
    least = {part.key: max(part.minimum, 1) for part in parts if not part.is_optional} or chosen
    answer = price_bundle(terms, parts, least)
    return [answer] if isinstance(answer, BundleProblem) else []


def _list_amount(part: PartFacts, quantity: int) -> Decimal:
    """List price of ``quantity`` units less the part's own discount."""
    return round_half_up(part.price * quantity * (100 - part.discount_percent) / 100, 2)


def _own(terms: BundleTerms, taken: Sequence[PartFacts], chosen: Mapping[int, int]) -> list[Decimal]:
    included = [0 if part.is_optional else min(chosen[part.key], part.usual) for part in taken]
    inside = [index for index, quantity in enumerate(included) if quantity]
    weights = [_list_amount(taken[index], included[index]) for index in inside]
    amounts = [_list_amount(part, chosen[part.key] - quantity) for part, quantity in zip(taken, included, strict=True)]
    for index, share in zip(inside, spread(round_half_up(terms.own_price, 2), weights), strict=True):
        amounts[index] += share
    return amounts


def _discounted(
    terms: BundleTerms, taken: Sequence[PartFacts], chosen: Mapping[int, int]
) -> list[Decimal] | BundleProblem:
    weights = [round_half_up(part.price * chosen[part.key], 2) for part in taken]
    whole = sum(weights, ZERO)
    discount = round_half_up(whole * terms.discount_percent / 100, 2) + round_half_up(terms.discount_amount, 2)
    if not ZERO <= discount <= whole:
        return BundleProblem("DISCOUNT_TOO_HIGH", {"discount": f"{discount:.2f}", "sum": f"{whole:.2f}"})
    return list(spread(whole - discount, weights))


__all__ = [
    "WAYS",
    "BundleProblem",
    "BundleTerms",
    "PartFacts",
    "PartPrice",
    "bundle_problems",
    "choose_parts",
    "price_bundle",
]
