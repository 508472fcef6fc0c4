"""Numbers to E.164: worked cases, and column form equal to scalar form."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediation_core import NumberingProfile, normalise_expr, normalise_number
from mediation_core.normalise import normalise_series

POLAND = NumberingProfile()
TRUNK = NumberingProfile(trunk_prefix="0")
AMERICA = NumberingProfile("1", 10, "011", "1")
LATVIA = NumberingProfile("371", 8, "")


@pytest.mark.parametrize(
    ("dialled", "expected"),
    [
        ("501234567", "48501234567"),
        ("501 234-567", "48501234567"),
        ("+48 501 234 567", "48501234567"),
        ("0048501234567", "48501234567"),
        ("48501234567", "48501234567"),
        # A national number of Radom begins with 48 itself.
        ("483621234", "48483621234"),
        ("48483621234", "48483621234"),
        ("00493012345", "493012345"),
        ("+1 (787) 555-1234", "17875551234"),
        ("112", "48112"),
        ("19115", "4819115"),
        ("118913", "48118913"),
        ("800123456", "48800123456"),
        ("493012345678", None),
        ("0501234567", None),
        ("00", None),
        ("+", None),
        ("+0481", None),
        ("000000000", None),
        ("1", None),
        ("", None),
        ("s", None),
        ("*98", None),
        ("501234567x", None),
        ("٥٠١٢٣٤٥٦٧", None),
        ("+" + "1" * 16, None),
    ],
)
def test_polish_profile(dialled: str, expected: str | None) -> None:
    assert normalise_number(dialled, POLAND) == expected


def test_other_profiles() -> None:
    assert normalise_number("0501234567", TRUNK) == "48501234567"
    assert normalise_number("0048501234567", TRUNK) == "48501234567"
    assert normalise_number("791-445-9811", AMERICA) == "17914459811"
    assert normalise_number("1-791-445-9811", AMERICA) == "17914459811"
    assert normalise_number("011 48 22 1234567", AMERICA) == "48221234567"


numbers = st.one_of(
    st.text(max_size=14),
    st.text("0123456789", max_size=18),
    st.text("0123456789+ -./()\u00a0", max_size=18),
    st.builds(
        lambda head, tail: head + tail,
        st.sampled_from(["+", "00", "48", "0", "011", "1"]),
        st.text("0123456789", max_size=14),
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(numbers, min_size=1, max_size=20), st.sampled_from([POLAND, TRUNK, AMERICA, LATVIA]))
def test_column_form_equals_scalar_form(values: list[str], profile: NumberingProfile) -> None:
    frame = pl.DataFrame({"n": values}, schema={"n": pl.String})
    column = frame.select(normalise_expr(pl.col("n"), profile)).to_series().to_list()
    assert column == [normalise_number(value, profile) for value in values]
    series = pl.Series("n", values, dtype=pl.String)
    assert normalise_series(series, profile).to_list() == column


@given(st.text("123456789", min_size=9, max_size=9))
def test_every_way_to_dial_gives_one_number(national: str) -> None:
    ways = {
        national,
        "48" + national,
        "0048" + national,
        "+48" + national,
        f"{national[:3]} {national[3:6]}-{national[6:]}",
    }
    assert {normalise_number(way, POLAND) for way in ways} == {"48" + national}
