"""Child process of the rating benchmark: rates the calls in chunks and tells time, processor time and peak memory."""

from __future__ import annotations

import json
import resource
import sys
import time

from rating_core import Engine

from .rating_data import allowances, chunks, prefixes, tariff
from .rating_loop import loop_amounts

LOOP_EVENTS = 50_000


def main(count: int, size: int) -> dict[str, float]:
    zone_of = prefixes()
    table = tariff(zone_of)
    engine, free = Engine(table), allowances()
    wall = processor = 0.0
    amount = 0
    for calls in chunks(count, size, zone_of):
        begun, begun_processor = time.perf_counter(), time.process_time()
        rated = engine.rate(calls, free)
        wall += time.perf_counter() - begun
        processor += time.process_time() - begun_processor
        free = rated.allowances
        amount += int(rated.events["amount_e4"].sum())
        if (rated.events["state"] == "suspended").any():
            raise AssertionError("a call of the benchmark has no price")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    small = next(chunks(count, LOOP_EVENTS, zone_of))
    begun_processor = time.process_time()
    slow = loop_amounts(small, table)
    loop = time.process_time() - begun_processor
    fast = dict(engine.rate(small, allowances()).events.select("id", "amount_e4").iter_rows())
    if fast != slow:
        raise AssertionError("the two programs disagree")
    return {
        "events_per_s": count / wall,
        "events_per_cpu_s": count / processor,
        "loop_per_cpu_s": LOOP_EVENTS / loop,
        "peak_mb": peak,
        "amount_e4": amount,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*(int(word) for word in sys.argv[1:3]))))
