import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing_core import luhn_digit, luhn_is_valid, normalise


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("msisdn", "600 100 200", "48600100200"),
        ("msisdn", "+48 600-100-200", "48600100200"),
        ("msisdn", "0048600100200", "48600100200"),
        ("msisdn", "48600100200", "48600100200"),
        ("msisdn", "(24) 770 10 01", "48247701001"),
        ("msisdn", "+49 151 23456789", "4915123456789"),
        ("msisdn", "+48 600 100", None),
        ("msisdn", "600100abc", None),
        ("msisdn", "12", None),
        ("msisdn", "", None),
        ("imsi", "260 01 1234567890", "260011234567890"),
        ("imsi", "26001", None),
        ("mac", "aa-bb-cc-dd-ee-0f", "AA:BB:CC:DD:EE:0F"),
        ("mac", "aabb.ccdd.ee0f", "AA:BB:CC:DD:EE:0F"),
        ("mac", "aa:bb", None),
        ("login", " Jan@ISP ", "jan@isp"),
        ("account_code", " Firma-7 ", "Firma-7"),
    ],
)
def test_normal_forms(kind, value, expected):
    assert normalise(kind, value) == expected


@given(st.integers(0, 999_999_999).map(lambda number: f"{number:09d}"))
def test_normalising_twice_changes_nothing(number):
    once = normalise("msisdn", number)
    if once is not None:
        assert normalise("msisdn", once) == once


@given(st.integers(0, 10**12).map(str), st.data())
def test_luhn_finds_every_wrong_digit(base, data):
    number = base + luhn_digit(base)
    assert luhn_is_valid(number)
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[place]]))
    assert not luhn_is_valid(number[:place] + other + number[place + 1 :])


def test_luhn_known_values():
    assert luhn_digit("10000001") == "7"
    assert luhn_is_valid("79927398713")
    assert not luhn_is_valid("7")
    with pytest.raises(ValueError, match="digits"):
        luhn_digit("12a")
