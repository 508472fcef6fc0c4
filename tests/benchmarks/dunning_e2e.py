"""Two nights of dunning on a database of their own: arrears to cases, plans and actions, and actions to jobs.

Runs as a child (``python -m tests.benchmarks.dunning_e2e DATABASE ACCOUNTS``), so that its memory is its own. Times are
of the clock, of one process beside its PostgreSQL: two cores. The loop through the ORM does a sample of the same accounts;
the ratio is of CPU seconds of both processes together. Both take turns, because a busy machine makes CPU seconds of the
same work longer, and some minutes are busier than others.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from .billing_kernel import cost
from .clone import measured
from .dunning_data import NIGHT, build, company
from .dunning_loop import Loop
from .figures import Figure

ACCOUNTS = 200_000
#: so many times the loop and a share of the night take turns
ROUNDS = 4
#: accounts of the loop in a turn: those that fill its caches, and those that count
WARM, SAMPLE = 60, 300
TURN = WARM + SAMPLE
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


@dataclass
class Side:
    """One of the two ways, over all its turns."""

    seconds: float = 0.0
    accounts: int = 0
    clock: float = 0.0
    rows: list[tuple[Any, Any]] = field(default_factory=list)

    def take(self, env: Any, work: Callable[[], Any]) -> None:
        start = time.monotonic()
        seconds, _none = cost(env, work)
        self.clock += time.monotonic() - start
        self.seconds += seconds

    @property
    def speed(self) -> float:
        """Accounts per CPU second."""
        return self.accounts / self.seconds


def loop(env: Any, ids: list[int], side: Side) -> None:
    """A turn through the ORM; what it wrote is remembered and undone.

    On a connection of its own: PostgreSQL keeps the plans of foreign keys that it made while there were no cases, and
    whoever plans a whole night on the same connection reads all cases for each action.
    """
    with env.registry.cursor() as cr:
        own = env(cr=cr)
        accounts = own["bss.account"].browse(ids)
        Loop(own, NIGHT).work(accounts[:WARM])
        sample = accounts[WARM:]
        side.take(own, lambda: Loop(own, NIGHT).work(sample))
        side.accounts += len(sample)
        side.rows.append((sample.ids, told(own, sample)))
        own.invalidate_all(flush=False)
        cr.rollback()


def turns(env: Any) -> tuple[Any, Side, Side]:
    """The first night in shares, before each the loop over accounts whose turn comes in the last share."""
    ours, orm = Side(), Side()
    run = env["bss.dunning.run"].create({"company_id": env.company.id, "as_of": NIGHT})
    ours.take(env, lambda: begin(env, run))
    parts = run.part_ids
    rounds = max(1, min(ROUNDS, len(parts) // 2))
    debtors = [("company_id", "=", env.company.id), ("partner_id.name", "=like", "Dłużnik %")]
    newest = env["bss.account"].search(debtors, order="id desc", limit=rounds * TURN).ids
    env.cr.commit()
    for number in range(rounds):
        share = parts[len(parts) * number // rounds : len(parts) * (number + 1) // rounds]
        loop(env, newest[number * TURN : (number + 1) * TURN], orm)
        ours.take(env, lambda share=share: work(env, share))
    ours.accounts = sum(run.part_ids.mapped("case_count"))
    assert set(run.part_ids.mapped("state")) == {"done"}, run.part_ids.mapped("error")
    return run, ours, orm


def begin(env: Any, run: Any) -> None:
    run._bss_begin()
    env.cr.commit()


def work(env: Any, parts: Any) -> None:
    """The planning of a run, part by part, each its own transaction as its job makes it."""
    for part in parts:
        part._bss_work()
        env.cr.commit()
        env.invalidate_all()


def night(env: Any, day: Any) -> Any:
    run = env["bss.dunning.run"].create({"company_id": env.company.id, "as_of": day})
    begin(env, run)
    work(env, run.part_ids)
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
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run, ours, orm = turns(env)
    for ids, rows in orm.rows:
        assert told(env, env["bss.account"].browse(ids)) == rows, "the loop through the ORM decides otherwise"
    runs = [run]
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
        "plan": max(ours.clock, again, second),
        "first": ours.clock,
        "second": second,
        "queue": seconds / max(due, 1),
        "due": due,
        "ours": ours.speed,
        "orm": orm.speed,
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
        Figure.against("dunning_vs_orm_loop", found["ours"], "accounts/CPU s", found["orm"]),
        Figure("dunning_queue_50k_s", found["queue"] * 50_000, "s"),
    ]


def main(argv: list[str]) -> int:
    from tests.soak.child import environment

    with environment(os.environ["BSS_ODOO_CONF"], argv[0]) as env:
        sys.stdout.write(json.dumps(measure(env, max(int(argv[1]), 2 * ROUNDS * TURN))) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
