"""Invoice → frozen FA(3) bytes. One small function per section, in the order of the schema."""

from __future__ import annotations

from . import text, write_goods, write_money, write_parties
from .markup import Out, amount, day, leaf, mark, number, quantity, section, words
from .model import Correction, Footer, Invoice, Original
from .write_attachment import attachment

NAMESPACE = "http://crd.gov.pl/wzor/2025/06/25/13775/"
SYSTEM_CODE = "FA (3)"
SCHEMA_VERSION = "1-0E"
FORM_VALUE = "FA"

_BEGIN = f"""<?xml version="1.0" encoding="UTF-8"?>
<Faktura xmlns="{NAMESPACE}"><Naglowek>\
<KodFormularza kodSystemowy="{SYSTEM_CODE}" wersjaSchemy="{SCHEMA_VERSION}">{FORM_VALUE}</KodFormularza>\
<WariantFormularza>3</WariantFormularza>"""


def write(invoice: Invoice) -> bytes:
    """UTF-8 bytes without byte order mark; the same invoice always gives the same bytes."""
    out: Out = [_BEGIN]
    leaf(out, "DataWytworzeniaFa", text.instant(invoice.created_at))
    words(out, "SystemInfo", invoice.system, 256)
    out.append("</Naglowek>")
    write_parties.seller(out, invoice.seller)
    write_parties.buyer(out, invoice.buyer)
    for party in invoice.third_parties:
        write_parties.third_party(out, party)
    if invoice.authorised:
        write_parties.authorised(out, invoice.authorised)
    with section(out, "Fa"):
        _body(out, invoice)
    if invoice.footer:
        _footer(out, invoice.footer)
    if invoice.attachment:
        attachment(out, invoice.attachment)
    out.append("</Faktura>\n")
    return "".join(out).encode("utf-8")


def _body(out: Out, invoice: Invoice) -> None:
    _document(out, invoice)
    write_goods.totals(out, invoice)
    amount(out, "P_15", invoice.total)
    quantity(out, "KursWalutyZ", invoice.advance_rate)
    write_goods.remarks(out, invoice)
    leaf(out, "RodzajFaktury", invoice.kind.value)
    if invoice.kind.corrects and invoice.correction:
        _correction(out, invoice.correction)
    _circumstances(out, invoice)
    for line in invoice.lines:
        write_goods.line(out, line)
    write_money.settlement(out, invoice)
    if invoice.payment:
        write_money.payment(out, invoice.payment)
    write_money.terms(out, invoice)
    if invoice.order:
        write_goods.order(out, invoice.order)


def _document(out: Out, invoice: Invoice) -> None:
    leaf(out, "KodWaluty", invoice.currency)
    day(out, "P_1", invoice.issue_date)
    words(out, "P_1M", invoice.place, 256)
    words(out, "P_2", invoice.number, 0)
    for note in invoice.delivery_notes:
        words(out, "WZ", note, 0)
    if invoice.period:
        with section(out, "OkresFa"):
            day(out, "P_6_Od", invoice.period[0])
            day(out, "P_6_Do", invoice.period[1])
    else:
        day(out, "P_6", invoice.supply_date)


def _correction(out: Out, correction: Correction) -> None:
    words(out, "PrzyczynaKorekty", correction.reason, 256)
    number(out, "TypKorekty", correction.effect)
    for original in correction.originals:
        with section(out, "DaneFaKorygowanej"):
            _original(out, original)
    words(out, "OkresFaKorygowanej", correction.period, 256)
    words(out, "NrFaKorygowany", correction.right_number, 0)
    if correction.seller_before:
        write_parties.seller_before(out, correction.seller_before)
    if correction.buyer_before:
        write_parties.buyer_before(out, correction.buyer_before)
    for buyer in correction.other_buyers_before:
        write_parties.buyer_before(out, buyer)
    amount(out, "P_15ZK", correction.due_before)
    quantity(out, "KursWalutyZK", correction.rate_before)


def _original(out: Out, original: Original) -> None:
    day(out, "DataWystFaKorygowanej", original.issue_date)
    words(out, "NrFaKorygowanej", original.number, 0)
    if original.ksef_number:
        leaf(out, "NrKSeF", "1")
        leaf(out, "NrKSeFFaKorygowanej", original.ksef_number)
    else:
        leaf(out, "NrKSeFN", "1")


def _circumstances(out: Out, invoice: Invoice) -> None:
    for payment in invoice.received:
        with section(out, "ZaliczkaCzesciowa"):
            day(out, "P_6Z", payment.received_on)
            amount(out, "P_15Z", payment.amount)
            quantity(out, "KursWalutyZW", payment.exchange_rate)
    mark(out, "FP", invoice.receipt)
    mark(out, "TP", invoice.related_parties)
    for note in invoice.notes:
        with section(out, "DodatkowyOpis"):
            number(out, "NrWiersza", note.line)
            words(out, "Klucz", note.key, 256)
            words(out, "Wartosc", note.value, 256)
    for advance in invoice.advances:
        with section(out, "FakturaZaliczkowa"):
            if advance.ksef_number:
                leaf(out, "NrKSeFFaZaliczkowej", advance.ksef_number)
            else:
                leaf(out, "NrKSeFZN", "1")
                words(out, "NrFaZaliczkowej", advance.number, 0)
    mark(out, "ZwrotAkcyzy", invoice.excise_refund)


def _footer(out: Out, footer: Footer) -> None:
    texts = [item for item in (footer.text, *footer.more_texts) if item]
    first = (footer.full_name, footer.krs, footer.regon, footer.bdo)
    registers = [first, *((item.name, item.krs, item.regon, item.bdo) for item in footer.registers)]
    registers = [entry for entry in registers if any(entry)]
    if not texts and not registers:
        return
    with section(out, "Stopka"):
        for item in texts:
            with section(out, "Informacje"):
                words(out, "StopkaFaktury", item, 3500)
        for name, krs, regon, bdo in registers:
            with section(out, "Rejestry"):
                words(out, "PelnaNazwa", name, 256)
                leaf(out, "KRS", krs)
                leaf(out, "REGON", regon)
                words(out, "BDO", bdo, 0)
