"""What the check before sending refuses on each kind of invoice, and what it lets pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.kernels.fa3_samples_advances import S10, S11, S12, S14, S17, S18
from tests.kernels.fa3_samples_corrections import S2, S5, S6
from tests.kernels.fa3_samples_foreign import S20
from tests.kernels.fa3_samples_sales import S4, S8, S9, S15, S16, S19
from tests.kernels.fa3_samples_utility import S24

from ksef_core import fa3

TODAY = date(2026, 11, 22)
D = Decimal
R = fa3.Rate


def codes(invoice: fa3.Invoice) -> list[tuple[str, str]]:
    found = fa3.freeze(invoice, TODAY)
    return [] if isinstance(found, fa3.Frozen) else [(problem.code, problem.element) for problem in found]


def paid(**changes: Any) -> fa3.Invoice:
    assert S9.payment is not None
    return replace(S9, payment=replace(S9.payment, **changes))


def table(**changes: Any) -> fa3.Invoice:
    assert S24.attachment is not None
    block = S24.attachment.blocks[0]
    return replace(S24, attachment=fa3.Attachment((replace(block, tables=(replace(block.tables[0], **changes),)),)))


def block(**changes: Any) -> fa3.Invoice:
    assert S24.attachment is not None
    return replace(S24, attachment=fa3.Attachment((replace(S24.attachment.blocks[0], **changes),)))


ADVANCE = S14.advances[0]
GOOD_LINK = "https://pay.example.com/p?IPKSeF=123abcDEF7890"
REFUSED: dict[str, tuple[fa3.Invoice, tuple[str, str]]] = {
    # --- sums
    "gross line off": (
        replace(S19, lines=(S19.lines[0], replace(S19.lines[1], gross=D("1000.01")))),
        ("gross_lines", "Fa/P_13_1"),
    ),
    "margin line off": (
        replace(S19, lines=(replace(S19.lines[0], gross=D("2000.01")), S19.lines[1])),
        ("gross_lines", "Fa/P_13_11"),
    ),
    "tax of another rate": (
        replace(S9, totals=(fa3.RateTotal(R.R23, D(2000), D(160)), S9.totals[1]), total=D(2460)),
        ("tax_sum", "Fa/P_14_1"),
    ),
    "tax at an exempt rate": (
        replace(S9, totals=(S9.totals[0], fa3.RateTotal(R.EXEMPT, D(300), D(69))), total=D(2829)),
        ("tax_without_rate", "Fa/P_13_7"),
    ),
    "total without sums": (replace(S5, total=D(1)), ("gross_sum", "Fa/P_15")),
    "sums without lines": (
        replace(S5, totals=(fa3.RateTotal(R.R23, D(100), D(23)),), total=D(123)),
        ("net_sum", "Fa/P_13_1"),
    ),
    "no tax in PLN": (
        replace(S20, totals=(replace(S20.totals[0], tax_pln=None),)),
        ("missing_tax_pln", "Fa/P_14_1W"),
    ),
    "negated state before": (
        replace(S2, lines=(replace(S2.lines[0], net=D("-1626.01")), S2.lines[1])),
        ("net_sum", "Fa/P_13_1"),
    ),
    # --- lines
    "line without money": (
        replace(S9, lines=(*S9.lines, fa3.Line(3, "gratis", None, R.R23))),
        ("missing_amount", "Fa/FaWiersz[3]/P_11"),
    ),
    "invisible name": (
        replace(S9, lines=(replace(S9.lines[0], name="\u200b"), S9.lines[1])),
        ("missing_name", "Fa/FaWiersz[1]/P_7"),
    ),
    "note of no line": (replace(S9, notes=(fa3.Note("a", "b", 9),)), ("unknown_line", "Fa/DodatkowyOpis/NrWiersza")),
    "margin not named": (replace(S8, annotations=fa3.Annotations()), ("missing_margin", "Fa/Adnotacje/PMarzy")),
    # --- parties
    "no role": (
        replace(S9, third_parties=(replace(S9.third_parties[0], role=0),)),
        ("missing_role", "Podmiot3[1]/Rola"),
    ),
    "wrong NIP of a unit": (
        replace(S9, third_parties=(replace(S9.third_parties[0], nip="", internal_id="2222222223-00001"),)),
        ("invalid_nip", "Podmiot3[1]/DaneIdentyfikacyjne/NIP"),
    ),
    "more than all": (
        replace(S10, third_parties=(S10.third_parties[0], replace(S10.third_parties[0], share=D("50.1")))),
        ("shares", "Podmiot3/Udzial"),
    ),
    # --- corrections
    "state before without correction": (
        replace(S10, kind=fa3.Kind.ADVANCE, order=S11.order),
        ("before_outside_correction", "Fa/Zamowienie/ZamowienieWiersz/StanPrzedZ"),
    ),
    "payment before not told": (
        replace(S18, correction=replace(S18.correction, due_before=None)),
        ("missing", "Fa/P_15ZK"),
    ),
    "seller's number changed": (
        replace(S5, correction=replace(S5.correction, seller_before=replace(S5.seller, nip="2222222222"))),
        ("seller_number_changed", "Fa/Podmiot1K/DaneIdentyfikacyjne"),
    ),
    "difference without lines": (
        replace(S6, correction=replace(S6.correction, period="")),
        ("no_lines", "Fa/FaWiersz"),
    ),
    # --- advances
    "advance of nothing": (replace(S10, order=None), ("missing_order", "Fa/Zamowienie")),
    "order off": (
        replace(S10, order=replace(S10.order, value=D("375150.01"))),
        ("order_sum", "Fa/Zamowienie/WartoscZamowienia"),
    ),
    "advance over order": (
        replace(S10, totals=(fa3.RateTotal(R.R23, D(400_000), D(92_000)),), total=D(492_000)),
        ("advance_over_order", "Fa/P_15"),
    ),
    "parts of an advance off": (
        replace(S10, received=(fa3.ReceivedPayment(date(2026, 2, 1), D(19_999)),)),
        ("received_sum", "Fa/ZaliczkaCzesciowa"),
    ),
    "final of no advance": (replace(S14, advances=()), ("missing_advance", "Fa/FakturaZaliczkowa")),
    "final of a nameless advance": (
        replace(S14, advances=(fa3.Advance(),)),
        ("missing", "Fa/FakturaZaliczkowa[1]/NrFaZaliczkowej"),
    ),
    "advances told do not fit": (
        replace(S14, advances=(replace(ADVANCE, totals=ADVANCE.totals[:1]),)),
        ("net_sum", "Fa/P_13_2"),
    ),
    "rest over the sale": (
        replace(S17, totals=(fa3.RateTotal(R.R23, D(5000), D(1150)),), total=D(6150)),
        ("rest_over_sale", "Fa/P_13_1"),
    ),
    "rest against the sale": (
        replace(S17, totals=(fa3.RateTotal(R.R23, D(-100), D(-23)),), total=D(-123)),
        ("rest_over_sale", "Fa/P_13_1"),
    ),
    "rest over a discount": (
        replace(
            S17,
            lines=(*S17.lines, fa3.Line(3, "rabat", D(-10), R.R5)),
            totals=(*S17.totals, fa3.RateTotal(R.R5, D(-20), D(-1))),
            total=S17.total - 21,
        ),
        ("rest_over_sale", "Fa/P_13_3"),
    ),
    "changed sums of an advance without order": (replace(S11, order=None), ("missing_order", "Fa/Zamowienie")),
    # --- simplified invoices
    "too much for a simplified one": (
        replace(S16, total=D("450.01")),
        ("simplified_limit", "Fa/P_15"),
    ),
    "simplified without rates": (
        replace(S16, lines=S15.lines),
        ("missing_rate", "Fa/FaWiersz[1]/P_12"),
    ),
    "simplified for nobody": (
        replace(S15, buyer=replace(S15.buyer, nip="")),
        ("missing_nip", "Podmiot2/DaneIdentyfikacyjne/NIP"),
    ),
    "simplified sums off": (replace(S15, total=D("449.99")), ("gross_sum", "Fa/P_15")),
    # --- settlement and payment
    "negative charge": (
        replace(S4, charges=(fa3.Amount(D("-5"), "Zwrot"),)),
        ("negative", "Fa/Rozliczenie/Obciazenia[1]/Kwota"),
    ),
    "deduction without reason": (
        replace(S4, deductions=(fa3.Amount(D(5), " "),)),
        ("missing", "Fa/Rozliczenie/Odliczenia[1]/Powod"),
    ),
    "too many charges": (
        replace(S4, charges=(fa3.Amount(D(1), "x"),) * 101),
        ("too_many", "Fa/Rozliczenie/Obciazenia"),
    ),
    "paid twice": (
        paid(paid_on=TODAY, partial=(fa3.PartialPayment(TODAY, D(1)),)),
        ("paid_twice", "Fa/Platnosc/ZaplataCzesciowa"),
    ),
    "identifier": (paid(ipksef="12abcDEF78901"), ("ipksef", "Fa/Platnosc/IPKSeF")),
    "ordinary link": (paid(link="https://pay.example.com/p?id=1"), ("payment_link", "Fa/Platnosc/LinkDoPlatnosci")),
    "link with a space": (paid(link=GOOD_LINK.replace("/p", "/p q")), ("payment_link", "Fa/Platnosc/LinkDoPlatnosci")),
    "long link": (paid(link=f"{GOOD_LINK}&x={'1' * 500}"), ("payment_link", "Fa/Platnosc/LinkDoPlatnosci")),
    "link of another payment": (
        paid(link=GOOD_LINK, ipksef="123abcDEF7891"),
        ("ipksef_differs", "Fa/Platnosc/LinkDoPlatnosci"),
    ),
    # --- attachment
    "attachment of nothing": (replace(S24, attachment=fa3.Attachment(())), ("missing", "Zalacznik/BlokDanych")),
    "block without data": (block(meta=()), ("missing", "Zalacznik/BlokDanych[1]/MetaDane")),
    "empty value": (block(meta=(("Klucz", ""),)), ("missing", "Zalacznik/BlokDanych[1]/MetaDane")),
    "too many paragraphs": (block(paragraphs=("x",) * 11), ("too_many", "Zalacznik/BlokDanych[1]/Tekst/Akapit")),
    "long paragraph": (block(paragraphs=("x" * 513,)), ("too_long", "Zalacznik/BlokDanych[1]/Tekst/Akapit")),
    "table without columns": (
        table(columns=(), rows=(("x",),)),
        ("missing", "Zalacznik/BlokDanych[1]/Tabela[1]/TNaglowek/Kol"),
    ),
    "table without rows": (table(rows=()), ("missing", "Zalacznik/BlokDanych[1]/Tabela[1]/Wiersz")),
    "too many rows": (table(rows=(("x",),) * 1001), ("too_many", "Zalacznik/BlokDanych[1]/Tabela[1]/Wiersz")),
    "empty row": (table(rows=((),)), ("missing", "Zalacznik/BlokDanych[1]/Tabela[1]/Wiersz[1]")),
    "wide row": (table(rows=(("x",) * 10,)), ("row_too_wide", "Zalacznik/BlokDanych[1]/Tabela[1]/Wiersz[1]")),
    "wide sums": (table(sums=("x",) * 10), ("row_too_wide", "Zalacznik/BlokDanych[1]/Tabela[1]/Suma")),
    "long cell": (table(rows=(("x" * 257,),)), ("too_long", "Zalacznik/BlokDanych[1]/Tabela[1]/Wiersz[1]")),
    "odd column": (
        table(columns=(fa3.Column("a", 'txt" x="'),), rows=(("1",),)),
        ("column_kind", "Zalacznik/BlokDanych[1]/Tabela[1]/TNaglowek/Kol"),
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused(what: str) -> None:
    invoice, problem = REFUSED[what]
    assert problem in codes(invoice)


PASSED: dict[str, fa3.Invoice] = {
    "link and identifier": paid(link=GOOD_LINK, ipksef="123abcDEF7890"),
    "one grosz of rounding per line": replace(
        S9, totals=(fa3.RateTotal(R.R23, D(2000), D("460.02")), S9.totals[1]), total=D("2760.02")
    ),
    "correction of the tax alone": replace(
        S2,
        lines=(replace(S2.lines[0], before=False, net=D(0)),),
        totals=(fa3.RateTotal(R.R23, D(0), D("-5")),),
        total=D("-5"),
    ),
    "final invoice whose advances took everything": replace(
        S14, totals=(), total=D(0), advances=(fa3.Advance(number="FZ/1"),)
    ),
    "surplus to give back": replace(S4, deductions=(fa3.Amount(D(100_000), "nadpłata"),)),
    "correction of data of an advance": replace(
        S11, order=None, totals=(), correction=replace(S11.correction, buyer_before=S11.buyer)
    ),
    "correction of the seller's name": replace(
        S5, correction=replace(S5.correction, buyer_before=None, seller_before=replace(S5.seller, name="Dawniej"))
    ),
    "final invoice with a part paid before": replace(S14, received=(fa3.ReceivedPayment(date(2026, 8, 1), D(100)),)),
    "corrected payment of an advance": replace(S12, received=(fa3.ReceivedPayment(date(2026, 2, 15), D(7)),)),
    "row of the last column": table(rows=(("x",) * 9,)),
}


@pytest.mark.parametrize("what", PASSED)
def test_passed(what: str) -> None:
    assert codes(PASSED[what]) == []


@pytest.mark.parametrize(
    ("deducted", "element"),
    [
        ("64279.91", "<DoZaplaty>0.01</DoZaplaty>"),
        ("64279.92", "<DoZaplaty>0.00</DoZaplaty>"),
        ("64279.93", "<DoRozliczenia>0.01</DoRozliczenia>"),
    ],
)
def test_what_is_to_be_paid_or_given_back(deducted: str, element: str) -> None:
    assert element in fa3.write(replace(S4, deductions=(fa3.Amount(D(deducted), "nadpłata"),))).decode()


def test_an_attachment_may_be_of_three_megabytes() -> None:
    rows = tuple(("x" * 200, "y" * 50) for _ in range(1000))
    columns = (fa3.Column("a"), fa3.Column("b"))
    assert S24.attachment is not None
    first = S24.attachment.blocks[0]

    def with_tables(count: int) -> fa3.Invoice:
        tables = (fa3.Table(columns, rows),) * count
        return replace(S24, attachment=fa3.Attachment((replace(first, tables=tables),)))

    frozen = fa3.freeze(with_tables(9), TODAY)
    assert isinstance(frozen, fa3.Frozen)
    assert 2_500_000 < frozen.size <= fa3.MAX_BYTES_WITH_ATTACHMENT
    assert codes(with_tables(11)) == [("too_big", "")]


@pytest.mark.parametrize(
    ("phone", "written"),
    [
        ("+48 22 123 45 67", "+48 22 123 45 67"),
        ("+48 (22) 123-45-67 ", "+48221234567"),
        ("22 123 45 67 wew. 12345 po 18.00", None),
    ],
)
def test_no_half_telephone_number(phone: str, written: str | None) -> None:
    xml = fa3.write(replace(S9, buyer=replace(S9.buyer, phone=phone, email=""))).decode()
    buyer = xml[xml.index("<Podmiot2>") : xml.index("</Podmiot2>")]
    assert ("<DaneKontaktowe>" in buyer) == (written is not None)
    if written:
        assert f"<Telefon>{written}</Telefon>" in buyer


def test_tax_is_rounded_as_its_currency_is():
    """231.15 of 1005 yen is booked as 231: no mistake, as it would be in PLN."""
    line = fa3.Line(number=1, name="Service", net=D("1005.00"), rate=R.R23)
    totals = (fa3.RateTotal(R.R23, D("1005.00"), D("231.00"), D("6.35")),)
    yen = replace(S9, currency="JPY", lines=(line,), totals=totals, total=D("1236.00"), smallest=D(1))
    assert codes(yen) == []
    assert codes(replace(yen, smallest=D("0.01"))) == [("tax_sum", "Fa/P_14_1")]


def test_personal_number_is_told_without_showing_it():
    found = fa3.freeze(replace(S9, buyer=replace(S9.buyer, nip="44051401458")), TODAY)
    assert isinstance(found, tuple)
    assert [(problem.code, problem.params) for problem in found] == [("pesel", {})]


def test_of_thousands_of_refused_lines_the_first_are_told():
    """Each is numbered among its twins, which would take minutes for all of them."""
    lines = tuple(
        fa3.Line(number=place, name="x", net=D("0.00"), rate=R.R23, quantity=D(10) ** 20) for place in range(1, 3001)
    )
    totals = (fa3.RateTotal(R.R23, D("0.00"), D("0.00")),)
    found = fa3.freeze(replace(S9, lines=lines, totals=totals, total=D("0.00")), TODAY)
    assert isinstance(found, tuple)
    assert 1 < len(found) <= 100
    assert found[0].element == "Fa/FaWiersz[1]/P_8B"
