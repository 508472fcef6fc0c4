"""`./bss ksef-sim`: the local stand-in for the national e-invoicing system, as a server."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NoReturn

from .errors import UserError
from .paths import ROOT, venv_python
from .shell import child_env

FOLDER = ROOT / "tests" / "simulators" / "ksef"
PORT = 8477
# What the demo operator is set up with when its cycle is over, so that `./bss serve` and `./bss ksef-sim` meet.
DEMO_URL = f"http://127.0.0.1:{PORT}/v2"
DEMO_NIP = "1234563218"
DEMO_TOKEN = "demo-token-1234563218"  # opens nothing but the local stand-in


def run(args: Sequence[str]) -> NoReturn:
    if not (FOLDER / "__main__.py").exists():
        raise UserError("tests/simulators/ksef is missing", "restore it from git")
    print(f"the demo operator (NIP {DEMO_NIP}) logs in with the token {DEMO_TOKEN}", flush=True)
    line = [str(venv_python()), "-m", "simulators.ksef", "--token", f"{DEMO_NIP}={DEMO_TOKEN}", *args]
    # `tests` on the path makes the package `simulators`, as its own documentation and the tests have it.
    os.execve(line[0], line, child_env({"PYTHONPATH": str(ROOT / "tests")}))
