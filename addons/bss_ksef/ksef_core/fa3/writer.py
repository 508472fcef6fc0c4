"""Invoice → frozen FA(3) bytes. One small function per section, in the order of the schema."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from . import text
from .codes import TOTAL_ELEMENTS, Kind, Rate
from .goods import Line
from .model import Correction, Footer, Invoice
from .money import Amount, BankAccount, Payment
from .parties import Address, Buyer, Seller, ThirdParty

NAMESPACE = "http://crd.gov.pl/wzor/2025/06/25/13775/"
SYSTEM_CODE = "FA (3)"
SCHEMA_VERSION = "1-0E"
FORM_VALUE = "FA"


class _Writer:
    def __init__(self) -> None:
        self.parts: list[str] = []

    def leaf(self, tag: str, value: str) -> None:
        """Element with text; nothing when the text is empty."""
        if value:
            self.parts.append(f"<{tag}>{text.escaped(value)}</{tag}>")

    def words(self, tag: str, value: str, limit: int) -> None:
        self.leaf(tag, text.clean(value, limit))

    def flag(self, tag: str, value: bool) -> None:
        """TWybor1_2: 1 yes, 2 no."""
        self.leaf(tag, "1" if value else "2")

    @contextmanager
    def section(self, tag: str) -> Iterator[None]:
        self.parts.append(f"<{tag}>")
        yield
        self.parts.append(f"</{tag}>")


def write(invoice: Invoice) -> bytes:
    """UTF-8 bytes without byte order mark; the same invoice always gives the same bytes."""
    out = _Writer()
    out.parts.append(f'<?xml version="1.0" encoding="UTF-8"?>\n<Faktura xmlns="{NAMESPACE}">')
    _header(out, invoice)
    _seller(out, invoice.seller)
    _buyer(out, invoice.buyer)
    for party in invoice.third_parties:
        _third_party(out, party)
    with out.section("Fa"):
        _body(out, invoice)
    if invoice.footer:
        _footer(out, invoice.footer)
    out.parts.append("</Faktura>\n")
    return "".join(out.parts).encode("utf-8")


def _header(out: _Writer, invoice: Invoice) -> None:
    with out.section("Naglowek"):
        out.parts.append(
            f'<KodFormularza kodSystemowy="{SYSTEM_CODE}" wersjaSchemy="{SCHEMA_VERSION}">{FORM_VALUE}</KodFormularza>'
        )
        out.leaf("WariantFormularza", "3")
        out.leaf("DataWytworzeniaFa", text.instant(invoice.created_at))
        out.words("SystemInfo", invoice.system, 256)


def _address(out: _Writer, tag: str, address: Address) -> None:
    with out.section(tag):
        out.leaf("KodKraju", address.country)
        out.words("AdresL1", address.line1, 512)
        out.words("AdresL2", address.line2, 512)


def _contact(out: _Writer, email: str, phone: str) -> None:
    if not email and not phone:
        return
    with out.section("DaneKontaktowe"):
        out.words("Email", email, 255)
        out.words("Telefon", phone, 16)


def _seller(out: _Writer, seller: Seller) -> None:
    with out.section("Podmiot1"):
        if seller.eu_prefix:
            out.leaf("PrefiksPodatnika", "PL")
        with out.section("DaneIdentyfikacyjne"):
            out.leaf("NIP", seller.nip)
            out.words("Nazwa", seller.name, 512)
        _address(out, "Adres", seller.address)
        _contact(out, seller.email, seller.phone)


def _identity(out: _Writer, party: Buyer | ThirdParty) -> None:
    with out.section("DaneIdentyfikacyjne"):
        if party.nip:
            out.leaf("NIP", party.nip)
        elif isinstance(party, Buyer) and party.eu_number:
            out.leaf("KodUE", party.eu_country)
            out.leaf("NrVatUE", party.eu_number)
        elif party.other_number:
            out.leaf("KodKraju", party.other_country)
            out.words("NrID", party.other_number, 50)
        else:
            out.leaf("BrakID", "1")
        out.words("Nazwa", party.name, 512)


def _buyer(out: _Writer, buyer: Buyer) -> None:
    with out.section("Podmiot2"):
        _identity(out, buyer)
        if buyer.address:
            _address(out, "Adres", buyer.address)
        _contact(out, buyer.email, buyer.phone)
        out.words("NrKlienta", buyer.customer_number, 256)
        out.flag("JST", buyer.is_public_subunit)
        out.flag("GV", buyer.is_vat_group_member)


def _third_party(out: _Writer, party: ThirdParty) -> None:
    with out.section("Podmiot3"):
        _identity(out, party)
        if party.address:
            _address(out, "Adres", party.address)
        out.leaf("Rola", str(party.role))
        out.words("NrKlienta", party.customer_number, 256)


def _body(out: _Writer, invoice: Invoice) -> None:
    out.leaf("KodWaluty", invoice.currency)
    out.leaf("P_1", text.day(invoice.issue_date))
    out.words("P_1M", invoice.place, 256)
    out.words("P_2", invoice.number, 0)
    if invoice.period:
        with out.section("OkresFa"):
            out.leaf("P_6_Od", text.day(invoice.period[0]))
            out.leaf("P_6_Do", text.day(invoice.period[1]))
    elif invoice.supply_date:
        out.leaf("P_6", text.day(invoice.supply_date))
    _totals(out, invoice)
    out.leaf("P_15", text.amount(invoice.total))
    _annotations(out, invoice)
    out.leaf("RodzajFaktury", invoice.kind.value)
    if invoice.kind is Kind.CORRECTION and invoice.correction:
        _correction(out, invoice.correction)
    if invoice.related_parties:
        out.leaf("TP", "1")
    for note in invoice.notes:
        with out.section("DodatkowyOpis"):
            out.leaf("NrWiersza", str(note.line) if note.line else "")
            out.words("Klucz", note.key, 256)
            out.words("Wartosc", note.value, 256)
    for line in invoice.lines:
        _line(out, line)
    _settlement(out, invoice)
    if invoice.payment:
        _payment(out, invoice.payment)
    _terms(out, invoice)


def _totals(out: _Writer, invoice: Invoice) -> None:
    net: dict[str, Decimal] = defaultdict(Decimal)
    tax: dict[str, Decimal] = defaultdict(Decimal)
    tax_pln: dict[str, Decimal] = defaultdict(Decimal)
    for total in invoice.totals:
        net_tag, tax_tag = TOTAL_ELEMENTS[total.rate]
        net[net_tag] += total.net
        if tax_tag:
            tax[tax_tag] += total.tax
            if total.tax_pln is not None:
                tax_pln[tax_tag] += total.tax_pln
    for net_tag, tax_tag in dict.fromkeys(TOTAL_ELEMENTS.values()):
        if net_tag not in net:
            continue
        out.leaf(net_tag, text.amount(net[net_tag]))
        if tax_tag:
            out.leaf(tax_tag, text.amount(tax[tax_tag]))
            if tax_tag in tax_pln:
                out.leaf(f"{tax_tag}W", text.amount(tax_pln[tax_tag]))


def _annotations(out: _Writer, invoice: Invoice) -> None:
    notes = invoice.annotations
    rates = {line.rate for line in invoice.lines}
    with out.section("Adnotacje"):
        out.flag("P_16", notes.cash_method)
        out.flag("P_17", notes.self_billing)
        out.flag("P_18", Rate.REVERSE in rates)
        out.flag("P_18A", notes.split_payment)
        with out.section("Zwolnienie"):
            if Rate.EXEMPT in rates:
                out.leaf("P_19", "1")
                if notes.exemption_act:
                    out.words("P_19A", notes.exemption_act, 256)
                elif notes.exemption_directive:
                    out.words("P_19B", notes.exemption_directive, 256)
                else:
                    out.words("P_19C", notes.exemption_other, 256)
            else:
                out.leaf("P_19N", "1")
        with out.section("NoweSrodkiTransportu"):
            out.leaf("P_22N", "1")
        out.flag("P_23", notes.triangular)
        with out.section("PMarzy"):
            out.leaf("P_PMarzyN", "1")


def _correction(out: _Writer, correction: Correction) -> None:
    out.words("PrzyczynaKorekty", correction.reason, 256)
    out.leaf("TypKorekty", str(correction.effect) if correction.effect else "")
    for original in correction.originals:
        with out.section("DaneFaKorygowanej"):
            out.leaf("DataWystFaKorygowanej", text.day(original.issue_date))
            out.words("NrFaKorygowanej", original.number, 256)
            if original.ksef_number:
                out.leaf("NrKSeF", "1")
                out.leaf("NrKSeFFaKorygowanej", original.ksef_number)
            else:
                out.leaf("NrKSeFN", "1")
    out.words("OkresFaKorygowanej", correction.period, 256)
    if correction.buyer_before:
        with out.section("Podmiot2K"):
            _identity(out, correction.buyer_before)
            if correction.buyer_before.address:
                _address(out, "Adres", correction.buyer_before.address)


def _line(out: _Writer, line: Line) -> None:
    with out.section("FaWiersz"):
        out.leaf("NrWierszaFa", str(line.number))
        out.words("UU_ID", line.uid, 50)
        if line.supply_date:
            out.leaf("P_6A", text.day(line.supply_date))
        out.words("P_7", line.name, 512)
        out.words("Indeks", line.index, 50)
        out.words("PKWiU", line.pkwiu, 50)
        out.words("P_8A", line.unit, 256)
        if line.quantity is not None:
            out.leaf("P_8B", text.quantity(line.quantity))
        if line.price is not None:
            out.leaf("P_9A", text.price(line.price))
        if line.unit_discount is not None:
            out.leaf("P_10", text.price(line.unit_discount))
        if line.net is not None:
            out.leaf("P_11", text.amount(line.net))
        if line.rate is not None:
            out.leaf("P_12", line.rate.value)
        out.leaf("GTU", line.gtu)
        if line.exchange_rate is not None:
            out.leaf("KursWaluty", text.quantity(line.exchange_rate))
        if line.before:
            out.leaf("StanPrzed", "1")


def _amounts(out: _Writer, tag: str, sum_tag: str, amounts: tuple[Amount, ...]) -> Decimal:
    total = sum((item.amount for item in amounts), Decimal(0))
    for item in amounts:
        with out.section(tag):
            out.leaf("Kwota", text.amount(item.amount))
            out.words("Powod", item.reason, 256)
    if amounts:
        out.leaf(sum_tag, text.amount(total))
    return total


def _settlement(out: _Writer, invoice: Invoice) -> None:
    if not invoice.charges and not invoice.deductions:
        return
    with out.section("Rozliczenie"):
        charged = _amounts(out, "Obciazenia", "SumaObciazen", invoice.charges)
        deducted = _amounts(out, "Odliczenia", "SumaOdliczen", invoice.deductions)
        due = invoice.total + charged - deducted
        out.leaf("DoZaplaty" if due >= 0 else "DoRozliczenia", text.amount(abs(due)))


def _bank_account(out: _Writer, account: BankAccount) -> None:
    with out.section("RachunekBankowy"):
        out.leaf("NrRB", account.number)
        out.leaf("SWIFT", account.swift)
        out.words("NazwaBanku", account.bank, 256)
        out.words("OpisRachunku", account.note, 256)


def _payment(out: _Writer, payment: Payment) -> None:
    with out.section("Platnosc"):
        if payment.paid_on:
            out.leaf("Zaplacono", "1")
            out.leaf("DataZaplaty", text.day(payment.paid_on))
        for due in payment.due_dates:
            with out.section("TerminPlatnosci"):
                out.leaf("Termin", text.day(due))
        out.leaf("FormaPlatnosci", str(payment.method) if payment.method else "")
        for account in payment.accounts:
            _bank_account(out, account)


def _terms(out: _Writer, invoice: Invoice) -> None:
    if not invoice.contracts:
        return
    with out.section("WarunkiTransakcji"):
        for contract in invoice.contracts:
            with out.section("Umowy"):
                if contract.signed_on:
                    out.leaf("DataUmowy", text.day(contract.signed_on))
                out.words("NrUmowy", contract.number, 256)


def _footer(out: _Writer, footer: Footer) -> None:
    if not any((footer.text, footer.krs, footer.regon, footer.bdo)):
        return
    with out.section("Stopka"):
        if footer.text:
            with out.section("Informacje"):
                out.words("StopkaFaktury", footer.text, 3500)
        if footer.krs or footer.regon or footer.bdo:
            with out.section("Rejestry"):
                out.leaf("KRS", footer.krs)
                out.leaf("REGON", footer.regon)
                out.leaf("BDO", footer.bdo)
