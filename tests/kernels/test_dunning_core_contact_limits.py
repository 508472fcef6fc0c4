"""Limits of contacts: what a day and a week allow, and when the telephone may ring."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning_core.contact.limits import Contact, Limits, Refusal, allowed_moment, refusal
from dunning_core.law.calendar import FreeDays

POLAND = ZoneInfo("Europe/Warsaw")
CALENDAR = FreeDays([date(2026, 11, 11)])
MONDAY = date(2026, 10, 12)
LIMITS = Limits()


def ask(channel: str, *contacts: Contact, day: date = MONDAY, limits: Limits = LIMITS) -> Refusal | None:
    return refusal(day, channel, contacts, limits, CALENDAR)


def test_one_sms_a_day() -> None:
    assert ask("sms") is None
    assert ask("sms", Contact(MONDAY, "sms")) == Refusal("SMS_PER_DAY", 1, date(2026, 10, 13))
    assert ask("email", Contact(MONDAY, "sms")) is None


def test_attempts_count_even_when_nobody_answers() -> None:
    missed = Contact(MONDAY, "call", reached=False)
    assert ask("call", missed) is None
    assert ask("email", missed, missed) == Refusal("ATTEMPTS_PER_DAY", 2, date(2026, 10, 13))


def test_a_week_counts_what_reached_him() -> None:
    days = [MONDAY - timedelta(days=days) for days in (6, 4, 2)]
    contacts = [Contact(day, "email") for day in days]
    assert ask("letter", *contacts) == Refusal("CONTACTS_PER_WEEK", 3, date(2026, 10, 13))
    missed = [Contact(day, "call", reached=False) for day in days]
    assert ask("letter", *missed) is None


def test_free_days_are_for_what_rings() -> None:
    saturday = date(2026, 10, 17)
    assert ask("call", day=saturday) == Refusal("FREE_DAY", 0, date(2026, 10, 19))
    assert ask("sms", day=date(2026, 11, 11)) == Refusal("FREE_DAY", 0, date(2026, 11, 12))
    assert ask("email", day=saturday) is None
    assert ask("call", day=saturday, limits=Limits(working_days=False)) is None


def test_letters_by_setting() -> None:
    letters = [Contact(MONDAY, "letter")] * 2
    assert ask("letter", *letters) == Refusal("ATTEMPTS_PER_DAY", 2, date(2026, 10, 13))
    free = Limits(count_letters=False)
    assert ask("letter", *letters, limits=free) is None
    assert ask("email", *letters, limits=free) is None


def test_no_limits() -> None:
    free = Limits(sms_per_day=0, attempts_per_day=0, contacts_per_week=0)
    assert ask("sms", *[Contact(MONDAY, "sms")] * 50, limits=free) is None


def test_a_friday_evening_waits_for_monday() -> None:
    assert ask("sms", Contact(date(2026, 10, 16), "sms"), day=date(2026, 10, 16)) == Refusal(
        "SMS_PER_DAY", 1, date(2026, 10, 19)
    )


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-10-12 07:59", "2026-10-12 08:00"),
        ("2026-10-12 08:00", "2026-10-12 08:00"),
        ("2026-10-12 19:59", "2026-10-12 19:59"),
        ("2026-10-12 20:00", "2026-10-13 08:00"),
        ("2026-10-16 20:30", "2026-10-19 08:00"),
        ("2026-10-17 12:00", "2026-10-19 08:00"),
        ("2026-11-11 09:00", "2026-11-12 08:00"),
        ("2026-12-31 23:00", "2027-01-01 08:00"),
    ],
)
def test_moments(moment: str, expected: str) -> None:
    local = datetime.fromisoformat(moment).replace(tzinfo=POLAND)
    found = allowed_moment(local, "call", LIMITS, CALENDAR)
    assert found.strftime("%Y-%m-%d %H:%M") == expected
    assert allowed_moment(local, "email", LIMITS, CALENDAR) == local


CHANNELS = st.sampled_from(["email", "sms", "call", "letter"])
DAYS = st.integers(0, 30).map(lambda days: MONDAY + timedelta(days=days))
CONTACTS = st.lists(st.builds(Contact, DAYS, CHANNELS, st.booleans()), max_size=20)


@given(DAYS, CHANNELS, CONTACTS)
def test_the_day_named_is_the_first_free_one(day: date, channel: str, contacts: list[Contact]) -> None:
    found = refusal(day, channel, contacts, LIMITS, CALENDAR)
    if found is None:
        return
    assert found.free_on is not None and found.free_on > day
    assert refusal(found.free_on, channel, contacts, LIMITS, CALENDAR) is None
    between = [day + timedelta(days=step) for step in range(1, (found.free_on - day).days)]
    assert all(refusal(one, channel, contacts, LIMITS, CALENDAR) for one in between)


@given(DAYS, CHANNELS, CONTACTS)
def test_what_is_allowed_keeps_the_limits(day: date, channel: str, contacts: list[Contact]) -> None:
    if refusal(day, channel, contacts, LIMITS, CALENDAR) is not None:
        return
    after = [*contacts, Contact(day, channel)]
    assert sum(one.day == day for one in after) <= LIMITS.attempts_per_day
    assert sum(one.day == day and one.channel == "sms" for one in after) <= LIMITS.sms_per_day or channel != "sms"
    week = [one for one in after if one.reached and day - timedelta(days=7) < one.day <= day]
    assert len(week) <= LIMITS.contacts_per_week
