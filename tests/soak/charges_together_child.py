"""Child of ``test_charges_together``: several threads charge and change the same services of one database."""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from datetime import date, timedelta
from typing import Any

from tests.soak.child import environment, tell

ACCOUNTS = 6
SERVICES_EACH = 2
PERIODS = [(date(2026, month, 1), date(2026, month + 1, 1) - timedelta(days=1)) for month in range(3, 11)]
WORKERS = 4


def prepare(env: Any) -> Any:
    """Accounts with services from March; one planned run for each month."""
    company = env.company
    journal = env["account.journal"].create({"name": "Mass", "code": "MASS", "type": "sale", "company_id": company.id})
    cycle = env["bss.bill.cycle"].create({"name": "1st", "day": 1, "journal_id": journal.id})
    product = (
        env["product.template"]
        .create(
            {
                "name": "Internet",
                "type": "service",
                "list_price": 49,
                "bss_is_offering": True,
                "bss_offering_kind": "recurring",
            }
        )
        .product_variant_id
    )
    for number in range(ACCOUNTS):
        partner = env["res.partner"].create({"name": f"Customer {number}"})
        account = env["bss.account"].create({"partner_id": partner.id, "bill_cycle_id": cycle.id})
        contract = env["bss.contract"].create({"account_id": account.id, "date_start": PERIODS[0][0]})
        env["bss.service"].create(
            [
                {
                    "contract_id": contract.id,
                    "product_id": product.id,
                    "state": "active",
                    "date_start": PERIODS[0][0] + timedelta(days=3 * number),
                }
                for _service in range(SERVICES_EACH)
            ]
        )
    runs = env["bss.bill.run"].create(
        [{"cycle_id": cycle.id, "date_start": start, "date_end": end} for start, end in PERIODS]
    )
    for run in runs:
        run._bss_make_items()
    return runs


def collect(env: Any, run_id: int) -> None:
    run = env["bss.bill.run"].browse(run_id)
    run._bss_collect_accounts(env["bss.account"].search([]).ids)


def change(env: Any, dice: random.Random) -> None:
    """What a clerk does: a price from some day, or days of suspension; settled at once or left to the next bill."""
    services = env["bss.service"].search([])
    service = services[dice.randrange(len(services))]
    day = PERIODS[0][0] + timedelta(days=dice.randrange(240))
    if dice.random() < 0.6:
        service._bss_set_version(day, {"price_unit": dice.randrange(3000, 9000) / 100})
    else:
        service._bss_resume_from(day)
        service._bss_block(day, "request")
        service._bss_resume_from(day + timedelta(days=dice.randrange(1, 40)))
    if dice.random() < 0.5:
        service._bss_recalculate()


def work(registry: Any, jobs: list[Any], problems: list[str], repeats: list[int]) -> None:
    """Jobs one after another, each a transaction that begins again when it lost a race."""
    import odoo.api
    import psycopg2

    for job in jobs:
        for _attempt in range(50):
            with registry.cursor() as cr:
                try:
                    job(odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {"tracking_disable": True}))
                    cr.flush()
                    cr.commit()
                    break
                except psycopg2.errors.SerializationFailure:
                    cr.rollback()
                    repeats.append(1)
                except psycopg2.errors.DeadlockDetected:
                    cr.rollback()
                    repeats.append(1)
                except Exception as error:  # noqa: BLE001 - told to the test
                    cr.rollback()
                    problems.append(f"{type(error).__name__}: {error}")
                    break
        else:
            problems.append("never came through")


def digest(env: Any) -> dict[str, Any]:
    """After a last, calm collecting: what is charged, and what a fresh calculation still wants."""
    collect(env, env["bss.bill.run"].search([], order="date_start desc", limit=1).id)
    env.cr.commit()
    services = env["bss.service"].search([])
    left = services._bss_recalculate()
    env.cr.execute(
        """SELECT count(*), count(DISTINCT (service_id, date_start)), count(DISTINCT service_id)
             FROM bss_charge WHERE kind = 'recurring'"""
    )
    recurring, distinct, charged = env.cr.fetchone()
    env.cr.execute("SELECT sum(amount) FROM bss_charge WHERE state <> 'cancelled'")
    total = env.cr.fetchone()[0]
    # the same facts on services that nobody charged yet: what one calm bill would say
    env.cr.execute("DELETE FROM bss_charge WHERE kind IN ('recurring', 'correction')")
    env.cr.execute("UPDATE bss_service SET charged_through = NULL")
    env.invalidate_all()
    collect(env, env["bss.bill.run"].search([], order="date_start desc", limit=1).id)
    env.cr.execute("SELECT sum(amount) FROM bss_charge")
    calm = env.cr.fetchone()[0]
    env.cr.rollback()
    return {
        "left": len(left),
        "recurring": recurring,
        "distinct": distinct,
        "services": charged,
        "total": round(total, 2),
        "calm": round(calm, 2),
    }


def main(argv: list[str]) -> int:
    conf, database, seed, size = argv
    dice = random.Random(int(seed))
    with environment(conf, database, queue_job__no_delay=True) as env:
        runs = prepare(env)
        env.cr.commit()
        tell("work")
        problems: list[str] = []
        repeats: list[int] = []
        threads = []
        for number in range(WORKERS):
            own = random.Random(dice.randrange(10**9))
            if number < 2:  # two collect the same periods of the same accounts
                jobs = [lambda env, run=run.id: collect(env, run) for run in runs]
            else:
                jobs = [lambda env, own=own: change(env, own) for _job in range(int(size))]
            threads.append(threading.Thread(target=work, args=(env.registry, jobs, problems, repeats)))
        start = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        env.invalidate_all()
        found = {**digest(env), "problems": problems, "repeats": len(repeats), "seconds": time.monotonic() - start}
        tell(json.dumps(found, default=str))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
