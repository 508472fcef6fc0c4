"""What nobody understood in a title names no documents for certain, and what is nearly right means few of them."""

from __future__ import annotations

import pytest
from tests.kernels.matching_town import (
    ANNA,
    DOCUMENTS,
    EWA,
    FIRM,
    JAN,
    MOTHER,
    NRB_ANNA,
    NRB_OFFICE,
    TODAY,
    cut,
    facts,
    match,
)

from bank_core import nrb
from bank_core.matching import AMOUNT, BOOK, NAMED, PERIOD, UNKNOWN, Document, Matcher, PayerUse
from bank_core.matching.slips import is_one_group_off

VIRTUAL = nrb.virtual_nrb("102055614444", 101).nrb


def to_anna(
    title: str, amount: str = "30.00", documents: tuple[Document, ...] = DOCUMENTS
) -> tuple[tuple[int, ...], str]:
    """What is claimed of a payment to her virtual account; 30.00 is what one of her invoices costs."""
    found = match(title, Matcher(facts(documents, virtual={VIRTUAL: ANNA})), payer_key=VIRTUAL, amount=amount)
    assert (found.decision, found.account_id) == (BOOK, ANNA)
    return found.document_ids, found.document_reason


# --- claims about documents


@pytest.mark.parametrize(
    "title",
    [
        "zapłata 2626052903",
        "DOT. FAKTURY: 0261095804",
        "klient 010022821",
        "UM/2O20/5 0750",
        "f-ranrklient10000120",
        "12 345",
        "26/10/1943",
        "za fakturę 80260602435",
        "02261005593 za internet",
        "20 26",
        cut("FA/2026/08/04"),
        cut("FA/2026/09"),
        cut("faktura 202609"),
        cut("nr 2609"),
        cut("faktura 2026-09-0"),
    ],
)
def test_the_amount_chooses_no_document_beside_a_number_that_nobody_understood(title: str) -> None:
    assert to_anna("internet") == ((22,), AMOUNT)
    assert to_anna(title) == ((), "")


def test_a_month_chooses_no_document_beside_a_number_that_nobody_understood() -> None:
    assert to_anna("za wrzesień 2026", "1.00") == ((21,), PERIOD)
    assert to_anna("za wrzesień 2026 zam. 4500123", "1.00") == ((), "")


def test_a_customers_own_number_is_understood() -> None:
    for title in ("klient 100000025", "klient 100 000 025 kwota 30,00 zl", "nrklienta100000025opłata"):
        assert to_anna(title) == ((22,), AMOUNT)


@pytest.mark.parametrize("more", ["10261001970", "za 0261001970", "2061001970 tv", "10261001970 data 2026-10-10"])
def test_one_number_is_not_the_whole_list_beside_digits_that_are_nearly_one_more(more: str) -> None:
    assert to_anna(f"FA/2026/10/00888, {more}") == ((), "")
    found = match(f"FA/2026/10/00888, {more}", name="ANNA NOWAK", amount="1.00")
    assert (found.account_id, found.document_reason) in ((ANNA, ""), (None, ""))


@pytest.mark.parametrize("more", ["zam. 4500123456", "zam. 4500123", "tel. 601234567", "ref 12 345"])
def test_other_digits_beside_a_number_leave_it_the_whole_list(more: str) -> None:
    assert to_anna(f"FA/2026/10/00888, {more}") == ((22,), NAMED)


# --- slips, group by group


@pytest.mark.parametrize(
    ("groups", "off"),
    [
        (("2026", "1", "08548"), True),
        (("2026", "10", "08545"), True),
        (("26", "10", "8545"), True),
        (("2026", "1", "08545"), False),
        (("2026", "10", "08548"), False),
        (("2025", "10", "08545"), False),
        (("20261", "08545"), True),
        (("2026", "10", "1", "8545"), False),
    ],
)
def test_one_group_off(groups: tuple[str, ...], off: bool) -> None:
    assert is_one_group_off(groups, "FA/2026/10/08548") is off


def test_two_groups_that_differ_are_no_slip() -> None:
    documents = (*DOCUMENTS, Document(24, ANNA, "FA/2026/10/08548", residual=7777, period=202610))
    assert to_anna("należność FA/2026/1/08548", "1.00", documents) == ((24,), NAMED)
    assert to_anna("należność FA/2026/1/08545", "1.00", documents) == ((), "")
    matcher = Matcher(facts(documents))
    assert match("FA/2026/1/08548", matcher, amount="1.00", nrb=NRB_ANNA).document_ids == (24,)
    assert match("FA/2026/1/08545", matcher, amount="1.00", nrb=NRB_ANNA).decision != BOOK


@pytest.mark.parametrize(
    ("title", "number"),
    [
        (cut("FV FA/2O26/10"), "FA/2026/10/00007"),
        ("FA 2026 10 0002", "FA/2026/10/00008"),
        ("FA/2026/07/900352", "FA/2026/09/00352"),
        ("FA/2026/1/07561", "FA/2026/10/07560"),
    ],
)
def test_no_slip_leads_from_there_to_the_customers_document(title: str, number: str) -> None:
    documents = (*DOCUMENTS, Document(24, ANNA, number, residual=7777))
    assert to_anna(title, "1.00", documents) == ((), "")


@pytest.mark.parametrize("title", ["faktura nr 2026- 10-07", "2026 -10-07", "20 26-10-07"])
def test_a_torn_day_is_no_number_of_a_document(title: str) -> None:
    assert to_anna(title, "1.00", (*DOCUMENTS, Document(24, ANNA, "FA/2026/10/00007", residual=7777))) == ((), "")


