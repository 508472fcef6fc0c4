"""What the official FA(3) samples have in common: parties, footer, payment of the Ministry's imaginary companies."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from ksef_core import fa3

D = Decimal
R = fa3.Rate
FOOTER = fa3.Footer("Kapiał zakładowy 5 000 000", "0000099999", "999999999", "000099999")  # typing error as published
WARSAW_1 = fa3.Address("PL", "ul. Kwiatowa 1 m. 2", "00-001 Warszawa")
CRACOW = fa3.Address("PL", "ul. Sadowa 1 lok. 3", "00-002 Kraków")
CRACOW_M = fa3.Address("PL", "ul. Sadowa 1 m. 3", "00-002 Kraków")
POLNA = fa3.Address("PL", "ul. Polna 1", "00-001 Warszawa")
ABC_CONTACT = {"email": "abc@abc.pl", "phone": "667444555"}
ABC_AGD = fa3.Seller("9999999999", "ABC AGD sp. z o. o.", WARSAW_1, **ABC_CONTACT)
KOWALSKI = fa3.Buyer("F.H.U. Jan Kowalski", POLNA, "1111111111", email="jan@kowalski.pl", phone="555777999")
CDE = fa3.Buyer("CDE sp. j.", CRACOW, "1111111111", customer_number="fdfd778343", email="cde@cde.pl", phone="555777999")
ACCOUNT = fa3.BankAccount("73111111111111111111111111", "Bank Bankowości Bankowej S. A.", note="PLN")
FACTOR_ACCOUNT = fa3.BankAccount("73111111111111111111111111", "Bank Bankowości Bankowej S. A.", "", "PLN", 2)
ORIGINAL_KSEF = "9999999999-20230908-8BEF280C8D35-4D"
DELIVERY = fa3.Delivery(
    batches=("2312323/2026",),
    terms="CIP",
    transports=(
        fa3.Transport(
            mode=3,
            carrier=fa3.Carrier(
                "Jan Nowak Transport", fa3.Address("PL", "ul. Bukowa 5", "00-004 Poznań"), "6666666666"
            ),
            cargo=13,
            packaging="a",
            ship_from=fa3.Address("PL", "Sadowa 1 lok. 2", "00-001 Warszawa"),
            ship_to=CRACOW,
        ),
    ),
)


def made(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def sample(**fields: Any) -> fa3.Invoice:
    """An invoice with what nearly all samples share."""
    usual: dict[str, Any] = {
        "created_at": made("2026-02-01T00:00:00"),
        "currency": "PLN",
        "place": "Warszawa",
        "seller": ABC_AGD,
        "footer": FOOTER,
        "system": "SamploFaktur",
        "lines": (),
        "totals": (),
    }
    return fa3.Invoice(**{**usual, **fields})


def piece(number: int, name: str, price: str, rate: fa3.Rate, **more: Any) -> fa3.Line:
    """One piece at a net price."""
    return fa3.Line(number, name, D(price), rate, D(1), "szt.", D(price), **more)


def total(rate: fa3.Rate, net: str, tax: str = "0", tax_pln: str | None = None) -> fa3.RateTotal:
    return fa3.RateTotal(rate, D(net), D(tax), None if tax_pln is None else D(tax_pln))


def original(day: date, number: str, ksef_number: str = ORIGINAL_KSEF) -> fa3.Original:
    return fa3.Original(day, number, ksef_number)
