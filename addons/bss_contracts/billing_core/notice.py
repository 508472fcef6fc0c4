"""When a service ends after notice was given, and whether a definite term still binds."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal, get_args

from .period import MAX_DAY, MIN_DAY, ONE_DAY, add_months, bill_period

NoticeRule = Literal["days", "month_end", "cycle_end"]
NOTICE_RULES: tuple[NoticeRule, ...] = get_args(NoticeRule)


def notice_end(given: date, months: int, days: int, rule: NoticeRule, cycle_day: int = 1) -> date:
    """Last day of service after a notice of ``months`` and ``days`` that reached the other side on ``given``.

    A notice in months ends on the day of the last month that corresponds to the first one, or on the last day of a
    month without such a day (art. 112 of the Civil Code); in days, at the end of the last one, the first not counted
    (art. 111). ``days``: service ends with it; ``month_end``: with the calendar month it ends in; ``cycle_end``: with
    the bill period it ends in. Without any notice the service ends on the day itself (or with its month or period).
    """
    if months < 0 or days < 0:
        raise ValueError(f"a notice of {months} months and {days} days")
    if rule not in NOTICE_RULES:
        raise ValueError(f"unknown notice rule {rule}")
    end = add_months(given, months) + timedelta(days=days)
    if rule == "month_end":
        return add_months(end.replace(day=1), 1) - ONE_DAY
    if rule == "cycle_end":
        if not MIN_DAY <= cycle_day <= MAX_DAY:
            raise ValueError(f"cycle day {cycle_day} is outside {MIN_DAY}-{MAX_DAY}")
        return bill_period(end, cycle_day).end
    return end


def term_binds(day: date, term_end: date | None) -> bool:
    """Whether a definite term binds on the day. After it a contract runs on open-ended, with notice and no claim."""
    return term_end is not None and day <= term_end


__all__ = ["NOTICE_RULES", "NoticeRule", "notice_end", "term_binds"]
