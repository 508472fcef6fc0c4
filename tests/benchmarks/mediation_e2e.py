"""A usage file from its bytes to stored and rated events, beside COPY of the same finished rows into the same table with its indexes.

Run as a child (``python -m tests.benchmarks.mediation_e2e DATABASE [allowances]``), so that its memory is its own.
"""

from __future__ import annotations

import io
import json
import os
import resource
import sys
import time
from datetime import date
from typing import Any

from .charges_e2e import server_seconds
from .clone import measured
from .figures import Figure
from .mediation_base import prepare

ROWS = 300_000
PERIOD = (date(2026, 10, 1), date(2026, 10, 31))
# One file per round: the table is filled anew each time, so that both ways meet the same indexes.
ROUNDS = 2


def measure(env: Any, *, with_allowances: bool) -> dict[str, float]:
    """:param with_allowances: half of the services have free minutes: their usage waits for a rating run, which is measured too"""
    from odoo.addons.bss_mediation.mediation_core.generator import Mix, generate_master_csv

    numbers = prepare(env, with_allowances=with_allowances)
    source = env["bss.usage.source"].create({"name": "Bench", "code": "BENCH"})
    env.cr.commit()
    best: dict[str, float] = {}
    for number in range(ROUNDS):
        content = generate_master_csv(numbers, ROWS, *PERIOD, number, Mix(bad=0, duplicate=0, unanswered=0))
        env.cr.execute("TRUNCATE bss_usage_event")
        env.cr.commit()
        cpu, server, wall = time.process_time(), server_seconds(env.cr), time.perf_counter()
        file = env["bss.usage.file"]._bss_receive(source, f"bench{number}.csv", content)
        file._bss_load()
        env.cr.commit()
        found = {"load_wall": time.perf_counter() - wall}
        if with_allowances:
            run = env["bss.rating.run"].create({"date_start": PERIOD[0], "date_end": PERIOD[1]})
            found["waited"] = run._bss_rate()
            env.cr.commit()
        found |= {
            "wall": time.perf_counter() - wall,
            "cpu": time.process_time() - cpu,
            "server": server_seconds(env.cr) - server,
        }
        assert file.count_loaded > 0.9 * ROWS and not file.count_difference, file.read()
        env.cr.execute("SELECT count(*) FROM bss_usage_event WHERE state IN ('rated', 'free') AND rate_id IS NOT NULL")
        found["events"] = env.cr.fetchone()[0]
        assert found["events"] == file.count_loaded, "every event has its price"
        cpu, server = time.process_time(), server_seconds(env.cr)
        found["copy"] = copy_seconds(env.cr)
        found["copy_server"] = server_seconds(env.cr) - server
        found["copy_cpu"] = time.process_time() - cpu
        best = {name: min(best.get(name, value), value) for name, value in found.items()}
    return {**best, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def copy_seconds(cr: Any) -> float:
    """Wall seconds of COPY of all events into the emptied table."""
    cr.execute(
        """SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute
            WHERE attrelid = 'bss_usage_event'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"""
    )
    columns = cr.fetchone()[0]
    rows = io.BytesIO()
    cr.copy_expert(f"COPY (SELECT {columns} FROM bss_usage_event ORDER BY id) TO STDOUT", rows)
    cr.execute("TRUNCATE bss_usage_event")
    cr.commit()
    rows.seek(0)
    start = time.perf_counter()
    cr.copy_expert(f"COPY bss_usage_event ({columns}) FROM STDIN", rows)
    cr.commit()
    return time.perf_counter() - start


def figures() -> list[Figure]:
    """Figures of runs on clones of the template database: by plans alone, and with free minutes of half of the services."""
    found = measured("tests.benchmarks.mediation_e2e")
    mixed = measured("tests.benchmarks.mediation_e2e", "allowances")
    events = found["events"]
    return [
        Figure("mediation_e2e_events_per_s", events / found["wall"], "events/s"),
        Figure.against("mediation_vs_copy", events / found["wall"], "events/s", events / found["copy"]),
        Figure("mediation_e2e_events_per_cpu_s", events / found["cpu"], "events/s"),
        Figure("mediation_e2e_postgresql_cpu_s", found["server"], "s"),
        # CPU of the server alone: of use where other work makes walls long
        Figure.against("mediation_server_vs_copy", events / found["server"], "events/s", events / found["copy_server"]),
        Figure("mediation_e2e_memory_peak", found["memory"], "MiB"),
        # loaded, and what waits for allowances rated in a run of its own
        Figure("mediation_with_allowances_events_per_s", mixed["events"] / mixed["wall"], "events/s"),
        Figure("mediation_with_allowances_events_per_cpu_s", mixed["events"] / mixed["cpu"], "events/s"),
        Figure("mediation_with_allowances_postgresql_cpu_s", mixed["server"], "s"),
    ]


def main(argv: list[str]) -> int:
    from tests.soak.child import environment

    with environment(os.environ["BSS_ODOO_CONF"], argv[0]) as env:
        sys.stdout.write(json.dumps(measure(env, with_allowances="allowances" in argv[1:])) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
