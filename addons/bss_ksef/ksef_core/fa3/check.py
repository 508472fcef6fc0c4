"""Rules the schema cannot say: identities, dates, what each kind needs. The sums are in `check_sums`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from .. import nip
from ..problems import Problem
from .check_attachment import attachment
from .check_money import advances, order, payment, settlement
from .check_sums import sums
from .codes import Kind, Rate
from .model import Invoice
from .parties import Address, tax_number
from .text import is_blank
from .write_goods import rates_of

MAX_BYTES = 1_000_000
MAX_BYTES_WITH_ATTACHMENT = 3_000_000
MAX_LINES = 10_000


def check(invoice: Invoice, today: date) -> tuple[Problem, ...]:
    """Everything wrong with `invoice`; empty when it may be written. `today` is the day of sending."""
    return (
        *_document(invoice, today),
        *_seller(invoice),
        *_buyer(invoice),
        *_third_parties(invoice),
        *_correction(invoice),
        *_lines(invoice),
        *_annotations(invoice),
        *order(invoice),
        *advances(invoice),
        *sums(invoice),
        *settlement(invoice),
        *payment(invoice),
        *attachment(invoice),
    )


def _document(invoice: Invoice, today: date) -> Iterator[Problem]:
    if is_blank(invoice.number):
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
    if is_blank(address.line1):
        yield Problem("missing_address", f"{element}/AdresL1")


def _nip(value: str, element: str) -> Iterator[Problem]:
    if not value:
        yield Problem("missing_nip", element)
    elif nip.is_pesel(value):  # without the value: a reason is read by many
        yield Problem("pesel", element)
    elif not nip.is_valid(value):
        yield Problem("invalid_nip", element, {"value": value})


def _seller(invoice: Invoice) -> Iterator[Problem]:
    yield from _nip(invoice.seller.nip, "Podmiot1/DaneIdentyfikacyjne/NIP")
    if is_blank(invoice.seller.name):
        yield Problem("missing_name", "Podmiot1/DaneIdentyfikacyjne/Nazwa")
    yield from _address(invoice.seller.address, "Podmiot1/Adres")
    if invoice.authorised:
        yield from _nip(invoice.authorised.nip, "PodmiotUpowazniony/DaneIdentyfikacyjne/NIP")


def _buyer(invoice: Invoice) -> Iterator[Problem]:
    buyer = invoice.buyer
    if buyer.nip or invoice.kind is Kind.SIMPLIFIED:
        yield from _nip(buyer.nip, "Podmiot2/DaneIdentyfikacyjne/NIP")
    if buyer.eu_number and not buyer.eu_country:
        yield Problem("missing_country", "Podmiot2/DaneIdentyfikacyjne/KodUE")
    if invoice.kind is Kind.SIMPLIFIED:  # the number alone names the buyer, art. 106e(5)(3)
        return
    if is_blank(buyer.name):
        yield Problem("missing_name", "Podmiot2/DaneIdentyfikacyjne/Nazwa")
    yield from _address(buyer.address, "Podmiot2/Adres")


def _third_parties(invoice: Invoice) -> Iterator[Problem]:
    for number, party in enumerate(invoice.third_parties, 1):
        element = f"Podmiot3[{number}]"
        if party.nip or party.internal_id:
            yield from _nip(party.nip or party.internal_id[:10], f"{element}/DaneIdentyfikacyjne/NIP")
        if party.eu_number and not party.eu_country:
            yield Problem("missing_country", f"{element}/DaneIdentyfikacyjne/KodUE")
        if not party.other_role and not 1 <= party.role <= 11:
            yield Problem("missing_role", f"{element}/Rola")
    if sum(party.share or 0 for party in invoice.third_parties) > 100:
        yield Problem("shares", "Podmiot3/Udzial")


def _correction(invoice: Invoice) -> Iterator[Problem]:
    correction = invoice.correction
    if not invoice.kind.corrects:
        if any(line.before for line in invoice.lines):
            yield Problem("before_outside_correction", "Fa/FaWiersz/StanPrzed")
        return
    if not (correction and correction.originals):
        yield Problem("missing_original", "Fa/DaneFaKorygowanej")
        return
    if invoice.kind is not Kind.CORRECTION and correction.due_before is None:
        yield Problem("missing", "Fa/P_15ZK")
    before = correction.buyer_before
    if before and tax_number(before) != tax_number(invoice.buyer):
        yield Problem("buyer_number_changed", "Fa/Podmiot2K/DaneIdentyfikacyjne")
    if correction.seller_before and correction.seller_before.nip != invoice.seller.nip:
        yield Problem("seller_number_changed", "Fa/Podmiot1K/DaneIdentyfikacyjne")


def _may_lack_lines(invoice: Invoice) -> bool:
    """Advances have an order instead; corrections of data and of a whole period have none."""
    correction = invoice.correction
    return invoice.kind.of_advance or bool(
        invoice.kind.corrects
        and correction
        and (correction.period or correction.buyer_before or correction.seller_before or correction.right_number)
    )


def _lines(invoice: Invoice) -> Iterator[Problem]:
    if not invoice.lines and not _may_lack_lines(invoice):
        yield Problem("no_lines", "Fa/FaWiersz")
    if len(invoice.lines) > MAX_LINES:
        yield Problem("too_many_lines", "Fa/FaWiersz", {"limit": str(MAX_LINES)})
    moneyless = _moneyless_allowed(invoice)
    for line in invoice.lines:
        bare = line.net is None and line.gross is None
        if not is_blank(line.name) and line.rate is not None and not bare:
            continue
        element = f"Fa/FaWiersz[{line.number}]"
        if is_blank(line.name):
            yield Problem("missing_name", f"{element}/P_7")
        if bare and not moneyless:
            yield Problem("missing_amount", f"{element}/P_11", {"line": line.name})
        if line.rate is None and not (bare and moneyless and _sums_say_rates(invoice)):
            yield Problem("missing_rate", f"{element}/P_12", {"line": line.name})
    numbers = {line.number for line in invoice.lines}
    if invoice.order:
        numbers.update(line.number for line in invoice.order.lines)
    for note in invoice.notes:
        if note.line is not None and note.line not in numbers:
            yield Problem("unknown_line", "Fa/DodatkowyOpis/NrWiersza", {"line": str(note.line)})


def _moneyless_allowed(invoice: Invoice) -> bool:
    collective = invoice.kind is Kind.CORRECTION and bool(invoice.correction and invoice.correction.period)
    return collective or invoice.kind is Kind.SIMPLIFIED


def _sums_say_rates(invoice: Invoice) -> bool:
    return bool(invoice.totals) or invoice.kind is not Kind.SIMPLIFIED


def _annotations(invoice: Invoice) -> Iterator[Problem]:
    notes, rates = invoice.annotations, rates_of(invoice)
    if Rate.EXEMPT in rates and not (notes.exemption_act or notes.exemption_directive or notes.exemption_other):
        yield Problem("missing_exemption", "Fa/Adnotacje/Zwolnienie/P_19A")
    if Rate.MARGIN in rates and notes.margin is None:
        yield Problem("missing_margin", "Fa/Adnotacje/PMarzy")
    if notes.new_vehicles and not notes.new_vehicles.vehicles:
        yield Problem("missing", "Fa/Adnotacje/NoweSrodkiTransportu/NowySrodekTransportu")
