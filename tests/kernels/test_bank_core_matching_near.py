"""Numbers one slip away: the quick looks of ``near`` find what comparing everything with everything finds."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank_core.matching.model import Document
from bank_core.matching.near import Written
from bank_core.matching.slips import digit_forms, digits_of, is_one_slip, one_slip_from

#: series with the running number behind, before and between other digits, with letters inside and without a year
SERIES = (
    "FA/2026/{month:02}/{run:05}",
    "FA/2026/{month:02}/{run:06}",
    "KOR/2026/{month:02}/{run:03}",
    "NO/2026/{run:05}",
    "FV/{run}/{month:02}/2026",
    "{run:04}/T/2026",
    "S-{run:05}-A",
    "Ż/{run:04}/2026",
    "FA{run:08}",
    "2026/{month:02}/{run:05}",
    "FA/{run:05}/26",
    "FA/1999/{run:02}",
    "{run}",
)
PREFIXES = ("", "FA", "KOR", "FV", "S", "NO")


def naive(prefix: str, ways: tuple[str, ...], number: str) -> bool:
    """One slip leads from one of the ways to one of the forms, each compared with each."""
    letters, forms = digit_forms(number)
    return prefix in ("", letters) and any(is_one_slip(way, form) for way in ways for form in forms)


@st.composite
def numbers(draw: st.DrawFn) -> str:
    runs = st.one_of(st.integers(0, 99), st.integers(0, 99_999), st.sampled_from((100, 1999, 2026, 99_999, 100_000)))
    series = draw(st.sampled_from(SERIES))
    run = draw(runs)
    return series.format(month=draw(st.integers(1, 12)), run=run)


@st.composite
def written(draw: st.DrawFn) -> tuple[str, str]:
    """A number of ours, and digits written for it: in one of its forms, with up to two slips."""
    number = draw(numbers())
    digits = draw(st.sampled_from(sorted(digit_forms(number)[1])))
    for _slip in range(draw(st.integers(0, 2))):
        digits = draw(st.sampled_from(sorted(set(one_slip_from(digits)) - {""})))
    return number, digits


@settings(max_examples=800, deadline=None)
@given(written(), st.lists(numbers(), max_size=4), st.sampled_from(PREFIXES), st.booleans())
def test_quick_looks_pass_over_nothing(
    one: tuple[str, str], others: list[str], prefix: str, has_second_way: bool
) -> None:
    number, digits = one
    ways = (digits, digits[:2] + "7" + digits[2:]) if has_second_way else (digits,)
    ours = Written(prefix, ways)
    documents = [Document(place, 1, text) for place, text in enumerate((number, *others))]
    expected = [document for document in documents if naive(prefix, ways, document.number)]
    assert ours.near_among(documents) == expected
    assert [document for document in documents if ours.is_near(document.number)] == expected


@pytest.mark.parametrize("series", SERIES)
def test_every_slip_of_a_number_is_found(series: str) -> None:
    dice = random.Random(series)
    for _time in range(5):
        number = series.format(month=dice.randint(1, 12), run=dice.randrange(1000, 100_000))
        document = Document(1, 1, number)
        for digits in set(one_slip_from(digits_of(number))) - {digits_of(number), ""}:
            assert Written("", (digits,)).near_among([document]) == [document], (number, digits)


def test_what_is_settled_or_written_right_is_not_near() -> None:
    number = "FA/2026/10/00123"
    assert Written("FA", ("20261000123",)).near_among([Document(1, 1, number)]) == []
    assert Written("FA", ("20261000124",)).near_among([Document(1, 1, number, is_open=False)]) == []
    assert Written("KOR", ("20261000124",)).near_among([Document(1, 1, number)]) == []
    assert Written("FA", ("20261000124",)).near_among([Document(1, 1, number)]) != []
