"""Two nights of dunning on a database of their own: arrears to cases, plans and actions, and actions to jobs.

Runs as a child (``python -m tests.benchmarks.dunning_e2e DATABASE ACCOUNTS``), so that its memory is its own. Times are
of the clock, of one process beside its PostgreSQL: two cores. The loop through the ORM does a sample of the same accounts;
the ratio is of CPU seconds of both processes together, which a busy machine does not blur.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from .billing_kernel import cost
from .clone import measured
from .dunning_data import NIGHT, PATTERNS, build, company
from .dunning_loop import Loop
from .figures import Figure

ACCOUNTS = 200_000
SAMPLE = 240
CASES = """
SELECT account_id, strategy_id, stage_id, amount_overdue, amount_demanded, amount_credit, oldest_due, days_overdue,
       next_step_id, date_next, next_code, next_params::text
  FROM bss_dunning_case WHERE account_id = ANY(%(ids)s) ORDER BY account_id
"""
ACTIONS = """
SELECT action.account_id, action.step_id, action.round, action.date, action.channel, action.by_hand, action.amount,
       array_agg(rel.line_id ORDER BY rel.line_id)
  FROM bss_dunning_action action JOIN bss_dunning_action_move_line_rel rel ON rel.action_id = action.id
 WHERE action.account_id = ANY(%(ids)s) GROUP BY action.id ORDER BY action.account_id
"""


def clock(work: Callable[[], Any]) -> float:
    start = time.monotonic()
    work()
    return time.monotonic() - start


def told(env: Any, accounts: Any) -> list[Any]:
    env.flush_all()
    found = []
    for query in (CASES, ACTIONS):
        env.cr.execute(query, {"ids": accounts.ids})
        found.append(env.cr.fetchall())
    return found


def loop(env: Any) -> dict[str, Any]:
    """CPU seconds per account through the ORM, and what it wrote; nothing of it stays.

    On a connection of its own: PostgreSQL keeps the plans of foreign keys that it made while there were no cases, and
    whoever plans a whole night on the same connection reads all cases for each action.
    """
    accounts = env["bss.account"].search([("company_id", "=", env.company.id)], order="id", limit=SAMPLE * 2)
    first, sample = accounts[:SAMPLE], accounts[SAMPLE:]
    with env.cr.savepoint(flush=False) as point:
        Loop(env, NIGHT).work(first)  # fills the caches
        seconds, _none = cost(env, lambda: Loop(env, NIGHT).work(sample))
        rows = told(env, sample)
        env.invalidate_all(flush=False)
        point.rollback()
    return {"seconds": seconds / len(sample), "sample": sample, "rows": rows}


def night(env: Any, day: Any) -> Any:
    """The planning of a run, part by part, each its own transaction as its job makes it."""
    run = env["bss.dunning.run"].create({"company_id": env.company.id, "as_of": day})
    run._bss_begin()
    env.cr.commit()
    for part in run.part_ids:
        part._bss_work()
        env.cr.commit()
        env.invalidate_all()
    assert set(run.part_ids.mapped("state")) == {"done"}, run.part_ids.mapped("error")
    return run


def carry_out(env: Any, run: Any) -> None:
    """What the actions of a night leave behind, without their letters."""
    env.cr.execute(
        """
        WITH done AS (
            UPDATE bss_dunning_action SET state = 'done', date_done = %(day)s WHERE run_id = %(run)s RETURNING case_id, step_id
        ) UPDATE bss_dunning_case dunning SET step_id = done.step_id FROM done WHERE dunning.id = done.case_id
        """,
        {"day": run.as_of, "run": run.id},
    )
    env.cr.commit()
    env.cr.execute("ANALYZE")
    env.cr.commit()


def queue(env: Any, run: Any) -> None:
    """All planned actions of a run in the queue of jobs, in batches."""
    run._job_queue()
    env.cr.commit()


def measure(env: Any, accounts: int) -> dict[str, float]:
    env = company(env)
    env.cr.commit()
    built = clock(lambda: build(env, accounts))
    with env.registry.cursor() as cr:
        slow = loop(env(cr=cr))
    env.cr.commit()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    runs: list[Any] = []
    start = time.monotonic()
    ours, _none = cost(env, lambda: runs.append(night(env, NIGHT)))
    first = time.monotonic() - start
    assert told(env, slow["sample"]) == slow["rows"], "the loop through the ORM decides otherwise"
    run = runs[0]
    due = len(run.action_ids)
    seconds = clock(lambda: queue(env, run))
    env.cr.execute("DELETE FROM queue_job")
    again = clock(lambda: runs.append(night(env, NIGHT)))
    assert not runs[1].action_ids, "the same day again made new actions"
    carry_out(env, run)
    second = clock(lambda: runs.append(night(env, NIGHT + timedelta(days=1))))
    env.cr.execute("SELECT count(*) FROM bss_dunning_case WHERE state = 'open' AND company_id = %s", (env.company.id,))
    assert env.cr.fetchone()[0] >= accounts
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "built": built,
        "plan": max(first, again, second),
        "first": first,
        "second": second,
        "queue": seconds / max(due, 1),
        "due": due,
        "ours": ours / accounts,
        "orm": slow["seconds"],
        "memory": peak,
        "before": before / 1024,
    }


def figures() -> list[Figure]:
    """Figures of a run on a clone of the template database, dropped afterwards."""
    size = os.environ.get("BSS_SIZE", "")
    accounts = int(size) if size.isdigit() else ACCOUNTS
    found = measured("tests.benchmarks.dunning_e2e", str(accounts))
    scale = ACCOUNTS / accounts
    return [
        Figure("dunning_plan_200k_s", found["plan"] * scale, "s"),
        Figure("dunning_plan_memory_mb", found["memory"], "MiB"),
        Figure.against("dunning_vs_orm_loop", 1 / found["ours"], "accounts/CPU s", 1 / found["orm"]),
        Figure("dunning_queue_50k_s", found["queue"] * 50_000, "s"),
    ]


def main(argv: list[str]) -> int:
    from tests.soak.child import environment

    with environment(os.environ["BSS_ODOO_CONF"], argv[0]) as env:
        sys.stdout.write(json.dumps(measure(env, max(int(argv[1]), SAMPLE * 2 + len(PATTERNS)))) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
