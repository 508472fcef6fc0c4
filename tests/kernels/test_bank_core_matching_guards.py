"""What nobody understood in a title stands in the way: a wrong match is worse than ten that wait for a person."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.kernels.matching_town import (
    ANNA,
    DOCUMENTS,
    EWA,
    FACTS,
    JAN,
    MOTHER,
    NRB_ANNA,
    NRB_MOTHER,
    NRB_OFFICE,
    TODAY,
    cut,
    facts,
    match,
)

from bank_core.matching import BOOK, IGNORE, NAMED, Document, Matcher, PayerUse, Rule, name_key
from bank_core.matching.leftovers import leftovers
from bank_core.matching.lexicon import lexicon
from bank_core.matching.reading import read_title
from bank_core.matching.shapes import shapes_of

WORDS = lexicon(shapes_of(["FA/2026/10/00123", "KOR/2026/10/00001"]))
# --- what is understood and what is left over


@pytest.mark.parametrize(
    "title",
    [
        "",
        "za internet",
        "FA/2026/10/00123 z dnia 15.10.2026 tel. 601-234-567 kwota 149,99 zł",
        "TEL. 601 234567",
        "TE L. 601234567",
        "tel +48 601 234 567",
        "kwota 153 ,07 zł",
        "1 234,00 zl",
        "z dnia 21. 11.2026",
        "z dnia 04.1 1.2026",
        "data 2026-10-12",
        "za 10/2026 i 11.2026",
        "październik 2026",
        "NIP 526-025-02-74",
        "00-950 WARSZAWA",
        "Z DNIA 07.11.202",
        "TEL. 601234",
        "F-RA NR 5260250274-20261015-E0CE8A2",
        "m. 12 x 3 szt.",
        "rok 2026",
        "ul. Dluga 123/45",
    ],
)  # fmt: skip
def test_what_is_understood(title: str) -> None:
    assert not leftovers(read_title(title, WORDS).rest)


@pytest.mark.parametrize(
    ("title", "digits"),
    [
        ("klient 010022821", ["010022821"]),
        ("nr klienta 100-077-333", ["100077333"]),
        ("zapłata 2626052903", ["2626052903"]),
        ("DOT. FAKTURY: 0261095804", ["0261095804"]),
        ("UM/ 2019/12366", ["201912366"]),
        ("umowa um/2o19/1 2366za", ["201912366"]),
        ("12 345", ["12345"]),
        ("ZAM12345B", ["12345"]),
        ("1234 i 5678", ["1234", "5678"]),
        ("IX 20 26", ["2026"]),
        ("m. 12, 3", ["123"]),
        ("f-ra nr 26/10/2026", ["26102026"]),
        ("f-ra nr 26/10/82", ["261082"]),
        ("30261008501", ["30261008501"]),
        ("nrumowyUM/2021/00427opłata", ["202100427"]),
        ("26/10/1943", ["26101943"]),
        ("FA/20", []),
    ],
)
def test_what_is_left_over(title: str, digits: list[str]) -> None:
    assert [leftover.digits for leftover in leftovers(read_title(title, WORDS).rest)] == digits


# --- e: the payer's account


@pytest.mark.parametrize(
    "title",
    [
        "Abonament, faktura VAT nr umowa UM/ 2019/12366",
        "klient 010022821",
        "nr 4500123",
        "UPC/2026/10/00111",
        "FA/2026/10/55555",
        "FA/2026/13/00991",
    ],
)  # fmt: skip
def test_a_known_account_beside_a_number_that_nobody_understood(title: str) -> None:
    found = match(title, amount="1.00", nrb=NRB_MOTHER)
    assert found.decision != BOOK
    assert [candidate.account_id for candidate in found.candidates][:1] == [MOTHER]


@pytest.mark.parametrize("title", ["UM/ 2019/12366", "UM/2019 /12366", "nr umowy um / 2019 12366"])
def test_a_torn_contract_number_of_somebody_else(title: str) -> None:
    matcher = Matcher(replace(FACTS, account_numbers={"UM201912366": (EWA,)}))
    found = match(title, matcher, nrb=NRB_ANNA)
    assert found.decision != BOOK
    assert {candidate.account_id for candidate in found.candidates} == {ANNA, EWA}
    # and his own decides
    own = Matcher(replace(FACTS, account_numbers={"UM201912366": (ANNA,)}))
    assert match(title, own, nrb=NRB_ANNA).account_id == ANNA


def test_the_payers_own_address_is_no_number() -> None:
    address = {"name": "MARIA ZAJAC DLUGA 1234/45", "amount": "1.00", "nrb": NRB_MOTHER}
    assert match("internet Dluga 1234/45", **address).reason == "PAYER_ACCOUNT"
    assert match("internet Dluga 1234/46", **address).decision != BOOK


@pytest.mark.parametrize("end", ["FA/2026/1", "FA/2026/10/0", "faktura 2026/10", "5260250274-20261015-E0C"])
def test_the_beginning_of_a_number_at_the_cut_names_nobody(end: str) -> None:
    assert match(cut(end), nrb=NRB_MOTHER, amount="1.00").reason == "PAYER_ACCOUNT"
    # not at the cut it may be anything
    assert match(f"{end} X", nrb=NRB_MOTHER, amount="55.00").document_reason == ""


@pytest.mark.parametrize(
    "end", ["FA/2026/10/00888", "FA/2026/10/888", "FA/2026/10/888 ", "2026/10/00888", "FA202610888"]
)
def test_somebody_elses_number_at_the_cut(end: str) -> None:
    """As it stands it is his; it may have gone on, but nothing says so."""
    assert len(cut(end)) == 140
    assert match(cut(end), nrb=NRB_MOTHER, amount="1.00").decision != BOOK
    rule = Matcher(replace(FACTS, rules=(Rule(1, EWA, words=("UMOWY",)),)))
    assert match(cut(end), rule, amount="1.00").decision != BOOK


def test_a_short_number_at_the_cut_is_no_key_though_a_blank_follows() -> None:
    assert match(cut("FA/2026/10/888 "), amount="30.00").decision != BOOK
    assert match("FA/2026/10/888 ", amount="30.00").account_id == ANNA


@pytest.mark.parametrize("title", ["2026/10/12", "26/10/12 pozdrawiam", "f-ra nr 26/10/12", "FV 2026/10/12"])
def test_a_year_month_and_day_with_strokes_may_be_somebody_elses_number(title: str) -> None:
    documents = (*DOCUMENTS, Document(62, MOTHER, "FA/2026/10/00012", residual=1111))
    assert match(title, Matcher(facts(documents)), nrb=NRB_ANNA, amount="1.00").decision != BOOK


def test_a_day_with_strokes_beside_a_number_may_be_another_customers() -> None:
    documents = (*DOCUMENTS, Document(62, MOTHER, "FA/2026/10/00030", residual=1111))
    matcher = Matcher(facts(documents))
    assert match("FA/26/10/00888 2026/10/30", matcher, nrb=NRB_ANNA).decision != BOOK
    assert match("FA/26/10/00888 2026-10-30", matcher, nrb=NRB_ANNA).account_id == ANNA
    assert match("FA/26/10/00888 FV 26/10/30", matcher, nrb=NRB_ANNA).decision != BOOK
    assert match("100000025 FV 26/10/30", matcher, nrb=NRB_ANNA).decision != BOOK
    assert match("100000025 zam. 4500123", matcher, nrb=NRB_ANNA).account_id == ANNA


def test_a_customer_number_in_threes_glued_to_words_decides() -> None:
    found = match("internet i tv,f-ranrklienta100-000-025internet", nrb=NRB_MOTHER, amount="1.00")
    assert (found.decision, found.reason, found.account_id) == (BOOK, "ACCOUNT_NUMBER", ANNA)


# --- f: rules


def test_a_rule_beside_a_number_that_nobody_understood() -> None:
    matcher = Matcher(replace(FACTS, rules=(Rule(1, EWA, words=("dzialka",)),)))
    assert match("dzialka", matcher, amount="1.00").reason == "RULE"
    assert match("nr 4500123 dzialka", matcher, amount="1.00").decision != BOOK
    assert match("dzialka FV 26/10/0667", matcher, amount="1.00").decision != BOOK


def test_a_number_that_the_rule_expects_is_understood() -> None:
    matcher = Matcher(replace(FACTS, rules=(Rule(1, EWA, words=("dzialka", "4500123")),)))
    assert match("dzialka 4500123", matcher, amount="1.00").reason == "RULE"
    assert match("dzialka 4500123, 4500124", matcher, amount="1.00").decision != BOOK


def test_what_is_no_payment_may_hold_numbers() -> None:
    matcher = Matcher(replace(FACTS, rules=(Rule(3, None, name_key=name_key("Urząd Skarbowy"), kind="not_payment"),)))
    assert match("zwrot VAT 4500123", matcher, name="URZAD SKARBOWY").decision == IGNORE
    assert match("FA/2026/10/55555", matcher, name="URZAD SKARBOWY").decision == IGNORE


# --- c: the amount alone


def test_an_amount_is_no_witness_beside_a_number_that_nobody_understood() -> None:
    assert match("FA/2026/10/00888", amount="30.00").account_id == ANNA
    assert match("FA/2026/10/00888 zam. 4500123", amount="30.00").decision != BOOK
    # an order of the payer's own does not hide who he is, nor what he names
    found = match("FA/2026/10/00888 zam. 4500123", amount="1.00", name="ANNA NOWAK")
    assert (found.account_id, found.document_ids, found.document_reason) == (ANNA, (22,), NAMED)


@pytest.mark.parametrize(
    ("title", "name"),
    [("2026 1 00888", "BIURO RACHUNKOWE"), ("F-RA 26/10/8 8812", "ANNA NOWAK")],
)
def test_a_number_that_must_be_put_together_otherwise_is_not_exact(title: str, name: str) -> None:
    documents = (
        *DOCUMENTS,
        Document(24, ANNA, "FA/2026/10/88812", residual=3000),
        Document(62, MOTHER, "FA/2026/10/00008", residual=1111),
    )
    office = {NRB_OFFICE: tuple(PayerUse(account, 5, TODAY) for account in (JAN, ANNA))}
    found = match(title, Matcher(facts(documents, payers=office)), amount="30.00", nrb=NRB_OFFICE, name=name)
    assert found.decision != BOOK


@pytest.mark.parametrize(
    ("name", "owed"),
    [("Jan Bartosz Zielinski", (3000,)), ("Jan Zielinski", (1000, 2000)), ("Bartosz Jan Zielinski", (1500, 1500))],
)
def test_the_amount_is_no_witness_when_one_of_the_payers_name_owes_it(name: str, owed: tuple[int, ...]) -> None:
    """He may have copied somebody else's number: two candidates, also where his second name is left out."""
    own = tuple(Document(70 + n, EWA, f"FA/2026/0{n + 1}/06001", residual=residual) for n, residual in enumerate(owed))
    names = {name_key(name): (EWA,)}
    others = [document for document in DOCUMENTS if document.account_id != EWA]
    known = facts((*others, *own), names=names, names_of={**FACTS.names_of, EWA: name_key(name)})
    assert match("FA/2026/10/00888", Matcher(known), amount="30.00", name="JAN ZIELINSKI").decision != BOOK
    assert match("FA/2026/10/00888", Matcher(known), amount="30.00", name="PIOTR BANAS").account_id == ANNA


def test_so_it_is_with_several_documents() -> None:
    own = (Document(71, EWA, "FA/2026/07/06001", residual=9000),)
    title = "FA/2026/10/00888, FA/2026/09/00777"
    assert match(title, amount="90.00", name="LIS EWA").account_id == ANNA
    assert match(title, Matcher(facts((*DOCUMENTS, *own))), amount="90.00", name="LIS EWA").decision != BOOK
