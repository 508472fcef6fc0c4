"""When a network that did not answer is asked again."""

from __future__ import annotations

FIRST_S = 30
LONGEST_S = 3_600


def backoff_s(attempt: int) -> int:
    """Seconds to wait after the ``attempt``-th failure (1, 2, …): doubled each time, an hour at most."""
    doublings = min(max(attempt, 1) - 1, 20)
    return min(FIRST_S << doublings, LONGEST_S)


def retry_after_s(header: str | None) -> int | None:
    """Seconds of a ``Retry-After`` header (RFC 9110 §10.2.3); its form as a date is not used by networks."""
    text = (header or "").strip()
    return min(int(text), LONGEST_S) if text.isascii() and text.isdigit() and len(text) < 10 else None
