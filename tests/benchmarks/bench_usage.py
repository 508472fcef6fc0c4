"""Closing a month of usage and searching it: one and five million events, with --full twenty million as well."""

from __future__ import annotations

import os

from .clone import measured
from .figures import Figure

SIZES = [1_000_000, 5_000_000]
FULL = [*SIZES, 20_000_000]


def run() -> list[Figure]:
    sizes = FULL if os.environ.get("BSS_BENCH_FULL") else SIZES
    found = measured("tests.benchmarks.usage_e2e", *map(str, sizes))
    closed = {int(events): figures for events, figures in found["closed"].items()}
    largest = closed[sizes[-1]]
    cost = {events: 1e6 * figures["wall"] / events for events, figures in closed.items()}
    name, seconds = max(found["searches"].items(), key=lambda one: one[1])
    return [
        Figure("usage_month_close_s", largest["wall"], "s"),
        Figure("usage_month_close_charges", largest["charges"], "charges"),
        *(Figure(f"usage_close_us_per_event_{events // 1_000_000}M", cost[events], "us") for events in sizes),
        # 1 = as cheap as at the smallest size
        Figure.against("usage_close_cost_growth", cost[sizes[-1]], "us", cost[sizes[0]]),
        Figure("event_search_s", seconds, f"s ({name})"),
        Figure("usage_database_size", found["size"], "GiB"),
        Figure("usage_memory_peak", found["memory"], "MiB"),
    ]
