"""When a message may go out, and when one that was not taken is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta

# minutes after the first, second, … attempt
_WAITS = (1, 5, 15, 60, 180)


def next_attempt(now: datetime, attempts: int) -> datetime:
    """Moment of the next attempt after so many (1, 2, …) that the operator did not answer or could not serve."""
    return now + timedelta(minutes=_WAITS[min(max(attempts, 1), len(_WAITS)) - 1])


def allowed_from(local: datetime, hour_from: int, hour_to: int) -> datetime:
    """First moment from ``local`` on at which people may be written to; ``local`` itself inside the hours.

    :param local: time where the customer lives; the answer has its ``tzinfo``
    :param hour_from: first full hour, 0 to 23
    :param hour_to: hour at which it ends, 1 to 24, after ``hour_from``
    """
    if hour_from <= local.hour < hour_to:
        return local
    start = local.replace(hour=hour_from, minute=0, second=0, microsecond=0)
    return start if local.hour < hour_from else start + timedelta(days=1)
