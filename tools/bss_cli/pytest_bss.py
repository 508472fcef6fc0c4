"""pytest plugin of `./bss test`: tells the parent how far it is, and fails tests whose server log is not clean.

Loaded with `-p bss_cli.pytest_bss`. The parent reads the JSON lines this writes to $BSS_TEST_REPORT.
"""

from __future__ import annotations

import json
import logging
import os
from collections import Counter, defaultdict
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from bss_cli.log_policy import is_allowed


class Watch(logging.Handler):
    """Collects unexpected warnings and errors. Tests that expect one use assertLogs or mute_logger."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.bad: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        try:
            message = record.getMessage()
        except (TypeError, ValueError):
            message = str(record.msg)
        if record.exc_info and record.exc_info[1] is not None:
            message += f"\n{logging.Formatter().formatException(record.exc_info)}"
        if record.levelno >= logging.WARNING and not is_allowed(record.name, message):
            self.bad.append(f"{record.levelname} {record.name}: {message}")

    def take(self) -> list[str]:
        taken, self.bad = self.bad, []
        return taken


class Reporter:
    def __init__(self, path: str, watch: Watch | None) -> None:
        self.handle = Path(path).open("a", buffering=1)  # noqa: SIM115 - stays open for the whole run
        self.watch = watch
        self.outcome: dict[str, str] = {}
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.skips: list[str] = []
        self.stray: list[str] = []

    def tell(self, **data: object) -> None:
        self.handle.write(json.dumps(data) + "\n")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.tell(event="collected", total=len(session.items))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.outcome[report.nodeid] = "failed"
        elif report.skipped and report.nodeid:
            self.outcome[report.nodeid] = "skipped"
            why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            self.skips.append(f"{report.nodeid}: {why}")

    def check_log(self, item: pytest.Item) -> None:
        bad = self.watch.take() if self.watch else []
        if bad:
            pytest.fail("unexpected in the server log:\n" + "\n".join(bad), pytrace=False)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, Any, Any]:
        if self.watch:
            self.stray += self.watch.take()
        result = yield
        self.check_log(item)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        result = yield
        self.check_log(item)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, Any, Any]:
        result = yield
        self.check_log(item)
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = report.nodeid
        self.seconds[name.split("::")[0]] += report.duration
        if report.failed:
            self.outcome[name] = "failed"
        elif report.skipped and self.outcome.get(name) != "failed":
            self.outcome[name] = "skipped"
            if not hasattr(report, "wasxfail"):
                why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
                self.skips.append(f"{name}: {why}")
        elif report.when == "call":
            self.outcome.setdefault(name, "passed")
        if report.when == "teardown":
            self.tell(event="test", done=len(self.outcome), failed=self.failed())

    def failed(self) -> int:
        return sum(1 for value in self.outcome.values() if value == "failed")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.watch:
            self.stray += self.watch.take()
        counts = Counter(self.outcome.values())
        self.tell(
            event="finished",
            passed=counts["passed"],
            failed=counts["failed"],
            skipped=counts["skipped"],
            skips=self.skips,
            stray=self.stray,
            seconds=dict(self.seconds),
        )


def pytest_configure(config: pytest.Config) -> None:
    path = os.environ.get("BSS_TEST_REPORT")
    if not path:
        return
    watch = None
    if os.environ.get("BSS_TEST_WATCH_LOG") == "1":
        watch = Watch()
        logging.getLogger().addHandler(watch)
    config.pluginmanager.register(Reporter(path, watch), "bss-reporter")
