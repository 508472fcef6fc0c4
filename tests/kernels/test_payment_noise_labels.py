"""The careful person of the payments simulator: hand-made cases of every clause, the nasty ones first of all."""

from __future__ import annotations

import pytest
from tests.simulators.payments.truth import AMOUNT, NAMED, PERIOD, Evidence, Label, label
from tests.simulators.payments.world import AGE_LIMIT, CREDIT, INVOICE, TODAY, Rule, World

YESTERDAY = TODAY.toordinal() - 1
ANNA, JAN, JAN_TOO, FIRM, PIOTR, SENIOR = range(1, 7)
ANNAS = "11102010420000000000000001"
JOINT = "22102010420000000000000002"
BOOKS = "33102010420000000000000003"
OLD = "44102010420000000000000004"
NEW = "55102010420000000000000005"
RULED = "66102010420000000000000006"


@pytest.fixture(scope="module")
def world() -> World:
    """Running numbers of October: 1 Anna, 2 Jan, 3 Jan too, 4 Firm, 5 Piotr, then 20 more of Piotr; Senior has 27 and 28."""
    made = World()
    for name in (
        "Anna Maria Nowak",
        "Jan Kowalski",
        "Jan Kowalski",
        "Zenit Meble sp. z o.o.",
        "Piotr Lipiec",
        "Senior Bardzo Rzadki",
    ):
        made.add_account(name)
    made.add_series(INVOICE, 2026, 7, [(PIOTR, 700), (ANNA, 0)])
    made.add_series(INVOICE, 2026, 9, [(ANNA, 4999), (JAN, 0), (PIOTR, 1500)])
    october = [(ANNA, 4999), (JAN, 5999), (JAN_TOO, 5999), (FIRM, 12300), (PIOTR, 4999)]
    october += [(PIOTR, 10000 + index) for index in range(20)] + [(FIRM, 0), (SENIOR, 3000), (SENIOR, 3100)]
    made.add_series(INVOICE, 2026, 10, october)
    made.add_series(CREDIT, 2026, 10, [(ANNA, -999)])
    made.add_payer(ANNAS, ANNA, 5, YESTERDAY)
    made.add_payer(JOINT, JAN, 3, YESTERDAY)
    made.add_payer(JOINT, ANNA, 2, YESTERDAY)
    made.add_payer(BOOKS, FIRM, 9, YESTERDAY)
    made.add_payer(BOOKS, PIOTR, 9, YESTERDAY)
    made.add_payer(OLD, SENIOR, 9, AGE_LIMIT - 1)
    made.add_rule(Rule(SENIOR, RULED, ("DZIALKA",)))
    return made


def invoice(world: World, running: int, month: int = 10) -> int:
    return world.document_at(INVOICE, 2026, month, running)


def see(world: World, title: str, amount: int = 1, name: str = "", nrb: str = "", virtual: str = "") -> Label:
    return label(world, Evidence(title, amount, name, nrb, virtual))


def nothing() -> Label:
    return Label()


# a: virtual account


def test_a_virtual_account_is_final_even_against_a_title_naming_somebody_else(world: World) -> None:
    seen = see(world, "FA/2026/10/00002", 5999, "Jan Kowalski", JOINT, world.virtual(ANNA))
    assert (seen.account, seen.clause, seen.documents) == (ANNA, "a", frozenset())


def test_a_virtual_account_and_a_named_document(world: World) -> None:
    seen = see(world, "fa 2026 10 1", 1, virtual=world.virtual(ANNA))
    assert (seen.account, seen.documents, seen.document_reason) == (ANNA, {invoice(world, 1)}, NAMED)


def test_a_damaged_or_unassigned_virtual_account_says_nothing(world: World) -> None:
    good = world.virtual(ANNA)
    assert see(world, "", 4999, virtual=good[:-1] + str((int(good[-1]) + 1) % 10)) == nothing()
    assert see(world, "", 4999, virtual=world.virtual(999)) == nothing()


# b: strong keys


def test_b_customer_number_with_its_check_digit(world: World) -> None:
    number = world.customer_number(ANNA)
    assert see(world, f"klient {number}").clause == "b"
    assert see(world, f"klient {number[:3]} {number[3:6]} {number[6:]}").account == ANNA
    assert see(world, f"klient {number.replace('0', 'O', 3)}").account == ANNA


