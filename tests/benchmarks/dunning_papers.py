"""Papers of collections by the thousand: letters, files for the print house, interest notes, batch by batch.

Runs as a child (``python -m tests.benchmarks.dunning_papers DATABASE ACCOUNTS``), so that its memory is its own. Costs are CPU
seconds of this process and of its PostgreSQL process. ``growth`` is what a paper of the last quarter costs of one of the
first: one, when no paper minds how many there are before it.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

from .billing_kernel import cost
from .clone import measured
from .dunning_data import NIGHT, PATTERNS, build, company
from .dunning_e2e import night
from .figures import Figure

#: one account in four takes a step in the first night, three owe interest
ACCOUNTS = 8_000
LETTERS_PER_FILE = 100


class Papers:
    """Cost of each batch of papers of one kind, each batch its own transaction."""

    def __init__(self, env: Any) -> None:
        self.env = env
        self.batches: list[tuple[int, float, int]] = []

    def make(self, count: int, work: Callable[[], Any]) -> None:
        queries = self.env.cr.sql_log_count

        def batch() -> None:
            work()
            self.env.cr.commit()

        seconds, _none = cost(self.env, batch)
        self.batches.append((count, seconds, self.env.cr.sql_log_count - queries))
        self.env.invalidate_all()

    def told(self) -> dict[str, float]:
        # the first batch fills caches
        later = self.batches[1:]
        quarter = max(len(later) // 4, 1)
        count = sum(count for count, _seconds, _queries in later)
        return {
            "count": count,
            "ms": 1000 * mean(later),
            "queries": sum(queries for _count, _seconds, queries in later) / count,
            "growth": mean(later[-quarter:]) / mean(later[:quarter]),
        }


def mean(batches: Iterable[tuple[int, float, int]]) -> float:
    counts, seconds, _queries = zip(*batches, strict=True)
    return float(sum(seconds) / sum(counts))


def slices(ids: list[int], size: int) -> list[list[int]]:
    return [ids[start : start + size] for start in range(0, len(ids), size)]


def letters(env: Any, run: Any) -> dict[str, float]:
    """The steps of a night: by post, for nobody has an e-mail address."""
    from odoo.addons.bss_dunning.models.bss_dunning_run import BATCH

    run._bss_gather()
    papers = Papers(env)
    for ids in slices(run._bss_ready().ids, BATCH):
        papers.make(len(ids), lambda ids=ids: run._job_execute(ids))
    assert set(run.action_ids.mapped("channel")) == {"letter"}, "a step was taken by another way"
    return papers.told()


def files(env: Any) -> dict[str, float]:
    """The same letters joined for the print house."""
    env.company.bss_print_part_size = LETTERS_PER_FILE
    batch = env["bss.dunning.print.batch"].create({"contents": "dunning"})
    batch._bss_gather()
    papers = Papers(env)
    for part in batch.part_ids:
        papers.make(env["bss.dunning.print.line"].search_count([("part_id", "=", part.id)]), part._bss_build)
    batch._bss_finish()
    assert (batch.stage, batch.problem_count) == ("built", 0), batch.stage
    return papers.told()


def notes(env: Any) -> dict[str, float]:
    """Interest notes of all accounts that owe any."""
    from odoo.addons.bss_dunning.models.bss_dunning_note_batch import BATCH

    vals = {"date": NIGHT, "date_to": NIGHT, "company_id": env.company.id, "min_amount": 0.01}
    batch = env["bss.dunning.note.batch"].with_context(queue_job__no_delay=True).create(vals)
    batch.action_preview()
    batch.state = "running"
    env.cr.commit()
    papers = Papers(env)
    for ids in batch._bss_item_parts("ready", BATCH):
        papers.make(len(ids), lambda ids=ids: batch._job_issue(ids))
    batch._bss_finish()
    assert batch.state == "done", batch.state
    return papers.told()


def measure(env: Any, accounts: int) -> dict[str, Any]:
    env = company(env)
    env.cr.commit()
    build(env, accounts)
    env.cr.execute(
        """UPDATE res_partner partner SET street = 'ul. Długa ' || partner.id, city = 'Kutno', zip = '99-300'
             FROM bss_account account WHERE account.partner_id = partner.id AND partner.street IS NULL"""
    )
    env.cr.commit()
    env.invalidate_all()
    run = night(env, NIGHT)
    found: dict[str, Any] = {}
    for name, work in (
        ("letter", lambda: letters(env, run)),
        ("file", lambda: files(env)),
        ("note", lambda: notes(env)),
    ):
        # whoever works on for long has seen the statistics of full tables
        env.cr.execute("ANALYZE")
        env.cr.commit()
        before = resident()
        found[name] = work()
        found[name]["memory"] = resident() - before
    return found


def resident() -> float:
    """MiB of this process now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def figures() -> list[Figure]:
    """Figures of a run on a clone of the template database, dropped afterwards."""
    size = os.environ.get("BSS_SIZE", "")
    accounts = max(int(size) if size.isdigit() else ACCOUNTS, len(PATTERNS) * 250)
    found = measured("tests.benchmarks.dunning_papers", str(accounts))
    return [
        Figure(f"dunning_{name}_{key}", one[key], unit)
        for name, one in found.items()
        for key, unit in (("count", ""), ("ms", "CPU ms"), ("queries", ""), ("growth", ""), ("memory", "MiB"))
    ]


def main(argv: list[str]) -> int:
    from tests.soak.child import environment

    with environment(os.environ["BSS_ODOO_CONF"], argv[0]) as env:
        sys.stdout.write(json.dumps(measure(env, int(argv[1]))) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
