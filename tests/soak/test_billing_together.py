"""Two workers at one bill run and a clerk who posts by hand: no number is missing, none is given twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from tests.conftest import ROOT
from tests.soak.kills import whole

CHILD = "tests.soak.billing_together_child"


def begin(database: str, *args: object, child: str = CHILD) -> subprocess.Popen[str]:
    """A child that is ready and waits for the sign to start."""
    command = [sys.executable, "-m", child, os.environ["BSS_ODOO_CONF"], database, *map(str, args)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    return process


def together(*processes: subprocess.Popen[str]) -> list[dict[str, Any]]:
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    found = []
    for process in processes:
        assert process.stdout is not None
        found.append(json.loads(process.stdout.readlines()[-1]))
        assert process.wait() == 0
    return found


def test_two_workers_and_a_clerk(fresh_database: str, soak_size: Callable[[int, int], int]) -> None:
    accounts = soak_size(1200, 20_000)
    whole(CHILD, fresh_database, "prepare", accounts)
    *workers, clerk = together(
        begin(fresh_database, "work", 0, 2),
        begin(fresh_database, "work", 1, 2),
        begin(fresh_database, "clerk", soak_size(10, 60)),
    )
    found = json.loads(whole(CHILD, fresh_database, "digest").digest)
    assert all(one["invoices"] for one in workers)
    assert clerk["posted"], "the clerk came never through"
    for prefix, count, distinct, last, first, gaps in found["numbers"]:
        assert count == distinct == last - first + 1, prefix
        assert gaps == 0, prefix
    [[invoiced, accounts_invoiced]] = found["once"]
    assert invoiced == accounts_invoiced >= accounts
    assert found["open"] == [[0]]
    assert found["run"][0][1] == "finished"
