"""Which numbers are a NIP, and which is the personal number of somebody."""

import pytest

from ksef_core import nip


@pytest.mark.parametrize("number", ["5261040567", "1060000062"])
def test_tax_numbers(number):
    assert nip.is_valid(number)
    assert not nip.is_pesel(number)


@pytest.mark.parametrize("number", ["5261040568", "0261040567", "526104056", "５２６１０４０５６７", ""])
def test_what_is_no_tax_number(number):
    assert not nip.is_valid(number)


def test_personal_number():
    assert nip.is_pesel("44051401458")
    assert not nip.is_pesel("44051401459")
    assert not nip.is_pesel("4405140145")
    assert not nip.is_pesel("4405140145X")
    assert not nip.is_valid("44051401458")
