from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksef_core import mode


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 20, 22, 59, 59, tzinfo=UTC), date(2026, 11, 20)),  # 23:59:59 of winter time
        (datetime(2026, 11, 20, 23, 0, tzinfo=UTC), date(2026, 11, 21)),
        (datetime(2026, 7, 20, 21, 59, 59, tzinfo=UTC), date(2026, 7, 20)),  # 23:59:59 of summer time
        (datetime(2026, 7, 20, 22, 0, tzinfo=UTC), date(2026, 7, 21)),
    ],
)
def test_the_day_of_a_session_is_that_of_warsaw(moment: datetime, day: date) -> None:
    assert mode.sending_day(moment) == day


@given(st.dates(), st.dates())
def test_late_is_every_earlier_day_and_no_other(issued: date, sent: date) -> None:
    assert mode.is_late(issued, sent) is ((sent - issued).days > 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Online", mode.Mode.ONLINE), ("Offline", mode.Mode.OFFLINE), ("", None), ("Inny", None)],
)
def test_mode_of_a_upo(text: str, expected: mode.Mode | None) -> None:
    assert mode.read(text) is expected
