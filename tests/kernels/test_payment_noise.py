"""The payments simulator: its numbers agree with the addons' own rules, its noise is what it says, its months are repeatable."""

from __future__ import annotations

import functools
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.simulators.payments import bank, months, names, noise, numbers, payer_names, scenes
from tests.simulators.payments.reading import read
from tests.simulators.payments.truth import label, neighbours, slipped
from tests.simulators.payments.world import POOL, SERIES, World, make

from bank_core import nrb
from bank_core.formats import mt940
from ksef_core.number import is_valid as ksef_is_valid

SEEDS = st.integers(0, 10**9)


@functools.cache
def small_world() -> World:
    """No fixture: a failing example would print it whole."""
    return make(1500, 7)


@pytest.fixture
def world() -> World:
    return small_world()


# numbers


def test_numbers_follow_the_rules_of_the_addons(world: World) -> None:
    for account in random.Random(1).sample(world.accounts, 200):
        assert nrb.is_valid(world.virtual(account))
        assert nrb.virtual_nrb(POOL, account).nrb == world.virtual(account)
        assert world.virtual_of(world.virtual(account)) == account
        assert world.customer_of(world.customer_number(account)) == account
        _letters, year, running = world.contract_number(account).split("/")
        assert world.contract_of(int(year), int(running)) == account


def test_ksef_numbers_are_valid_and_lead_back(world: World) -> None:
    for document in random.Random(2).sample(range(len(world.owner)), 200):
        number = world.ksef_number(document)
        if number:
            assert ksef_is_valid(number)
            assert world.ksef_document(number) == document
            assert world.ksef_document(number[:-1] + "G") == -1


def test_document_numbers_lead_back(world: World) -> None:
    for document in random.Random(3).sample(range(len(world.owner)), 500):
        journal, year, month, running = world.number(document).split("/")
        assert world.document_at(journal, int(year), int(month), int(running)) == document


@given(SEEDS, st.from_regex(r"[0-9]{1,9}", fullmatch=True))
def test_a_slip_is_one_slip(seed: int, digits: str) -> None:
    made = noise.slip(random.Random(seed), digits)
    assert numbers.one_slip(digits, made) and numbers.one_slip(made, digits)
    assert made in set(numbers.slips(digits))


@given(st.from_regex(r"[0-9]{1,6}", fullmatch=True), st.from_regex(r"[0-9]{1,6}", fullmatch=True))
def test_two_ways_to_tell_a_slip_agree(a: str, b: str) -> None:
    assert numbers.one_slip(a, b) == (a != b and b in set(numbers.slips(a)))


# the world


def test_the_world_has_namesakes_families_and_shared_accounts(world: World) -> None:
    people = Counter(world.names[1:])
    assert people.most_common(1)[0][1] > 1
    assert any(len({names.words(world.names[one])[-1] for one in family}) == 1 for family in world.families)
    assert any(len(world.known(number)) > 2 for number in world.accountant_nrb.values())
    assert any(not world.known(number) for number in world.own_nrb.values()), "nobody's history is too old"


def test_open_documents_are_those_with_a_residual(world: World) -> None:
    still_open = {document for mine in world.open_documents.values() for document in mine}
    assert still_open == {document for document in range(len(world.owner)) if world.residual[document]}
    assert 2.0 < len(still_open) / len(world.accounts) < 2.6
    assert any(world.residual[document] < 0 for document in still_open)


@pytest.mark.parametrize(
    ("payer", "name", "fits"),
    [
        ("KOWALSKI JAN", "Jan Kowalski", True),
        ("JAN KOWALSKI UL. DŁUGA 5", "Jan Kowalski", True),
        ("Kowalski", "Jan Kowalski", False),
        ("Janina Kowalska", "Jan Kowalski", False),
        ("MARIA KOWALSKA", "Anna Maria Nowak-Kowalska", True),
        ("ANNA MARIA", "Anna Maria Nowak-Kowalska", False),
        ("ZENIT MEBLE SPÓŁKA Z OGRANICZONĄ ODPOWIEDZIALNOŚCIĄ", "Zenit Meble sp. z o.o.", True),
        ("ZENIT SP. Z O.O.", "Zenit Meble sp. z o.o.", False),
        ("MEBLE SP. Z O.O.", "Zenit Meble sp. z o.o.", False),
    ],
)
def test_whose_name_fits(payer: str, name: str, fits: bool) -> None:
    made = World()
    made.add_account(name)
    assert bool(made.fitting(payer)) == fits


# the noise


@given(SEEDS)
def test_a_number_without_a_slip_is_still_read(seed: int) -> None:
    world = small_world()
    dice = random.Random(seed)
    document = dice.randrange(len(world.owner))
    written = noise.document(dice, world.number(document))
    found = read(world, noise.surround(dice, written.text).text)
    readings = [number.documents for number in (*found.exact, *found.ambiguous)]
    if "slip" in written.kinds:
        assert all(documents != (document,) for documents in readings), written
    else:
        assert any(document in documents for documents in readings), written


@given(SEEDS)
def test_a_slip_in_a_number_is_found_by_its_neighbours(seed: int) -> None:
    world = small_world()
    dice = random.Random(seed)
    document = dice.choice([document for document in range(len(world.owner)) if world.residual[document]])
    journal, year, month, running = world.number(document).split("/")
    found = read(world, f"faktura {journal}/{year}/{month}/{noise.slip(dice, running)}")
    assert any(document in neighbours(world, number) for number in (*found.exact, *found.unknown, *found.stubs))


