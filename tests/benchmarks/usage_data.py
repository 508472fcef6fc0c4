"""Stored rated usage for benchmarks, made by the database itself: accounts with one service each, months of events.

By the ORM or by files twenty million events would take hours; what is measured on them would be the same.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from .charges_e2e import fill

EVENTS_PER_ACCOUNT = 200
MONTH_US = 30 * 86_400 * 1_000_000
# (code, kind of usage, share of the events in percent, price of an event in 1e-4, 0 = free)
ZONES = [
    ("B-NET", "voice", 28, 0),
    ("B-MOB", "voice", 30, 870),
    ("B-FIX", "voice", 14, 580),
    ("B-SMS", "sms", 16, 900),
    ("B-DATA", "data", 8, 125),
    ("B-INT", "voice", 3, 11_500),
    ("B-PREM", "premium", 1, 24_600),
]
COPIES = {
    "res_partner": (
        "generate_series(1, %(accounts)s) n",
        {
            "name": "'Klient ' || (ARRAY['Nowak', 'Kowalski', 'Wójcik', 'Zając'])[1 + n %% 4] || ' ' || n",
            "complete_name": "'Klient ' || (ARRAY['Nowak', 'Kowalski', 'Wójcik', 'Zając'])[1 + n %% 4] || ' ' || n",
            "commercial_partner_id": "source.id",
        },
    ),
    "bss_account": (
        "res_partner customer WHERE customer.name LIKE 'Klient %%' AND",
        {"name": "'BENCH' || customer.id", "partner_id": "customer.id"},
    ),
    "bss_contract": (
        "bss_account account WHERE account.name LIKE 'BENCH%%' AND",
        {"name": "account.name", "account_id": "account.id", "partner_id": "account.partner_id"},
    ),
    "bss_service": (
        "bss_contract contract WHERE contract.name LIKE 'BENCH%%' AND",
        {"name": "'Bench'", "contract_id": "contract.id", "account_id": "contract.account_id"},
    ),
}


def make_accounts(env: Any, accounts: int) -> None:
    """Zones, a product of usage and accounts with a service each; their ids in order in the table ``bench_service``."""
    env["bss.rate.zone"].create(
        [{"code": code, "name": f"Zone {code}", "kind": "national_mobile"} for code, *_rest in ZONES]
    )
    templates = env["product.template"].create(
        [
            {"name": "Telephone", "type": "service", "bss_is_offering": True, "bss_offering_kind": "recurring"},
            {"name": "Usage", "type": "service", "bss_is_offering": True, "bss_offering_kind": "usage"},
        ]
    )
    env.company.bss_usage_product_id = templates[1].product_variant_id
    journal = env["account.journal"].create({"name": "Bench", "code": "BNCH", "type": "sale"})
    cycle = env["bss.bill.cycle"].create({"name": "Bench", "day": 1, "journal_id": journal.id})
    partner = env["res.partner"].create({"name": "Muster"})
    account = env["bss.account"].create({"partner_id": partner.id, "bill_cycle_id": cycle.id})
    contract = env["bss.contract"].create({"account_id": account.id, "date_start": "2024-01-01", "state": "active"})
    service = env["bss.service"].create(
        {
            "contract_id": contract.id,
            "product_id": templates[0].product_variant_id.id,
            "state": "active",
            "date_start": "2024-01-01",
        }
    )
    env.flush_all()
    sources = {one._table: one.id for one in (partner, account, contract, service)}
    fill(env.cr, sources, {"accounts": accounts}, COPIES)
    env.cr.execute(
        """
        CREATE TABLE bench_service AS
        SELECT row_number() OVER (ORDER BY id) - 1 AS place, id, account_id FROM bss_service WHERE name = 'Bench';
        CREATE UNIQUE INDEX ON bench_service (place);
        ANALYZE bench_service
        """
    )
    env.invalidate_all()


def make_month(env: Any, month: date, events: int) -> Any:
    """A rating run of a Polish month with its rated events, spread over the first accounts; returns the run."""
    from odoo.addons.bss_mediation import store

    run = env["bss.rating.run"].create(
        {"date_start": month, "date_end": store.next_month(month) - timedelta(days=1), "by_month": True}
    )
    env.flush_all()
    cr = env.cr
    store.ensure_partitions(cr, [month])
    cr.execute(
        """SELECT indexname FROM pg_indexes WHERE tablename = 'bss_usage_event' AND indexname <> 'bss_usage_event_pkey'"""
    )
    # a mass of rows is indexed afterwards
    for (name,) in cr.fetchall():
        cr.execute(f'DROP INDEX "{name}"')
    zones = env["bss.rate.zone"].search([("code", "in", [code for code, *_rest in ZONES])])
    ids = {zone.code: zone.id for zone in zones}
    # one row for each percent
    steps = [(ids[code], kind, e4) for code, kind, percent, e4 in ZONES for _one in range(percent)]
    cr.execute(
        """
        CREATE TEMPORARY TABLE bench_zone (place int4, zone_id int4, usage_kind varchar, e4 int4) ON COMMIT DROP
        """
    )
    cr.execute_values("INSERT INTO bench_zone VALUES %s", [(place, *step) for place, step in enumerate(steps)])
    cr.execute(
        """
        INSERT INTO bss_usage_event (
            started_at, answered_at, units, billed_units, free_units, amount_e4, company_id, source_id, file_id, line_no,
            duration_s, service_id, account_id, plan_id, zone_id, rate_id, rating_run_id, usage_kind, direction, a_number,
            b_number, state, prefix, identity)
        SELECT instant, instant, units, units, 0, e4 * (1 + units / 60), %(company)s, 1, 1 + (n / 300000), n %% 300000, units,
               service.id, service.account_id, NULL, zone_id, NULL, %(run)s, usage_kind, 'out',
               (48500000000 + service.place)::text, (48600000000 + (n * 7919) %% 90000000)::text,
               CASE WHEN e4 = 0 THEN 'free' ELSE 'rated' END, '486', md5(%(run)s || '.' || n)::uuid
          FROM (SELECT n, %(start)s::timestamp + n * %(step)s * interval '1 microsecond' AS instant,
                       (1 + (n * 31) %% 179)::int4 AS units, (hashint8(n) & 2147483647) AS hash
                  FROM generate_series(0::bigint, %(events)s - 1) n) made
          JOIN bench_service service ON service.place = made.hash %% %(accounts)s
          JOIN bench_zone zone ON zone.place = (made.hash / 7919) %% 100
         ORDER BY n
        """,
        {
            "company": env.company.id,
            "run": run.id,
            "start": month,
            "events": events,
            "step": MONTH_US // events,
            "accounts": events // EVENTS_PER_ACCOUNT,
        },
    )
    store.create_event_table(cr)
    cr.execute("ANALYZE bss_usage_event")
    env.cr.commit()
    return run