def test_b_customer_number_with_a_wrong_check_digit_is_no_key(world: World) -> None:
    number = world.customer_number(ANNA)
    assert see(world, f"klient {number[:-1]}{(int(number[-1]) + 1) % 10}") == nothing()


def test_b_digits_of_a_document_number_are_no_customer_number(world: World) -> None:
    number = world.customer_number(ANNA)
    assert see(world, f"FA 2026 {number[:2]} {number[2:]}", 1, nrb=BOOKS) == nothing()
    assert see(world, f"FA 2026 10 1 {number}", 1, nrb=BOOKS).clause == "b"


def test_b_ksef_number_in_pieces(world: World) -> None:
    number = world.ksef_number(invoice(world, 2))
    seen = see(world, f"zaplata {number[:20]} {number[20:]} dziekuje")
    assert (seen.account, seen.clause, seen.documents) == (JAN, "b", {invoice(world, 2)})


def test_b_ksef_number_with_a_wrong_checksum_is_no_key(world: World) -> None:
    number = world.ksef_number(invoice(world, 2))
    assert see(world, number[:-1] + ("0" if number[-1] != "0" else "1")) == nothing()


def test_b_two_customers_or_a_document_of_another_beside_it(world: World) -> None:
    number = world.customer_number(ANNA)
    assert see(world, f"{number} i {world.customer_number(JAN)}", nrb=ANNAS) == nothing()
    assert see(world, f"{number} FA/2026/10/00004", 12300, nrb=ANNAS) == nothing()


# c: documents named exactly


def test_c_needs_corroboration(world: World) -> None:
    assert see(world, "FA/2026/10/00027", 1, "Obcy Człowiek", NEW) == nothing()
    assert see(world, "FA/2026/10/00027", 1, "RZADKI SENIOR", NEW).account == SENIOR
    assert see(world, "FA/2026/10/00027", 3000, "Obcy Człowiek", NEW).account == SENIOR


def test_c_amount_is_no_proof_when_a_neighbour_has_the_same(world: World) -> None:
    assert see(world, "FA/2026/10/00002", 5999, "Obcy Człowiek", NEW) == nothing()
    assert see(world, "FA/2026/10/00004", 12300, "Obcy Człowiek", NEW).account == FIRM


@pytest.mark.parametrize("amount", [4999, 9998])
def test_c_amount_alone_is_no_proof_when_the_account_is_of_a_customer_who_owes_it_himself(amount: int) -> None:
    """Anna owes 49.99 twice: so much, or all, paid with a number of Jan, may be her own debt with a copied number."""
    made = World()
    for name in ("Anna Nowak", "Jan Kowalski", "Piotr Lipiec", "Piotr Lipiec"):
        made.add_account(name)
    made.add_series(INVOICE, 2026, 9, [(ANNA, 4999)])
    made.add_series(INVOICE, 2026, 10, [(ANNA, 4999), *[(JAN, 0)] * 40, (JAN, amount)])
    made.add_payer(ANNAS, ANNA, 5, YESTERDAY)
    made.add_payer(JOINT, ANNA, 5, YESTERDAY)
    made.add_payer(JOINT, JAN_TOO, 5, YESTERDAY)
    made.add_payer(OLD, ANNA, 5, AGE_LIMIT - 1)
    title = "FA/2026/10/00042"
    assert see(made, title, amount, "Obcy Człowiek", ANNAS) == nothing()
    assert see(made, title, amount, "NOWAK ANNA", NEW) == nothing()
    for payer, number in (("Obcy Człowiek", NEW), ("", OLD), ("", JOINT), ("Piotr Lipiec", NEW)):
        seen = see(made, title, amount, payer, number)
        assert (seen.account, seen.documents) == (JAN, {invoice(made, 42)})
    assert see(made, title, amount, "Jan Kowalski", ANNAS).account == JAN, "a name that fits is more than the amount"


def test_c_amount_is_proof_when_the_payer_owes_other_amounts(world: World) -> None:
    assert see(world, "FA/2026/10/00004", 12300, "Obcy Człowiek", OLD).account == FIRM
    assert see(world, "FA/2026/10/00028", 3100, "Obcy Człowiek", ANNAS).account == SENIOR


