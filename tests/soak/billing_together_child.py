"""Child of ``test_billing_together``: issues its share of the chunks of a run, or posts by hand in the same journal.

Called as ``python -m tests.soak.billing_together_child CONF DATABASE prepare ACCOUNTS``, ``… work WORKER WORKERS``,
``… clerk SECONDS`` and ``… digest``.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from tests.soak.billing_child import BILL_DAY, DIGESTS, add_customers
from tests.soak.child import digest, environment, tell_found
from tests.soak.together import again, post_for, ready, repeats

CHUNK = 60


def prepare(env: Any, accounts: int) -> None:
    """A collected run, cut into chunks that nobody works on yet."""
    env["bss.demo"].load(BILL_DAY)
    set_param = env["ir.config_parameter"].set_param
    set_param("bss_contracts.bill_run_small", "1")
    set_param("bss_contracts.bill_run_chunk_size", str(CHUNK))
    add_customers(env, accounts)
    cycle = env["bss.bill.cycle"].search([], limit=1)
    run = env["bss.bill.run"].create({"cycle_id": cycle.id, "date_invoice": BILL_DAY})
    run._bss_collect()
    run.write({"state": "running", "stage": "issue"})
    run._bss_cut_chunks()
    env.cr.commit()


def work(env: Any, worker: int, workers: int) -> dict[str, Any]:
    chunks = env["bss.bill.run.chunk"].with_context(bss_commit=True).search([], order="sequence")
    own = chunks[worker::workers]
    ready()
    start = time.monotonic()
    for chunk in own:
        again(env, chunk._bss_work)
    seconds = time.monotonic() - start
    return {"invoices": sum(own.mapped("invoice_count")), "seconds": seconds, **repeats}


def clerk(env: Any, seconds: float) -> dict[str, Any]:
    """Posts an invoice by hand, and another one, and another one."""
    run = env["bss.bill.run"].search([], limit=1)
    journal, partner = run.cycle_id.journal_id, env["res.partner"].search([], limit=1)
    product = env["bss.service"].search([], limit=1).product_id

    def post() -> None:
        env["account.move"].create(
            {
                "move_type": "out_invoice",
                "journal_id": journal.id,
                "partner_id": partner.id,
                "invoice_date": BILL_DAY,
                "invoice_line_ids": [(0, 0, {"product_id": product.id, "price_unit": 10})],
            }
        ).action_post()

    return post_for(env, seconds, post)


def books(env: Any) -> dict[str, Any]:
    env["bss.bill.run"].search([], limit=1)._bss_issue()
    env.cr.commit()
    queries = {
        **DIGESTS,
        "numbers": """SELECT sequence_prefix, count(*), count(DISTINCT name), max(sequence_number), min(sequence_number),
                             count(*) FILTER (WHERE made_sequence_gap)
                        FROM account_move WHERE state = 'posted' AND journal_id IN (SELECT journal_id FROM bss_bill_cycle)
                    GROUP BY sequence_prefix""",
        "once": """SELECT count(*), count(DISTINCT bss_account_id) FROM account_move
                    WHERE bss_bill_run_id IS NOT NULL AND move_type = 'out_invoice'""",
    }
    return digest(env, queries)


def main(argv: list[str]) -> int:
    conf, database, role, *rest = argv
    with environment(conf, database, alone=role in ("prepare", "digest"), queue_job__no_delay=True) as env:
        if role == "prepare":
            prepare(env, int(rest[0]))
            found: dict[str, Any] = {}
        elif role == "work":
            found = work(env, int(rest[0]), int(rest[1]))
        elif role == "clerk":
            found = clerk(env, float(rest[0]))
        else:
            found = books(env)
        tell_found(found)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
