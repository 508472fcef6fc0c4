"""Command line: ``python -m simulators.ksef --port N [--state DIR] [--nip NIP …]`` with ``tests/`` on the path."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

from .limits import MODES
from .simulator import KsefSimulator


def main() -> int:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m simulators.ksef", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8477)
    parser.add_argument("--state", help="folder that keeps keys, register and finished sessions over restarts")
    parser.add_argument("--nip", action="append", help="tax number that may log in (default: any); repeatable")
    parser.add_argument("--token", action="append", default=[], metavar="NIP=TOKEN", help="KSeF token; repeatable")
    parser.add_argument("--delay", type=float, default=0.5, help="seconds before a closed session is processed")
    parser.add_argument("--limits", choices=MODES, default="test", help="request limits")
    parser.add_argument("--fault", action="append", default=[], metavar="PLACE:EFFECT[*TIMES]", help="repeatable")
    parser.add_argument("--now", help="business time to start from, ISO 8601 with offset; it goes on from there")
    parser.add_argument("--storage-url", help="public base of pre-signed links")
    options = parser.parse_args()
    clock = None
    if options.now:
        shift = datetime.fromisoformat(options.now.replace("Z", "+00:00")) - datetime.now(UTC)

        def clock(shift: timedelta = shift) -> datetime:
            return datetime.now(UTC) + shift

    simulator = KsefSimulator(
        options.port,
        host=options.host,
        state=options.state,
        nips=options.nip,
        tokens=dict(pair.split("=", 1) for pair in options.token),
        delay=options.delay,
        limits=options.limits,
        faults=options.fault,
        storage_url=options.storage_url,
        clock=clock,
    )
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    with simulator:
        sys.stdout.write(f"{simulator.base_url}\n")
        sys.stdout.flush()
        while not stop.is_set():
            time.sleep(0.2)
    return 0


if __name__ == "__main__":
    sys.exit(main())
