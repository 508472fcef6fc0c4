"""When a message that was not taken is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta

# minutes after the first, second, … attempt
_WAITS = (1, 5, 15, 60, 180)


def next_attempt(now: datetime, attempts: int) -> datetime:
    """Moment of the next attempt after so many (1, 2, …) that the operator did not answer or could not serve."""
    return now + timedelta(minutes=_WAITS[min(max(attempts, 1), len(_WAITS)) - 1])
