from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing_core import (
    ChargingRule,
    Period,
    PriceStep,
    Promotion,
    Suspension,
    Timeline,
    Version,
    promotion_end,
    segments,
)

JANUARY = date(2026, 1, 31)
NONE = Decimal(0)


@pytest.mark.parametrize(
    ("start", "months", "waits", "last"),
    [
        (date(2026, 1, 1), 3, (), date(2026, 3, 31)),
        (JANUARY, 1, (), date(2026, 2, 27)),
        (date(2026, 1, 1), 3, (Suspension(date(2026, 2, 1), date(2026, 2, 10), NONE),), date(2026, 4, 10)),
        (date(2026, 1, 1), 3, (Suspension(date(2025, 12, 1), date(2026, 1, 5), NONE),), date(2026, 4, 5)),
        (date(2026, 1, 1), 3, (Suspension(date(2026, 4, 1), date(2026, 4, 5), NONE),), date(2026, 3, 31)),
        (date(2026, 1, 1), 3, (Suspension(date(2026, 3, 1), None, NONE),), None),
        (date(2026, 1, 1), 3, (Suspension(date(2025, 3, 1), date(2025, 3, 9), NONE),), date(2026, 3, 31)),
    ],
)
def test_last_day(start, months, waits, last):
    assert promotion_end(start, months, waits) == last


def test_no_months():
    with pytest.raises(ValueError, match="0 months"):
        promotion_end(JANUARY, 0)


@given(
    start=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    months=st.integers(1, 12),
    waits=st.lists(st.tuples(st.integers(1, 120), st.integers(0, 60)), max_size=4),
)
def test_the_day_on_which_billing_stops_it(start, months, waits):
    suspensions, day = [], start - timedelta(days=40)
    for gap, length in waits:
        first = day + timedelta(days=gap)
        day = first + timedelta(days=length)
        suspensions.append(Suspension(first, day, Decimal(100)))
    promotion = Promotion(7, start, None, 10, False, (PriceStep(1, months, "free", NONE),), stops_while_suspended=True)
    timeline = Timeline(
        1, start, None, (Version(start, 1, Decimal(59), ChargingRule()),), (promotion,), tuple(suspensions)
    )
    window = Period(start, start + timedelta(days=1200))
    seen = [one.end for one in segments(timeline, window) if one.applied]
    assert promotion_end(start, months, suspensions) == seen[-1]
