from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank_core import nrb

WORKED = [
    ("154012160123", 4711, "30154012160123000000004711"),
    ("102055614444", 815, "46102055614444000000000815"),
    ("114010810000", 20524090001, "87114010810000020524090001"),
    ("10300019", 1234567800000001, "05103000191234567800000001"),
]


@pytest.mark.parametrize(("prefix", "payer", "want"), WORKED)
def test_worked_examples(prefix: str, payer: int, want: str) -> None:
    assert nrb.virtual_nrb(prefix, payer).nrb == want
    assert nrb.is_valid(want)
    assert nrb.clearing_is_valid(want[2:10])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("PL 46 1020 5561 4444 0000 0000 0815", ""),
        ("/PL46102055614444000000000815", ""),
        ("46-1020-5561-4444-0000-0000-0815", ""),
        ("", "NRB_EMPTY"),
        ("4610205561444400000000081", "NRB_LENGTH"),
        ("46102055614444000000000816", "NRB_CHECK_DIGITS"),
        ("46102055614444000000000O15", "NRB_CHARACTERS"),
        ("DE89370400440532013000", "NRB_CHARACTERS"),
        ("٤٦102055614444000000000815", "NRB_CHARACTERS"),
    ],
)
def test_reading(text: str, code: str) -> None:
    assert nrb.read(text).code == code


@given(payer=st.integers(0, 10**12 - 1), position=st.integers(0, 25), change=st.integers(1, 9))
def test_every_single_digit_change_is_seen(payer: int, position: int, change: int) -> None:
    number = nrb.virtual_nrb("102055614444", payer).nrb
    digit = str((int(number[position]) + change) % 10)
    assert not nrb.is_valid(number[:position] + digit + number[position + 1 :])


@given(payer=st.integers(0, 10**12 - 1), position=st.integers(0, 24))
def test_every_swap_of_neighbours_is_seen(payer: int, position: int) -> None:
    number = nrb.virtual_nrb("102055614444", payer).nrb
    a, b = number[position], number[position + 1]
    swapped = number[:position] + b + a + number[position + 2 :]
    assert (a == b) == nrb.is_valid(swapped)


@given(payer=st.integers(0, 10**12 - 1))
def test_payer_key_leads_back_to_the_number(payer: int) -> None:
    prefix = "102055614444"
    number = nrb.virtual_nrb(prefix, payer).nrb
    for key in (str(payer), str(payer).zfill(12), "4444" + str(payer).zfill(12), "00" + str(payer).zfill(12), number):
        assert nrb.from_payer_key(prefix, key) == number
    assert nrb.from_payer_key(prefix, "5555" + str(payer).zfill(12)) == ""


@pytest.mark.parametrize(
    ("prefix", "code"),
    [
        ("10205561", ""),
        ("1020556", "PREFIX_LENGTH"),
        ("102055614444000000000000", "PREFIX_LENGTH"),
        ("10205562", "PREFIX_CLEARING"),
        ("1020556a", "PREFIX_CHARACTERS"),
        ("", "PREFIX_CHARACTERS"),
    ],
)
def test_prefixes(prefix: str, code: str) -> None:
    assert nrb.prefix_problem(prefix) == code


def test_full_pool_and_impossible_numbers() -> None:
    assert nrb.virtual_nrb("10205561444400000000000", 9).code == ""
    assert nrb.virtual_nrb("10205561444400000000000", 10).code == "PAYER_NUMBER_LENGTH"
    assert nrb.virtual_nrb("10205561", -1).code == "PAYER_NUMBER_LENGTH"
    assert nrb.from_payer_key("10205561", "") == nrb.from_payer_key("10205561", "12A") == ""
    with pytest.raises(ValueError, match="24 digits"):
        nrb.check_digits("1")


def test_names_and_print() -> None:
    assert nrb.bank_name("46102055614444000000000815") == "PKO BP"
    assert nrb.bank_name("00000000000000000000000000") == ""
    assert nrb.pretty("46102055614444000000000815") == "46 1020 5561 4444 0000 0000 0815"
