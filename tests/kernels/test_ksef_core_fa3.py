import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from ksef_core import fa3
from ksef_core.fa3 import text

TODAY = date(2026, 11, 21)
NS = {"f": fa3.NAMESPACE}
D = Decimal
ZERO = D(0)


def an_invoice(**changes):
    base = fa3.Invoice(
        number="FV/2026/11/0001",
        issue_date=TODAY,
        created_at=datetime(2026, 11, 21, 10, 30, tzinfo=UTC),
        currency="PLN",
        seller=fa3.Seller("5261040567", "Demo Telekom Sp. z o.o.", fa3.Address("PL", "ul. Długa 1", "00-001 Warszawa")),
        buyer=fa3.Buyer("Żółw & Synowie S.A.", fa3.Address("PL", "ul. <Krótka> 2"), nip="5265877635"),
        lines=(
            fa3.Line(1, "Internet 600", D("69.00"), fa3.Rate.R23, D(1), "mies.", D("69")),
            fa3.Line(2, "Rozmowy", D("12.35"), fa3.Rate.R23, D(1), "kpl.", D("12.35")),
        ),
        totals=(fa3.RateTotal(fa3.Rate.R23, D("81.35"), D("18.71")),),
        total=D("100.06"),
    )
    return replace(base, **changes)


def one_line(rate, net, tax=ZERO, **changes):
    return an_invoice(
        lines=(fa3.Line(1, "Usługa", net, rate, D(1), "szt.", net),),
        totals=(fa3.RateTotal(rate, net, tax),),
        total=net + tax,
        **changes,
    )


def tree_of(invoice):
    frozen = fa3.freeze(invoice, TODAY)
    assert isinstance(frozen, fa3.Frozen), frozen
    return etree.fromstring(frozen.xml)


def value(tree, path):
    return tree.findtext("/".join(f"f:{step}" for step in path.split("/")), namespaces=NS)


def codes(invoice, today=TODAY):
    found = fa3.freeze(invoice, today)
    return [] if isinstance(found, fa3.Frozen) else [(problem.code, problem.element) for problem in found]


# ---------------------------------------------------------------- documents


def test_plain_invoice():
    tree = tree_of(an_invoice())
    assert value(tree, "Fa/P_13_1") == "81.35"
    assert value(tree, "Fa/P_14_1") == "18.71"
    assert value(tree, "Fa/P_15") == "100.06"
    assert value(tree, "Fa/RodzajFaktury") == "VAT"
    assert value(tree, "Podmiot2/DaneIdentyfikacyjne/Nazwa") == "Żółw & Synowie S.A."
    assert value(tree, "Podmiot2/Adres/AdresL1") == "ul. <Krótka> 2"
    assert value(tree, "Fa/Adnotacje/Zwolnienie/P_19N") == "1"
    assert value(tree, "Naglowek/DataWytworzeniaFa") == "2026-11-21T10:30:00Z"


def test_bytes_are_frozen():
    first, second = fa3.freeze(an_invoice(), TODAY), fa3.freeze(an_invoice(), TODAY)
    assert first == second
    assert not first.xml.startswith(b"\xef\xbb\xbf")
    assert first.size == len(first.xml)


def test_telecom_bill_carries_everything():
    invoice = an_invoice(
        period=(date(2026, 11, 1), date(2026, 11, 30)),
        buyer=fa3.Buyer(
            "Gmina Testowa",
            fa3.Address("PL", "Rynek 1", "00-002 Warszawa"),
            nip="5265877635",
            customer_number="100000017",
            email="gmina@example.com",
            phone="+48 22 123 45 67",
            is_public_subunit=True,
        ),
        third_parties=(fa3.ThirdParty(8, "Szkoła", fa3.Address("PL", "Szkolna 1")),),
        notes=(fa3.Note("Numer telefonu", "48221234567", 2), fa3.Note("Konto", "100000017")),
        payment=fa3.Payment((date(2026, 12, 5),), 6, (fa3.BankAccount("61109010140000071219812874", "Bank Testowy"),)),
        contracts=(fa3.Contract("UM/2026/00001", date(2026, 1, 2)),),
        charges=(fa3.Amount(D("5.00"), "Odsetki"),),
        deductions=(fa3.Amount(D("10.00"), "Nadpłata"),),
        footer=fa3.Footer("Kapitał zakładowy 5 000 zł", "0000099999", "123456785", "000099999"),
        annotations=fa3.Annotations(split_payment=True),
    )
    tree = tree_of(invoice)
    assert value(tree, "Fa/OkresFa/P_6_Od") == "2026-11-01"
    assert value(tree, "Fa/OkresFa/P_6_Do") == "2026-11-30"
    assert value(tree, "Podmiot2/NrKlienta") == "100000017"
    assert value(tree, "Podmiot2/JST") == "1"
    assert value(tree, "Podmiot3/Rola") == "8"
    assert value(tree, "Fa/DodatkowyOpis/NrWiersza") == "2"
    assert value(tree, "Fa/Platnosc/TerminPlatnosci/Termin") == "2026-12-05"
    assert value(tree, "Fa/Platnosc/RachunekBankowy/NrRB") == "61109010140000071219812874"
    assert value(tree, "Fa/WarunkiTransakcji/Umowy/NrUmowy") == "UM/2026/00001"
    assert value(tree, "Fa/Rozliczenie/DoZaplaty") == "95.06"
    assert value(tree, "Fa/Adnotacje/P_18A") == "1"
    assert value(tree, "Fa/P_15") == "100.06"


