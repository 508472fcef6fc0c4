"""Longest prefix match: worked examples, and random prefixes against walking from the longest."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rating_core import Prefix, PrefixTable
from rating_core.digits import DigitPages

TABLE = ("48", "4850", "48501", "4870", "48700", "487012", "1", "1787", "7", "77")


def found(table: PrefixTable, numbers: list[str | None]) -> list[tuple[str | None, int | None]]:
    rows = table.rows(pl.Series(numbers, dtype=pl.String))
    return list(zip(table.prefixes.gather(rows).to_list(), table.zone_ids.gather(rows).to_list(), strict=True))


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("48501234567", "48501"),
        ("48701234567", "487012"),
        ("48701123456", "4870"),
        ("17875551234", "1787"),
        ("77011234567", "77"),
        ("79161234567", "7"),
        ("49301234", None),
        ("48", "48"),
        ("485", "48"),
        ("4850", "4850"),
        ("4", None),
        ("", None),
        (None, None),
        ("48x", None),
        ("+48501234567", None),
        ("-48501234567", None),
        (" 48501234567", None),
        ("48_501", None),
        ("٤٨٥٠", None),
        ("1" * 15, "1"),
        ("1" * 16, None),
        ("7" * 30, None),
    ],
)
def test_worked_examples(number: str | None, expected: str | None) -> None:
    table = PrefixTable(Prefix(p, n) for n, p in enumerate(TABLE))
    assert found(table, [number]) == [(expected, None if expected is None else TABLE.index(expected))]
    assert table.match(number or "") == (None if expected is None else (expected, TABLE.index(expected)))


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.text("0139", min_size=1, max_size=6), st.integers(1, 5), max_size=25),
    st.lists(st.text("0139", max_size=16), min_size=1, max_size=15),
)
def test_against_walking_from_the_longest(prefixes: dict[str, int], numbers: list[str]) -> None:
    table = PrefixTable(Prefix(prefix, zone) for prefix, zone in prefixes.items())
    expected = [
        max((p for p in prefixes if number.startswith(p) and len(number) < 16), key=len, default=None)
        for number in numbers
    ]
    assert found(table, list(numbers)) == [(p, prefixes.get(p or "")) for p in expected]


@settings(max_examples=100, deadline=None)
@given(
    st.sets(st.text("0139", min_size=1, max_size=13), max_size=25),
    st.lists(st.text("0139", min_size=15, max_size=15), min_size=1, max_size=15),
)
def test_pages_of_digits_find_what_a_search_finds(prefixes: set[str], numbers: list[str]) -> None:
    edges = {int(prefix.ljust(15, "0")) for prefix in prefixes}
    edges |= {int(prefix.ljust(15, "0")) + 10 ** (15 - len(prefix)) for prefix in prefixes}
    starts = pl.Series(sorted(edges | {0}), dtype=pl.Int64)
    near = [edge + step for edge in edges for step in (-1, 0, 1) if 0 <= edge + step < 10**15]
    points = pl.Series([*near, *(int(number) for number in numbers)], dtype=pl.Int64)
    assert DigitPages(starts).rows(points).to_list() == (starts.search_sorted(points, side="right") - 1).to_list()


def test_many_numbers_at_once_find_what_few_do() -> None:
    table = PrefixTable(Prefix(p, n) for n, p in enumerate(TABLE))
    few: list[str | None] = ["48701234567", "48", "4", "49301234", None, "48x", "77011234567"]
    assert found(table, few * 5_000) == found(table, few) * 5_000


@pytest.mark.parametrize("wrong", ["+48", "4 8", "", "٤٨", "1" * 16])
def test_not_a_prefix(wrong: str) -> None:
    with pytest.raises(ValueError, match="not a prefix"):
        PrefixTable([Prefix(wrong, 1)])


def test_one_prefix_two_zones() -> None:
    with pytest.raises(ValueError, match="two zones"):
        PrefixTable([Prefix("48", 1), Prefix("48", 2)])
