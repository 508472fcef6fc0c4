"""What every command works with once setup is done."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from . import odoo_source, postgres, venv
from .odoo_source import OdooSource
from .paths import BSS, LOGS, STATE
from .postgres import Server


@dataclass(frozen=True)
class Context:
    source: OdooSource
    server: Server


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Only one `./bss` at a time builds a shared thing; the others wait and then find it ready."""
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / f"{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def prepare(refresh_lock: bool = False) -> Context:
    """Odoo, Python packages and PostgreSQL, each made only when missing or changed."""
    BSS.mkdir(exist_ok=True)
    LOGS.mkdir(exist_ok=True)
    with locked("setup"):
        source = odoo_source.get(refresh_lock)
        venv.ensure(source)
        return Context(source, postgres.ensure())
