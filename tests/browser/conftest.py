"""Browser tests: Chromium in front of a server on the database of the finished cycle."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.stories import ROOT, CycleDatabase, existing_or_new

from .client import WebClient, web_client


@pytest.fixture(scope="session")
def database() -> CycleDatabase:
    """The finished cycle."""
    return existing_or_new()


@pytest.fixture(scope="session")
def copy_for_story(database: CycleDatabase) -> CycleDatabase:
    """A copy whose days a story may turn; made before any server looks at the original, which copying disconnects."""
    from bss_cli import databases

    name = f"{database.name}_story"
    databases.clone(database.context, database.name, name)
    return replace(database, name=name)


@pytest.fixture(scope="session")
def server(database: CycleDatabase, copy_for_story: CycleDatabase) -> Iterator[str]:
    """URL of a running server, which works on background jobs as that of an operator does."""
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