def test_line_of_another_period_and_discount():
    line = fa3.Line(
        1, "Rozmowy", D("90.00"), fa3.Rate.R23, D(10), "szt.", D("10"), D("1"), supply_date=date(2026, 10, 31)
    )
    tree = tree_of(
        an_invoice(lines=(line,), totals=(fa3.RateTotal(fa3.Rate.R23, D(90), D("20.70")),), total=D("110.70"))
    )
    assert value(tree, "Fa/FaWiersz/P_6A") == "2026-10-31"
    assert value(tree, "Fa/FaWiersz/P_10") == "1.00"


def test_consumer_has_no_identity():
    tree = tree_of(an_invoice(buyer=fa3.Buyer("Jan Kowalski", fa3.Address("PL", "ul. Polna 3"))))
    assert value(tree, "Podmiot2/DaneIdentyfikacyjne/BrakID") == "1"


def test_foreign_buyers():
    eu = fa3.Buyer("GmbH", fa3.Address("DE", "Weg 1"), eu_country="DE", eu_number="123456789")
    tree = tree_of(one_line(fa3.Rate.OUTSIDE_EU_SERVICE, D("10.00"), buyer=eu))
    assert value(tree, "Podmiot2/DaneIdentyfikacyjne/NrVatUE") == "123456789"
    us = fa3.Buyer("Inc.", fa3.Address("US", "Street 1"), other_country="US", other_number="98-7654321")
    tree = tree_of(one_line(fa3.Rate.OUTSIDE, D("10.00"), buyer=us))
    assert value(tree, "Podmiot2/DaneIdentyfikacyjne/NrID") == "98-7654321"


@pytest.mark.parametrize(
    ("rate", "net", "tax", "net_tag", "tax_tag"),
    [
        (fa3.Rate.R23, "100.00", "23.00", "P_13_1", "P_14_1"),
        (fa3.Rate.R8, "100.00", "8.00", "P_13_2", "P_14_2"),
        (fa3.Rate.R5, "100.00", "5.00", "P_13_3", "P_14_3"),
        (fa3.Rate.R4, "100.00", "4.00", "P_13_4", "P_14_4"),
        (fa3.Rate.ZERO, "100.00", "0", "P_13_6_1", None),
        (fa3.Rate.ZERO_EU, "100.00", "0", "P_13_6_2", None),
        (fa3.Rate.ZERO_EXPORT, "100.00", "0", "P_13_6_3", None),
        (fa3.Rate.OUTSIDE, "100.00", "0", "P_13_8", None),
        (fa3.Rate.OUTSIDE_EU_SERVICE, "100.00", "0", "P_13_9", None),
        (fa3.Rate.REVERSE, "100.00", "0", "P_13_10", None),
    ],
)
def test_rates_have_their_sums(rate, net, tax, net_tag, tax_tag):
    tree = tree_of(one_line(rate, D(net), D(tax)))
    assert value(tree, f"Fa/{net_tag}") == net
    if tax_tag:
        assert value(tree, f"Fa/{tax_tag}") == tax
    buyer_pays = rate in (fa3.Rate.REVERSE, fa3.Rate.OUTSIDE_EU_SERVICE)
    assert value(tree, "Fa/Adnotacje/P_18") == ("1" if buyer_pays else "2")


