import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_core import PrefixConflict, PrefixTable, find_conflicts, prefix_is_valid

CODES = ["48", "4850", "48501", "4870", "48700", "487012", "1", "1787", "7", "77"]
prefixes = st.text(alphabet="0123456789", min_size=1, max_size=5).filter(lambda text: text[0] != "0")


@pytest.mark.parametrize(
    ("number", "prefix"),
    [
        ("48501234567", "48501"),
        ("48701234567", "487012"),
        ("48701123456", "4870"),
        ("17875551234", "1787"),
        ("77011234567", "77"),
        ("79161234567", "7"),
        ("49301234", None),
        ("", None),
    ],
)
def test_longest_prefix_wins(number: str, prefix: str | None) -> None:
    match = PrefixTable({code: f"zone {code}" for code in CODES}).match(number)
    assert match == (None if prefix is None else (prefix, f"zone {prefix}"))


@given(st.sets(prefixes, max_size=40), st.text(alphabet="0123456789", max_size=8))
def test_match_equals_brute_force(codes: set[str], number: str) -> None:
    candidates = [code for code in codes if number.startswith(code)]
    best = max(candidates, key=len, default=None)
    match = PrefixTable({code: code for code in codes}).match(number)
    assert match == (None if best is None else (best, best))


def test_conflicts() -> None:
    pairs = [("48", "PL"), ("49", "DE"), ("48", "EU"), ("48", "PL")]
    assert find_conflicts(pairs) == [PrefixConflict("48", ("EU", "PL"))]


@pytest.mark.parametrize("text", ["48", "1", "123456789012345"])
def test_valid_prefixes(text: str) -> None:
    assert prefix_is_valid(text)


@pytest.mark.parametrize("text", ["", "048", "+48", "4 8", "1234567890123456", "४८"])
def test_invalid_prefixes(text: str) -> None:
    assert not prefix_is_valid(text)
