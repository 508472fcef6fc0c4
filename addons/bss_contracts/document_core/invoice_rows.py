"""What the content of an invoice is made from: plain rows, read for thousands of invoices at once.

Amounts are Decimals in the currency of the invoice, as booked: a corrective invoice has positive ones.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

ZERO = Decimal(0)


@dataclass(slots=True)
class Party:
    """A partner as addresses know him; ``country`` is a name and only of foreign ones."""

    name: str
    street: str = ""
    street2: str = ""
    zip: str = ""
    city: str = ""
    country: str = ""
    vat: str = ""

    def address(self) -> dict[str, str]:
        street = f"{self.street}, {self.street2}" if self.street and self.street2 else self.street or self.street2
        return {"street": street, "zip": self.zip, "city": self.city, "country": self.country}


@dataclass(slots=True)
class Seller:
    """What all invoices of a company in one language share."""

    data: dict[str, Any]
    """the block ``seller`` of the document, ready"""
    name: str
    vat: str
    banks: dict[str, str] = field(default_factory=dict)
    """{clearing number (four digits from the third of the NRB): name of the bank}"""
    message: str = ""


@dataclass(slots=True)
class Line:
    name: str
    quantity: Decimal
    price_unit: Decimal
    """before the discount"""
    net: Decimal
    """as booked: the lines of the invoice add up to its total, rounded one by one they might not"""
    gross_price: bool
    rate: str
    goods: bool
    date_start: date | None
    date_end: date | None
    kind: str
    """of the charge, "" for a line without one"""
    head_id: int
    """the service at the top of its bundle, 0 without a service"""
    head_name: str
    identifier: str
    contract: str
    usage: "Usage | None" = None
    discount: Decimal = ZERO
    """percent"""


@dataclass(slots=True)
class Usage:
    service: str
    zone: str
    count: int
    seconds: int
    net: Decimal


@dataclass(slots=True)
class Original:
    """The invoice that a corrective one corrects."""

    number: str
    issued: date | None
    ksef_number: str = ""
    date_start: date | None = None
    date_end: date | None = None


@dataclass(slots=True)
class LineSide:
    """A corrected line before or after the correction; the price is gross where ``is_gross``."""

    quantity: Decimal
    price: Decimal
    net: Decimal
    rate: str
    is_gross: bool = False


@dataclass(slots=True)
class CorrectedLine:
    name: str
    original: str
    """number of the corrected invoice"""
    before: LineSide
    after: LineSide


@dataclass(slots=True)
class Correction:
    """What a corrective invoice corrects, falling or rising."""

    originals: list[Original]
    reason: str = ""
    lines: list[CorrectedLine] = field(default_factory=list)
    buyer_before: Party | None = None
    buyer_after: Party | None = None
    discount_days: tuple[date, date] | None = None
    """first and last day that a collective discount is granted for"""


@dataclass(slots=True)
class Balance:
    """The customer's account just before the invoice: below zero he has overpaid."""

    total: Decimal = ZERO
    overdue: Decimal = ZERO


@dataclass(slots=True)
class Invoice:
    lang: str
    refund: bool
    posted: bool
    number: str
    issued: date | None
    accounting_date: date | None
    supplied: date | None
    due: date | None
    date_start: date | None
    date_end: date | None
    ref: str
    net: Decimal
    vat: Decimal
    total: Decimal
    currency: str
    """ISO code"""
    seller: Seller
    recipient: Party
    buyer: Party
    account: str = ""
    cash: bool = False
    nrb: str = ""
    reseller: str = ""
    original: Original | None = None
    correction: Correction | None = None
    ksef: dict[str, str] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    vat_by_rate: dict[str, Decimal] = field(default_factory=dict)
    balance: Balance = field(default_factory=Balance)
    left: Decimal = ZERO
    """of a corrective invoice: what lowered no debt and is the customer's credit"""
    history: dict[tuple[int, int], Decimal] = field(default_factory=dict)
    """{(year, month): gross invoiced} of the months before the invoice's own"""
