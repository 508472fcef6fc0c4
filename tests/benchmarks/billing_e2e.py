"""Bill runs from collected charges to posted invoices: the issue stage as its jobs do it, on a base made by the data maker.

Every part is a child (``python -m tests.benchmarks.billing_e2e DATABASE PART …``), so that its memory is its own. Costs are
CPU seconds of the child and of its PostgreSQL process together; only the two workers are measured by the clock.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from datetime import date
from typing import Any

from .billing_kernel import cost, undone
from .charges_e2e import server_seconds
from .clone import clone
from .figures import Figure

AS_OF = date(2026, 11, 1)
PERIOD_END = date(2026, 11, 30)
SMALL, LARGE, FULL = 5_000, 20_000, 100_000
WORKER_CHUNK, CHUNKS_OF_ONE = 1_000, 3
WORKERS = 3 * CHUNKS_OF_ONE * WORKER_CHUNK
ORM_BATCH, ORM_ROUNDS = 100, 3
KEPT = {"queue_job__no_delay": True, "bss_commit": True}


def prepare(env: Any, large: int) -> dict[str, Any]:
    """A base of customers in bill cycles with a journal each, and a collected run of every cycle."""
    from bss_cli import demo_accounts

    company = env["bss.demo"].load(AS_OF)["company"]
    env = env(context={**env.context, "allowed_company_ids": company.ids, "lang": "pl_PL", "tz": "Europe/Warsaw"})
    env.cr.commit()
    first = env["bss.bill.cycle"].search([], limit=1)
    sizes = {"small": SMALL, "large": large, "workers": WORKERS}
    start = time.monotonic()
    demo_accounts.grow(env, sum(sizes.values()) + 1, AS_OF)
    grown = time.monotonic() - start
    env.cr.execute("SELECT id FROM bss_account ORDER BY id")
    ids = [row[0] for row in env.cr.fetchall()]
    found: dict[str, Any] = {"grow": grown}
    cursor = 0
    for name, size in sizes.items():
        journal = first.journal_id.copy({"name": f"Bench {name}", "code": f"B{name[:3].upper()}"})
        cycle = first.copy({"name": f"Bench {name}", "journal_id": journal.id})
        env.cr.execute(
            "UPDATE bss_account SET bill_cycle_id = %s WHERE id = ANY(%s)", (cycle.id, ids[cursor : cursor + size])
        )
        cursor += size
        env.invalidate_all()
        run = env["bss.bill.run"].create(
            {"cycle_id": cycle.id, "date_start": AS_OF, "date_end": PERIOD_END, "date_invoice": AS_OF}
        )
        env.cr.commit()
        seconds, _none = cost(env, run._bss_collect)
        env.cr.commit()
        found[name] = {"run": run.id, "collect": seconds / size}
        env["ir.config_parameter"].set_param("bss_contracts.bill_run_chunk_size", WORKER_CHUNK)
    workers = env["bss.bill.run"].browse(found["workers"]["run"])
    workers.write({"state": "running", "stage": "issue"})
    found["chunks"] = workers._bss_cut_chunks().filtered(lambda chunk: chunk.way == "rows").ids
    env["ir.config_parameter"].set_param("bss_contracts.bill_run_chunk_size", False)
    env.cr.commit()
    return found


def issue(env: Any, run_id: int) -> dict[str, float]:
    """CPU seconds per invoice of a whole issue stage, with its canaries, its rows and what follows them."""
    run = env["bss.bill.run"].browse(run_id)
    start, server, wall = time.process_time(), server_seconds(env.cr), time.monotonic()
    run._bss_issue()
    env.cr.commit()
    cpu, backend = time.process_time() - start, server_seconds(env.cr) - server
    wall = time.monotonic() - wall
    env.cr.execute(
        """SELECT count(*), count(DISTINCT name), max(sequence_number) - min(sequence_number) + 1
             FROM account_move WHERE bss_bill_run_id = %s AND state = 'posted'""",
        (run_id,),
    )
    count, distinct, span = env.cr.fetchone()
    assert count == distinct == span == run.issued_count, (count, distinct, span, run.issued_count, run.error_count)
    env.cr.execute(
        "SELECT tier, sum(invoice_count), string_agg(DISTINCT reason, ' | ') FROM bss_bill_run_chunk WHERE run_id = %s GROUP BY 1",
        (run_id,),
    )
    sys.stderr.write(f"{count} invoices: Python {cpu:.1f} s, PostgreSQL {backend:.1f} s; {env.cr.fetchall()}\n")
    copied = run.chunk_ids.filtered(lambda chunk: chunk.tier == "copy").mapped("invoice_count")
    return {
        "count": count,
        "copied": sum(copied),
        "python": cpu / count,
        "server": backend / count,
        "cpu": (cpu + backend) / count,
        "wall": wall / count,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def stock(env: Any, run_id: int) -> dict[str, float]:
    """CPU seconds per invoice when Odoo makes and posts the same invoices in its own way, a hundred at a time."""
    from odoo.addons.bss_contracts import bulk

    run = env["bss.bill.run"].browse(run_id)
    items = run.item_ids.filtered(lambda item: item.state == "pending").sorted("id")
    items = items[: ORM_BATCH * (ORM_ROUNDS + 1)].ids
    requests = run._bss_requests(items).invoices

    def work(some: list[Any]) -> None:
        moves = env["account.move"].create([bulk.move_vals(run, request) for request in some])
        moves.action_post()
        env.cr.flush()

    found = []
    for start in range(0, ORM_BATCH * (ORM_ROUNDS + 1), ORM_BATCH):
        batch = requests[start : start + ORM_BATCH]
        with undone(env):
            found.append(cost(env, lambda batch=batch: work(batch))[0] / len(batch))
    env.cr.rollback()
    return {"cpu": statistics.median(found[1:])}  # the first fills the caches


def work(env: Any, chunk_ids: list[int]) -> dict[str, float]:
    """Issue these chunks when told to."""
    chunks = env["bss.bill.run.chunk"].browse(chunk_ids)
    chunks.mapped("run_id.cycle_id.journal_id.name")
    env.cr.commit()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    start = time.monotonic()
    for chunk in chunks:
        chunk._bss_work()
        env.cr.commit()
    env.invalidate_all()
    assert set(chunks.mapped("state")) == {"done"}, chunks.mapped("error")
    return {"count": sum(chunks.mapped("invoice_count")), "wall": time.monotonic() - start}


def child(database: str, part: str, *args: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.billing_e2e", database, part, json.dumps(args)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def answer(process: subprocess.Popen[str]) -> dict[str, Any]:
    out = process.communicate()[0]
    assert process.returncode == 0, f"a part of the benchmark failed with {process.returncode}"
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return found


def together(database: str, parts: list[list[int]]) -> float:
    """Invoices per second of the clock of workers that begin at once, one for each list of chunks."""
    workers = [child(database, "work", chunk_ids) for chunk_ids in parts]
    for one in workers:
        assert one.stdout
        assert one.stdout.readline() == "ready\n"
    start = time.monotonic()
    for one in workers:
        assert one.stdin
        one.stdin.write("\n")
        one.stdin.flush()
    counts = [answer(one)["count"] for one in workers]
    return float(sum(counts)) / (time.monotonic() - start)


def figures(full: bool = False) -> list[Figure]:
    """Figures of runs on a clone of the template database, dropped afterwards."""
    with clone() as database:
        base = answer(child(database, "prepare", FULL if full else LARGE))
        orm = answer(child(database, "stock", base["small"]["run"]))
        small = answer(child(database, "issue", base["small"]["run"]))
        large = answer(child(database, "issue", base["large"]["run"]))
        each = CHUNKS_OF_ONE
        one = together(database, [base["chunks"][:each]])
        two = together(database, [base["chunks"][each : 2 * each], base["chunks"][2 * each : 3 * each]])
    growth = large["cpu"] / small["cpu"]
    return [
        Figure.against("billing_e2e_vs_orm", 1 / large["cpu"], "invoices/s", 1 / orm["cpu"]),
        Figure("billing_e2e_python_ms", large["python"] * 1000, "ms"),
        Figure("billing_e2e_postgresql_ms", large["server"] * 1000, "ms"),
        Figure("billing_e2e_as_rows", 100 * large["copied"] / large["count"], "%"),
        Figure(f"billing_linear_{small['count']}_to_{large['count']}", growth, "x"),
        Figure.against("billing_two_workers", two, "invoices/s (clock)", one),
        Figure("billing_worker_memory_peak", large["memory"], "MiB"),
        Figure("billing_collect_accounts_per_cpu_s", 1 / base["large"]["collect"], "accounts/s"),
    ]


PARTS = {"prepare": prepare, "issue": issue, "stock": stock, "work": work}


def main(argv: list[str]) -> int:
    from tests.soak.child import environment

    database, part, args = argv
    with environment(os.environ["BSS_ODOO_CONF"], database, alone=part != "work") as env:
        kept = env(context={**env.context, **(KEPT if part != "stock" else {}), "lang": "pl_PL", "tz": "Europe/Warsaw"})
        found = PARTS[part](kept, *json.loads(args))
        sys.stdout.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
