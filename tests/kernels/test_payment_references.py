"""The careful person before numbers that payers write of their own accord: orders, policies, PESELs, other suppliers' invoices."""

from __future__ import annotations

import pytest
from tests.simulators.payments import bank, references
from tests.simulators.payments.reading import read
from tests.simulators.payments.truth import AMOUNT, NAMED, PERIOD, Evidence, Label, label
from tests.simulators.payments.world import INVOICE, TODAY, World, make

from bank_core import nrb

ANNA, JAN = 1, 2
ANNAS = "11102010420000000000000001"
HARMLESS = [
    "zam. 4500123",
    "zam.nr 4500012345",
    "ref 778812",
    "nr ref. 778812",
    "polisa 55120",
    "PO 8871",
    "PO8871",
    "PESEL 44051401359",
    "PESEL 02260512341",  # born in June 2002, and one slip from 2026/05/12341
    "pesel nr 850101 12345",
]
SUPPLIERS = [
    "FV/123/2026",
    "FV 123/10/2026",
    "fs/88/2026",
    "FA/123/2026",
    "FA/123/10/2026",
    "F/41/2026",
    "faktura VAT 1234/2026",
    "FV/10/2026",
    "FAKTURA VAT 76/03/2026",  # 76 is no slip of the year 26 where the year stands at the end
    "FV/ 10/2026",
    "FV/123/20 26",
    "zapłataFV-123/2026",
]


@pytest.fixture(scope="module")
def world() -> World:
    """Anna owes 09/00001 and 10/00041 and pays from an account of her own; nearly all of October is of Jan."""
    made = World()
    for name in ("Anna Nowak", "Jan Kowalski"):
        made.add_account(name)
    made.add_series(INVOICE, 2026, 9, [(ANNA, 4999)])
    made.add_series(INVOICE, 2026, 10, [*[(JAN, 800)] * 40, (ANNA, 5999), *[(JAN, 800)] * 2100])
    made.add_payer(ANNAS, ANNA, 5, TODAY.toordinal() - 1)
    return made


def see(world: World, title: str, amount: int = 1, nrb: str = ANNAS) -> Label:
    return label(world, Evidence(title, amount, "Obcy Człowiek", nrb))


def september(world: World) -> frozenset[int]:
    return frozenset({world.document_at(INVOICE, 2026, 9, 1)})


@pytest.mark.parametrize("own", HARMLESS)
def test_a_reference_of_the_payers_own_hinders_nothing(world: World, own: str) -> None:
    seen = see(world, own, 4999)
    assert (seen.account, seen.clause, seen.documents, seen.document_reason) == (ANNA, "e", september(world), AMOUNT)
    assert see(world, f"{own} za wrzesień").document_reason == PERIOD
    assert see(world, f"2026/09/1 {own}").documents == september(world)


@pytest.mark.parametrize("own", [*HARMLESS, *SUPPLIERS])
def test_a_reference_leads_to_nobody_and_our_number_beside_it_is_still_read(world: World, own: str) -> None:
    assert see(world, own, 4999, "77102010420000000000000007") == Label()
    for title in (f"{own} FA/2026/09/00001", f"FA/2026/09/1; {own}", f"{own} 26/09/1"):
        seen = see(world, title, 4999)
        assert (seen.account, seen.documents, seen.document_reason) == (ANNA, september(world), NAMED), title
        assert see(world, title.replace("/09/", "/10/"), 4999) == Label(), "October's first is of Jan"


@pytest.mark.parametrize("own", SUPPLIERS)
def test_another_suppliers_invoice_names_something(world: World, own: str) -> None:
    seen = see(world, own, 4999)
    assert (seen.account, seen.clause, seen.documents) == (ANNA, "e", frozenset())
    assert see(world, f"{own} za wrzesień").document_reason == PERIOD


@pytest.mark.parametrize("blanks", [False, True])
def test_an_account_number_that_is_not_ours(world: World, blanks: bool) -> None:
    """Pieces of it are no numbers: 2026 1005 is none of October's."""
    first = references.nrb("102010260000202610050041")
    shown = " ".join((first[:2], *(first[at : at + 4] for at in range(2, 26, 4)))) if blanks else first
    for title in (shown, f"z rach. {shown}", shown.replace("0", " 0", 1) if not blanks else shown):
        assert see(world, title, 4999).documents == september(world), title
    assert see(world, f"{shown} 2026/10/41 {shown}").document_reason == NAMED
    seen = see(world, f"za wrzesień 2026 {shown}", 4999)
    assert (seen.documents, seen.document_reason) == (september(world), PERIOD), "the year is no group of it"


@pytest.mark.parametrize("title", ["FV 26/10/2026", "FA/26/10/2026", "FV 2026/10/2026", "F 26/10/2026"])
def test_an_invoice_that_reads_like_one_of_ours_is_ours(world: World, title: str) -> None:
    """October's number 2026 is Jan's."""
    assert not read(world, title).suppliers
    assert see(world, title) == Label()


@pytest.mark.parametrize("number", ["2026/09/1", "26/09/00001", "20260900001", "20 26/09/1", "2026 09 1"])
def test_the_torn_end_of_a_policy_number_is_no_digit_of_the_next(world: World, number: str) -> None:
    seen = see(world, f"nr polisy 984359770 4 {number} z dnia 20.11 .2026")
    assert (seen.account, seen.documents) == (ANNA, september(world))


def test_a_year_with_a_slip_before_month_and_number_is_ours(world: World) -> None:
    assert see(world, "FA/0226/09/1", 1).documents == september(world)
    for title in ("FA/0226/10/2020", "FA/0226/10/2026"):
        assert read(world, title).unknown and not read(world, title).suppliers


def test_a_year_in_place_of_the_month_is_no_slip_of_ours(world: World) -> None:
    assert see(world, "FA/41/2026", 5999).documents == frozenset()


def test_pesel_check_digit() -> None:
    assert references.pesel("4405140135") == "44051401359"
    assert references.hide("PESEL 44051401359 44051401359") == "################# 44051401359"
    assert references.hide("PESEL 44051401358") == "PESEL 44051401358"


def test_a_payer_writes_the_same_every_month_and_every_kind_is_written() -> None:
    written = [references.of(account) for account in range(1, 400)]
    assert written == [references.of(account) for account in range(1, 400)]
    assert {kind for kind, _text in written} == set(references.KINDS)
    world = World()
    for kind, text in written:
        if kind == "supplier":
            assert read(world, text).suppliers or read(world, text).unknown, text
        if kind == "account":
            assert nrb.is_valid("".join(char for char in text if char.isdigit())), text


def test_no_number_of_ours_is_taken_for_another_suppliers() -> None:
    world = make(1500, 11)
    found = 0
    for paid in bank.month(world, 6000, 3, virtual=False):
        suppliers = read(world, paid.evidence.title).suppliers
        assert not suppliers or "reference_supplier" in paid.kinds, paid.evidence.title
        found += bool(suppliers)
    assert found > 20
