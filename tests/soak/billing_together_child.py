"""Child of ``test_billing_together``: issues its share of the chunks of a run, or posts by hand in the same journal.

Called as ``python -m tests.soak.billing_together_child CONF DATABASE prepare ACCOUNTS``, ``… work WORKER WORKERS``,
``… clerk SECONDS`` and ``… digest``.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import psycopg2.errors

from tests.soak.billing_child import BILL_DAY, DIGESTS, add_customers
from tests.soak.child import environment, tell

CHUNK = 60
RETRIES = 200


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


def again(env: Any, step: Any) -> Any:
    """What Odoo does with a request or a job: lost races begin anew."""
    from odoo.exceptions import UserError

    for _attempt in range(RETRIES):
        try:
            result = step()
            env.cr.commit()
            return result
        except (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected):
            env.cr.rollback()
            repeats["lost races"] += 1
        except UserError as error:
            env.cr.rollback()
            if "try again in a minute" not in str(error):
                raise
            repeats["told to wait"] += 1
            time.sleep(0.1)
        env.invalidate_all(flush=False)
    raise RuntimeError("never came through")


repeats = {"lost races": 0, "told to wait": 0}


def work(env: Any, worker: int, workers: int) -> dict[str, Any]:
    chunks = env["bss.bill.run.chunk"].with_context(bss_commit=True).search([], order="sequence")
    own = chunks[worker::workers]
    tell("ready")
    sys.stdin.readline()
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
    tell("ready")
    sys.stdin.readline()
    end, posted = time.monotonic() + seconds, 0

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

    while time.monotonic() < end:
        again(env, post)
        posted += 1
    return {"posted": posted, **repeats}


def digest(env: Any) -> dict[str, Any]:
    env["bss.bill.run"].search([], limit=1)._bss_issue()
    env.cr.commit()
    found = {}
    queries = {
        **DIGESTS,
        "numbers": """SELECT sequence_prefix, count(*), count(DISTINCT name), max(sequence_number), min(sequence_number),
                             count(*) FILTER (WHERE made_sequence_gap)
                        FROM account_move WHERE state = 'posted' AND journal_id IN (SELECT journal_id FROM bss_bill_cycle)
                    GROUP BY sequence_prefix""",
        "once": """SELECT count(*), count(DISTINCT bss_account_id) FROM account_move
                    WHERE bss_bill_run_id IS NOT NULL AND move_type = 'out_invoice'""",
    }
    for name, query in queries.items():
        env.cr.execute(query)
        found[name] = env.cr.fetchall()
    return found


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
            found = digest(env)
        tell(json.dumps(found, default=str))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
