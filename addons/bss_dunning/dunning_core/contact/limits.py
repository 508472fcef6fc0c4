"""Limits of contacts with one customer: hours, working days, messages and attempts in a day, contacts in a week.

No act sets them: they are an operator's own rules, so every number comes from its settings and 0 means no limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ..law.calendar import FreeDays

ONE_DAY = timedelta(days=1)
WEEK = timedelta(days=7)
# what rings or beeps: only these keep to hours and working days
TIMED = frozenset({"sms", "call"})
# further than any week of contacts and any row of holidays
HORIZON = 60


@dataclass(frozen=True)
class Limits:
    """Settings of one company; ``hour_to`` is the hour at which the day ends."""

    hour_from: int = 8
    hour_to: int = 20
    working_days: bool = True
    sms_per_day: int = 1
    attempts_per_day: int = 2
    contacts_per_week: int = 3
    count_letters: bool = True


@dataclass(frozen=True)
class Contact:
    """One attempt; ``reached`` when the customer got it, which a call that nobody answered is not."""

    day: date
    channel: str
    reached: bool = True


@dataclass(frozen=True)
class Refusal:
    """Why not today: a code, the number that is used up, and the first day on which it may be tried."""

    code: str
    limit: int = 0
    free_on: date | None = None


def refusal(day: date, channel: str, contacts: Sequence[Contact], limits: Limits, calendar: FreeDays) -> Refusal | None:
    """Tell why a customer may not be contacted by this channel on this day, with the day on which he may be."""
    found = _closed(day, channel, contacts, limits, calendar)
    if found is None:
        return None
    code, limit = found
    return Refusal(code, limit, _free_on(day, channel, contacts, limits, calendar))


def _free_on(day: date, channel: str, contacts: Sequence[Contact], limits: Limits, calendar: FreeDays) -> date | None:
    for _attempt in range(HORIZON):
        day += ONE_DAY
        if _closed(day, channel, contacts, limits, calendar) is None:
            return day
    return None


def _closed(
    day: date, channel: str, contacts: Sequence[Contact], limits: Limits, calendar: FreeDays
) -> tuple[str, int] | None:
    if channel in TIMED and limits.working_days and calendar.is_free(day):
        return "FREE_DAY", 0
    if channel == "letter" and not limits.count_letters:
        return None
    counted = [one for one in contacts if limits.count_letters or one.channel != "letter"]
    today = [one for one in counted if one.day == day]
    if channel == "sms" and _used_up(sum(one.channel == "sms" for one in today), limits.sms_per_day):
        return "SMS_PER_DAY", limits.sms_per_day
    if _used_up(len(today), limits.attempts_per_day):
        return "ATTEMPTS_PER_DAY", limits.attempts_per_day
    week = [one for one in counted if one.reached and day - WEEK < one.day <= day]
    if _used_up(len(week), limits.contacts_per_week):
        return "CONTACTS_PER_WEEK", limits.contacts_per_week
    return None


def _used_up(count: int, limit: int) -> bool:
    return bool(limit) and count >= limit


def allowed_moment(local: datetime, channel: str, limits: Limits, calendar: FreeDays) -> datetime:
    """First moment from ``local`` on at which the telephone of a customer may ring; ``local`` itself when it may now.

    :param local: time where the customer lives; the answer has its ``tzinfo``
    """
    if channel not in TIMED:
        return local
    if local.hour >= limits.hour_to:
        local = _morning(local + ONE_DAY, limits)
    elif local.hour < limits.hour_from:
        local = _morning(local, limits)
    if limits.working_days and calendar.is_free(local.date()):
        later = calendar.shift(local.date())
        local = _morning(local.replace(year=later.year, month=later.month, day=later.day), limits)
    return local


def _morning(local: datetime, limits: Limits) -> datetime:
    return local.replace(hour=limits.hour_from, minute=0, second=0, microsecond=0)
