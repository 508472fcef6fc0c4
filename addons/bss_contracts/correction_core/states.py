"""States of an invoice line before and after a correction.

Amounts are Decimals of złoty with two places, in the kind of the line's price (net, or gross where the tax is in the
price). The state before is always that after all earlier corrections of the same invoice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Literal

CENT = Decimal("0.01")
ZERO = Decimal(0)
HUNDRED = Decimal(100)
Problem = Literal["below_zero", "sign", "waiting"]


@dataclass(frozen=True, slots=True)
class LineState:
    """What a line says. ``amount`` rules; quantity, price and discount (percent) explain it.

    :ivar tax: whatever tells the VAT rates of the two states apart, such as the id of a tax
    """

    quantity: Decimal
    price: Decimal
    discount: Decimal
    amount: Decimal
    tax: int = 0


def amount_of(quantity: Decimal, price: Decimal, discount: Decimal = ZERO) -> Decimal:
    """Amount of a line, rounded half up to the grosz."""
    return (quantity * price * (HUNDRED - discount) / HUNDRED).quantize(CENT, ROUND_HALF_UP)


def with_quantity(before: LineState, quantity: Decimal) -> LineState:
    """Another quantity at the same price; the old quantity gives the old amount, whatever its rounding was."""
    if quantity == before.quantity:
        return before
    return replace(before, quantity=quantity, amount=amount_of(quantity, before.price, before.discount))


def with_price(before: LineState, price: Decimal) -> LineState:
    """Another unit price of the same quantity."""
    if price == before.price:
        return before
    return replace(before, price=price, amount=amount_of(before.quantity, price, before.discount))


def with_amount(before: LineState, amount: Decimal) -> LineState:
    """Another amount of the same quantity: the price follows (without a discount, to eight places)."""
    amount = amount.quantize(CENT, ROUND_HALF_UP)
    if amount == before.amount:
        return before
    if not amount:
        return zeroed(before)
    if not before.quantity:
        return LineState(Decimal(1), amount, ZERO, amount, before.tax)
    price = (amount / before.quantity).quantize(Decimal("0.00000001"), ROUND_HALF_UP).normalize()
    return LineState(before.quantity, price, ZERO, amount, before.tax)


def with_difference(before: LineState, difference: Decimal) -> LineState:
    """The state that an increase (or with a minus a decrease) of the amount leaves."""
    return with_amount(before, before.amount + difference)


def with_pieces_back(before: LineState, difference: Decimal, pieces: Decimal) -> LineState:
    """The state that giving back ``difference`` (positive) leaves; ``pieces`` of it are amounts of whole pieces.

    So many pieces are fewer, at the same price; the price follows where something else is given back as well.
    """
    left = before
    if pieces > ZERO and before.price and not before.discount:
        count, rest = divmod(pieces, before.price)
        quantity = before.quantity - count
        if not rest and quantity > ZERO and amount_of(quantity, before.price) == before.amount - pieces:
            left = replace(before, quantity=quantity, amount=before.amount - pieces)
    return with_amount(left, before.amount - difference)


def with_tax(before: LineState, tax: int, amount: Decimal) -> LineState:
    """Another VAT rate, and the amount at it; of nothing there is no tax, so a line of zero keeps its rate."""
    after = with_amount(before, amount)
    return replace(after, tax=tax) if after.amount else after


def zeroed(before: LineState) -> LineState:
    """Nothing was supplied: quantity and amount are zero, the price stays to be read."""
    return replace(before, quantity=ZERO, amount=ZERO)


def is_changed(before: LineState, after: LineState) -> bool:
    return before.amount != after.amount or before.tax != after.tax


def line_problem(before: LineState, after: LineState, waiting: Decimal = ZERO) -> Problem | None:
    """Why a line cannot come to ``after``.

    :param waiting: decrease of the line (a positive amount) that billing will issue anyhow; ``after`` must leave room
        for it, or the line would end below zero
    """
    if before.amount < ZERO:
        return "sign" if after.amount > ZERO else None
    if after.amount < ZERO:
        return "below_zero"
    if waiting > ZERO and after.amount < waiting:
        return "waiting"
    return None


def spread(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Parts of ``total`` in proportion to the weights (none negative), to the grosz; they sum to ``total``.

    Grosze left by rounding down go to the parts with the greatest remainder, the earlier one first.

    :raises ValueError: when the weights sum to zero
    """
    whole = sum(weights, ZERO)
    if whole <= ZERO or any(weight < ZERO for weight in weights):
        raise ValueError("nothing to spread over")
    exact = [total * weight / whole for weight in weights]
    parts = [value.quantize(CENT, ROUND_DOWN) for value in exact]
    left = total - sum(parts, ZERO)
    step = CENT if left > ZERO else -CENT
    order = sorted(range(len(parts)), key=lambda index: (-abs(exact[index] - parts[index]), index))
    for index in order[: int(abs(left) / CENT)]:
        parts[index] += step
    return parts


def less_percent(amount: Decimal, percent: Decimal) -> Decimal:
    """``amount`` after a discount of ``percent``; the discount is rounded half up to the grosz."""
    return amount - (amount * percent / HUNDRED).quantize(CENT, ROUND_HALF_UP)


def effect_rule(kind: str, difference: Decimal, *, is_error: bool) -> str:
    """TypKorekty: when the correction counts for VAT. "" when it changes no amount.

    A decrease counts in the period of the corrective invoice ("2", art. 29a (13) of the VAT act, and (14) where only
    the tax was too high); an increase in that of the original where it was wrong from the start ("1", art. 29a (17)),
    else when its cause came ("2").

    :param difference: of the amounts; of VAT where the rate is corrected
    """
    if kind == "buyer" or not difference:
        return ""
    return "1" if difference > ZERO and is_error else "2"
