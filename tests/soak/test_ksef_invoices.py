"""10,000 random invoices of all kinds: every one valid by the schema, balanced, and taken by the simulator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import SystemRandom

from ksef_core import fa3
from tests.kernels.fa3_random_checks import judge


def test_every_random_invoice_may_be_sent(soak_size: Callable[[int, int], int]) -> None:
    start = SystemRandom().randrange(10**12)
    size = soak_size(200, 10_000)
    kinds = Counter(judge(seed) for seed in range(start, start + size))
    assert kinds.total() == size
    assert set(kinds) == set(fa3.Kind)
