"""The database of the finished demo cycle, which the end-to-end and the browser tests look at.

Both stages run under the same ``./bss test``; the first that needs the database makes it, by the code of ``./bss demo``.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

TODAY = date(2026, 11, 21)
CALLS = 5_000


@dataclass(frozen=True)
class CycleDatabase:
    """``rows`` and ``laws`` are what ``./bss demo`` would print; empty where an earlier stage made the database."""

    context: Any
    name: str
    rows: list[dict[str, Any]]
    laws: list[dict[str, Any]]


def database_name() -> str:
    # The process of `./bss test` is the parent of both stages and drops what carries its number.
    return f"bss_t{os.getppid()}_cycle"


def make_cycle_database() -> CycleDatabase:
    """Run the whole cycle on a fresh clone of the template."""
    from bss_cli import context, demo

    prepared = context.prepare()
    demo.prepare(prepared, database_name(), strict=True)
    outcome = demo.fill(prepared, database_name(), CALLS, TODAY)
    return CycleDatabase(prepared, database_name(), outcome.rows, outcome.laws)


def existing_or_new() -> CycleDatabase:
    """The database of the stage before, or a new one when this stage runs alone."""
    from bss_cli import context, databases

    prepared = context.prepare()
    if databases.exists(prepared, database_name()):
        return CycleDatabase(prepared, database_name(), [], [])
    return make_cycle_database()
