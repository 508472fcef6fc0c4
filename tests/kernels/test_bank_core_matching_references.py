"""References of the payer's own: they keep no known payer waiting, and hide no number of somebody else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.kernels.matching_town import ANNA, DOCUMENTS, EWA, FACTS, MOTHER, NRB_ANNA, NRB_MOTHER, facts, match

from bank_core import nrb
from bank_core.matching import AMOUNT, BOOK, NAMED, Document, Matcher, Rule
from bank_core.matching.lexicon import lexicon
from bank_core.matching.references import may_be_ours
from bank_core.matching.shapes import shapes_of

WORDS = lexicon(shapes_of(["FA/2026/10/00123", "KOR/2026/10/00001"]))
VIRTUAL = nrb.virtual_nrb("102055614444", 101).nrb

OWN = [
    "zam. 4500123",
    "zamówienie nr 4500123",
    "nr zam. 4500123 za internet",
    "internet, ref 778812",
    "ref.: 778812",
    "polisa 55120",
    "polisa nr 55120, październik 2026",
    "PO 8871",
    "PO: 8871 (internet biuro)",
    "zlecenie #778812",
    "lok. 12/3",
    "internet lokal 112/34.",
    "zam. 4500123, polisa 55120",
]
ANYBODYS = [
    # no word says whose it is, or one that stands before numbers of ours
    "4500123",
    "nr 4500123",
    "internet 4500123",
    "faktura 8871",
    "faktura nr 8871",
    "F-RA 8871",
    "fv 8871",
    "FA 8871",
    "rachunek 8871",
    "umowa 8871",
    "UM 8871",
    "klient 4500123",
    "za 8871",
    # it may go on
    "zam. 4500123 4",
    "zam. 4500123-4",
    "zam. 45/00123",
    "zam. 4500123/A",
    "zam. 4500123A",
    "zam. 45O0123",
    "zam. 4500123 O1",
    "zam. 4500123 I",
    "zam. 4500123 tel. 601234567, 8871",
    "polisa 55120, 55121",
    "zam.FA 8871",
    "UM/PO 8871",
    "lok. 12/3/4",
    "lok. 12/03",
    "lok. 24/97",
    "lok. 124/5678",
    "zam. 12/3",
    # it may be a number of ours, perhaps with a slip
    "zam. 2610888",
    "zam. 26108",
    "zam. 2110888",
    "zam. 2619888",
    "zam. 261888",
    "zam. 6210888",
    "zam. 2026108",
    "zam. 202612",
    "zam. 202497",
    "zam. 022497",
    "zam. 00888",
    "ref 10000002",
    "ref 100000025",
    "ref 5260250274",
]


@pytest.mark.parametrize("title", OWN)
def test_a_known_account_beside_a_reference_of_the_payers_own(title: str) -> None:
    found = match(title, amount="1.00", nrb=NRB_MOTHER)
    assert (found.decision, found.reason, found.account_id) == (BOOK, "PAYER_ACCOUNT", MOTHER)


@pytest.mark.parametrize("title", ANYBODYS)
def test_a_known_account_beside_a_number_that_may_be_anybodys(title: str) -> None:
    found = match(title, amount="1.00", nrb=NRB_MOTHER)
    assert (found.decision, found.reason) != (BOOK, "PAYER_ACCOUNT")


def test_a_rule_beside_a_reference_of_the_payers_own() -> None:
    matcher = Matcher(replace(FACTS, rules=(Rule(1, EWA, words=("internet",)),)))
    assert match("internet, zam. 4500123", matcher, amount="1.00").reason == "RULE"
    assert match("internet, nr 4500123", matcher, amount="1.00").decision != BOOK
    assert match("internet, zam. 2610888", matcher, amount="1.00").decision != BOOK


def test_a_reference_does_not_make_an_account_of_several_exclusive() -> None:
    assert match("zam. 4500123", amount="1.00").decision != BOOK
    # nor does it outweigh what the title says of somebody else
    assert match("zam. 4500123 EWA LIS", amount="1.00", nrb=NRB_MOTHER).decision != BOOK
    assert match("zam. 4500123 FA/2026/10/00888", amount="1.00", nrb=NRB_MOTHER).decision != BOOK
    assert match("zam. 4500123 FA/2026/10/55555", amount="1.00", nrb=NRB_MOTHER).decision != BOOK


def test_what_is_paid_is_not_told_beside_a_reference() -> None:
    """The month and the amount may belong to the order as well as to the invoice."""
    for title in ("zam. 4500123", "za październik 2026 zam. 4500123"):
        found = match(title, amount="55.00", nrb=NRB_MOTHER)
        assert (found.account_id, found.document_ids, found.document_reason) == (MOTHER, (), "")
    virtual = Matcher(facts(virtual={VIRTUAL: ANNA}))
    assert match("internet", virtual, payer_key=VIRTUAL, amount="30.00").document_reason == AMOUNT
    assert match("zam. 4500123", virtual, payer_key=VIRTUAL, amount="30.00").document_reason == ""


def test_a_number_with_a_slip_is_not_told_beside_a_reference() -> None:
    assert match("FA/2026/10/00898", amount="1.00", nrb=NRB_ANNA).document_reason == NAMED
    assert match("FA/2026/10/00898 zam. 4500123", amount="1.00", nrb=NRB_ANNA).decision != BOOK


def test_a_reference_at_the_cut_may_go_on() -> None:
    assert match(f"{'za internet':24} ref 778812", amount="1.00", nrb=NRB_MOTHER).decision != BOOK
    assert match(f"{'za internet':20} ref 778812", amount="1.00", nrb=NRB_MOTHER).decision == BOOK


def test_a_journal_may_bear_the_word_of_a_reference() -> None:
    documents = (*DOCUMENTS, Document(24, ANNA, "PO/2026/10/00001", residual=7777))
    assert match("PO 8871", Matcher(facts(documents)), amount="1.00", nrb=NRB_MOTHER).decision != BOOK


@pytest.mark.parametrize(
    ("number", "digits", "ours"),
    [
        ("FA/2026/00123", "26123", True),
        ("FA/2026/00123", "45123", False),
        ("INV00123", "4512", True),
        ("INV00123", "4500123", False),
        ("10/FA/00123", "450012", True),
        ("FA/00123/10/2026", "8871", False),
        ("FA/00123/10/2026", "887199", False),
        ("FA/00123/10/2026", "8871026", True),
    ],
)
def test_numbers_of_other_builds(number: str, digits: str, ours: bool) -> None:
    assert may_be_ours(digits, lexicon(shapes_of([number])), 2026) is ours


@pytest.mark.parametrize(
    ("digits", "year", "ours"),
    [("191212", 2020, True), ("191212", 2026, False), ("451212", 2026, True), ("451212", 2012, False)],
)
def test_numbers_are_of_the_last_years(digits: str, year: int, ours: bool) -> None:
    assert may_be_ours(digits, WORDS, year) is ours
