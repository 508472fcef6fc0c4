"""A whole cycle of invoicing: posted rows → frozen, packed, sent to the simulator under production limits, UPO mapped.

Two workers execute the jobs as Odoo's workers do; the simulator is a process of its own, and so is every worker, so that
its memory is its own. The clock runs from the first job to the last invoice with its number, workers already started.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .figures import Figure
from .ksef_rows import NIP

ROOT = Path(__file__).resolve().parents[2]
INVOICES, FULL = 30_000, 300_000
TOKEN = "benchmark-of-the-cycle"
CHANNEL = "root.bss.ksef"
SESSION = re.compile(r"/v2/sessions/(?:batch/)?(\d{8}-SB-[^/]+)")
WORKERS = 2
#: The real KSeF needs a while, too.
DELAY = 2.0


@dataclass(frozen=True)
class Cycle:
    """What one cycle took."""

    invoices: int
    sessions: int
    seconds: float
    cpu_ms: float
    memory: float
    calls: float
    most_calls: int
    refused_by_limits: int
    in_odoo: int
    in_ksef: int
    same: bool

    @property
    def minutes_of_300k(self) -> float:
        """Of three hundred thousand invoices, at the speed of this cycle."""
        return self.seconds / 60 * FULL / self.invoices


@contextmanager
def simulator(limits: str = "production", delay: float = DELAY) -> Iterator[str]:
    """Address of a simulator in a process of its own."""
    command = [sys.executable, "-m", "simulators.ksef", "--port", "0", "--limits", limits, "--delay", str(delay)]
    process = subprocess.Popen(
        [*command, "--token", f"{NIP}={TOKEN}"], stdout=subprocess.PIPE, text=True, cwd=ROOT / "tests"
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.communicate()


def ask(base: str, what: str) -> Any:
    """Answer of the simulator's administration."""
    with urllib.request.urlopen(f"{base.removesuffix('/v2')}/_sim/{what}") as answer:
        return json.load(answer)


def child(database: str, part: str, *args: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.ksef_cycle", database, part, json.dumps(args)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def answer(process: subprocess.Popen[str]) -> dict[str, Any]:
    out = process.communicate()[0]
    assert process.returncode == 0, f"a part of the cycle failed with {process.returncode}"
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return found


def run(database: str, invoices: int, per_session: int = 10_000, workers: int = WORKERS) -> Cycle:
    """One cycle on a database without data."""
    with simulator() as base:
        answer(child(database, "prepare", base, invoices, per_session))
        running = [child(database, "work") for _ in range(workers)]
        for one in running:
            assert one.stdout
            assert one.stdout.readline() == "ready\n"
        start = time.monotonic()
        queued = child(database, "queue")
        for one in running:
            assert one.stdin
            one.stdin.write("\n")
            one.stdin.flush()
        found = [answer(one) for one in (queued, *running)]
        seconds = max(one["ended"] for one in found) - start
        outcome = answer(child(database, "outcome"))
        register, doubled = ask(base, "numbers"), ask(base, "duplicates")
        requests = [row for row in ask(base, "requests") if row["path"].startswith("/v2/")]
    # what belongs to one session, and beside it everything else (logins, keys, lists), shared by all
    of_session = Counter(named.group(1) for row in requests if (named := SESSION.match(row["path"])))
    opened = sum(row["path"] == "/v2/sessions/batch" and row["status"] == 201 for row in requests)
    return Cycle(
        invoices=invoices,
        sessions=opened,
        seconds=seconds,
        cpu_ms=sum(one["cpu"] for one in found) / invoices * 1000,
        memory=max(one["memory"] for one in found),
        calls=len(requests) / opened,
        most_calls=max(of_session.values()) + 1,  # its opening does not name it yet
        refused_by_limits=sum(row["status"] == 429 for row in requests),
        in_odoo=len(outcome["numbers"]),
        in_ksef=len(register),
        same=outcome["numbers"] == register and not doubled,
    )


def figures(invoices: int = INVOICES) -> list[Figure]:
    """Figures of a cycle on a clone of the template database, dropped afterwards."""
    from .clone import clone

    with clone() as database:
        cycle = run(database, invoices)
    assert cycle.same, cycle
    return [
        Figure(f"ksef_cycle_{invoices // 1000}k_minutes", cycle.seconds / 60, "min"),
        Figure("ksef_cycle_300k_minutes", cycle.minutes_of_300k, "min"),
        Figure("ksef_cycle_cpu_ms", cycle.cpu_ms, "ms"),
        Figure("limited_calls_per_session", max(cycle.calls, cycle.most_calls), "calls"),
        Figure("ksef_worker_memory_peak", cycle.memory, "MiB"),
    ]


# ---------------------------------------------------------------- parts of the cycle, each a process


def prepare(env: Any, base: str, invoices: int, per_session: int) -> dict[str, Any]:
    from tests.soak import ksef_worker

    from . import ksef_rows

    ksef_worker.prepare(env, base, TOKEN, str(per_session))
    ksef_rows.prepare(env, invoices)
    return {}


def queue(env: Any) -> dict[str, Any]:
    """What the scheduled action does: jobs for all that waits."""
    company = env["res.company"].search([("bss_ksef_enabled", "=", True)])
    env["bss.ksef.session"]._bss_queue(company)
    env.cr.commit()
    return {}


def work(env: Any) -> dict[str, Any]:
    """One worker: every job that is due, until nothing waits any more."""
    from tests.soak import jobs

    env["account.move"].search([], limit=1).mapped("name")  # warm as a worker that has been serving for a while
    env.cr.commit()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()

    def over() -> bool:
        """Everything has its number, or nobody will bring it: no job is left of those that there were."""
        env.cr.execute("SELECT count(*) FROM queue_job WHERE channel = %s", (CHANNEL,))
        queued = env.cr.fetchone()[0]
        return bool(queued) and not jobs.left(env, CHANNEL)

    jobs.run_all(env, CHANNEL, pause=0.5, longest=4 * 3600, idle=over)
    return {}


def outcome(env: Any) -> dict[str, Any]:
    env.cr.execute(
        "SELECT name, bss_ksef_number FROM account_move WHERE state = 'posted' AND bss_ksef_state = 'accepted'"
    )
    return {"numbers": dict(env.cr.fetchall())}


PARTS = {"prepare": prepare, "queue": queue, "work": work, "outcome": outcome}


def main(argv: list[str]) -> int:
    from tests.soak.child import environment

    database, part, args = argv
    with environment(os.environ["BSS_ODOO_CONF"], database, alone=False, tz="Europe/Warsaw") as env:
        cpu = time.process_time()
        found = PARTS[part](env, *json.loads(args))
        found |= {
            "cpu": time.process_time() - cpu,
            "ended": time.monotonic(),
            "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
        sys.stdout.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