@settings(max_examples=40)
@given(SEEDS)
def test_neighbours_are_those_that_a_look_at_every_open_document_finds(seed: int) -> None:
    world, dice = small_world(), random.Random(seed)
    written = noise.document(dice, world.number(dice.randrange(len(world.owner))))
    for number in read(world, written.text).exact:
        every = {document for mine in world.open_documents.values() for document in mine}
        assert neighbours(world, number) == {document for document in every if slipped(world, number, document)}


@given(SEEDS)
def test_strong_keys_are_read_or_damaged(seed: int) -> None:
    world = small_world()
    dice = random.Random(seed)
    account = dice.choice(world.accounts)
    written = noise.customer(dice, world.customer_number(account))
    found = read(world, noise.surround(dice, written.text).text)
    if "slip" not in written.kinds:
        assert found.customers == [account], written
    document = dice.randrange(len(world.owner))
    if number := world.ksef_number(document):
        written = noise.ksef(dice, number)
        found = read(world, noise.surround(dice, written.text).text)
        assert (found.ksef == [document]) == ("slip" not in written.kinds), written


@given(SEEDS, st.text("abc /12ż", max_size=90), st.booleans(), st.sampled_from((27, 35)))
def test_layout_never_runs_two_numbers_together(seed: int, title: str, blank: bool, width: int) -> None:
    def digits(text: str) -> list[str]:
        return "".join(char if char.isdigit() else " " for char in text).split()

    assert digits(noise.join(title)) == digits(title)
    assert "".join(noise.split(title, width, blank).split()) == "".join(title.split())
    assert digits(noise.split(title, width, False)) == digits(title)


@pytest.mark.parametrize("month", range(1, 13))
def test_every_form_of_a_month_is_read(month: int) -> None:
    for form in months.FORMS[month - 1]:
        assert months.read(names.plain(f"za {form} 2026"), frozenset()) == [(month, 2026)]
        assert months.read(names.plain(f"{form},"), frozenset()) == [(month, 0)]
    assert months.read(f"{months.ROMAN[month - 1]} 2026", frozenset()) == [(month, 2026)]
    assert months.read(f"ZA {month:02d}/2026", frozenset()) == [(month, 2026)]
    assert months.read(f"Z DNIA 05.{month:02d}.2026", frozenset()) == []


@pytest.mark.parametrize(
    ("title", "month"), [("8.2026 i wrześ", 9), ("za paźdz.", 10), ("stycz 2026", 1), ("za grudz", 12)]
)
def test_the_stump_of_a_month_is_read(title: str, month: int) -> None:
    assert month in {found for found, _year in months.read(names.plain(title), frozenset())}


def test_a_shorter_stump_is_a_word_of_its_own() -> None:
    assert months.read("LIST POLECONY OD MARC", frozenset()) == []


# the month


def test_a_month_is_repeatable_and_holds_every_kind(world: World) -> None:
    first = list(bank.month(world, 4000, 5, virtual=False))
    assert first == list(bank.month(world, 4000, 5, virtual=False))
    assert first != list(bank.month(world, 4000, 6, virtual=False))
    kinds = {kind for paid in first for kind in paid.kinds}
    assert kinds >= {
        *noise.KINDS,
        *scenes.SCENES,
        *scenes.PAYERS,
        *payer_names.KINDS,
        "stale",
        "rule",
        "virtual_not_given_out",
    }
    assert all(paid.evidence.amount > 0 for paid in first)


def test_with_virtual_accounts_every_payment_is_decidable(world: World) -> None:
    month = list(bank.month(world, 500, 5, virtual=True))
    assert all(label(world, paid.evidence).account == paid.meant for paid in month)


def test_labels_reach_every_clause_and_leave_a_good_part_open(world: World) -> None:
    labels = [label(world, paid.evidence) for paid in bank.month(world, 4000, 8, virtual=False)]
    assert {found.clause for found in labels} == {"", "b", "c", "d", "e", "f"}
    assert {found.document_reason for found in labels} == {"", "NAMED", "PERIOD", "AMOUNT"}
    assert 0.10 < sum(not found.account for found in labels) / len(labels) < 0.40


def test_the_month_as_a_statement_reads_back(world: World) -> None:
    month = list(bank.month(world, 300, 5, virtual=True))
    found = mt940.parse(bank.mt940(month, "34102055580000111122223333")).transactions
    assert len(found) == len(month)
    for paid, tx in zip(month, found, strict=True):
        assert tx.amount * 100 == paid.evidence.amount
        assert tx.party_account == paid.evidence.payer_nrb
        assert tx.title.replace(" ", "") == paid.evidence.title.replace(" ", "")
        assert nrb.from_payer_key(POOL, tx.payer_key) == paid.evidence.virtual


def test_the_month_as_transactions(world: World) -> None:
    for paid in bank.month(world, 50, 5, virtual=True):
        tx = bank.transaction(paid)
        assert tx.is_customer_credit and tx.amount * 100 == paid.evidence.amount
        assert nrb.from_payer_key(POOL, tx.payer_key) == paid.evidence.virtual


def test_series_are_those_that_numbers_begin_with(world: World) -> None:
    assert {world.number(document).split("/")[0] for document in range(len(world.owner))} == set(SERIES)
