"""Tonight's sending around midnight in Warsaw and over changes of the clock."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ksef_core import mode, plan
from ksef_core.transport.limits import PUBLISHED, Group

OPENING = PUBLISHED[Group.BATCH_OPEN]
FAST = plan.Pace(invoices_per_second=1e12, seconds_per_session=0.0, seconds_to_results=60.0)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        (utc(2026, 11, 22, 12), utc(2026, 11, 22, 23)),
        (utc(2026, 11, 22, 23), utc(2026, 11, 23, 23)),  # midnight itself belongs to the new day
        (utc(2026, 11, 22, 22, 59, 59), utc(2026, 11, 22, 23)),
        # the day of 25 hours: summer time ends on 25 October at 3:00
        (utc(2026, 10, 24, 21, 59), utc(2026, 10, 24, 22)),
        (utc(2026, 10, 24, 22), utc(2026, 10, 25, 23)),
        # the day of 23 hours: summer time begins on 28 March at 2:00
        (utc(2027, 3, 27, 22, 59), utc(2027, 3, 27, 23)),
        (utc(2027, 3, 27, 23), utc(2027, 3, 28, 22)),
    ],
)
def test_midnight_in_warsaw(now, midnight):
    assert plan.midnight_after(now) == midnight
    assert mode.sending_day(midnight) == mode.sending_day(now) + timedelta(days=1)
    assert mode.sending_day(midnight - timedelta(seconds=1)) == mode.sending_day(now)


def test_the_last_minute_belongs_to_the_next_day():
    assert plan.opening_day(utc(2026, 11, 22, 22, 58, 59)) == date(2026, 11, 22)
    assert plan.opening_day(utc(2026, 11, 22, 22, 59)) == date(2026, 11, 23)
    # the same hour twice in the night of the change
    assert (
        plan.opening_day(utc(2026, 10, 25, 0, 30)) == plan.opening_day(utc(2026, 10, 25, 1, 30)) == date(2026, 10, 25)
    )


def test_300_000_invoices_open_within_two_minutes_when_only_the_limit_counts():
    made = plan.make(plan.Load((), 300_000, 10_000), utc(2026, 11, 22, 20), FAST, OPENING)
    assert len(made.opens) == 30
    assert made.opens[9] == utc(2026, 11, 22, 20)
    assert timedelta(seconds=1) < made.opens[10] - made.opens[0] < timedelta(seconds=2)
    assert timedelta(seconds=60) < made.opens[20] - made.opens[0] < timedelta(seconds=62)
    assert (made.fits, made.left, made.before_midnight) == (300_000, 0, True)
    assert made.ready_at == made.opens[-1] + timedelta(seconds=60)


def test_the_hourly_limit_carries_some_over_midnight():
    now = utc(2026, 11, 22, 22, 30)  # 23:30 in Warsaw
    made = plan.make(plan.Load((), 700_000, 10_000), now, FAST, OPENING)
    assert (made.fits, made.left, made.before_midnight) == (600_000, 100_000, False)
    assert made.opens[60] >= now + timedelta(hours=1)


def test_openings_of_the_last_hour_and_a_block_count():
    now = utc(2026, 11, 22, 20)
    load = plan.Load((5,), 0, 10_000)
    used = [now - timedelta(minutes=30)] * 60
    assert plan.make(load, now, FAST, OPENING, used).opens[0] > now + timedelta(minutes=30)
    until = now + timedelta(minutes=7)
    assert plan.make(load, now, FAST, OPENING, blocked_until=until).opens[0] == until


def test_the_pace_of_the_house_counts():
    now = utc(2026, 11, 22, 22, 50)
    slow = plan.Pace(invoices_per_second=100.0, seconds_per_session=10.0)
    made = plan.make(plan.Load((4_000, 6_000), 60_000, 10_000), now, slow, OPENING)
    assert made.opens[:3] == (now, now + timedelta(seconds=4), now + timedelta(seconds=100))
    assert (made.fits, made.left) == (60_000, 10_000), "the sixth is frozen at 23:00"
    assert not made.before_midnight
    two = plan.Pace(invoices_per_second=1e12, seconds_per_session=300.0, workers=2)
    assert plan.make(plan.Load((), 40_000, 10_000), now, two, OPENING).opens[2] == now + timedelta(seconds=300)


def test_on_the_short_day_an_hour_is_missing():
    """28 March 2027: 23:30 of the evening before to the next midnight are 23 and a half hours."""
    now = utc(2027, 3, 27, 22, 30)
    assert plan.midnight_after(now) - now == timedelta(minutes=30)
    assert plan.midnight_after(now + timedelta(minutes=30)) - now == timedelta(hours=23, minutes=30)


def test_nothing_waits():
    now = utc(2026, 11, 22, 20)
    made = plan.make(plan.Load((), 0, 10_000), now, FAST, OPENING)
    assert (made.opens, made.ready_at, made.before_midnight) == ((), now, True)
