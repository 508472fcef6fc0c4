from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from document_core import (
    Balance,
    CorrectedLine,
    Correction,
    Invoice,
    InvoiceLine,
    LineSide,
    Original,
    Party,
    Seller,
    Usage,
    invoice_content,
    with_late,
)

NRB = "61109010140000071219812874"
SELLER = Seller({"name": "Demo Telekom"}, "Demo Telekom", "1234563218", {"1090": "Santander"}, "Nowe ceny od maja.")
BUYER = Party("Anna Nowak", "ul. Lipowa 1", "m. 2", "99-300", "Kutno", vat="PL 123-456-32-18")
NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))


def line(name: str, net: str, head: int = 1, **changes: Any) -> InvoiceLine:
    values: dict[str, Any] = {
        "name": name,
        "quantity": Decimal(1),
        "price_unit": Decimal(net),
        "net": Decimal(net),
        "gross_price": False,
        "rate": "23%",
        "goods": False,
        "date_start": NOVEMBER[0],
        "date_end": NOVEMBER[1],
        "kind": "recurring",
        "head_id": head,
        "head_name": f"Pakiet {head}",
        "identifier": "dt100",
        "contract": "UM/1",
        **changes,
    }
    return InvoiceLine(**values)


def invoice(*lines: InvoiceLine, **changes: Any) -> Invoice:
    values: dict[str, Any] = {
        "lang": "pl",
        "refund": False,
        "posted": True,
        "number": "FV/1",
        "issued": date(2026, 11, 1),
        "accounting_date": date(2026, 11, 1),
        "supplied": date(2026, 11, 1),
        "due": date(2026, 11, 15),
        "date_start": NOVEMBER[0],
        "date_end": NOVEMBER[1],
        "ref": "",
        "net": Decimal("59.00"),
        "vat": Decimal("13.57"),
        "total": Decimal("72.57"),
        "currency": "PLN",
        "seller": SELLER,
        "recipient": BUYER,
        "buyer": BUYER,
        "account": "10000001",
        "nrb": NRB,
        "lines": list(lines) or [line("Internet (01.11.2026 – 30.11.2026)", "59.00")],
        "vat_by_rate": {"23%": Decimal("13.57")},
        **changes,
    }
    return Invoice(**values)


def test_an_invoice_says_what_is_booked() -> None:
    data = invoice_content(invoice())
    assert data["title"] == "Faktura VAT"
    assert [row["name"] for row in data["lines"]] == ["Internet – dt100"]
    assert data["taxes"] == [{"rate": "23%", "net": "59,00", "vat": "13,57", "gross": "72,57"}]
    assert data["totals"]["words"] == "siedemdziesiąt dwa złote pięćdziesiąt siedem groszy"
    assert data["buyer"]["street"] == "ul. Lipowa 1, m. 2"
    assert data["buyer"]["vat"] == "1234563218"
    assert data["payment"]["bank"] == "Santander"
    assert "|007257|" in data["payment"]["qr_payload"]
    assert data["message"] == "Nowe ceny od maja."
    assert data["balance"] == []


def test_parts_of_a_bundle_stand_below_its_name_with_fees_first() -> None:
    content = invoice_content(
        invoice(line("Rozmowy", "2.00", kind="usage"), line("Abonament", "57.00"), line("Router", "0.00", head=0))
    )
    assert [row["name"] for row in content["lines"]] == ["Pakiet 1", "Abonament", "Rozmowy", "Router – dt100"]
    assert [row.get("no") for row in content["lines"]] == [None, 1, 2, 3]


def test_a_corrective_invoice_shows_what_it_takes_back() -> None:
    data = invoice_content(
        invoice(refund=True, ref=" Awaria ", original=Original("FV/0", date(2026, 10, 1)), balance=Balance(Decimal(-5)))
    )
    assert data["corrected"] == {"number": "FV/0", "date": "01.10.2026", "reason": "Awaria"} | {
        "ksef_number": "",
        "discount_period": "",
        "invoices": [],
    }
    assert data["totals"]["gross"] == "\u221272,57"
    assert data["totals"]["negative"]
    assert data["payment"] is None
    assert data["balance"] == []
    assert data["lines"][0]["net"] == "\u221259,00"
    late = with_late(data, {"number": "K2", "url": "u"}, "K1")
    assert (late["ksef"]["number"], late["corrected"]["ksef_number"]) == ("K2", "K1")


def test_a_credit_is_told_beside_what_lowers_a_debt() -> None:
    def returned(**changes: Any) -> str:
        data = invoice_content(invoice(original=Original("FV/0", date(2026, 10, 1)), **changes))
        return data["totals"]["returned"]

    assert returned(refund=True) == ""
    assert returned(refund=True, left=Decimal("10.80")) == "10,80\xa0zł"
    assert returned(refund=True, left=Decimal("72.57")) == "72,57\xa0zł"
    assert returned(refund=False, left=Decimal("72.57")) == ""


