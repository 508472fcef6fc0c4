"""Rules the schema cannot say: identities, dates, and that the sums of the document agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from .. import nip
from ..problems import Problem
from .codes import TOTAL_ELEMENTS, Kind, Rate
from .model import Invoice
from .parties import Address, Buyer

MAX_BYTES = 1_000_000
MAX_BYTES_WITH_ATTACHMENT = 3_000_000
MAX_LINES = 10_000


def check(invoice: Invoice, today: date) -> tuple[Problem, ...]:
    """Everything wrong with `invoice`; empty when it may be written. `today` is the day of sending."""
    return (
        *_document(invoice, today),
        *_seller(invoice),
        *_buyer(invoice),
        *_correction(invoice),
        *_lines(invoice),
        *_sums(invoice),
    )


def _document(invoice: Invoice, today: date) -> Iterator[Problem]:
    if not invoice.number.strip():
        yield Problem("missing", "Fa/P_2")
    elif len(invoice.number.strip()) > 256:
        yield Problem("too_long", "Fa/P_2", {"limit": "256"})
    if invoice.issue_date > today:
        yield Problem("future_date", "Fa/P_1", {"date": invoice.issue_date.isoformat()})
    if invoice.period and invoice.period[0] > invoice.period[1]:
        yield Problem("period_order", "Fa/OkresFa")


def _address(address: Address | None, element: str) -> Iterator[Problem]:
    if address is None:
        yield Problem("missing_address", element)
        return
    if not address.country:
        yield Problem("missing_country", f"{element}/KodKraju")
    if not address.line1.strip():
        yield Problem("missing_address", f"{element}/AdresL1")


def _nip(value: str, element: str) -> Iterator[Problem]:
    if not value:
        yield Problem("missing_nip", element)
    elif not nip.is_valid(value):
        yield Problem("invalid_nip", element, {"value": value})


def _seller(invoice: Invoice) -> Iterator[Problem]:
    yield from _nip(invoice.seller.nip, "Podmiot1/DaneIdentyfikacyjne/NIP")
    if not invoice.seller.name.strip():
        yield Problem("missing_name", "Podmiot1/DaneIdentyfikacyjne/Nazwa")
    yield from _address(invoice.seller.address, "Podmiot1/Adres")


def _buyer(invoice: Invoice) -> Iterator[Problem]:
    buyer = invoice.buyer
    if buyer.nip:
        yield from _nip(buyer.nip, "Podmiot2/DaneIdentyfikacyjne/NIP")
    if buyer.eu_number and not buyer.eu_country:
        yield Problem("missing_country", "Podmiot2/DaneIdentyfikacyjne/KodUE")
    if not buyer.name.strip():
        yield Problem("missing_name", "Podmiot2/DaneIdentyfikacyjne/Nazwa")
    yield from _address(buyer.address, "Podmiot2/Adres")
    for party in invoice.third_parties:
        if party.nip:
            yield from _nip(party.nip, "Podmiot3/DaneIdentyfikacyjne/NIP")


def _correction(invoice: Invoice) -> Iterator[Problem]:
    if invoice.kind is Kind.CORRECTION and not (invoice.correction and invoice.correction.originals):
        yield Problem("missing_original", "Fa/DaneFaKorygowanej")
    if invoice.kind is not Kind.CORRECTION and any(line.before for line in invoice.lines):
        yield Problem("before_outside_correction", "Fa/FaWiersz/StanPrzed")
    before = invoice.correction and invoice.correction.buyer_before
    if before and _number(before) != _number(invoice.buyer):
        yield Problem("buyer_number_changed", "Fa/Podmiot2K/DaneIdentyfikacyjne")


def _number(buyer: Buyer) -> tuple[str, ...]:
    return buyer.nip, buyer.eu_country, buyer.eu_number, buyer.other_country, buyer.other_number


def _lines(invoice: Invoice) -> Iterator[Problem]:
    # a correction of the buyer's data has none
    if not invoice.lines and not (invoice.correction and invoice.correction.buyer_before):
        yield Problem("no_lines", "Fa/FaWiersz")
    if len(invoice.lines) > MAX_LINES:
        yield Problem("too_many_lines", "Fa/FaWiersz", {"limit": str(MAX_LINES)})
    for line in invoice.lines:
        element = f"Fa/FaWiersz[{line.number}]"
        if not line.name.strip():
            yield Problem("missing_name", f"{element}/P_7")
        if line.rate is None:
            yield Problem("missing_rate", f"{element}/P_12", {"line": line.name})
    notes = invoice.annotations
    if any(line.rate is Rate.EXEMPT for line in invoice.lines) and not (
        notes.exemption_act or notes.exemption_directive or notes.exemption_other
    ):
        yield Problem("missing_exemption", "Fa/Adnotacje/Zwolnienie/P_19A")


def _sums(invoice: Invoice) -> Iterator[Problem]:
    by_lines: dict[str, Decimal] = defaultdict(Decimal)
    for line in invoice.lines:
        if line.rate is None:
            return
        by_lines[TOTAL_ELEMENTS[line.rate][0]] += (-1 if line.before else 1) * (line.net or Decimal(0))
    by_totals: dict[str, Decimal] = defaultdict(Decimal)
    for total in invoice.totals:
        by_totals[TOTAL_ELEMENTS[total.rate][0]] += total.net
    for element in sorted(by_lines.keys() | by_totals.keys()):
        if by_lines[element] != by_totals[element]:
            yield Problem(
                "net_sum",
                f"Fa/{element}",
                {"lines": f"{by_lines[element]:.2f}", "total": f"{by_totals[element]:.2f}"},
            )
    gross = sum((total.net + total.tax for total in invoice.totals), Decimal(0))
    if gross != invoice.total:
        yield Problem("gross_sum", "Fa/P_15", {"sum": f"{gross:.2f}", "total": f"{invoice.total:.2f}"})
