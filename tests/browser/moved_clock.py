"""A server whose days a test turns itself, so that a story of two months takes a minute."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

PLACE = Path(__file__).parent / "clock"
POLAND = ZoneInfo("Europe/Warsaw")


@dataclass
class Clock:
    """The server's now stands still at what was set last; times of day are Poland's."""

    file: Path

    def set(self, day: date, at: time = time(10, 0)) -> None:
        instant = datetime.combine(day, at, POLAND).astimezone(UTC).replace(tzinfo=None)
        fresh = self.file.with_suffix(".new")
        fresh.write_text(instant.isoformat())
        fresh.replace(self.file)  # a request in between reads the old instant or the new one, never half of it


@contextmanager
def clocked_server(database: Any, log: Path, folder: Path, start: date) -> Iterator[tuple[str, Clock]]:
    """(URL, clock) of a server of its own on a database; its background jobs run at the same clock."""
    from bss_cli import odoo_run, serving

    clock = Clock(folder / "now")
    clock.set(start)
    options = [
        f"--addons-path={odoo_run.addons_path(database.context)},{PLACE}",
        "--load=bss_test_clock,base,rpc,web,queue_job",
    ]
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("BSS_TEST_CLOCK", str(clock.file))
        patched.setenv("ODOO_QUEUE_JOB_CHANNELS", "root:1")
        port = odoo_run.free_port()
        with serving.running(database.context, database.name, port, log, options=options) as url:
            yield url, clock
