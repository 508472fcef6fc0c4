"""The careful person before titles that a form has cut at 140 characters, broken at a line's end or run together."""

from __future__ import annotations

import pytest
from tests.simulators.payments.reading import CUT
from tests.simulators.payments.truth import AMOUNT, NAMED, Evidence, Label, label
from tests.simulators.payments.world import INVOICE, TODAY, Rule, World

ANNA, JAN = 1, 2
ANNAS = "11102010420000000000000001"
RULED = "66102010420000000000000006"
FULL = "Zapłata za usługi telekomunikacyjne dostępu do sieci internet wraz z telewizją kablową i telefonem oraz dzierżawą urządzeń, według faktury nr "


@pytest.fixture(scope="module")
def world() -> World:
    """Anna owes 05/00001, 10/00041 and 10/06209, paid 08/04123 and 07/00001; nearly all others are of Jan."""
    made = World()
    for name in ("Anna Nowak", "Jan Kowalski"):
        made.add_account(name)
    made.add_series(INVOICE, 2026, 5, [(ANNA, 900)])
    made.add_series(INVOICE, 2026, 7, [(ANNA, 0), *[(JAN, 0)] * 60])
    made.add_series(INVOICE, 2026, 8, [(JAN, 0)] * 4122 + [(ANNA, 0)])
    made.add_series(INVOICE, 2026, 9, [(JAN, 700)] * 900)
    october = [(JAN, 800)] * 8300
    october[41 - 1], october[6209 - 1] = (ANNA, 4999), (ANNA, 5999)
    made.add_series(INVOICE, 2026, 10, october)
    made.add_payer(ANNAS, ANNA, 5, TODAY.toordinal() - 1)
    made.add_rule(Rule(ANNA, RULED, ()))
    return made


def see(world: World, title: str, amount: int = 1, nrb: str = ANNAS, virtual: int = 0) -> Label:
    return label(world, Evidence(title, amount, "Obcy Człowiek", nrb, world.virtual(virtual) if virtual else ""))


def cut(number: str) -> str:
    """The number on the very last characters of a full title."""
    made = FULL[: CUT - len(number) - 1].ljust(CUT - len(number) - 1, ".") + " " + number
    assert len(made) == CUT
    return made


def invoice(world: World, running: int, month: int = 10) -> int:
    return world.document_at(INVOICE, 2026, month, running)


# at the cut


@pytest.mark.parametrize(
    "number", ["FA/2026/10/8231", "FA/2026/10/08231", "FA 2026 09 90", "FA20260900777", "2026/10/555"]
)
@pytest.mark.parametrize("payer", [ANNAS, RULED])
def test_a_number_at_the_cut_that_is_somebody_elses_stops_account_and_rule(
    world: World, number: str, payer: str
) -> None:
    assert see(world, cut(number), nrb=payer) == Label()
    assert see(world, cut("nr"), nrb=payer).account == ANNA


@pytest.mark.parametrize(
    "number",
    [
        "FA/2026/10/62",  # begins 6209
        "FA2026100620",
        "FA/2026/08/412",  # begins 4123, paid
        "FA/2026/10/6208",  # one slip from 6209
        "FA/2026/10/41",  # Anna's, and beginning of many of Jan
        "FA/2026/10/09999",  # nobody's
        "FA/2026/10/0",
        "FA/2026/",
    ],
)
def test_a_number_at_the_cut_that_may_be_the_payers_own_stops_nothing(world: World, number: str) -> None:
    assert see(world, cut(number)).account == ANNA


def test_a_number_at_the_cut_is_no_key_for_its_owner(world: World) -> None:
    assert see(world, cut("FA/2026/10/08231"), 800, "77102010420000000000000007") == Label()


def test_a_number_before_the_cut_is_whole(world: World) -> None:
    for behind in (" za", " "):
        assert see(world, cut(f"FA/2026/10/00041{behind}")).documents == {invoice(world, 41)}
        assert see(world, cut(f"FA/2026/10/08231{behind}"), 800, "77102010420000000000000007").account == JAN


@pytest.mark.parametrize("stub", ["FA/2026/08/", "FA/2026/09/0", "FA 2026 09", "FA202609", "FA-26-08-0"])
def test_a_begun_number_of_another_month_spoils_the_claim_by_amount(world: World, stub: str) -> None:
    seen = see(world, cut(stub), 5999)
    assert (seen.account, seen.documents) == (ANNA, frozenset())


@pytest.mark.parametrize("stub", ["FA/2026/10/", "FA/2026/10/0", "FA 2026 10", "FA202610", "FA/2026/1", "FA/20", "FA"])
def test_a_begun_number_of_that_month_or_of_none_does_not(world: World, stub: str) -> None:
    seen = see(world, cut(stub), 5999)
    assert (seen.account, seen.documents, seen.document_reason) == (ANNA, {invoice(world, 6209)}, AMOUNT)


def test_a_begun_number_of_another_month_under_a_virtual_account(world: World) -> None:
    assert not see(world, cut("FA/2026/09/0"), 5999, "", virtual=ANNA).documents
    assert see(world, cut("FA/2026/10/0"), 5999, "", virtual=ANNA).documents == {invoice(world, 6209)}


# broken and run together


