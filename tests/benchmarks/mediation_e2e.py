"""A usage file from its bytes to stored events, beside COPY of the same finished rows into the same table with its indexes.

Run as a child (``python -m tests.benchmarks.mediation_e2e DATABASE``), so that its memory is its own.
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

ROWS = 300_000
SERVICES = 20_000
# One file per round: the table is filled anew each time, so that both ways meet the same indexes.
ROUNDS = 2


def prepare(env: Any) -> list[str]:
    """Subscribers with a number each, made as copies of one; returns the numbers."""
    partner = env["res.partner"].create({"name": "Customer"})
    journal = env["account.journal"].create({"name": "Bench", "code": "BNCH", "type": "sale"})
    cycle = env["bss.bill.cycle"].create({"name": "Bench", "day": 1, "journal_id": journal.id})
    account = env["bss.account"].create({"partner_id": partner.id, "bill_cycle_id": cycle.id})
    contract = env["bss.contract"].create({"account_id": account.id, "date_start": "2024-01-01", "state": "active"})
    template = env["product.template"].create(
        {
            "name": "Telephone",
            "type": "service",
            "list_price": 20,
            "bss_is_offering": True,
            "bss_offering_kind": "recurring",
        }
    )
    service = env["bss.service"].create(
        {
            "contract_id": contract.id,
            "product_id": template.product_variant_id.id,
            "state": "active",
            "date_start": "2024-01-01",
        }
    )
    env.flush_all()
    env.cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'bss_service' AND column_name <> 'id'"
    )
    columns = ", ".join(f'"{name}"' for (name,) in env.cr.fetchall())
    env.cr.execute(
        f"""INSERT INTO bss_service ({columns}) SELECT {columns} FROM bss_service, generate_series(2, {SERVICES})
             WHERE id = %s""",
        (service.id,),
    )
    env.cr.execute(
        """INSERT INTO bss_service_identifier (service_id, account_id, company_id, kind, value, date_start)
           SELECT id, account_id, company_id, 'msisdn', (48501000000 + row_number() OVER (ORDER BY id))::text, '2024-01-01'
             FROM bss_service WHERE contract_id = %s RETURNING value""",
        (contract.id,),
    )
    numbers = [value for (value,) in env.cr.fetchall()]
    env.cr.execute("ANALYZE bss_service; ANALYZE bss_service_identifier")
    return numbers


def measure(env: Any) -> dict[str, float]:
    from odoo.addons.bss_mediation.mediation_core.generator import Mix, generate_master_csv

    numbers = prepare(env)
    source = env["bss.usage.source"].create({"name": "Bench", "code": "BENCH", "ahead_hours": 0, "max_age_days": 0})
    env.cr.commit()
    best: dict[str, float] = {}
    for number in range(ROUNDS):
        content = generate_master_csv(
            numbers, ROWS, date(2026, 10, 1), date(2026, 10, 31), number, Mix(bad=0, duplicate=0, unanswered=0)
        )
        env.cr.execute("TRUNCATE bss_usage_event")
        env.cr.commit()
        cpu, server, wall = time.process_time(), server_seconds(env.cr), time.perf_counter()
        file = env["bss.usage.file"]._bss_receive(source, f"bench{number}.csv", content)
        file._bss_load()
        env.cr.commit()
        found = {
            "wall": time.perf_counter() - wall,
            "cpu": time.process_time() - cpu,
            "server": server_seconds(env.cr) - server,
        }
        server = server_seconds(env.cr)
        found["copy"] = copy_seconds(env.cr)
        found["copy_server"] = server_seconds(env.cr) - server
        assert file.count_loaded > 0.9 * ROWS and not file.count_difference, file.read()
        found["events"] = file.count_loaded
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
    """Figures of a run on a clone of the template database."""
    found = measured("tests.benchmarks.mediation_e2e")
    events = found["events"]
    return [
        Figure("mediation_e2e_events_per_s", events / found["wall"], "events/s"),
        Figure.against("mediation_vs_copy", events / found["wall"], "events/s", events / found["copy"]),
        Figure("mediation_e2e_events_per_cpu_s", events / found["cpu"], "events/s"),
        Figure("mediation_e2e_postgresql_cpu_s", found["server"], "s"),
        # CPU of the server alone: of use where other work makes walls long
        Figure.against("mediation_server_vs_copy", events / found["server"], "events/s", events / found["copy_server"]),
        Figure("mediation_e2e_memory_peak", found["memory"], "MiB"),
    ]


def main(argv: list[str]) -> int:
    from tests.soak.child import environment

    with environment(os.environ["BSS_ODOO_CONF"], argv[0]) as env:
        sys.stdout.write(json.dumps(measure(env)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
