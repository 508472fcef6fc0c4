"""Bulk corrections of raw records, and masked numbers."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediation_core.row_fix import BadPattern, masked_number, replaced


def test_plain_text_is_no_expression() -> None:
    assert replaced(["a.b", "axb", ""], ".", "$1") == ["a$1b", "axb", ""]


def test_groups_of_an_expression() -> None:
    raws = ["14.10.2026 10:00;1", "x"]
    assert replaced(raws, r"(\d{2})\.(\d{2})\.(\d{4})", "${3}-${2}-${1}", regex=True) == ["2026-10-14 10:00;1", "x"]
    assert replaced(raws, r"(\d{2})\.(\d{2})\.(\d{4})", r"\3-\2-\1", regex=True) == ["2026-10-14 10:00;1", "x"]
    assert replaced(["5 EUR"], "EUR", "$$", regex=True) == ["5 $"]


@pytest.mark.parametrize("pattern", ["", "(", "(?=a)b", "a{999999999}"])
def test_bad_expressions_are_named(pattern: str) -> None:
    with pytest.raises(BadPattern):
        replaced(["a"], pattern, "b", regex=True)


def test_hostile_expression_takes_no_time() -> None:
    assert replaced(["a" * 5_000 + "!"], "(a+)+$", "b", regex=True) == ["a" * 5_000 + "!"]


@given(st.lists(st.text()), st.text(min_size=1), st.text())
def test_plain_replacement_is_that_of_text(raws: list[str], find: str, replacement: str) -> None:
    assert replaced(raws, find, replacement) == [raw.replace(find, replacement) for raw in raws]


def test_masked_numbers() -> None:
    assert masked_number("48501234567") == "48501***567"
    assert masked_number("48116111") == "***"
    assert masked_number("112") == "***"
    assert masked_number(None) is None
    assert masked_number("") is None


@given(st.from_regex(r"[0-9]{1,15}", fullmatch=True))
def test_a_masked_number_hides_two_digits_at_least(number: str) -> None:
    masked = masked_number(number)
    assert masked is not None
    assert len(re.sub(r"\D", "", masked)) <= max(len(number) - 2, 0)
