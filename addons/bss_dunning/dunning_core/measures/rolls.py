"""Roll rates: how much of a bucket grew older instead of being paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from .buckets import BUCKETS, order
from .receivables import HUNDRED, ratio


@dataclass(frozen=True)
class Flow:
    """Debts that lay in one bucket at the opening and lie in another at the close; None: paid meanwhile."""

    opening_bucket: str
    closing_bucket: str | None
    opening: Decimal
    left: Decimal


def roll_rates(flows: Iterable[Flow]) -> dict[str, Decimal | None]:
    """{bucket: percentage of its opening amount that moved into an older one}; the oldest has nowhere to go."""
    opening: defaultdict[str, Decimal] = defaultdict(Decimal)
    moved: defaultdict[str, Decimal] = defaultdict(Decimal)
    for flow in flows:
        opening[flow.opening_bucket] += flow.opening
        if flow.closing_bucket and order(flow.closing_bucket) > order(flow.opening_bucket):
            moved[flow.opening_bucket] += flow.left
    return {code: ratio(moved[code], opening[code], HUNDRED) for code in BUCKETS[:-1]}
