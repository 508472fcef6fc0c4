"""Whom a collector works first: value by urgency.

The same rule stands in SQL where lists are sorted (``bss.dunning.case._order_field_to_sql``); a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

# A debt gains weight with its age for this long; after it, age alone brings nothing more.
AGE_DAYS = 90
DUE_FACTOR = Decimal(2)
HOLD_FACTOR = Decimal("0.25")
WATCHED_FACTOR = Decimal("0.1")


@dataclass(frozen=True)
class Standing:
    """What the order of a worklist looks at."""

    amount: Decimal
    days: int
    due: bool
    held: bool
    watched: bool


def score(standing: Standing) -> Decimal:
    """Value by urgency: the amount, up to twice for its age, twice when a step waits, less when nothing may be done."""
    age = Decimal(min(max(standing.days, 0), AGE_DAYS)) / AGE_DAYS
    result = standing.amount * (1 + age)
    if standing.due:
        result *= DUE_FACTOR
    if standing.held:
        result *= HOLD_FACTOR
    if standing.watched:
        result *= WATCHED_FACTOR
    return result
