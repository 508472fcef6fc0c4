"""A whole cycle under production limits with two workers: everything has its number, in time and within the memory."""

from __future__ import annotations

import os
from collections.abc import Callable

from bss_cli import context, odoo_run
from tests.benchmarks import ksef_cycle

MOST_MINUTES = 45.0
MOST_MEMORY = 400.0
MOST_CALLS = 40


def test_cycle(fresh_database: str, soak_size: Callable[[int, int], int]) -> None:
    invoices = soak_size(1_200, 300_000)
    os.environ.setdefault("BSS_ODOO_CONF", str(odoo_run.write_conf(context.prepare())))
    cycle = ksef_cycle.run(fresh_database, invoices, per_session=10_000 if invoices >= 30_000 else 400)
    print(cycle)  # noqa: T201  what the large size is run for
    assert cycle.same, "Odoo and the register of KSeF disagree"
    assert cycle.in_odoo == cycle.in_ksef == invoices
    assert cycle.memory < MOST_MEMORY
    assert max(cycle.calls, cycle.most_calls) <= MOST_CALLS
    if invoices >= ksef_cycle.FULL:
        assert cycle.minutes_of_300k <= MOST_MINUTES
