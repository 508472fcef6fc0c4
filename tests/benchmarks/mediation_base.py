"""The operator of the mediation benchmark: subscribers with a number and a rate plan each."""

from __future__ import annotations

from typing import Any

SERVICES = 20_000
PLANS = 10
# Zones and the numbers that lead to them: every destination of the generator is priced.
ZONES = {
    "MOB": ("national_mobile", ("4850", "4860", "4879", "4888")),
    "FIX": ("national_fixed", ("4812", "4822", "4861")),
    "EU": ("international", ("4930", "44207")),
    "WORLD": ("international", ("38", "1212")),
    "PREM": ("premium", ("4870",)),
    "FREE": ("national_fixed", ("48800",)),
    "SOS": ("emergency", ("48112",)),
}
# So many prefixes more, inside those: a real number plan is deep.
DEEP = 2_000


def prepare(env: Any, *, with_allowances: bool = False) -> list[str]:
    """The numbers of the subscribers.

    :param with_allowances: half of them have free minutes
    """
    contract = _contract(env)
    product = _offering(env, "Telephone")
    service = env["bss.service"].create(
        {"contract_id": contract.id, "product_id": product.id, "state": "active", "date_start": "2024-01-01"}
    )
    plans = _plans(env)
    env.flush_all()
    _multiply(env, service)
    env.cr.execute(
        "UPDATE bss_service SET rate_plan_id = (%s::int[])[1 + id %% %s] WHERE contract_id = %s",
        (plans, PLANS, contract.id),
    )
    if with_allowances:
        generous = _offering(env, "Telephone with free minutes")
        env["bss.offering.allowance"].create(
            {
                "template_id": generous.product_tmpl_id.id,
                "name": "Free minutes",
                "unit": "s",
                "quantity": 20 * 60,
            }
        )
        env.flush_all()
        env.cr.execute(
            "UPDATE bss_service SET product_id = %s WHERE contract_id = %s AND (id / %s) %% 2 = 1",
            (generous.id, contract.id, PLANS),
        )
    env.cr.execute(
        """INSERT INTO bss_service_identifier (service_id, account_id, company_id, kind, value, date_start)
           SELECT id, account_id, company_id, 'msisdn', (48501000000 + row_number() OVER (ORDER BY id))::text, '2024-01-01'
             FROM bss_service WHERE contract_id = %s RETURNING value""",
        (contract.id,),
    )
    numbers = [value for (value,) in env.cr.fetchall()]
    env.cr.execute("ANALYZE bss_service; ANALYZE bss_service_identifier")
    env.invalidate_all()
    return numbers


def _contract(env: Any) -> Any:
    partner = env["res.partner"].create({"name": "Customer"})
    journal = env["account.journal"].create({"name": "Bench", "code": "BNCH", "type": "sale"})
    cycle = env["bss.bill.cycle"].create({"name": "Bench", "day": 1, "journal_id": journal.id})
    account = env["bss.account"].create({"partner_id": partner.id, "bill_cycle_id": cycle.id})
    return env["bss.contract"].create({"account_id": account.id, "date_start": "2024-01-01", "state": "active"})


def _offering(env: Any, name: str) -> Any:
    template = env["product.template"].create(
        {
            "name": name,
            "type": "service",
            "list_price": 20,
            "bss_is_offering": True,
            "bss_offering_kind": "recurring",
        }
    )
    return template.product_variant_id


def _multiply(env: Any, service: Any) -> None:
    """Copies of one service: what a benchmark of usage asks of them is their number."""
    env.cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'bss_service' AND column_name <> 'id'"
    )
    columns = ", ".join(f'"{name}"' for (name,) in env.cr.fetchall())
    env.cr.execute(
        f"""INSERT INTO bss_service ({columns}) SELECT {columns} FROM bss_service, generate_series(2, {SERVICES})
             WHERE id = %s""",
        (service.id,),
    )


def _plans(env: Any) -> list[int]:
    """Plans of two time bands with splitting, 60/1."""
    weekend = {"day_sat": False, "day_sun": False, "day_holiday": False}
    company = env.company
    bands = env["bss.time.band"].create(
        [
            {"name": "Day", "code": "B-DAY", "company_id": company.id, "hour_from": 8, "hour_to": 18, "weight": 20, **weekend},
            {"name": "Other", "code": "B-REST", "company_id": company.id, "weight": 10},
        ]
    )  # fmt: skip
    zones = _zones(env)
    plans = env["bss.rate.plan"].create(
        [
            {
                "name": f"Bench {number}",
                "code": f"BENCH-{number}",
                "company_id": company.id,
                "currency_id": company.currency_id.id,
                "rate_ids": [
                    (0, 0, {"zone_id": zone.id, "band_id": band.id, "increment_first_s": 60, "increment_next_s": 1,
                            "price_micro": 0 if zone.kind == "emergency" else 100_000 + 10_000 * number + 7_000 * place})
                    for zone in zones
                    for place, band in enumerate(bands)
                ],
            }
            for number in range(PLANS)
        ]
    )  # fmt: skip
    plans.action_activate()
    return list(plans.ids)


def _zones(env: Any) -> Any:
    zones = env["bss.rate.zone"].create(
        [
            {
                "code": f"B-{code}",
                "name": code,
                "kind": kind,
                "company_id": env.company.id,
                "prefix_ids": [(0, 0, {"prefix": prefix}) for prefix in prefixes],
            }
            for code, (kind, prefixes) in ZONES.items()
        ]
    )
    env["bss.rate.prefix"].create(
        [
            {"zone_id": zones[number % 3].id, "prefix": f"48{(22, 50, 60)[number % 3]}{number:04}"}
            for number in range(DEEP)
        ]
    )
    return zones