def test_exempt_needs_its_ground():
    assert codes(one_line(fa3.Rate.EXEMPT, D("10.00"))) == [("missing_exemption", "Fa/Adnotacje/Zwolnienie/P_19A")]
    ground = fa3.Annotations(exemption_act="art. 43 ust. 1 pkt 37")
    tree = tree_of(one_line(fa3.Rate.EXEMPT, D("10.00"), annotations=ground))
    assert value(tree, "Fa/P_13_7") == "10.00"
    assert value(tree, "Fa/Adnotacje/Zwolnienie/P_19A") == "art. 43 ust. 1 pkt 37"


def test_tax_in_pln_on_a_foreign_invoice():
    total = fa3.RateTotal(fa3.Rate.R23, D("100.00"), D("23.00"), D("98.90"))
    line = fa3.Line(1, "Usługa", D("100.00"), fa3.Rate.R23, D(1), "szt.", D(100), exchange_rate=D("4.3"))
    tree = tree_of(an_invoice(currency="EUR", lines=(line,), totals=(total,), total=D("123.00")))
    assert value(tree, "Fa/P_14_1W") == "98.90"
    assert value(tree, "Fa/FaWiersz/KursWaluty") == "4.3"


CORRECTION = fa3.Correction(
    (fa3.Original(date(2026, 10, 31), "FV/2026/10/0001", "5265877635-20250826-0100001AF629-AF"),), "Rabat", 2
)


def test_correction_by_difference():
    tree = tree_of(
        an_invoice(
            kind=fa3.Kind.CORRECTION,
            correction=CORRECTION,
            lines=(fa3.Line(1, "Internet", D("-10.00"), fa3.Rate.R23, D(-1), "mies.", D(10)),),
            totals=(fa3.RateTotal(fa3.Rate.R23, D("-10.00"), D("-2.30")),),
            total=D("-12.30"),
        )
    )
    assert value(tree, "Fa/RodzajFaktury") == "KOR"
    assert value(tree, "Fa/DaneFaKorygowanej/NrKSeFFaKorygowanej").endswith("-AF")
    assert value(tree, "Fa/FaWiersz/P_8B") == "-1"
    assert value(tree, "Fa/P_15") == "-12.30"


def test_correction_by_state_before_and_after():
    before = fa3.Line(1, "Internet", D("69.00"), fa3.Rate.R23, D(1), "mies.", D(69), before=True)
    after = fa3.Line(1, "Internet", D("59.00"), fa3.Rate.R23, D(1), "mies.", D(59))
    tree = tree_of(
        an_invoice(
            kind=fa3.Kind.CORRECTION,
            correction=replace(CORRECTION, originals=(fa3.Original(date(2026, 1, 31), "FV/1"),)),
            lines=(before, after),
            totals=(fa3.RateTotal(fa3.Rate.R23, D("-10.00"), D("-2.30")),),
            total=D("-12.30"),
        )
    )
    assert value(tree, "Fa/FaWiersz/StanPrzed") == "1"
    assert value(tree, "Fa/DaneFaKorygowanej/NrKSeFN") == "1"


def test_correction_needs_its_original():
    assert ("missing_original", "Fa/DaneFaKorygowanej") in codes(an_invoice(kind=fa3.Kind.CORRECTION))


# ---------------------------------------------------------------- what may not leave the house

GOOD = an_invoice()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"buyer": replace(GOOD.buyer, nip="5265877636")}, ("invalid_nip", "Podmiot2/DaneIdentyfikacyjne/NIP")),
        ({"seller": replace(GOOD.seller, nip="")}, ("missing_nip", "Podmiot1/DaneIdentyfikacyjne/NIP")),
        ({"buyer": replace(GOOD.buyer, address=None)}, ("missing_address", "Podmiot2/Adres")),
        ({"buyer": replace(GOOD.buyer, address=fa3.Address("PL", " "))}, ("missing_address", "Podmiot2/Adres/AdresL1")),
        ({"buyer": replace(GOOD.buyer, name="")}, ("missing_name", "Podmiot2/DaneIdentyfikacyjne/Nazwa")),
        ({"number": ""}, ("missing", "Fa/P_2")),
        ({"number": "X" * 257}, ("too_long", "Fa/P_2")),
        ({"issue_date": date(2026, 11, 22)}, ("future_date", "Fa/P_1")),
        ({"period": (date(2026, 11, 30), date(2026, 11, 1))}, ("period_order", "Fa/OkresFa")),
        ({"total": D("100.07")}, ("gross_sum", "Fa/P_15")),
        ({"totals": (fa3.RateTotal(fa3.Rate.R23, D("81.36"), D("18.70")),)}, ("net_sum", "Fa/P_13_1")),
        ({"totals": (fa3.RateTotal(fa3.Rate.R8, D("81.35"), D("18.71")),)}, ("net_sum", "Fa/P_13_1")),
        ({"lines": ()}, ("no_lines", "Fa/FaWiersz")),
        ({"lines": (replace(GOOD.lines[0], rate=None),)}, ("missing_rate", "Fa/FaWiersz[1]/P_12")),
        ({"lines": (replace(GOOD.lines[0], name=" "), GOOD.lines[1])}, ("missing_name", "Fa/FaWiersz[1]/P_7")),
    ],
    ids=lambda item: item[0] if isinstance(item, tuple) else "",
)
def test_problems(changes, expected):
    assert expected in codes(an_invoice(**changes))


