"""The matcher against the careful person, on two months; a failure prints what makes it again.

The same demands as those of ``./bss bench matching``, on 5,000 payments and 20,000 open documents. The months are the same in
every run, so that a red test means a change; the benchmark draws new ones each time.
"""

from __future__ import annotations

import pytest
from tests.benchmarks.matching_desk import Desk, judged
from tests.simulators.payments.judge import ALL, Judge, faults
from tests.simulators.payments.world import make

PAYMENTS = 5_000
CUSTOMERS = 8_800


def told(seed: int, *judges: Judge) -> str:
    lines = [
        line for judge in judges for line in (*(f"{count} × {what}" for what, count in judge.groups()), *judge.examples)
    ]
    return "\n".join((f"seed {seed}", *lines))


@pytest.mark.parametrize("seed", [20261122, 731])
def test_recall_against_the_ceiling_and_nothing_wrong(seed: int) -> None:
    desk = Desk(make(CUSTOMERS, seed))
    assert sum(map(len, desk.world.open_documents.values())) > 18_000
    virtual = judged(desk, PAYMENTS, seed, virtual=True, keep=2)
    plain = judged(desk, PAYMENTS, seed, virtual=False, keep=2)
    assert plain.customers[ALL].payments == PAYMENTS
    assert plain.customers[ALL].decidable > 0.6 * PAYMENTS
    assert not faults(virtual, plain), told(seed, virtual, plain)
