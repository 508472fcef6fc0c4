"""FA(3) invoices: plain data in, checked and frozen bytes out.

>>> result = freeze(invoice, today=date(2026, 11, 21))
>>> result.sha256 if isinstance(result, Frozen) else [problem.code for problem in result]
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ..problems import Problem
from ..qr import sha256_base64
from .attachment import COLUMN_KINDS, Attachment, Block, Column, Table
from .check import MAX_BYTES, MAX_BYTES_WITH_ATTACHMENT, MAX_LINES, check
from .codes import TOTAL_ELEMENTS, Kind, Margin, Rate
from .goods import Advance, Line, NewVehicles, Order, OrderLine, RateTotal, ReceivedPayment, Vehicle
from .model import Annotations, Correction, Footer, Invoice, Note, Original, Register
from .money import Amount, BankAccount, Discount, DueTerm, PartialPayment, Payment
from .parties import Address, Authorised, Buyer, Carrier, Contact, Seller, ThirdParty, tax_number
from .schema import Validator, validator
from .terms import Contract, Delivery, OrderNumber, Transport
from .text import TooFineError
from .writer import FORM_VALUE, NAMESPACE, SCHEMA_VERSION, SYSTEM_CODE, write

__all__ = [
    "COLUMN_KINDS",
    "FORM_VALUE",
    "MAX_BYTES",
    "MAX_BYTES_WITH_ATTACHMENT",
    "MAX_LINES",
    "NAMESPACE",
    "SCHEMA_VERSION",
    "SYSTEM_CODE",
    "TOTAL_ELEMENTS",
    "Address",
    "Advance",
    "Amount",
    "Annotations",
    "Attachment",
    "Authorised",
    "BankAccount",
    "Block",
    "Buyer",
    "Carrier",
    "Column",
    "Contact",
    "Contract",
    "Correction",
    "Delivery",
    "Discount",
    "DueTerm",
    "Footer",
    "Frozen",
    "Invoice",
    "Kind",
    "Line",
    "Margin",
    "NewVehicles",
    "Note",
    "Order",
    "OrderLine",
    "OrderNumber",
    "Original",
    "PartialPayment",
    "Payment",
    "Problem",
    "Rate",
    "RateTotal",
    "ReceivedPayment",
    "Register",
    "Seller",
    "Table",
    "ThirdParty",
    "Transport",
    "Validator",
    "Vehicle",
    "check",
    "freeze",
    "tax_number",
    "validator",
    "write",
]


@dataclass(frozen=True)
class Frozen:
    """The bytes that leave the house; from here on nothing may serialise them again."""

    xml: bytes
    sha256: str

    @property
    def size(self) -> int:
        return len(self.xml)


def freeze(invoice: Invoice, today: date, schema: Validator | None = None) -> Frozen | tuple[Problem, ...]:
    """Check, write and validate `invoice`: its frozen bytes, or every reason why it may not be sent."""
    found = check(invoice, today)
    if found:
        return found
    try:
        xml = write(invoice)
    except TooFineError as exc:  # e.g. a currency with three decimals: no reason to stop the invoices beside it
        tag, value = exc.args
        return (Problem("too_fine", f"Fa/{tag}", {"value": value}),)
    limit = MAX_BYTES_WITH_ATTACHMENT if invoice.attachment else MAX_BYTES
    if len(xml) > limit:
        return (Problem("too_big", "", {"size": str(len(xml)), "limit": str(limit)}),)
    found = (schema or validator()).problems(xml)
    return found or Frozen(xml, sha256_base64(xml))