@pytest.mark.parametrize(
    "torn",
    ["UM/ {y}/{n}", "U M/{y}/{n}", "UM /{y}/{n}", "UM/{a} {b}/{n}", "UM/{y}/{c} {d}", "um/{y} /{n}", "umowaUM/{y}/{n}"],
)
def test_a_contract_number_in_two_lines(world: World, torn: str) -> None:
    for account, whose in ((ANNA, ANNA), (JAN, 0)):
        _letters, year, running = world.contract_number(account).split("/")
        parts = {"y": year, "n": running, "a": year[:2], "b": year[2:], "c": running[:2], "d": running[2:]}
        assert see(world, f"zgodnie z {torn.format(**parts)}").account == whose


def test_digits_on_the_end_of_a_number_are_of_it(world: World) -> None:
    """An extra digit in the month and a line's end in the month: not 2026/10/4 with something behind it."""
    seen = see(world, "f-ra 2026/10 0/00041", virtual=ANNA)
    assert (seen.documents, seen.document_reason) == ({invoice(world, 41)}, NAMED)
    assert see(world, "f-ra 2026/10/41 /00041", virtual=ANNA).documents == {invoice(world, 41)}


def test_a_whole_number_behind_an_unknown_one_is_read(world: World) -> None:
    title = "FA25261000041 26/10/6209"
    assert see(world, title, virtual=ANNA).documents == {invoice(world, 41), invoice(world, 6209)}


@pytest.mark.parametrize(
    "torn", ["FA.20 26.10.41", "fa.20 26.10.00041", "FA.202 6.10.41", "zapłataFA.20 26.10.41", "F A.20 26.10.41"]
)
def test_a_year_in_two_lines_behind_a_prefix_begins_no_date(world: World, torn: str) -> None:
    """ "26.10.41" is the rest of a number there, and nobody's birthday."""
    seen = see(world, torn, virtual=ANNA)
    assert (seen.documents, seen.document_reason) == ({invoice(world, 41)}, NAMED)
    assert see(world, torn.replace("10", "09")) == Label(), "that one is of Jan"


@pytest.mark.parametrize(
    "date", ["26.10.2041", "20 26.10.2041", "FA/2026/10/41 z 26.10.2026", "FA/2026/10/41 26.10.26"]
)
def test_a_date_behind_something_else_stays_a_date(world: World, date: str) -> None:
    own = {invoice(world, 41)} if "FA" in date else set()
    assert see(world, date, virtual=ANNA).documents == own


@pytest.mark.parametrize("first", ["FA\\2026\\10\\00041", "FA 2026 10 00041", "FA_2026_10_41", "FA/2026/10/41"])
def test_no_amount_lies_across_two_numbers(world: World, first: str) -> None:
    assert see(world, f"{first},20 26/10/06209", virtual=ANNA).documents == {invoice(world, 41), invoice(world, 6209)}
    assert see(world, f"{first} kwota 49,99 zł", virtual=ANNA).documents == {invoice(world, 41)}


# what a month of payments taught: each was booked, or claimed, by somebody in a hurry


@pytest.mark.parametrize(
    "title", ["2026/10/19", "26/10/18 pozdrawiam", "f-ra nr 26/10/82", "FV 2026/10/20", "26/10/1980zainternet"]
)
def test_a_slashed_date_that_is_somebody_elses_number_stops_the_account(world: World, title: str) -> None:
    assert see(world, title) == Label()


@pytest.mark.parametrize("title", ["opłata 02261005593 za internet", "za fakturę 80261002435", "f-ra 30261008501"])
def test_a_slip_in_the_year_of_a_bare_number_still_names_something(world: World, title: str) -> None:
    seen = see(world, title, 5999)
    assert (seen.account, seen.documents) == (ANNA, frozenset())


@pytest.mark.parametrize(
    "title",
    [
        "FA/2026/10/0040",  # a fragment: zeros are dropped all or none
        "FA/2026/1/00042",  # month and running number
        "FA/2026/07/900041",
        "FV 26/07/60, FA/2026/10/41",  # July's is somebody else's, and no date of birth
        "maj 2026 i VII 20 26",  # nothing of July is open
        cut("FV FA/2O26/10"),
    ],
)
def test_titles_that_claim_no_document(world: World, title: str) -> None:
    assert not see(world, title, virtual=ANNA).documents


def test_a_month_alone_claims_its_document(world: World) -> None:
    assert see(world, "maj 20 26", virtual=ANNA).documents == {invoice(world, 1, 5)}


def test_a_dashed_date_is_none_of_the_documents_even_when_broken(world: World) -> None:
    for title in ("faktura nr 2026-10-29", "faktura nr 2026- 10-29", "faktura nr 20 26-10-29"):
        assert not see(world, title, virtual=JAN).documents
    assert see(world, "faktura nr FA 2026- 10-29", virtual=JAN).documents == {invoice(world, 29)}


def test_a_day_that_no_month_has_is_a_running_number(world: World) -> None:
    assert see(world, "rachunek2026-10-41", virtual=ANNA).documents == {invoice(world, 41)}
    assert see(world, "rachunek 2026-10-33") == Label(), "that one is of Jan"
    for date in ("2026-10-31", "20.26.2026", "33-10-2026"):
        assert see(world, f"rachunek {date}").account == ANNA


def test_a_customer_number_glued_to_words_is_as_strong_as_ever(world: World) -> None:
    number = world.customer_number(JAN)
    seen = see(world, f"interneti tv,f-ranrklienta{number[:3]}-{number[3:6]}-{number[6:]}internet")
    assert (seen.account, seen.clause) == (JAN, "b")
