"""Children that are ready and begin at one sign: what several processes do at the same time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import Any

import psycopg2.errors

from tests.conftest import ROOT
from tests.soak.child import tell

RETRIES = 200
#: how often a step of this child was begun anew
repeats = {"lost races": 0, "told to wait": 0}


# --- in the test


def begin(module: str, database: str, *args: object) -> subprocess.Popen[str]:
    """A child that is ready and waits for the sign to start."""
    command = [sys.executable, "-m", module, os.environ["BSS_ODOO_CONF"], database, *map(str, args)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    return process


def together(*processes: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """Give the sign; what each of them found."""
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


# --- in the child


def ready() -> None:
    """Tell that all is set up, and wait for the sign."""
    tell("ready")
    sys.stdin.readline()


def again(env: Any, step: Any, wait: str = "try again in a minute") -> Any:
    """What Odoo does with a request or a job: lost races begin anew, also where a person is told to ``wait``.

    :raises odoo.exceptions.UserError: whatever else the person is told
    """
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
            if wait not in str(error):
                raise
            repeats["told to wait"] += 1
            time.sleep(0.1)
        env.invalidate_all(flush=False)
    raise RuntimeError("never came through")


def post_for(env: Any, seconds: float, post: Any) -> dict[str, Any]:
    """A clerk who posts by hand until the time is over."""
    ready()
    end, posted = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        again(env, post)
        posted += 1
    return {"posted": posted, **repeats}
