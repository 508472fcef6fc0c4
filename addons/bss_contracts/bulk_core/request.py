"""What an invoice is asked to say: lines with prices, whose and for when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class LineRequest:
    """One line. The price is that of one unit as it stands on the document, gross when its taxes are included in it.

    A line that several charges share names the first one; ``merged_ids`` are the others.
    """

    charge_id: int | None
    service_id: int | None
    product_id: int
    tax_ids: tuple[int, ...]
    name: str
    quantity: Decimal
    price_unit: Decimal
    discount: Decimal = Decimal(0)  # percent
    date_start: date | None = None
    date_end: date | None = None
    merged_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class InvoiceRequest:
    """One invoice of a billing account. ``date_due`` counts when there is no payment term."""

    item_id: int
    account_id: int
    partner_id: int
    lines: tuple[LineRequest, ...]
    date_start: date | None = None
    date_end: date | None = None
    date_due: date | None = None
    payment_term_id: int | None = None
    reseller_id: int | None = None
