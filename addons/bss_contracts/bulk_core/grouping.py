"""Which charges share a line of an invoice, and what that line says.

A shared line is the sum of its charges to the grosz by construction: equal prices are added up as a quantity, and each
piece is quantity times price without rounding; where prices differ, the line is one piece at the exact sum.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

NONE, EQUAL, PRODUCT = "none", "equal", "product"
# usage is told by service and direction, a correction has its own reason, interest its own debt
KINDS = ("recurring", "one_off")
# what happens once is the same fee on whatever day
WITHOUT_DAYS = ("one_off",)


@dataclass(frozen=True, slots=True)
class Piece:
    """A charge as a line of its own.

    ``quantity`` times ``price`` is its amount, exactly. ``text`` is that of its line, ``common_text`` the same without
    number or login of the service. ``units``: what the charge counts, also where its line says one piece.
    """

    kind: str
    product_id: int
    tax_ids: tuple[int, ...]
    text: str
    common_text: str
    quantity: Decimal
    price: Decimal
    units: Decimal
    service_id: int | None = None
    date_start: date | None = None
    date_end: date | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A shared line. ``places``: its charges; ``text`` None: the name of the product says it."""

    places: tuple[int, ...]
    text: str | None
    quantity: Decimal
    price: Decimal
    service_id: int | None
    date_start: date | None
    date_end: date | None


def groups(pieces: Sequence[Piece], mode: str) -> list[Group]:
    """Lines that two or more pieces share, in the order of their first pieces; the others keep lines of their own.

    :param mode: "equal": the same product, text, price, taxes and period; "product": the same product and taxes.
        Never kinds of charges, or what is to pay and what is taken off, on one line. "none": nothing is shared
    """
    if mode == NONE:
        return []
    key_of = {EQUAL: _equal_key, PRODUCT: _product_key}[mode]
    members: dict[Hashable, list[int]] = {}
    for place, piece in enumerate(pieces):
        if piece.kind in KINDS and piece.quantity:
            members.setdefault(key_of(piece), []).append(place)
    return [_group(pieces, places) for places in members.values() if len(places) > 1]


def _equal_key(piece: Piece) -> Hashable:
    days = None if piece.kind in WITHOUT_DAYS else (piece.date_start, piece.date_end)
    counted = piece.units if piece.quantity != piece.units else None
    return _product_key(piece), piece.common_text, piece.price, counted, days


def _product_key(piece: Piece) -> Hashable:
    amount = piece.quantity * piece.price
    return piece.kind, piece.product_id, tuple(sorted(piece.tax_ids)), (amount > 0) - (amount < 0)


def _group(pieces: Sequence[Piece], places: list[int]) -> Group:
    own = [pieces[place] for place in places]
    quantity, price = sum((one.quantity for one in own), Decimal(0)), own[0].price
    if any(one.price != price for one in own) or not quantity:
        quantity, price = Decimal(1), sum((one.quantity * one.price for one in own), Decimal(0))
    services = {one.service_id for one in own}
    starts = [one.date_start for one in own]
    ends = [one.date_end or one.date_start for one in own]
    return Group(
        tuple(places),
        _text(own),
        quantity,
        price,
        own[0].service_id if len(services) == 1 else None,
        None if None in starts else min(day for day in starts if day),
        None if None in ends else max(day for day in ends if day),
    )


def _text(own: list[Piece]) -> str | None:
    for texts in ({one.text for one in own}, {one.common_text for one in own}):
        if len(texts) == 1:
            return texts.pop()
    return None
