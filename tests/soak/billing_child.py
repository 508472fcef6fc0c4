"""Child of ``test_billing_kill``: collects and issues a bill run, going on where a killed one stopped.

Called as ``python -m tests.soak.billing_child CONF DATABASE prepare`` and ``… work``.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import Any

from tests.soak.child import environment, tell

BILL_DAY = date(2026, 10, 1)
ACCOUNTS_PER_BATCH = 3

# What must not depend on kills: everything but ids and instants of writing.
DIGESTS = {
    "run": "SELECT state, stage FROM bss_bill_run",
    "items": """SELECT state, count(*), count(DISTINCT account_id), sum(charge_count), sum(amount_total)
                  FROM bss_bill_run_item GROUP BY state ORDER BY state""",
    "numbers": """SELECT count(*), count(DISTINCT name), max(sequence_number) - min(sequence_number) + 1
                    FROM account_move WHERE bss_bill_run_id IS NOT NULL AND state = 'posted'""",
    "invoices": """SELECT a.name, count(*), sum(m.amount_untaxed), sum(m.amount_total)
                     FROM account_move m JOIN bss_account a ON a.id = m.bss_account_id
                    WHERE m.bss_bill_run_id IS NOT NULL GROUP BY a.name ORDER BY a.name""",
    "charges": """SELECT kind, state, count(*), sum(amount), count(DISTINCT identity_key), count(move_line_id)
                    FROM bss_charge GROUP BY kind, state ORDER BY kind, state""",
    "services": "SELECT charged_through, count(*) FROM bss_service GROUP BY charged_through ORDER BY charged_through",
}


def work(env: Any) -> None:
    from odoo.addons.bss_contracts.models import bss_bill_run_collect, bss_bill_run_issue

    bss_bill_run_issue.BATCH = bss_bill_run_collect.COLLECT_BATCH = ACCOUNTS_PER_BATCH
    runs = env["bss.bill.run"]
    run = runs.search([]) or runs.create(
        {"cycle_id": env["bss.bill.cycle"].search([], limit=1).id, "date_invoice": BILL_DAY}
    )
    env.cr.commit()

    def commit(_done: int, _total: int) -> None:
        env.cr.commit()

    if run.stage == "collect":
        tell("collect")
        run._bss_collect(progress=commit)
        env.cr.commit()
    if run.stage != "finished":
        tell("issue")
        run._bss_issue(progress=commit)
        env.cr.commit()
    found = {}
    for name, query in DIGESTS.items():
        env.cr.execute(query)
        found[name] = env.cr.fetchall()
    tell(json.dumps(found, default=str))


def main(argv: list[str]) -> int:
    conf, database, role = argv
    with environment(conf, database, queue_job__no_delay=True) as env:
        if role == "prepare":
            env["bss.demo"].load(BILL_DAY)
            env.cr.commit()
        else:
            work(env)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
