"""Values of characteristics: every type, its limits, and one spelling."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_core.characteristics import CharacteristicFacts, Value, ValueProblem, parse_number, parse_value

D = Decimal
VLAN = CharacteristicFacts("integer", D(1), D(4094))
POWER = CharacteristicFacts("decimal", D("-27.5"), D(-8))
COLOUR = CharacteristicFacts("selection", allowed=("red", "blue"))
LOGIN = CharacteristicFacts("text", D(3), D(8))
FLAG = CharacteristicFacts("boolean")


@pytest.mark.parametrize(
    ("facts", "written", "stored"),
    [
        (VLAN, " 100 ", "100"),
        (VLAN, "1 000", "1000"),
        (VLAN, "4094.0", "4094"),
        (VLAN, "", ""),
        (POWER, "-20,50", "-20.5"),
        (CharacteristicFacts("decimal"), "0,000", "0"),
        (CharacteristicFacts("decimal"), "1e3", "1000"),
        (FLAG, "Tak", "true"),
        (FLAG, "NO", "false"),
        (COLOUR, "red", "red"),
        (LOGIN, " jan-1 ", "jan-1"),
    ],
)
def test_good_values(facts: CharacteristicFacts, written: str, stored: str) -> None:
    assert parse_value(facts, written) == Value(stored)


@pytest.mark.parametrize(
    ("facts", "written", "code"),
    [
        (VLAN, "0", "TOO_SMALL"),
        (VLAN, "4095", "TOO_BIG"),
        (VLAN, "12.5", "NOT_WHOLE"),
        (VLAN, "ten", "NO_NUMBER"),
        (VLAN, "1_000", "NO_NUMBER"),
        (VLAN, "NaN", "NO_NUMBER"),
        (CharacteristicFacts("integer"), "Infinity", "NO_NUMBER"),
        (CharacteristicFacts("integer"), "1e999999", "NO_NUMBER"),
        (POWER, "-28", "TOO_SMALL"),
        (FLAG, "perhaps", "NO_BOOLEAN"),
        (COLOUR, "green", "NOT_ALLOWED"),
        (COLOUR, "Red", "NOT_ALLOWED"),
        (LOGIN, "ab", "TOO_SHORT"),
        (LOGIN, "abcdefghi", "TOO_LONG"),
    ],
)
def test_bad_values(facts: CharacteristicFacts, written: str, code: str) -> None:
    problem = parse_value(facts, written)
    assert isinstance(problem, ValueProblem)
    assert problem.code == code


@given(st.sampled_from([VLAN, POWER, COLOUR, LOGIN, FLAG, CharacteristicFacts("decimal")]), st.text(max_size=20))
def test_a_stored_value_is_its_own_spelling(facts: CharacteristicFacts, written: str) -> None:
    """Whatever is written: an answer, never an exception; what is stored is read back unchanged."""
    answer = parse_value(facts, written)
    if isinstance(answer, Value):
        assert parse_value(facts, answer.text) == answer


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9))
def test_numbers_keep_their_value(number: Decimal) -> None:
    answer = parse_value(CharacteristicFacts("decimal"), str(number).replace(".", ","))
    assert isinstance(answer, Value)
    assert parse_number(answer.text) == number
