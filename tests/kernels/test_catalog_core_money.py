from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_core import (
    e4_to_decimal,
    grosz_from_e4,
    micro_from_decimal,
    micro_to_decimal,
    round_half_up,
)


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        ("2.675", 2, "2.68"),
        ("-2.675", 2, "-2.68"),
        ("1.0005", 2, "1.00"),
        ("0.005", 2, "0.01"),
        ("0.0049999", 2, "0.00"),
        ("31.6129032258", 2, "31.61"),
        ("0", 2, "0.00"),
        ("99999999999999999999999999999.995", 2, "100000000000000000000000000000.00"),
    ],
)
def test_round_half_up(value: str, places: int, expected: str) -> None:
    assert str(round_half_up(Decimal(value), places)) == expected


@pytest.mark.parametrize(("e4", "grosz"), [(0, 0), (49, 0), (50, 1), (10_005, 100), (-50, -1), (-49, 0), (150, 2)])
def test_grosz_from_e4(e4: int, grosz: int) -> None:
    assert grosz_from_e4(e4) == grosz


@given(st.integers(min_value=-(10**20), max_value=10**20))
def test_grosz_agrees_with_decimal(e4: int) -> None:
    expected = (Decimal(e4) / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    assert grosz_from_e4(e4) == int(expected)
    assert Decimal(grosz_from_e4(e4)).scaleb(-2) == round_half_up(e4_to_decimal(e4), 2)


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_micro_round_trip(micro: int) -> None:
    assert micro_from_decimal(micro_to_decimal(micro)) == micro


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-2000, max_value=2000))
def test_typed_prices_survive_the_float_of_the_web_client(price: Decimal) -> None:
    assert micro_from_decimal(Decimal(repr(float(price)))) == micro_from_decimal(price)


@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12),
    st.integers(min_value=0, max_value=6),
)
def test_rounding_is_symmetric_and_close(value: Decimal, places: int) -> None:
    rounded = round_half_up(value, places)
    assert round_half_up(-value, places) == -rounded
    assert abs(rounded - value) <= Decimal(5).scaleb(-places - 1)
