import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.pl import nip as stdnum_nip
from stdnum.pl import pesel as stdnum_pesel

from catalog_core import (
    nip_is_valid,
    nrb_check_digits,
    nrb_format,
    nrb_is_valid,
    nrb_make,
    nrb_normalise,
    pesel_is_valid,
)

digits = st.text(alphabet="0123456789", min_size=24, max_size=24)


@pytest.mark.parametrize("text", ["5261040567", "526-10-40-567", "PL5261040567", "pl 526 104 05 67", "1234563218"])
def test_valid_nips(text: str) -> None:
    assert nip_is_valid(text)


@pytest.mark.parametrize(
    "text", ["5261040568", "0000000000", "526104056", "", "52610405671", "abcdefghij", "١٢٣٤٥٦٣٢١٨"]
)
def test_invalid_nips(text: str) -> None:
    assert not nip_is_valid(text)


@given(st.text(alphabet="0123456789", min_size=10, max_size=10))
def test_nip_agrees_with_stdnum(text: str) -> None:
    if text != "0" * 10:
        assert nip_is_valid(text) == stdnum_nip.is_valid(text)


@pytest.mark.parametrize("text", ["44051401359", "02270803624"])
def test_valid_pesels(text: str) -> None:
    assert pesel_is_valid(text)


@pytest.mark.parametrize("text", ["44051401358", "44023001359", "44051401", "", "4405140135x", "00000000000"])
def test_invalid_pesels(text: str) -> None:
    assert not pesel_is_valid(text)


@given(st.text(alphabet="0123456789", min_size=11, max_size=11))
def test_a_valid_pesel_is_valid_for_stdnum_too(text: str) -> None:
    if pesel_is_valid(text):
        assert stdnum_pesel.compact(text) == text
        assert stdnum_pesel.calc_check_digit(text[:-1]) == text[-1]


@given(digits)
def test_made_nrb_is_valid(b24: str) -> None:
    nrb = nrb_make(b24)
    assert nrb_is_valid(nrb)
    assert nrb_is_valid(f"PL{nrb}")
    assert nrb_normalise(nrb_format(nrb)) == nrb
    assert nrb[:2] == nrb_check_digits(b24)


@given(digits, st.integers(min_value=0, max_value=25), st.integers(min_value=1, max_value=9))
def test_one_changed_digit_is_noticed(b24: str, place: int, shift: int) -> None:
    nrb = nrb_make(b24)
    damaged = nrb[:place] + str((int(nrb[place]) + shift) % 10) + nrb[place + 1 :]
    assert not nrb_is_valid(damaged)


@given(digits, st.integers(min_value=0, max_value=24))
def test_swapped_neighbours_are_noticed(b24: str, place: int) -> None:
    nrb = nrb_make(b24)
    damaged = nrb[:place] + nrb[place + 1] + nrb[place] + nrb[place + 2 :]
    assert damaged == nrb or not nrb_is_valid(damaged)


def test_nrb_format() -> None:
    assert nrb_format("61109010140000071219812874") == "61 1090 1014 0000 0712 1981 2874"
    assert nrb_format("no account") == "no account"


def test_nrb_check_digits_refuses_other_lengths() -> None:
    with pytest.raises(ValueError, match="24 digits"):
        nrb_check_digits("123")
