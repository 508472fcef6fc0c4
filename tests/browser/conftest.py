"""Browser tests: Chromium in front of a server on the database of the finished cycle."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.stories import ROOT, existing_or_new

from .client import WebClient, web_client


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """URL of a running server, which works on background jobs as that of an operator does."""
    database = existing_or_new()
    from bss_cli import odoo_run, serving
    from bss_cli.paths import LOGS

    log = LOGS / "test-browser-server.log"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("ODOO_QUEUE_JOB_CHANNELS", "root:1")
        with serving.running(database.context, database.name, odoo_run.free_port(), log) as url:
            yield url


@pytest.fixture(scope="session")
def admin(server: str) -> Iterator[WebClient]:
    """The administrator of the demo operator, logged in."""
    screens = ROOT / ".bss" / "screens"
    shutil.rmtree(screens, ignore_errors=True)
    with web_client(server, screens) as client:
        client.login("admin", "admin")
        yield client
