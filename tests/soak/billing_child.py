"""Child of ``test_billing_kill``: collects and issues a bill run, going on where a killed one stopped.

Called as ``python -m tests.soak.billing_child CONF DATABASE prepare ACCOUNTS`` and ``… work``.
"""

from __future__ import annotations

import sys
from datetime import date
from typing import Any

from tests.soak.child import digest, environment, tell, tell_found

BILL_DAY = date(2026, 10, 1)
START = date(2026, 7, 1)
ACCOUNTS_PER_BATCH = 20
ITEMS_PER_CHUNK = 10
STEPS = {"_bss_look": "look", "_bss_reserve": "reserve", "_bss_write": "write", "_bss_work_orm": "orm"}

# What must not depend on kills: everything but ids and instants of writing.
DIGESTS = {
    "run": "SELECT state, stage FROM bss_bill_run",
    "items": """SELECT state, count(*), count(DISTINCT account_id), sum(charge_count), sum(amount_total)
                  FROM bss_bill_run_item GROUP BY state ORDER BY state""",
    "numbers": """SELECT count(*), count(DISTINCT name), max(sequence_number) - min(sequence_number) + 1
                    FROM account_move WHERE bss_bill_run_id IS NOT NULL AND state = 'posted'""",
    "tiers": "SELECT count(*) FROM bss_bill_run_chunk WHERE tier = 'copy' HAVING count(*) > 0",
    "open": "SELECT count(*) FROM bss_bill_run_chunk WHERE state <> 'done'",
    "invoices": """SELECT a.name, count(*), sum(m.amount_untaxed), sum(m.amount_total)
                     FROM account_move m JOIN bss_account a ON a.id = m.bss_account_id
                    WHERE m.bss_bill_run_id IS NOT NULL GROUP BY a.name ORDER BY a.name""",
    "charges": """SELECT kind, state, count(*), sum(amount), count(DISTINCT identity_key), count(move_line_id)
                    FROM bss_charge GROUP BY kind, state ORDER BY kind, state""",
    "services": "SELECT charged_through, count(*) FROM bss_service GROUP BY charged_through ORDER BY charged_through",
}


def prepare(env: Any, accounts: int) -> None:
    """The demo, and so many ordinary customers of one kind that their invoices are written as rows."""
    env["bss.demo"].load(BILL_DAY)
    set_param = env["ir.config_parameter"].set_param
    set_param("bss_contracts.bill_run_small", "1")
    set_param("bss_contracts.bill_run_chunk_size", str(ITEMS_PER_CHUNK))
    add_customers(env, accounts)
    env.cr.commit()


def add_customers(env: Any, count: int) -> None:
    cycle = env["bss.bill.cycle"].search([], limit=1)
    product = env["bss.service"].search([("state", "=", "active")], limit=1).product_id
    partners = env["res.partner"].create([{"name": f"Customer {n:05}", "lang": env.user.lang} for n in range(count)])
    accounts = env["bss.account"].create([{"partner_id": one.id, "bill_cycle_id": cycle.id} for one in partners])
    contracts = env["bss.contract"].create(
        [{"account_id": one.id, "date_start": START, "state": "active"} for one in accounts]
    )
    env["bss.service"].create(
        [{"contract_id": one.id, "product_id": product.id, "state": "active", "date_start": START} for one in contracts]
    )


def tell_steps(env: Any) -> None:
    """Every step of a chunk says that it begins."""
    chunks = type(env["bss.bill.run.chunk"])
    for name, word in STEPS.items():
        method = getattr(chunks, name)

        def told(self: Any, *args: Any, method: Any = method, word: str = word) -> Any:
            tell(word)
            return method(self, *args)

        setattr(chunks, name, told)


def work(env: Any) -> None:
    from odoo.addons.bss_contracts.models import bss_bill_run_collect

    bss_bill_run_collect.COLLECT_BATCH = ACCOUNTS_PER_BATCH
    tell_steps(env)
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
        run.with_context(bss_commit=True)._bss_issue(progress=commit)
        env.cr.commit()
    tell_found(digest(env, DIGESTS))


def main(argv: list[str]) -> int:
    conf, database, role, *size = argv
    with environment(conf, database, queue_job__no_delay=True) as env:
        if role == "prepare":
            prepare(env, int(size[0]))
        else:
            work(env)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
