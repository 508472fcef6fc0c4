"""The months before the demo's cycle: bill runs that were issued and paid, so that a preview has something to compare."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from . import demo_settle

SEED = 20_260_103
MONTHS = 2
SHARE_PAID = 0.995

Bar = Callable[[str], Callable[[int, int], None]]


Late = Callable[[Any], bool]


def first_days(as_of: date, months: int) -> list[date]:
    """First days of so many months before ``as_of``, the oldest first, and ``as_of`` itself."""
    starts = [as_of]
    for _month in range(months):
        starts.append((starts[-1] - timedelta(days=1)).replace(day=1))
    return starts[::-1]


def bills(
    env: Any, as_of: date, bar: Bar, months: int = MONTHS, late: Late | None = None
) -> Iterator[tuple[date, int, Decimal]]:
    """Issue and settle the bills of the months before ``as_of``, each like every other bill; commits.

    :param late: says of an invoice that it is not paid when it is due; without it a few are left by chance.
    Yields (first day, number of invoices, gross amount) of each.
    """
    starts = first_days(as_of, months)
    # what is charged up to the day before the cycle is charged by these bills, from the first of them on
    env.flush_all()
    env.cr.execute(
        """UPDATE bss_service SET charged_through = %s
            WHERE charged_through = %s AND company_id = %s AND date_start < %s""",
        (starts[0] - timedelta(days=1), as_of - timedelta(days=1), env.company.id, starts[0]),
    )
    env.invalidate_all()
    cycle = env["bss.bill.cycle"].search([("company_id", "=", env.company.id)], limit=1)
    for start, following in zip(starts, starts[1:], strict=False):
        run = env["bss.bill.run"].create(
            {
                "cycle_id": cycle.id,
                "date_start": start,
                "date_end": following - timedelta(days=1),
                "date_invoice": start,
            }
        )
        run._bss_collect(progress=bar(f"charges {start:%Y-%m}"))
        run._bss_issue(progress=bar(f"invoices {start:%Y-%m}"))
        env.cr.commit()
        _pay(env, run, late)
        env.cr.commit()
        env.invalidate_all()
        yield start, run.issued_count, Decimal(str(run.amount_total))


def _pay(env: Any, run: Any, late: Late | None) -> None:
    pool = env["bss.virtual.account.pool"].search([("company_id", "=", env.company.id)], limit=1)
    invoices = env["account.move"].search(
        [("bss_bill_run_id", "=", run.id), ("state", "=", "posted"), ("amount_residual", ">", 0)], order="id"
    )
    dice = random.Random(SEED)
    forgets = late or (lambda _move: dice.random() >= SHARE_PAID)
    demo_settle.pay(env, pool.journal_id, invoices.filtered(lambda move: not forgets(move)))
