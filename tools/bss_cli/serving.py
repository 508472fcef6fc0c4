"""The web client on a database: for people in the foreground, for browser tests in the background."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from . import databases, odoo_run
from .context import Context
from .errors import UserError
from .paths import LOGS, ROOT
from .shell import tail

FIRST_PORT = 8069
LOGINS = "admin / admin"


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose_port(wanted: int | None) -> int:
    if wanted is not None:
        if not is_free(wanted):
            raise UserError(f"port {wanted} is taken", "choose another with --port")
        return wanted
    return next((port for port in range(FIRST_PORT, FIRST_PORT + 50) if is_free(port)), 0) or odoo_run.free_port()


@contextmanager
def running(
    context: Context, database: str, port: int, log: Path, workers: int = 0, options: Sequence[str] = ()
) -> Iterator[str]:
    """A server on one database; ready when its login page answers, ended with the block."""
    args = ["-d", database, f"--db-filter=^{database}$", "--no-database-list", "--max-cron-threads=1"]
    args += [f"--http-port={port}", f"--gevent-port={odoo_run.free_port()}", f"--workers={workers}"]
    args += options
    url = f"http://localhost:{port}"
    with log.open("wb") as handle:
        process = subprocess.Popen(
            odoo_run.command(context, args),
            stdin=subprocess.DEVNULL,
            stdout=handle,
            stderr=subprocess.STDOUT,
            env=odoo_run.environment(context),
            cwd=ROOT,
        )
    try:
        wait_until_ready(process, url, log)
        yield url
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path, seconds: float = 180) -> None:
    """The first answer also builds the web client's bundles."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if process.poll() is not None:
            raise UserError(f"the server ended; the end of {log}:\n{tail(log)}", "./bss doctor")
        try:
            with urllib.request.urlopen(f"{url}/web/login", timeout=60) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise UserError(f"the server did not answer at {url} for {seconds:.0f} s", f"see {log}")


def serve(context: Context, database: str, port: int | None) -> int:
    """Serve until interrupted."""
    if not databases.exists(context, database):
        raise UserError(f"there is no database {database}", "./bss demo makes bss_demo; ./bss db list shows all")
    chosen = choose_port(port)
    log = LOGS / f"serve-{database}.log"
    with running(context, database, chosen, log) as url:
        print(f"BSS for Odoo: {url}   logins: {LOGINS}   (log: {log}; Ctrl-C ends)", flush=True)
        try:
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            signal.pause()
        except KeyboardInterrupt:
            print()
    return 0
