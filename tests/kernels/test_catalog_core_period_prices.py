"""Price lists with a first and a following period: exact prices, and every other row named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_core.period_prices import PeriodPrice, read_period_prices


def test_one_price_with_two_periods() -> None:
    prices, problems = read_period_prices('44,"United Kingdom, all",60,0.05,30,0.025\n\n48,Polska,60,0.3,1,0.005\n')
    assert problems == []
    assert prices == [
        PeriodPrice("44", "United Kingdom, all", 50_000, 60, (60, 30)),
        PeriodPrice("48", "Polska", 300_000, 60, (60, 1)),
    ]


@pytest.mark.parametrize(
    ("row", "field", "code", "value"),
    [
        ("94,Sri Lanka,60,0.5,60,015", "next_price", "BAD_PRICE", "015"),
        ("94,Sri Lanka,60,0.5,60,0.15", "next_price", "PRICE_CHANGES_IN_CALL", "0.15"),
        ("94,Sri Lanka,60,-1,60,1", "first_price", "BAD_PRICE", "-1"),
        ("94,Sri Lanka,0,1,60,1", "first_s", "BAD_SECONDS", "0"),
        ("94,Sri Lanka,60,1,x,1", "next_s", "BAD_SECONDS", "x"),
        ("+94,Sri Lanka,60,1,60,1", "prefix", "BAD_PREFIX", "+94"),
        ("94,Sri Lanka,60,1,60", "next_price", "TOO_FEW_COLUMNS", "94,Sri Lanka,60,1,60"),
        ("94,Sri Lanka,60,0.0000001,60,0.0000001", "next_price", "PRICE_TOO_FINE", "1E-7"),
        ("48,twice,60,1,60,1", "prefix", "PREFIX_TWICE", "48"),
    ],
)
def test_rows_that_are_reported(row: str, field: str, code: str, value: str) -> None:
    prices, problems = read_period_prices(f"48,Polska,60,0.3,1,0.005\n{row}\n")
    assert [one.prefix for one in prices] == ["48"]
    assert [(one.line, one.field, one.code, one.value) for one in problems] == [(2, field, code, value)]


@given(st.text())
def test_no_text_raises(text: str) -> None:
    read_period_prices(text)
