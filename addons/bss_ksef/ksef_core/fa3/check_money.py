"""Orders and advances, the settlement outside VAT, and how to pay."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sized
from decimal import Decimal
from typing import Final

from ..problems import Problem
from .codes import Kind
from .model import Invoice
from .money import Amount, Payment
from .text import is_blank

_ZERO: Final = Decimal(0)
_IPKSEF: Final = re.compile(r"[0-9]{3}[a-zA-Z0-9]{10}")
# pattern of LinkDoPlatnosci in the schema; the group is the identifier inside the link
_LINK: Final = re.compile(
    r"https?://([a-zA-Z0-9][a-zA-Z0-9-]*\.)+[a-zA-Z]{2,}(:[0-9]{1,5})?(/[^\s?#]*)?"
    r"\?([^#\s]*&)?IPKSeF=(?P<ipksef>[0-9]{3}[a-zA-Z0-9]{10})(&[^#\s]*)?(#.*)?"
)


def too_many(items: Sized, limit: int, element: str) -> Iterator[Problem]:
    if len(items) > limit:
        yield Problem("too_many", element, {"limit": str(limit), "count": str(len(items))})


def order(invoice: Invoice) -> Iterator[Problem]:
    """An advance says what was ordered and for how much (art. 106f(1)(4))."""
    ordered = invoice.order
    if ordered is None:
        if invoice.kind is Kind.ADVANCE or (invoice.kind is Kind.CORRECTED_ADVANCE and invoice.totals):
            yield Problem("missing_order", "Fa/Zamowienie")
        return
    if not ordered.lines:
        yield Problem("missing_order", "Fa/Zamowienie/ZamowienieWiersz")
    yield from too_many(ordered.lines, 10_000, "Fa/Zamowienie/ZamowienieWiersz")
    if any(line.before for line in ordered.lines) and not invoice.kind.corrects:
        yield Problem("before_outside_correction", "Fa/Zamowienie/ZamowienieWiersz/StanPrzedZ")
    if invoice.kind is Kind.ADVANCE:  # a correction may show only what changes
        yield from _order_value(invoice, ordered.value)


def _order_value(invoice: Invoice, value: Decimal) -> Iterator[Problem]:
    assert invoice.order is not None
    lines = sum(((line.net or _ZERO) + (line.tax or _ZERO) for line in invoice.order.lines), _ZERO)
    if lines != value:
        params = {"lines": f"{lines:.2f}", "total": f"{value:.2f}"}
        yield Problem("order_sum", "Fa/Zamowienie/WartoscZamowienia", params)
    if invoice.total > value:
        params = {"advance": f"{invoice.total:.2f}", "total": f"{value:.2f}"}
        yield Problem("advance_over_order", "Fa/P_15", params)


def advances(invoice: Invoice) -> Iterator[Problem]:
    if invoice.kind is Kind.SETTLEMENT and not invoice.advances:
        yield Problem("missing_advance", "Fa/FakturaZaliczkowa")
    yield from too_many(invoice.advances, 100, "Fa/FakturaZaliczkowa")
    for number, advance in enumerate(invoice.advances, 1):
        if not advance.ksef_number and is_blank(advance.number):
            yield Problem("missing", f"Fa/FakturaZaliczkowa[{number}]/NrFaZaliczkowej")
    yield from too_many(invoice.received, 31, "Fa/ZaliczkaCzesciowa")
    received = sum((payment.amount for payment in invoice.received), _ZERO)
    over = received > invoice.total if invoice.kind is Kind.SETTLEMENT else received != invoice.total
    if invoice.received and over and not invoice.kind.corrects:
        params = {"lines": f"{received:.2f}", "total": f"{invoice.total:.2f}"}
        yield Problem("received_sum", "Fa/ZaliczkaCzesciowa", params)


def settlement(invoice: Invoice) -> Iterator[Problem]:
    yield from _settled(invoice.charges, "Fa/Rozliczenie/Obciazenia")
    yield from _settled(invoice.deductions, "Fa/Rozliczenie/Odliczenia")


def _settled(amounts: tuple[Amount, ...], element: str) -> Iterator[Problem]:
    yield from too_many(amounts, 100, element)
    for number, item in enumerate(amounts, 1):
        if item.amount < 0:
            yield Problem("negative", f"{element}[{number}]/Kwota", {"value": f"{item.amount:.2f}"})
        if is_blank(item.reason):
            yield Problem("missing", f"{element}[{number}]/Powod")


def payment(invoice: Invoice) -> Iterator[Problem]:
    paying = invoice.payment
    if paying is None:
        return
    yield from _identifier(paying)
    if paying.paid_on and paying.partial:
        yield Problem("paid_twice", "Fa/Platnosc/ZaplataCzesciowa")
    yield from too_many((*paying.due_dates, *paying.due_terms), 100, "Fa/Platnosc/TerminPlatnosci")
    yield from too_many(paying.partial, 100, "Fa/Platnosc/ZaplataCzesciowa")
    yield from too_many(paying.accounts, 100, "Fa/Platnosc/RachunekBankowy")
    yield from too_many(paying.factor_accounts, 20, "Fa/Platnosc/RachunekBankowyFaktora")


def _identifier(paying: Payment) -> Iterator[Problem]:
    if paying.ipksef and not _IPKSEF.fullmatch(paying.ipksef):
        yield Problem("ipksef", "Fa/Platnosc/IPKSeF", {"value": paying.ipksef})
    if not paying.link:
        return
    match = _LINK.fullmatch(paying.link)
    if match is None or len(paying.link) > 512:
        yield Problem("payment_link", "Fa/Platnosc/LinkDoPlatnosci", {"value": paying.link})
    elif paying.ipksef and match.group("ipksef") != paying.ipksef:
        yield Problem(
            "ipksef_differs",
            "Fa/Platnosc/LinkDoPlatnosci",
            {"link": match.group("ipksef"), "value": paying.ipksef},
        )
