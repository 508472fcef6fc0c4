"""`./bss ksef-sim`: the local stand-in for the national e-invoicing system, as a server."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NoReturn

from .errors import UserError
from .paths import ROOT, venv_python
from .shell import child_env

FOLDER = ROOT / "tests" / "simulators" / "ksef"


def run(args: Sequence[str]) -> NoReturn:
    if not (FOLDER / "__main__.py").exists():
        raise UserError("tests/simulators/ksef is missing", "restore it from git")
    line = [str(venv_python()), "-m", "simulators.ksef", *args]
    # `tests` on the path makes the package `simulators`, as its own documentation and the tests have it.
    os.execve(line[0], line, child_env({"PYTHONPATH": str(ROOT / "tests")}))
