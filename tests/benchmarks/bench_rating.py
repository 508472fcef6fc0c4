"""Rating: five million calls through the columnar kernel beside a plain loop with Decimal, same calls, same tariff, same amounts.

The kernel runs in a process of its own, so that the peak memory is that of rating (and of making the calls, chunk by chunk).
"""

from __future__ import annotations

import json
import subprocess
import sys

from .figures import Figure

EVENTS = 5_000_000
CHUNK = 500_000


def run() -> list[Figure]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.rating_child", str(EVENTS), str(CHUNK)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    told = json.loads(done.stdout)
    return [
        Figure("rating_kernel_events_per_s", told["events_per_s"], "events/s"),
        Figure.against("rating_vs_decimal_loop", told["events_per_cpu_s"], "events/CPU-s", told["loop_per_cpu_s"]),
        Figure("rating_peak_memory", told["peak_mb"], "MB"),
    ]