def test_a_number_of_two_digit_year_is_no_day_of_birth() -> None:
    documents = (
        *DOCUMENTS,
        Document(24, ANNA, "FA/2026/10/19638", residual=7777),
        Document(62, MOTHER, "FA/2026/07/01966", residual=1111),
    )
    assert to_anna("FV 2O26/10/19638", "1.00", documents) == ((24,), NAMED)
    assert to_anna("FV 26/07/1966, 2O26/10/19638", "1.00", documents) == ((), "")


@pytest.mark.parametrize("number", ["2026\\10\\0888", "2026/10/0888", "FA/2026/10/0888"])
def test_no_slip_in_a_number_with_nothing_but_a_blank_between_it_and_the_cut(number: str) -> None:
    assert len(cut(f"{number} ")) == 140
    assert to_anna(cut(f"{number} "), "1.00") == ((), "")
    assert match(cut(f"{number} "), nrb=NRB_ANNA, amount="1.00").decision != BOOK
    # with a word behind it the number is whole
    assert to_anna(cut("FA/2026/10/00898 TV"), "1.00") == ((22,), NAMED)


@pytest.mark.parametrize(
    "title",
    ["FAKTURA VAT 97/10/2026", "f-ra nr faktura VAT: 17/09/2026", "FS 12/10/2026", "f 12/10/2026", "za 42/02/2026"],
)
def test_the_amount_chooses_no_document_beside_the_invoice_of_another_supplier(title: str) -> None:
    assert to_anna(title) == ((), "")
    # but what is named beside it is named
    assert to_anna(f"{title}; FA/2026/10/00888") == ((22,), NAMED)


@pytest.mark.parametrize("title", ["12/10/2026", "internet 12/10/2026", "dnia 12/10/2026", "za 31.10.2026"])
def test_a_day_is_no_invoice_of_another_supplier(title: str) -> None:
    assert to_anna(title) == ((22,), AMOUNT)


@pytest.mark.parametrize("title", ["26/10/2021 abonament", "za internet 26\\10\\2021", "faktura VAT 26/10/2021"])
def test_a_day_with_strokes_that_is_exactly_somebody_elses_number(title: str) -> None:
    documents = (*DOCUMENTS, Document(62, MOTHER, "FA/2026/10/02021", residual=1111))
    assert match(title, Matcher(facts(documents)), nrb=NRB_ANNA, amount="1.00").decision != BOOK
    assert to_anna(title, documents=documents) == ((), "")


def test_a_day_with_strokes_that_is_nobodys_number() -> None:
    found = match("26/10/2021 abonament", nrb=NRB_ANNA, amount="1.00")
    assert (found.decision, found.reason, found.account_id) == (BOOK, "PAYER_ACCOUNT", ANNA)
    assert to_anna("26/10/2021 abonament") == ((22,), AMOUNT)


def test_no_slip_leads_from_a_number_that_a_blank_ended() -> None:
    documents = (*DOCUMENTS, Document(24, ANNA, "FA/2026/10/01766", residual=7777))
    title = cut("FA/2026/10/1 0766")
    assert match(title, Matcher(facts(documents)), nrb=NRB_ANNA, amount="1.00").decision != BOOK
    assert to_anna(title, "1.00", documents) == ((), "")


@pytest.mark.parametrize("title", ["zafakturę2026-10-13", "internet2026-10-13abonament", "zafakture2026 -10-13"])
def test_a_day_with_dashes_is_no_number_also_where_it_is_glued_to_a_word(title: str) -> None:
    documents = (*DOCUMENTS, Document(24, ANNA, "FA/2026/10/00013", residual=7777))
    assert to_anna(title, "1.00", documents) == ((), "")
    # behind the letters of the series it is
    assert to_anna("zafakturę FA2026-10-13", "1.00", documents) == ((24,), NAMED)


def test_a_digit_that_may_belong_to_either_of_two_numbers() -> None:
    documents = (*DOCUMENTS, Document(43, FIRM, "FA/2026/10/00181", residual=2222))
    known = Matcher(facts(documents, payers={NRB_ANNA: (PayerUse(FIRM, 5, TODAY), PayerUse(ANNA, 5, TODAY))}))
    title = "ZA FAKTURE FA/2026/10/181 2 026/09/00147"
    assert match(title, known, nrb=NRB_ANNA, amount="1.00").decision != BOOK
    assert match(title.partition(" 2 ")[0], known, nrb=NRB_ANNA, amount="1.00").account_id == FIRM


# --- two people in the payer's field


@pytest.mark.parametrize(
    ("payer", "decision"),
    [
        ("ANNA NOWAK ORAZ EWA LIS", UNKNOWN),
        ("ANNA MARIA NOWAK ORAZ EWA LIS", UNKNOWN),
        ("MGR ANNA MARIA NOWAK I MGR EWA LIS", UNKNOWN),
        ("ANNA MARIA NOWAK ORAZ EWA LISOWSKA", BOOK),
        ("ANNA NOWAK", BOOK),
    ],
)
def test_who_else_stands_in_the_field_may_have_meant_his_own_number(payer: str, decision: str) -> None:
    """However long the field: the other holder owes a document one slip away, and the account pays for several."""
    neighbour = Document(52, EWA, "FA/2026/10/00889", residual=777)
    office = {NRB_OFFICE: tuple(PayerUse(account, 5, TODAY) for account in (JAN, ANNA))}
    found = match(
        "FA/2026/10/00888",
        Matcher(facts((*DOCUMENTS, neighbour), payers=office)),
        amount="12.34",
        name=payer,
        nrb=NRB_OFFICE,
    )
    assert found.decision == decision
    alone = match("FA/2026/10/00888", Matcher(facts(payers=office)), amount="12.34", name=payer, nrb=NRB_OFFICE)
    assert (alone.decision, alone.account_id) == (BOOK, ANNA)
