"""FA(3) invoices: plain data in, checked and frozen bytes out.

>>> result = freeze(invoice, today=date(2026, 11, 21))
>>> result.sha256 if isinstance(result, Frozen) else [problem.code for problem in result]
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ..problems import Problem
from ..qr import sha256_base64
from .check import MAX_BYTES, MAX_LINES, check
from .model import (
    TOTAL_ELEMENTS,
    Address,
    Amount,
    Annotations,
    BankAccount,
    Buyer,
    Contract,
    Correction,
    Footer,
    Invoice,
    Kind,
    Line,
    Note,
    Original,
    Payment,
    Rate,
    RateTotal,
    Seller,
    ThirdParty,
)
from .schema import Validator, validator
from .writer import FORM_VALUE, NAMESPACE, SCHEMA_VERSION, SYSTEM_CODE, write

__all__ = [
    "FORM_VALUE",
    "MAX_BYTES",
    "MAX_LINES",
    "NAMESPACE",
    "SCHEMA_VERSION",
    "SYSTEM_CODE",
    "TOTAL_ELEMENTS",
    "Address",
    "Amount",
    "Annotations",
    "BankAccount",
    "Buyer",
    "Contract",
    "Correction",
    "Footer",
    "Frozen",
    "Invoice",
    "Kind",
    "Line",
    "Note",
    "Original",
    "Payment",
    "Problem",
    "Rate",
    "RateTotal",
    "Seller",
    "ThirdParty",
    "Validator",
    "check",
    "freeze",
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
    xml = write(invoice)
    if len(xml) > MAX_BYTES:
        return (Problem("too_big", "", {"size": str(len(xml)), "limit": str(MAX_BYTES)}),)
    found = (schema or validator()).problems(xml)
    return found or Frozen(xml, sha256_base64(xml))