def test_a_collective_correction_lists_its_invoices_and_the_period() -> None:
    days = date(2026, 10, 1), date(2026, 11, 30)
    originals = [
        Original("FV/1", date(2026, 10, 5), "", date(2026, 10, 1), date(2026, 10, 31)),
        Original("FV/2", date(2026, 11, 5), "K2"),
    ]
    data = invoice_content(invoice(refund=True, supplied=None, correction=Correction(originals, discount_days=days)))
    assert data["corrected"]["discount_period"] == "01.10–30.11.2026"
    assert data["corrected"]["invoices"] == [
        {"number": "FV/1", "date": "05.10.2026", "period": "01–31.10.2026"},
        {"number": "FV/2", "date": "05.11.2026", "period": ""},
    ]
    assert data["dates"]["sale"] == ""
    assert "Data sprzedaży" not in dict(data["references"])


def test_the_net_unit_price_of_a_gross_price_follows_from_the_booked_amount() -> None:
    data = invoice_content(
        invoice(line("A", "40.65", gross_price=True, quantity=Decimal(2), price_unit=Decimal("25.00")))
    )
    assert data["lines"][0]["price"] == "20,325"


def test_unit_prices_are_after_the_discount_and_give_the_net_amount() -> None:
    rows = [
        line("A", "180.00", quantity=Decimal(2), price_unit=Decimal("100.00"), discount=Decimal(10)),
        line("B", "4.90", quantity=Decimal(1000), price_unit=Decimal("0.0049")),
        line("C", "8.49", price_unit=Decimal("9.99"), discount=Decimal(15)),
        line("D", "0.00", quantity=Decimal(0), price_unit=Decimal("70.00")),
        line("E", "-81.30", quantity=Decimal(-3), gross_price=True, price_unit=Decimal("33.33")),
        line("F", "0.00", price_unit=Decimal("9.99"), discount=Decimal(100)),
        line("G", "33.33", quantity=Decimal(7), gross_price=True, price_unit=Decimal("5.86")),
    ]
    found = {row["name"][0]: row["price"] for row in invoice_content(invoice(*rows))["lines"] if "price" in row}
    assert found == {
        "A": "90,00",
        "B": "0,0049",
        "C": "8,4915",
        "D": "70,00",
        "E": "27,10",
        "F": "0,00",
        "G": "4,761",
    }


def test_an_overpayment_lowers_what_is_left_to_pay() -> None:
    data = invoice_content(invoice(balance=Balance(Decimal("-20.00"))))
    assert [amount.replace("\u00a0", " ") for _label, amount in data["balance"]] == [
        "72,57 zł",
        "\u221220,00 zł",
        "52,57 zł",
    ]
    assert "|005257|" in data["payment"]["qr_payload"]
    assert data["totals"]["gross"] == "72,57"
    assert data["totals"]["due"] == "52,57\u00a0zł"


def test_an_overpayment_that_settles_all_asks_for_nothing() -> None:
    data = invoice_content(invoice(balance=Balance(Decimal("-100.00"))))
    assert data["totals"]["due"] == "0,00\u00a0zł"
    assert "nrb" not in data["payment"]
    assert "nadpłat" in data["payment"]["text"]


def test_arrears_are_told_but_the_transfer_is_of_this_invoice() -> None:
    data = invoice_content(invoice(balance=Balance(Decimal("50.00"), Decimal("30.00"))))
    assert [amount.replace("\u00a0", " ") for _label, amount in data["balance"]] == [
        "72,57 zł",
        "30,00 zł",
        "102,57 zł",
    ]
    assert "|007257|" in data["payment"]["qr_payload"]
    not_yet_due = invoice_content(invoice(balance=Balance(Decimal("50.00"), Decimal(0))))
    assert not_yet_due["balance"] == []
    payments_cover_it = invoice_content(invoice(balance=Balance(Decimal(0), Decimal("30.00"))))
    assert payments_cover_it["balance"] == []


def test_earlier_months_make_a_chart_from_the_first_one_on() -> None:
    months = {(2026, 9): Decimal("36.29"), (2025, 1): Decimal(99)}
    data = invoice_content(invoice(history=months))
    assert [(row["label"], row["amount"], row["share"]) for row in data["history"]] == [
        ("09.2026", "36,29", 50),
        ("10.2026", "0,00", 0),
        ("11.2026", "72,57", 100),
    ]
    assert invoice_content(invoice())["history"] == []


