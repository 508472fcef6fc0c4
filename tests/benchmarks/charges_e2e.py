"""Recurring charges from database rows to stored charges: the collecting stage of a bill run on a database of its own.

Run as a child (``python -m tests.benchmarks.charges_e2e DATABASE``), so that its memory is its own.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from .clone import measured
from .figures import Figure

SERVICES = 100_000
SERVICES_PER_ACCOUNT = 2
BILL = (date(2026, 11, 1), date(2026, 11, 30))
CHARGED = date(2026, 10, 31)
STEPS = {
    "FREE": [(1, 3, "free", 0), (4, 24, "percent", 20)],
    "LESS": [(1, 12, "amount", 10), (13, 0, "amount", 5)],
    "FIXED": [(1, 6, "fixed", 19.99)],
    "THIRD": [(1, 0, "percent", 33.3)],
}
# set-based, as copies of one customer made by Odoo: a base of this size by the ORM would take hours.
# {table: (where the copies come from, {column: its value})}
COPIES = {
    "bss_account": (
        "generate_series(1, %(accounts)s) n",
        {"name": "'BENCH' || n", "partner_id": "(%(partners)s::int[])[1 + n %% 200]"},
    ),
    "bss_contract": (
        "bss_account account WHERE account.name LIKE 'BENCH%%' AND",
        {"name": "account.name", "account_id": "account.id", "partner_id": "account.partner_id"},
    ),
    "bss_service": (
        "bss_contract contract, generate_series(1, %(each)s) n WHERE contract.name LIKE 'BENCH%%' AND",
        {
            "name": "'Bench'",
            "contract_id": "contract.id",
            "account_id": "contract.account_id",
            "sequence": "n",
            "product_id": "(%(products)s::int[])[1 + (contract.id * 7 + n) %% 20]",
            "date_start": "DATE '2026-10-31' - ((contract.id * 13 + n) %% 700)::int",
            "price_unit": "30 + (contract.id + n) %% 90",
            "main_identifier": "'user' || contract.id || n",
        },
    ),
    # what the service is from its start; then a change inside the period, of every second one also of the offering
    "bss_service_version": (
        "bss_service service, generate_series(0, 1) n WHERE service.name = 'Bench' AND",
        {
            "service_id": "service.id",
            "date_start": "CASE n WHEN 0 THEN service.date_start ELSE DATE '2026-11-02' + (service.id %% 28)::int END",
            "date_end": "CASE n WHEN 0 THEN DATE '2026-11-01' + (service.id %% 28)::int END",
            "price_unit": "service.price_unit + 10 * n",
            "product_id": "(%(products)s::int[])[1 + (service.id + n * (service.id / 20) %% 2) %% 20]",
        },
    ),
    "bss_service_promotion": (
        "bss_service service WHERE service.name = 'Bench' AND",
        {
            "service_id": "service.id",
            "promotion_id": "(%(promotions)s::int[])[1 + service.id %% 4]",
            "date_start": "service.date_start",
        },
    ),
}


def fill(
    cr: Any,
    sources: dict[str, int],
    params: dict[str, Any],
    copies: dict[str, tuple[str, dict[str, str]]] | None = None,
) -> None:
    """Copy one row of each table; ``sources``: its id."""
    for table, (origin, values) in (copies or COPIES).items():
        cr.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND column_name <> 'id'", (table,)
        )
        columns = [row[0] for row in cr.fetchall()]
        picked = ", ".join(values.get(column, f'source."{column}"') for column in columns)
        names = ", ".join(f'"{column}"' for column in columns)
        where = origin if origin.endswith("AND") else f"{origin} WHERE"
        cr.execute(
            f"INSERT INTO {table} ({names}) SELECT {picked} FROM {table} source, {where} source.id = %(source)s",
            {**params, "source": sources[table]},
        )
        cr.execute(f"ANALYZE {table}")


def prepare(env: Any) -> Any:
    """The customer base and a planned run; returns the run."""
    company = env.company
    journal = env["account.journal"].create({"name": "Bench", "code": "BNCH", "type": "sale", "company_id": company.id})
    cycle = env["bss.bill.cycle"].create({"name": "Bench", "day": 1, "journal_id": journal.id})
    templates = env["product.template"].create(
        [
            {
                "name": f"Offering {number}",
                "type": "service",
                "list_price": 50,
                "bss_is_offering": True,
                "bss_offering_kind": "recurring",
                "bss_proration": "thirty" if number % 3 == 0 else "calendar",
                "bss_proration_last": "thirty" if number % 5 == 0 else False,
            }
            for number in range(20)
        ]
    )
    promotions = env["bss.promotion"].create(
        [
            {
                "name": code,
                "code": code,
                "step_ids": [
                    (0, 0, {"month_from": one, "month_to": two, "kind": kind, "value": value})
                    for one, two, kind, value in steps
                ],
            }
            for code, steps in STEPS.items()
        ]
    )
    partners = env["res.partner"].create([{"name": f"Customer {number}"} for number in range(200)])
    account = env["bss.account"].create({"partner_id": partners[0].id, "bill_cycle_id": cycle.id})
    contract = env["bss.contract"].create({"account_id": account.id, "date_start": "2024-01-01", "state": "active"})
    service = env["bss.service"].create(
        {
            "contract_id": contract.id,
            "product_id": templates[0].product_variant_id.id,
            "state": "active",
            "date_start": "2024-01-01",
            "charged_through": CHARGED,
        }
    )
    promotions.action_put_on_sale()
    grant = service._bss_grant(promotions[0], date(2026, 1, 1))
    service._bss_set_version(date(2026, 1, 1), {"price_unit": 50})
    env.flush_all()
    sources = {one._table: one[:1].id for one in (account, contract, service, service.version_ids, grant)}
    params = {
        "accounts": SERVICES // SERVICES_PER_ACCOUNT,
        "each": SERVICES_PER_ACCOUNT,
        "partners": partners.ids,
        "products": templates.product_variant_id.ids,
        "promotions": promotions.ids,
    }
    fill(env.cr, sources, params)
    env.cr.execute("UPDATE bss_service SET is_recalculation_due = false")
    env.invalidate_all()
    return env["bss.bill.run"].create({"cycle_id": cycle.id, "date_start": BILL[0], "date_end": BILL[1]})


def server_seconds(cr: Any) -> float:
    """CPU of our process of the private PostgreSQL; 0 where it cannot be seen."""
    cr.execute("SELECT pg_backend_pid()")
    stat = Path(f"/proc/{cr.fetchone()[0]}/stat")
    if not stat.exists():
        return 0.0
    ticks = stat.read_text().rpartition(")")[2].split()
    return (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")


def measure(env: Any) -> dict[str, float]:
    from odoo.addons.bss_contracts.models.bss_bill_run_collect import COLLECT_BATCH

    run = prepare(env)
    env.cr.commit()
    env.cr.execute("SELECT id FROM bss_account WHERE name LIKE 'BENCH%' ORDER BY id")
    accounts = [row[0] for row in env.cr.fetchall()]
    cpu, server, wall = time.process_time(), server_seconds(env.cr), time.perf_counter()
    for start in range(0, len(accounts), COLLECT_BATCH):
        problems = run._bss_make_recurring(accounts[start : start + COLLECT_BATCH])
        assert not problems, problems
        env.cr.commit()
        env.invalidate_all()
    found = {
        "cpu": time.process_time() - cpu,
        "wall": time.perf_counter() - wall,
        "server": server_seconds(env.cr) - server,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    env.cr.execute(
        """SELECT count(DISTINCT service_id), count(*) FROM bss_charge
            WHERE bill_run_id = %s AND date_start >= %s AND state = 'pending'""",
        (run.id, BILL[0]),
    )
    services, charges = env.cr.fetchone()
    assert services == SERVICES and charges > SERVICES, (services, charges)
    return {**found, "charges": charges}


def figures() -> list[Figure]:
    """Figures of a run on a clone of the template database."""
    found = measured("tests.benchmarks.charges_e2e")
    return [
        Figure("charges_e2e_services_per_cpu_s", SERVICES / found["cpu"], "services/s"),
        Figure("charges_e2e_services_per_s", SERVICES / found["wall"], "services/s"),
        Figure("charges_e2e_postgresql_cpu_s", found["server"], "s"),
        Figure("charges_e2e_memory_peak", found["memory"], "MiB"),
    ]


def main(argv: list[str]) -> int:
    from tests.soak.child import environment

    with environment(os.environ["BSS_ODOO_CONF"], argv[0]) as env:
        sys.stdout.write(json.dumps(measure(env)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
