"""Two rules of Odoo's tax engine that work on binary fractions, step by step as there.

Only what integers leave open is settled here: halves of a grosz, and which line takes a grosz that is left over.
Source: ``odoo/tools/float_utils.py`` float_round and ``account.tax._distribute_delta_amount_smoothly`` of Odoo 19.0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def half_up(value: float) -> int:
    """Grosz of an amount in zloty; halves go away from zero, a hair below a half counts as one."""
    if value == 0:
        return 0
    normalised = value * 100.0
    epsilon: float = 2 ** (math.log2(abs(normalised)) - 50)
    return round(normalised + math.copysign(epsilon, normalised))


def distribute(delta: int, factors: Sequence[float]) -> list[int]:
    """Parts of ``delta`` grosz, one for each factor: the greatest first, each its share, the rest one by one."""
    parts = [0] * len(factors)
    if not delta:
        return parts
    sign = -1 if delta < 0 else 1
    errors = remaining = abs(delta)
    weights = [(index, abs(factor)) for index, factor in enumerate(factors)]
    weights.sort(key=lambda weight: weight[1], reverse=True)
    # the order of the additions is part of the result
    total = sum(weight for _index, weight in weights)
    shares = [(index, weight / total if total else 1 / len(weights)) for index, weight in weights]
    for index, share in shares:
        if not remaining:
            break
        count = min(round(share * errors), remaining)
        remaining -= count
        parts[index] += sign * count
    for place in range(remaining):
        parts[shares[place][0]] += sign
    return parts