def test_a_line_without_rate_is_not_told_as_wrong_sums():
    found = codes(an_invoice(lines=(replace(GOOD.lines[0], rate=None),), totals=()))
    assert found == [("missing_rate", "Fa/FaWiersz[1]/P_12")]


def test_too_big():
    lines = tuple(replace(GOOD.lines[0], number=number, name="ł" * 500) for number in range(1, 1001))
    net, tax = D("69000.00"), D("15870.00")
    found = codes(an_invoice(lines=lines, totals=(fa3.RateTotal(fa3.Rate.R23, net, tax),), total=net + tax))
    assert found == [("too_big", "")]


# ---------------------------------------------------------------- text and numbers


def test_text_is_cleaned():
    assert text.clean("  a\tb\n\nc\x00d\x7fe\ufeff\u200b\ufdd0  ") == "a b c d e"
    assert text.clean("a  b") == "a b"
    assert text.clean("e\u0301") == "é"
    assert text.clean("abcdef", 4) == "abc…"
    assert text.clean("a\U0001fffeb") == "a b"


@given(st.text(max_size=60))
def test_any_text_makes_a_valid_document(words):
    name = text.clean(words, 512)
    invoice = an_invoice(
        lines=(replace(GOOD.lines[0], name=f"x{words}"), GOOD.lines[1]), notes=(fa3.Note("k", f"v{words}"),)
    )
    tree = tree_of(invoice)
    assert not text.has_forbidden(name)
    assert value(tree, "Fa/FaWiersz/P_7") == text.clean(f"x{words}", 512)


@pytest.mark.parametrize(
    ("value_", "expected"), [("0", "0.00"), ("-0.00", "0.00"), ("-5", "-5.00"), ("1E+3", "1000.00"), ("12.3", "12.30")]
)
def test_amounts(value_, expected):
    assert text.amount(D(value_)) == expected


def test_an_amount_finer_than_a_grosz_is_never_rounded():
    with pytest.raises(text.TooFineError):
        text.amount(D("0.001"))
    fine = fa3.Line(1, "Internet", D("10.001"), fa3.Rate.R23)
    invoice = an_invoice(lines=(fine,), totals=(fa3.RateTotal(fa3.Rate.R23, D("10.001"), D("2.3")),), total=D("12.301"))
    (problem,) = fa3.freeze(invoice, TODAY)
    assert (problem.code, problem.element, problem.params) == ("too_fine", "Fa/P_13_1", {"value": "10.001"})


def test_prices_and_quantities():
    assert text.price(D("0.123456789")) == "0.12345679"
    assert text.price(D(10)) == "10.00"
    assert text.quantity(D("1.5000000")) == "1.5"
    assert text.quantity(D("100")) == "100"
    assert text.quantity(D("-0.0000001")) == "0"


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12), st.integers(0, 12))
def test_numbers_have_one_plain_form(number, places):
    number = number.quantize(D(1).scaleb(-places)) if abs(number) < 10**9 else number
    for write, limit, least in ((text.quantity, 6, 0), (text.price, 8, 2)):
        written = write(number)
        assert re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?", written)
        assert D(written) == number.quantize(D(1).scaleb(-limit), "ROUND_HALF_UP")
        assert not (written.startswith("-") and D(written) == 0)
        broken = written.partition(".")[2]
        assert least <= len(broken) and not broken[least:].endswith("0")


def test_a_naive_moment_is_a_bug():
    with pytest.raises(ValueError):
        fa3.write(an_invoice(created_at=datetime(2026, 11, 21)))  # noqa: DTZ001