def test_c_sum_of_several_less_a_credit_note(world: World) -> None:
    title = "FV 2026/09/00001, FA/2026/10/00001 minus KOR/2026/10/00001"
    seen = see(world, title, 4999 + 4999 - 999, "Obcy Człowiek", NEW)
    assert seen.account == ANNA and len(seen.documents) == 3
    assert see(world, title, 9998, "Obcy Człowiek", NEW) == nothing()


def test_c_namesake_whose_document_is_one_slip_away(world: World) -> None:
    assert see(world, "FA/2026/10/00002", 5999, "Jan Kowalski", NEW) == nothing()
    assert see(world, "FA/2026/10/00002", 5000, "Jan Kowalski", NEW) == nothing()


def test_c_amount_tells_the_named_customer_from_a_linked_neighbour(world: World) -> None:
    seen = see(world, "FA/2026/10/00002", 5999, "Obcy Człowiek", JOINT)
    assert (seen.account, seen.documents) == (JAN, {invoice(world, 2)})
    assert see(world, "FA/2026/10/00001", 5999, "Obcy Człowiek", JOINT) == nothing()


def test_c_stranger_number_from_an_exclusive_account_with_a_near_document_of_its_own(world: World) -> None:
    assert see(world, "FA/2026/10/00004", 4999, nrb=ANNAS) == nothing()


def test_c_accountant_names_a_client_document(world: World) -> None:
    seen = see(world, "/VAT/23,00/IDC/5260250274/INV/FA/2026/10/00004/TXT/uslugi", 12300, "Biuro Bilans", BOOKS)
    assert (seen.account, seen.clause, seen.documents) == (FIRM, "c", {invoice(world, 4)})
    assert see(world, "", 12300, "Biuro Bilans", BOOKS) == nothing()


def test_c_documents_of_two_customers(world: World) -> None:
    assert see(world, "FA/2026/10/00001 i FA/2026/10/00004", 17299, nrb=ANNAS) == nothing()


def test_c_paid_old_document_identifies_the_customer_but_no_document(world: World) -> None:
    seen = see(world, "FA/2026/07/00002", 4999, nrb=ANNAS)
    assert (seen.account, seen.documents, seen.document_reason) == (ANNA, frozenset(), "")


def test_c_contract_number_has_no_check_digit_and_needs_the_payer(world: World) -> None:
    number = world.contract_number(SENIOR)
    assert see(world, f"umowa {number}", 3000, "Obcy Człowiek", NEW) == nothing()
    assert see(world, f"umowa {number}", 3000, "Senior Rzadki", NEW).account == SENIOR
    assert see(world, f"umowa {number}", 4999, nrb=ANNAS) == nothing()


# d: one slip


def test_d_exclusive_account_and_one_document_one_slip_away(world: World) -> None:
    seen = see(world, "FA/2026/10/00091", 4999, "Obcy Człowiek", ANNAS)
    assert (seen.account, seen.documents, seen.document_reason) == (ANNA, {invoice(world, 1)}, NAMED)


def test_d_name_borne_by_one_customer(world: World) -> None:
    seen = see(world, "FA/2026/10/00527", 1, "SENIOR BARDZO RZADKI UL. DŁUGA 3", NEW)
    assert (seen.account, seen.clause, seen.documents) == (SENIOR, "d", {invoice(world, 27)})


def test_d_name_of_two_customers_or_two_documents_near(world: World) -> None:
    assert see(world, "FA/2026/10/00092", 5999, "Jan Kowalski", NEW) == nothing()
    assert see(world, "FA/2026/10/00029", 1, "Senior Rzadki", NEW) == nothing()


def test_d_account_and_name_lead_to_two_customers(world: World) -> None:
    assert see(world, "FA/2026/10/00527", 1, "Senior Rzadki", ANNAS) == nothing()


# e: the payer's account


@pytest.mark.parametrize("title", ["", "dziękuję", "tel. 601202303", "FA/2031/10/77777"])
def test_e_exclusive_account_pays_its_own_debt(world: World, title: str) -> None:
    assert (see(world, title, 1, nrb=ANNAS).account, see(world, title, 1, nrb=ANNAS).clause) == (ANNA, "e")


