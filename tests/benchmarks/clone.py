"""A clone of the template database for one benchmark, and children that measure on it in processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def clone() -> Iterator[str]:
    """Name of a fresh clone, dropped afterwards.

    :raises AssertionError: a command of ``./bss`` failed; its errors are in the text
    """
    database = f"bss_bench_{uuid.uuid4().hex[:8]}"
    _bss("db", "clone", _bss("db", "template").splitlines()[-1], database)
    try:
        yield database
    finally:
        _bss("db", "drop", database)


def _bss(*args: str) -> str:
    done = subprocess.run(
        [str(ROOT / "bss"), *args], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    assert done.returncode == 0, f"./bss {' '.join(args)}: {done.stderr}"
    return done.stdout.strip()


def measured(module: str, *args: str) -> dict[str, Any]:
    """What ``python -m MODULE DATABASE ARGS`` prints in its last line, run on a clone: its memory is its own."""
    with clone() as database:
        done = subprocess.run(
            [sys.executable, "-m", module, database, *args], stdout=subprocess.PIPE, text=True, check=True
        )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
