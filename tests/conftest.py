"""Fixtures for tests outside the addons. Tests of kernels need none of them; they import no Odoo."""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is not a fault: no deadline per example. New examples on every run: they find what fixed ones miss,
# and a failure prints the example to keep as a test.
settings.register_profile("bss", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("bss")

ROOT = Path(__file__).resolve().parents[1]
BSS = str(ROOT / "bss")


def _bss(*args: str) -> str:
    done = subprocess.run([BSS, *args], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 0, f"./bss {' '.join(args)}: {done.stderr}"
    return done.stdout.strip()


@pytest.fixture(scope="session")
def soak_size() -> Callable[[int, int], int]:
    """``soak_size(small, large)``: small in ``./bss test``, large in ``./bss soak`` (or its own ``--size``)."""
    given = os.environ.get("BSS_SIZE", "small")
    return lambda small, large: int(given) if given.isdigit() else {"large": large}.get(given, small)


@pytest.fixture(scope="session")
def template_database() -> str:
    """Name of the database with all addons installed and no data; clone it, never write to it."""
    return os.environ.get("BSS_TEST_TEMPLATE") or _bss("db", "template").splitlines()[-1]


@pytest.fixture
def fresh_database(template_database: str) -> Iterator[str]:
    """A clone of the template for one test, dropped afterwards."""
    name = f"bss_t{os.getpid()}_{uuid.uuid4().hex[:8]}"
    _bss("db", "clone", template_database, name)
    yield name
    _bss("db", "drop", name)