def test_e_shared_stale_or_unknown_account(world: World) -> None:
    for number in (JOINT, OLD, NEW, ""):
        assert see(world, "", 3000, "Senior Bardzo Rzadki", number) == nothing()


def test_e_not_with_the_number_of_somebody_else(world: World) -> None:
    for title in ("FA/2026/10/00026", world.contract_number(JAN), world.customer_number(JAN)):
        assert see(world, title, 1, nrb=ANNAS).account != ANNA


# f: rules


def test_f_rule_with_all_its_conditions(world: World) -> None:
    assert (see(world, "działka", 1, "Ktoś", RULED).account, see(world, "działka", 1, "", RULED).clause) == (
        SENIOR,
        "f",
    )
    assert see(world, "ogród", 1, "Ktoś", RULED) == nothing()
    assert see(world, "działka FA/2026/10/00004", 1, "Ktoś", RULED) == nothing()
    assert see(world, "działka FA/2026/10/00004", 12300, "Ktoś", RULED).account == FIRM


# documents


@pytest.mark.parametrize(
    "title", ["za wrzesień", "wrzesnia 2026", "WRZ", "09/2026", "9.2026", "IX 2026", "abonament we wrześniu"]
)
def test_documents_by_month(world: World, title: str) -> None:
    seen = see(world, title, 1, nrb=ANNAS)
    assert (seen.documents, seen.document_reason) == ({invoice(world, 1, 9)}, PERIOD)


@pytest.mark.parametrize("title", ["wrzesień 2025", "październik", "maj", "za czerwiec i wrzesień"])
def test_no_documents_by_month_without_exactly_one_each(world: World, title: str) -> None:
    """October has an invoice and a credit note of Anna."""
    assert see(world, title, 4999, nrb=ANNAS).documents == frozenset()


def test_a_surname_is_no_month(world: World) -> None:
    seen = see(world, "Piotr Lipiec", 1, virtual=world.virtual(PIOTR))
    assert seen.documents == frozenset()
    assert see(world, "za lipca", 1, virtual=world.virtual(PIOTR)).documents == {invoice(world, 1, 7)}


@pytest.mark.parametrize("title", ["z dnia 05.09.2026", "05-09-2026"])
def test_a_date_is_no_month(world: World, title: str) -> None:
    assert see(world, title, 1, nrb=ANNAS).documents == frozenset()


@pytest.mark.parametrize(
    "title", ["f-ra 2026.09 .1", "f-ra 2026.09. 1", "FA 2026.09.1 kwota 49.99", "kwota 49,99 FA.2026.09 .1"]
)
def test_an_amount_in_the_title_is_no_number_and_a_broken_number_no_amount(world: World, title: str) -> None:
    assert see(world, title, 1, nrb=ANNAS).documents == {invoice(world, 1, 9)}


def test_documents_by_amount(world: World) -> None:
    assert see(world, "", 9998, nrb=ANNAS).document_reason == AMOUNT
    assert see(world, "", 9998, nrb=ANNAS).documents == {invoice(world, 1), invoice(world, 1, 9)}
    assert see(world, "", 4999, nrb=ANNAS).documents == frozenset()
    assert see(world, "", 3100, virtual=world.virtual(SENIOR)).documents == {invoice(world, 28)}
    assert see(world, "", 3099, virtual=world.virtual(SENIOR)).documents == frozenset()


def test_one_closed_or_unreadable_number_beside_spoils_the_claim(world: World) -> None:
    good = "FA/2026/10/00001"
    assert see(world, good, 1, nrb=ANNAS).documents
    for other in ("FA/2026/07/00002", "FA/2026/11/99999"):
        seen = see(world, f"{good} {other}", 1, nrb=ANNAS)
        assert seen.account == ANNA and not seen.documents


def test_the_payer_intent_is_never_needed(world: World) -> None:
    """Evidence alone: the same bytes give the same label."""
    seen = Evidence("FA/2026/10/00004", 12300, "Zenit Meble Spółka z ograniczoną odpowiedzialnością", NEW)
    assert label(world, seen) == label(world, seen) == Label(FIRM, "c", frozenset({invoice(world, 4)}), NAMED)
