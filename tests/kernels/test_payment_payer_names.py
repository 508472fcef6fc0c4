"""The payer's field: couples on one account and typing errors, and what a careful person takes from them."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.simulators.payments import names, payer_names
from tests.simulators.payments.truth import Evidence, Label, label
from tests.simulators.payments.world import INVOICE, TODAY, World

SEEDS = st.integers(0, 10**9)
JAN, ANNA, EWA, PIOTR = range(1, 5)
JOINT = "11102010420000000000000001"
NEW = "55102010420000000000000005"


@pytest.fixture(scope="module")
def world() -> World:
    """Jan and Anna are a couple with one account: 101 and 120 are theirs; 103 is Ewa's, 104 and all others Piotr's."""
    made = World()
    for name in ("Jan Kowalski", "Anna Kowalska", "Ewa Nowak", "Piotr Wójcik"):
        made.add_account(name)
    rows = [(PIOTR, 0)] * 200
    rows[100], rows[102], rows[103], rows[119] = (JAN, 5999), (EWA, 3999), (PIOTR, 8990), (ANNA, 4999)
    made.add_series(INVOICE, 2026, 10, rows)
    for account in (JAN, ANNA):
        made.add_payer(JOINT, account, 3, TODAY.toordinal() - 1)
    return made


def see(world: World, title: str, name: str, nrb: str = NEW, amount: int = 1) -> Label:
    return label(world, Evidence(title, amount, name, nrb))


# how it is written


@given(SEEDS)
def test_a_typing_error_is_one_and_leaves_the_other_words(seed: int) -> None:
    dice = random.Random(seed)
    name = names.person(dice)
    made = payer_names.typo(dice, name)
    changed = [(a, b) for a, b in zip(name.split(" "), made.split(" "), strict=True) if a != b]
    assert len(changed) <= 1
    for before, after in changed:
        assert abs(len(before) - len(after)) <= 1 and before[0] == after[0]


@given(SEEDS)
def test_both_given_names_and_the_surname_show(seed: int) -> None:
    dice = random.Random(seed)
    name = f"{dice.choice(names.WOMEN)} {dice.choice(('Kowalska', 'Nowak', 'Konopnicka'))}"
    partner = payer_names.partner_of(dice, name)
    words = set(names.words(payer_names.joint(dice, name, partner)))
    assert {names.plain(name.split()[0]), names.plain(partner.split()[0])} <= words
    family = name.split()[1]
    forms = (family, payer_names.masculine(family), payer_names.plural(family))
    assert words & {names.plain(form) for form in forms}


def test_the_common_surname_in_the_plural() -> None:
    assert [payer_names.plural(name) for name in ("Kowalska", "Konopnicki", "Nowak")] == [
        "Kowalscy",
        "Konopniccy",
        "Nowak",
    ]
    written = {payer_names.joint(random.Random(seed), "Jan Kowalski", "Anna Kowalska") for seed in range(200)}
    assert {"Jan i Anna Kowalscy", "Kowalscy Anna oraz Jan", "Jan Kowalski, Anna Kowalska"} <= written
    assert "Kowalski Jan i Nowak Ewa" in {
        payer_names.joint(random.Random(seed), "Jan Kowalski", "Ewa Nowak") for seed in range(200)
    }


# what it tells


def test_a_plural_is_the_surname_of_nobody(world: World) -> None:
    assert not world.fitting("JAN I ANNA KOWALSCY")
    assert see(world, "FA/2026/10/00101", "JAN I ANNA KOWALSCY") == Label()
    assert see(world, "FA/2026/10/00101", "JAN I ANNA KOWALSCY", JOINT).account == JAN
    assert see(world, "FA/2026/10/00101", "JAN I ANNA KOWALSCY", amount=5999).account == JAN


@pytest.mark.parametrize("name", ["JAN KOWALSKI, ANNA KOWALSKA", "KOWALSKA ANNA KOWALSKI JAN UL. DŁUGA 3"])
def test_two_whole_names_corroborate_either_and_are_borne_by_no_single_one(world: World, name: str) -> None:
    assert world.fitting(name) == {JAN, ANNA}
    assert (see(world, "FA/2026/10/00101", name).account, see(world, "FA/2026/10/00120", name).account) == (JAN, ANNA)
    assert see(world, "FA/2026/10/00901", name) == Label(), "one slip from Jan's, but Anna is a payer as well"
    assert see(world, "", name, amount=5999) == Label()


def test_a_stranger_beside_the_customer_takes_nothing_from_him(world: World) -> None:
    seen = see(world, "FA/2026/10/00103", "ADAM I EWA NOWAK")
    assert (seen.account, seen.clause) == (EWA, "c")
    assert see(world, "FA/2026/10/00903", "ADAM I EWA NOWAK").clause == "d"


@pytest.mark.parametrize("name", ["PIOTR WÓJICK", "PITR WÓJCIK", "WOJCCIK PIOTR"])
def test_a_name_with_a_typing_error_fits_nobody(world: World, name: str) -> None:
    assert see(world, "FA/2026/10/00104", name) == Label()
    assert see(world, "FA/2026/10/00104", name, amount=8990).clause == "c"
    assert see(world, "FA/2026/10/00904", name) == Label()
