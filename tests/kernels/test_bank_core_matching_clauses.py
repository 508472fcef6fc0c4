"""Who may be booked to whom: each clause with the cases that try to fool it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from tests.kernels.matching_town import (
    ANNA,
    DOCUMENTS,
    EWA,
    FACTS,
    FIRM,
    JAN,
    KSEF,
    MOTHER,
    NRB_ANNA,
    NRB_MOTHER,
    NRB_OFFICE,
    NRB_OLD,
    TODAY,
    facts,
    match,
)

from bank_core import nrb
from bank_core.matching import (
    AMOUNT,
    BOOK,
    IGNORE,
    NAMED,
    PERIOD,
    PROPOSE,
    Matcher,
    PayerUse,
    Rule,
    Settings,
    name_key,
)

BOOKED: list[tuple[str, Mapping[str, str], str, int, tuple[int, ...], str]] = [
    # b: keys that prove themselves
    (f"KSEF {KSEF}", {"amount": "1.00", "name": "KTOS INNY"}, "KSEF_NUMBER", ANNA, (21,), NAMED),
    ("klient 100000017", {"amount": "1.00"}, "ACCOUNT_NUMBER", JAN, (), ""),
    ("klient 100000017 za październik", {"amount": "1.00"}, "ACCOUNT_NUMBER", JAN, (12,), PERIOD),
    ("klient 100000025", {"amount": "30.00"}, "ACCOUNT_NUMBER", ANNA, (22,), AMOUNT),
    ("klient 100000017", {"amount": "99.98"}, "ACCOUNT_NUMBER", JAN, (11, 12), AMOUNT),
    # two debts of one amount: which one is not told
    ("klient 100000017", {"amount": "49.99"}, "ACCOUNT_NUMBER", JAN, (), ""),
    ("100000017 FA/2026/10/00111", {"amount": "1.00"}, "ACCOUNT_NUMBER", JAN, (12,), NAMED),
    # c: exact numbers with something beside them
    ("FA/2026/10/00888", {"amount": "1.00", "nrb": NRB_ANNA}, "INVOICE_NUMBER", ANNA, (22,), NAMED),
    ("FA/2026/10/00888", {"amount": "1.00", "nrb": NRB_OFFICE}, "INVOICE_NUMBER", ANNA, (22,), NAMED),
    ("FA/2026/10/00888", {"amount": "1.00", "name": "NOWAK ANNA UL. DLUGA 1"}, "INVOICE_NUMBER", ANNA, (22,), NAMED),
    ("FA/2026/10/00888", {"amount": "30.00"}, "INVOICE_NUMBER", ANNA, (22,), NAMED),
    ("FA/26/10/888", {"amount": "30.00", "name": "PIOTR ZIELINSKI"}, "INVOICE_NUMBER", ANNA, (22,), NAMED),
    ("FA/2026/09/00777 FA/2026/10/00888 MINUS KOR/2026/10/00001", {"amount": "80.00"},
     "INVOICE_NUMBER", ANNA, (21, 22, 23), NAMED),
    ("FA/2026/09/04000 i 10/04001", {"amount": "100.00", "name": "TELE MARZEC"}, "INVOICE_NUMBER", FIRM, (), ""),
    # an old number says who; what it pays is not told
    ("FA/2026/08/00300", {"amount": "1.00", "name": "Jan Kowalski"}, "INVOICE_NUMBER", JAN, (), ""),
    # d: one slip, from somebody known
    ("FA/2026/10/00898", {"amount": "1.00", "nrb": NRB_ANNA}, "INVOICE_NUMBER_NEAR", ANNA, (22,), NAMED),
    ("FA/2026/10/0888 8", {"amount": "1.00", "nrb": NRB_ANNA}, "INVOICE_NUMBER_NEAR", ANNA, (22,), NAMED),
    ("FA/2026/10/9909", {"amount": "1.00", "name": "LIS EWA"}, "INVOICE_NUMBER_NEAR", EWA, (51,), NAMED),
    ("FA/2062/10/09990", {"amount": "1.00", "name": "LIS EWA"}, "INVOICE_NUMBER_NEAR", EWA, (51,), NAMED),
    # e: the payer's account pays for one customer only
    ("", {"amount": "1.00", "nrb": NRB_ANNA}, "PAYER_ACCOUNT", ANNA, (), ""),
    ("", {"amount": "60.00", "nrb": NRB_ANNA}, "PAYER_ACCOUNT", ANNA, (21,), AMOUNT),
    ("za wrzesień", {"amount": "1.00", "nrb": NRB_ANNA}, "PAYER_ACCOUNT", ANNA, (21,), PERIOD),
    ("internet tel. 601 234 567", {"amount": "1.00", "nrb": NRB_MOTHER}, "PAYER_ACCOUNT", MOTHER, (), ""),
]  # fmt: skip


@pytest.mark.parametrize(("title", "more", "reason", "account", "documents", "why"), BOOKED)
def test_booked(
    title: str, more: Mapping[str, str], reason: str, account: int, documents: tuple[int, ...], why: str
) -> None:
    found = match(title, **more)
    assert (found.decision, found.reason, found.account_id) == (BOOK, reason, account)
    assert (set(found.document_ids), found.document_reason) == (set(documents), why)
    assert found.confidence >= 90
    assert [candidate.account_id for candidate in found.candidates] == [account]
    assert found.candidates[0].evidence


NOT_BOOKED: list[tuple[str, str, Mapping[str, str]]] = [
    ("nobody known", "za internet", {"name": "PIOTR ZIELINSKI"}),
    ("name and amount only", "", {"amount": "55.00", "name": "MARIA ZAJAC"}),
    ("namesakes", "za internet", {"name": "KOWALSKI JAN"}),
    ("number without anything beside it", "FA/2026/10/00888", {"amount": "1.00"}),
    ("number and amount, but a neighbour with the same amount", "FA/2026/10/00111", {"amount": "49.99"}),
    ("number of one, name of a namesake with the next number", "FA/2026/10/00112", {"name": "JAN KOWALSKI"}),
    ("two customers named", "FA/2026/10/00888 FA/2026/10/07007", {"amount": "85.00", "nrb": NRB_ANNA}),
    ("two customer numbers", "100000017 100000025", {}),
    ("customer number beside another's invoice", "100000017 FA/2026/10/00888", {"amount": "30.00"}),
    ("KSeF number beside another's invoice", f"{KSEF} FA/2026/10/07007", {}),
    ("customer number with a slip", "klient 100000018", {}),
    ("account of an office", "za internet", {"nrb": NRB_OFFICE}),
    ("account used long ago", "", {"nrb": NRB_OLD}),
    ("known payer names somebody else", "FA/2026/10/07007", {"amount": "1.00", "nrb": NRB_ANNA}),
    ("known payer writes another's name", "za internet MARIA ZAJAC", {"amount": "1.00", "nrb": NRB_ANNA}),
    ("one slip, but nobody known", "FA/2026/10/00898", {"amount": "30.00"}),
    ("one slip, but namesakes", "FA/2026/10/00113", {"name": "JAN KOWALSKI", "amount": "49.99"}),
    ("two slips, known by name only", "FA/2026/10/09909", {"name": "EWA LISS"}),
    ("a longer number of somebody else's", "FA/2026/10/00888/3", {"amount": "30.00"}),
    ("a number inside a longer number", "91000000171", {}),
    ("a phone number", "TEL 100000017", {}),
    ("parts of a date and an amount that join to a customer number", "10 00000 17", {"amount": "1.00"}),
    ("another series of numbers", "XX/2026/10/00888", {"amount": "30.00"}),
]


@pytest.mark.parametrize(("title", "more"), [row[1:] for row in NOT_BOOKED], ids=[row[0] for row in NOT_BOOKED])
def test_not_booked(title: str, more: Mapping[str, str]) -> None:
    found = match(title, **more)
    assert found.decision != BOOK
    assert found.confidence < 90
    assert len(found.candidates) <= 5


def test_the_amount_settles_who_of_two_neighbours_it_was() -> None:
    documents = [d._replace(residual=7000) if d.id == 31 else d for d in DOCUMENTS]
    found = match("FA/2026/10/00111", Matcher(facts(documents)), name="JAN KOWALSKI", amount="49.99")
    assert (found.decision, found.account_id, found.document_ids) == (BOOK, JAN, (12,))
    found = match("FA/2026/10/00111", Matcher(facts(documents)), name="JAN KOWALSKI", amount="70.00")
    assert found.decision != BOOK


def test_a_closed_neighbour_is_no_contradiction() -> None:
    documents = [d._replace(residual=0, is_open=False) if d.id == 31 else d for d in DOCUMENTS]
    found = match("FA/2026/10/00111", Matcher(facts(documents)), name="JAN KOWALSKI")
    assert (found.decision, found.account_id) == (BOOK, JAN)


def test_proposals_say_why() -> None:
    found = match("", amount="55.00", name="MARIA ZAJAC")
    assert (found.decision, found.reason, found.account_id) == (PROPOSE, "NAME_AND_AMOUNT", MOTHER)
    codes = [code for code, _params in found.candidates[0].evidence]
    assert codes == ["NAME", "AMOUNT_DOCUMENT"]
    found = match("FA/2026/10/00888 FA/2026/10/07007", amount="85.00")
    assert (found.reason, [c.account_id for c in found.candidates]) == ("AMBIGUOUS", [ANNA, MOTHER])
    assert [c.document_ids for c in found.candidates] == [(22,), (61,)]


def test_a_month_is_no_surname_of_the_customer() -> None:
    matcher = Matcher(replace(FACTS, payers={NRB_ANNA: (PayerUse(FIRM, 1, TODAY),)}))
    assert match("TELE MARZEC INTERNET", matcher, nrb=NRB_ANNA, amount="1.00").document_ids == ()
    assert match("TELE MARZEC ZA PAZDZIERNIK", matcher, nrb=NRB_ANNA, amount="1.00").document_ids == (42,)


# --- f: rules


def with_rules(*rules: Rule) -> Matcher:
    return Matcher(replace(FACTS, rules=rules))


def test_a_rule_books_what_nothing_else_decides() -> None:
    matcher = with_rules(Rule(7, EWA, payer_nrb=NRB_OFFICE, words=("Sklep",)))
    found = match("za SKLEP", matcher, nrb=NRB_OFFICE)
    assert (found.decision, found.reason, found.account_id, found.rule_id) == (BOOK, "RULE", EWA, 7)
    assert match("za dom", matcher, nrb=NRB_OFFICE).decision != BOOK
    assert match("za SKLEP", matcher, nrb=NRB_MOTHER).account_id == MOTHER


@pytest.mark.parametrize(
    ("rules", "title", "more"),
    [
        ((Rule(1, EWA, name_key=name_key("Adam Bo")),), "FA/2026/10/00888", {"name": "BO ADAM", "amount": "1.00"}),
        ((Rule(1, EWA, name_key=name_key("Adam Bo")), Rule(2, JAN, words=("net",))), "net", {"name": "BO ADAM"}),
        ((Rule(1, EWA, payer_nrb=NRB_ANNA),), "", {"nrb": NRB_ANNA}),
        ((Rule(1, EWA, words=("net",)), Rule(2, None, words=("net",), kind="not_payment")), "net", {}),
        ((Rule(1, EWA),), "net", {}),
    ],
    ids=["another's invoice", "two rules", "the payer's own history", "pay or not", "no condition"],
)
def test_a_contradicted_rule_does_not_book(rules: tuple[Rule, ...], title: str, more: Mapping[str, str]) -> None:
    assert match(title, with_rules(*rules), **more).decision not in (BOOK, IGNORE)


def test_a_rule_loses_against_keys() -> None:
    matcher = with_rules(Rule(1, EWA, words=("net",)))
    assert match("net 100000017", matcher).account_id == JAN
    # an invoice number is no such key: two customers, no booking
    assert match("net FA/2026/10/00888", matcher, amount="30.00").decision != BOOK


def test_a_rule_that_it_is_no_payment() -> None:
    matcher = with_rules(Rule(3, None, name_key=name_key("Urząd Skarbowy"), kind="not_payment"))
    found = match("zwrot VAT", matcher, name="URZAD SKARBOWY")
    assert (found.decision, found.reason, found.rule_id, found.account_id) == (IGNORE, "RULE", 3, None)
    assert match("FA/2026/10/00888", matcher, name="URZAD SKARBOWY", amount="30.00").decision not in (BOOK, IGNORE)


# --- settings


def test_age_limit_of_a_payers_account() -> None:
    assert match("", Matcher(FACTS, Settings(payer_age_days=1000)), nrb=NRB_OLD).account_id == ANNA


def test_contract_numbers_without_check_digit_need_a_witness() -> None:
    matcher = Matcher(replace(FACTS, account_numbers={"UM202600018": (ANNA,), "UM202600019": (EWA,)}))
    assert match("umowa UM/2026/00018", matcher, name="ANNA NOWAK").account_id == ANNA
    assert match("umowa UM/2026/00018", matcher, nrb=NRB_OFFICE).account_id == ANNA
    assert match("umowa UM/2026/00018", matcher, amount="30.00").decision == PROPOSE
    assert match("umowa UM/2026/00019", matcher, nrb=NRB_ANNA).decision != BOOK
    assert match("umowa UM/2026/00019 FA/2026/10/00888", matcher, nrb=NRB_ANNA).decision != BOOK


def test_an_exclusive_account_rescues_what_a_namesake_contradicts() -> None:
    matcher = Matcher(replace(FACTS, payers={NRB_ANNA: (PayerUse(JAN, 1, TODAY),)}))
    assert match("FA/2026/10/00111", matcher, name="JAN KOWALSKI", nrb=NRB_ANNA).account_id == JAN


def test_a_slip_in_a_ksef_number() -> None:
    damaged = KSEF.replace("AF629", "AF692")
    found = match(f"KSEF {damaged}", nrb=NRB_ANNA, amount="1.00")
    assert (found.decision, found.reason, found.document_ids) == (BOOK, "INVOICE_NUMBER_NEAR", (21,))
    assert match(f"KSEF {damaged}", name="KTOS", amount="60.00").decision != BOOK


def test_contract_numbers_prove_themselves_only_with_check_digits() -> None:
    unchecked = Matcher(replace(FACTS, account_numbers={"UM202600018": (EWA,)}))
    assert match("umowa UM/2026/00018", unchecked, amount="1.00").decision == PROPOSE
    checked = Matcher(
        replace(FACTS, account_numbers={"UM202600018": (EWA,)}), Settings(checked_prefixes=frozenset({"UM"}))
    )
    assert match("umowa UM/2026/00018", checked, amount="1.00").account_id == EWA


def test_money_paid_to_a_number_that_is_nobodys() -> None:
    nobodys = nrb.virtual_nrb("102055614444", 999).nrb
    assert match("klient 100000017", payer_key=nobodys).account_id == JAN
    assert match("", payer_key=nobodys, nrb=NRB_ANNA, amount="1.00").account_id == ANNA
    assert match("", payer_key=nobodys, name="ANNA NOWAK", amount="60.00").decision == PROPOSE


def test_money_paid_to_a_damaged_number() -> None:
    damaged = "99102055614444000000000999"
    assert match("", payer_key=damaged, nrb=NRB_ANNA).decision != BOOK
    assert match("", payer_key=damaged, nrb=NRB_ANNA).reason == "DAMAGED_ACCOUNT_NUMBER"


def test_a_customer_number_torn_apart_is_no_proof() -> None:
    assert match("klient 10 0000017", amount="1.00").decision != BOOK
    assert match("klient 10 0000017", amount="1.00", name="KOWALSKI JAN").account_id == JAN
    assert match("klient 10 0000017", amount="1.00", nrb=NRB_ANNA).decision != BOOK


def test_nothing_is_claimed_beside_a_piece_of_a_number() -> None:
    found = match("FA/2026/10/00888 FA/202", nrb=NRB_ANNA, amount="30.00")
    assert (found.decision, found.account_id, found.document_reason) == (BOOK, ANNA, "")
    assert match("26/10/24", nrb=NRB_ANNA, amount="30.00").document_reason == ""


def test_a_torn_contract_number_of_somebody_else_is_seen() -> None:
    matcher = Matcher(replace(FACTS, account_numbers={"UM202600019": (EWA,)}))
    assert match("umowa UM/2026/ 00019", matcher, nrb=NRB_ANNA).decision != BOOK


def test_a_namesake_inside_a_longer_payers_field_contradicts() -> None:
    field = "BIURO RACHUNKOWE JAN KOWALSKI"
    office = {NRB_OFFICE: (PayerUse(JAN, 1, TODAY), PayerUse(EWA, 1, TODAY))}
    assert (
        match("FA/2026/10/00111", Matcher(replace(FACTS, payers=office)), name=field, nrb=NRB_OFFICE).decision != BOOK
    )


def test_a_number_at_the_cut_names_nobody_for_certain() -> None:
    title = f"{'ZA USLUGI ' * 13:123.123} FA/2026/10/07007"
    assert len(title) == 140
    assert match(title, nrb=NRB_ANNA, amount="1.00").decision != BOOK
    found = match(title, nrb=NRB_MOTHER, amount="55.00")
    assert (found.account_id, found.document_reason) == (MOTHER, "")