def test_usage_by_service_and_direction_has_shares_of_the_dearest() -> None:
    used = [Usage("48600", zone, 3, 65, Decimal(net)) for zone, net in (("PL", "1.00"), ("DE", "4.00"))]
    lines = [line("Rozmowy", str(one.net), kind="usage", usage=one) for one in used]
    data = invoice_content(invoice(*lines))
    assert [(row["zone"], row["duration"], row["share"]) for row in data["usage"]] == [
        ("DE", "1:05", 100),
        ("PL", "1:05", 25),
    ]


def test_the_contact_of_a_company_is_on_the_envelope() -> None:
    contact = Party("Dział Zakupów", "Inna 5", "", "00-001", "Warszawa")
    data = invoice_content(invoice(recipient=contact))
    assert data["recipient"]["name"] == "Anna Nowak"
    assert data["recipient"]["lines"] == ["Dział Zakupów"]
    assert data["recipient"]["street"] == "Inna 5"
    unnamed = invoice_content(invoice(recipient=replace(contact, name="")))
    assert unnamed["recipient"]["street"] == "ul. Lipowa 1, m. 2"


def test_another_language_and_currency() -> None:
    data = invoice_content(invoice(lang="en", currency="EUR"))
    assert data["title"] == "Invoice"
    assert data["totals"]["words"] == "seventy-two EUR 57/100"
    assert "qr_payload" not in data["payment"]


def pair(before: str, after: str) -> CorrectedLine:
    def side(net: str) -> LineSide:
        return LineSide(Decimal(1), Decimal(net), Decimal(net), "23%")

    return CorrectedLine("Internet", "FV/0", side(before), side(after))


def test_a_corrective_invoice_shows_the_states_before_and_after() -> None:
    original = Original("FV/0", date(2026, 10, 1))
    for refund, after, title in ((True, "49.00", "Faktura korygująca"), (False, "79.00", "Faktura korygująca")):
        correction = Correction([original], "Reklamacja", [pair("59.00", after)])
        data = invoice_content(invoice(refund=refund, correction=correction))
        assert (data["title"], data["kind"]) == (title, "correction")
        assert data["corrected"]["number"] == "FV/0"
        (row,) = data["states"]
        assert (row["before"]["net"], row["after"]["net"]) == ("59,00", after.replace(".", ","))
        assert row["difference"]["net"] == ("\u221210,00" if refund else "20,00")
        assert (data["payment"] is None) == refund


def test_a_collective_correction_names_every_invoice() -> None:
    originals = [Original("FV/1", date(2026, 10, 1)), Original("FV/2", date(2026, 11, 1))]
    data = invoice_content(invoice(refund=True, correction=Correction(originals, "Rabat", [pair("59.00", "49.00")])))
    assert data["corrected"]["number"] == "FV/1 (01.10.2026), FV/2 (01.11.2026)"
    assert data["states"][0]["name"] == "Internet (FV/0)"


def test_the_buyer_before_and_after() -> None:
    before, after = Party(name="Jan Kowalski", city="Kutno"), Party(name="Jan Nowak", city="Kutno")
    correction = Correction([Original("FV/0", date(2026, 10, 1))], "Błąd", [], before, after)
    data = invoice_content(invoice(refund=True, correction=correction))
    assert (data["buyer_before"]["name"], data["buyer"]["name"]) == ("Jan Kowalski", "Jan Nowak")


def test_unit_prices_before_and_after_have_the_decimals_that_they_need() -> None:
    cases = {
        # (quantity, price, net, is gross): what is printed
        ("1000", "0.0049", "4.90", False): "0,0049",
        ("1", "59.00", "59.00", False): "59,00",
        ("0.333", "10.05", "3.35", False): "10,05",
        ("2", "25.00", "40.65", True): "20,325",
        ("1000", "0.0060", "4.88", True): "0,00488",
        ("2", "100.00", "180.00", False): "90,00",
        ("0", "59.00", "0.00", False): "59,00",
        ("0", "59.00", "0.00", True): "0,00",
    }
    for (quantity, price, net, is_gross), printed in cases.items():
        side = LineSide(Decimal(quantity), Decimal(price), Decimal(net), "23%", is_gross)
        correction = Correction([Original("FV/0", None)], "", [CorrectedLine("Rozmowy", "FV/0", side, side)])
        (row,) = invoice_content(invoice(refund=True, correction=correction))["states"]
        assert (row["before"]["price"], row["after"]["price"]) == (printed, printed), price


def test_the_second_tax_of_a_line_has_a_row() -> None:
    vat = {"23%": Decimal("13.57"), "3%": Decimal("1.77")}
    data = invoice_content(invoice(vat=Decimal("15.34"), total=Decimal("74.34"), vat_by_rate=vat))
    assert data["taxes"] == [
        {"rate": "23%", "net": "59,00", "vat": "13,57", "gross": "72,57"},
        {"rate": "3%", "net": "0,00", "vat": "1,77", "gross": "1,77"},
    ]
