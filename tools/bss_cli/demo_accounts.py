"""`./bss demo --accounts N`: the customer base of the demo operator grown to N billing accounts.

The 64 subscribers that the addons make through Odoo are the patterns; every further one is a copy of one of them with
his own name, address, numbers and equipment, some on a promotion, some at gross prices, some won by a reseller.
"""

from __future__ import annotations

import io
import random
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Any

from .copies import Table, multiply
from .demo_names import TOWNS, customer, nips

SEED = 20_260_102
PER_BUILDING = 30
BUILDINGS_BATCH = 200
RESELLERS = ("Biuro Obsługi Żychlin Sp. z o.o.", "Salon Sieci Września", "Łączność Plus Sp. z o.o.")
RESOLD_EVERY = 12
GROSS_EVERY = 5
PROMOTED_EVERY = 4
FACTS = ("k", "account", "name", "mail", "street", "zip", "city", "vat", "phone", "location_id")

# the open number ranges that no pattern uses: 50… is mobile; 24 and 61 are Kutno and Gniezno
NUMBER = """CASE WHEN source.kind <> 'msisdn' THEN 'dt' || fact.account
                 WHEN source.value LIKE '487%' THEN '4850' || lpad(copy.id::text, 7, '0')
                 ELSE left(source.value, 4) || (8000000 + copy.id)::text END"""
TABLES = (
    Table(
        "res_partner",
        values={
            "name": "fact.name",
            "complete_name": "fact.name",
            "commercial_company_name": "CASE WHEN source.is_company THEN fact.name END",
            "email": "fact.mail",
            "email_normalized": "fact.mail",
            "street": "fact.street",
            "zip": "fact.zip",
            "city": "fact.city",
            "vat": "fact.vat",
            "peppol_endpoint": "fact.vat",
            "phone": "fact.phone",
            "phone_sanitized": "replace(fact.phone, ' ', '')",
            "signup_type": "NULL",
        },
    ),
    Table("bss_account", "res_partner", "partner_id", {"name": "fact.account"}),
    Table("bss_contract", "bss_account", "account_id", {"name": "source.name || '/' || copy.k"}),
    Table(
        "bss_service",
        "bss_contract",
        "contract_id",
        {"location_id": "CASE WHEN source.location_id IS NOT NULL THEN fact.location_id END"},
    ),
    Table("bss_service_version", "bss_service", "service_id"),
    Table("bss_service_promotion", "bss_service", "service_id"),
    Table("bss_service_characteristic", "bss_service", "service_id"),
    Table("bss_service_identifier", "bss_service", "service_id", {"value": NUMBER}),
    Table(
        "bss_service_order",
        "bss_service",
        "service_id",
        {"name": "source.name || '/' || copy.k", "idempotency_key": "gen_random_uuid()::text"},
    ),
    Table(
        "bss_device",
        "bss_service",
        "service_id",
        {
            "serial": "left(source.serial, -8) || lpad(copy.id::text, 8, '0')",
            "mac": "CASE WHEN source.mac IS NOT NULL THEN upper('02:4B:55:' || concat_ws(':', "
            "lpad(to_hex(copy.id >> 16 & 255), 2, '0'), lpad(to_hex(copy.id >> 8 & 255), 2, '0'), "
            "lpad(to_hex(copy.id & 255), 2, '0'))) END",
        },
    ),
    Table("bss_device_event", "bss_device", "device_id"),
    # fees that wait for the first bill
    Table(
        "bss_charge",
        "bss_account",
        "account_id",
        {"identity_key": "source.identity_key || ':' || copy.k"},
        "source.state = 'pending' AND source.kind = 'one_off'",
    ),
)


def grow(env: Any, accounts: int, as_of: date) -> int:
    """Copies until the company has ``accounts`` billing accounts; returns how many were made.

    :param as_of: first day not billed yet, as given to the demo loader.
    """
    patterns = env["bss.account"].search([("company_id", "=", env.company.id)], order="id")
    missing = accounts - len(patterns)
    if missing <= 0:
        return 0
    _vary(env, patterns, as_of)
    dice = random.Random(SEED)
    env.flush_all()
    at_home = [bool(one.contract_ids.service_ids.location_id) for one in patterns]
    flats = _flats(env, sum(at_home[k % len(patterns)] for k in range(missing)), dice)
    rows = _facts(env, patterns, at_home, flats, missing, dice)
    cr = env.cr
    cr.execute(
        """CREATE TEMP TABLE demo_fact (k int PRIMARY KEY, account text, name text, mail text, street text, zip text,
           city text, vat text, phone text, location_id int) ON COMMIT DROP"""
    )
    text = "".join("\t".join("\\N" if value is None else str(value) for value in row) + "\n" for row in rows)
    cr._obj.copy_expert(f"COPY demo_fact ({', '.join(FACTS)}) FROM STDIN", io.StringIO(text))
    multiply(cr, patterns.partner_id.ids, missing, TABLES, "demo_fact")
    _finish(env, patterns)
    return missing


def _vary(env: Any, patterns: Any, as_of: date) -> None:
    """The patterns get what only some subscribers have."""
    promotions = env["bss.promotion"].search([("state", "=", "on_sale"), ("target", "=", "recurring")], order="id")
    services = patterns.contract_ids.service_ids.filtered(
        lambda one: one.state == "active" and one.service_type == "internet" and not one.child_ids
    )
    for number, service in enumerate(services[::PROMOTED_EVERY]):
        if promotions:
            service._bss_grant(promotions[number % len(promotions)], max(service.date_start, as_of.replace(day=1)))
    # a household has its price with VAT
    mobile = patterns.contract_ids.service_ids.filtered(
        lambda one: one.service_type == "mobile" and one.account_id.customer_kind == "consumer" and one.price_unit
    )
    for service in mobile[::GROSS_EVERY]:
        env.cr.execute(
            "UPDATE bss_service SET price_kind = 'gross', price_unit = round(price_unit * 1.23, 2) WHERE id = %s",
            (service.id,),
        )
    services.invalidate_recordset()
    if "reseller_id" in patterns._fields:
        agents = env["res.partner"].create([{"name": name, "is_company": True} for name in RESELLERS])
        for number, account in enumerate(patterns[::RESOLD_EVERY]):
            account.reseller_id = agents[number % len(agents)]


def _flats(env: Any, count: int, dice: random.Random) -> Iterator[tuple[int, str, str, str]]:
    """(id, street with numbers, postcode, town) of new premises: towns, streets and houses by the ORM, flats by SQL."""
    places = env["bss.location"]
    company = env.company.id
    streets = []
    for town_name, postcode, names in TOWNS:
        town = places.create({"kind": "town", "name": town_name, "zip": postcode, "company_id": company})
        vals = [{"kind": "street", "name": name, "parent_id": town.id, "company_id": company} for name in names]
        streets += list(places.create(vals))
    wanted = max(-(-count // PER_BUILDING), len(streets))
    vals = []
    for number in range(wanted):
        street = streets[number % len(streets)]
        house = str(1 + number // len(streets) * 2 + dice.randrange(2))
        vals.append(
            {"kind": "building", "name": house, "house_no": house, "parent_id": street.id, "company_id": company}
        )
    buildings = places
    for start in range(0, wanted, BUILDINGS_BATCH):
        buildings += places.create(vals[start : start + BUILDINGS_BATCH])
    env["bss.location.technology"].create(
        [
            {"location_id": street.id, "technology": "fibre", "down_mbps": 1000, "up_mbps": 300}
            for street in streets
        ]
    )  # fmt: skip
    env.flush_all()
    env.cr.execute(
        """INSERT INTO bss_location (id, name, premises_no, kind, parent_id, parent_path, company_id, active,
                                     create_uid, write_uid, create_date, write_date)
           SELECT flat.id, flat.n::text, flat.n::text, 'premises', flat.parent, flat.path || flat.id || '/', %(company)s,
                  true, %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
             FROM (SELECT nextval('bss_location_id_seq') AS id, place.id AS parent, place.parent_path AS path, n
                     FROM bss_location place, generate_series(1, %(each)s) n WHERE place.id = ANY(%(buildings)s)) flat""",
        {"company": company, "uid": env.uid, "each": PER_BUILDING, "buildings": buildings.ids},
    )
    env.invalidate_all()
    buildings._bss_refresh_addresses()
    buildings._bss_refresh_technologies()
    env.cr.execute(
        """SELECT id, 'ul. ' || street || ' ' || house_no || '/' || premises_no, zip, city FROM bss_location
            WHERE kind = 'premises' AND parent_id = ANY(%s) ORDER BY id""",
        (buildings.ids,),
    )
    flats = env.cr.fetchall()
    dice.shuffle(flats)
    return iter(flats)


def _facts(
    env: Any, patterns: Any, at_home: list[bool], flats: Iterator[Any], count: int, dice: random.Random
) -> Iterator[tuple[Any, ...]]:
    """What differs from copy to copy, in the order of FACTS."""
    from odoo.addons.bss_contracts.billing_core import luhn_digit

    sequence = env["ir.sequence"].with_company(env.company)
    first = sequence.next_by_code("bss.account")
    record = sequence.search([("code", "=", "bss.account"), ("company_id", "in", (env.company.id, False))], limit=1)
    record.number_next_actual = record.number_next_actual + count
    numbers = nips()
    kinds = [one.customer_kind for one in patterns]
    homes = [(one.partner_id.street, one.partner_id.zip, one.partner_id.city) for one in patterns]
    vats = [bool(one.partner_id.vat) for one in patterns]
    for k in range(1, count + 1):
        place = (k - 1) % len(patterns)
        name = customer(dice, kinds[place])
        base = str(int(first) + k - 1).zfill(len(first))
        location, street, postcode, city = next(flats) if at_home[place] else (None, *homes[place])
        plain = unicodedata.normalize("NFKD", name.lower().replace("ł", "l")).encode("ascii", "ignore").decode()
        words = "".join(char if char.isalnum() else " " for char in plain).split()
        vat = f"PL{next(numbers)}" if vats[place] else None
        phone = f"+48 602 {k // 1000 % 1000:03d} {k % 1000:03d}"
        mail = f"{'.'.join(words[:2])}{k}@poczta.example"
        yield k, base + luhn_digit(base), name, mail, street, postcode, city, vat, phone, location


def _finish(env: Any, patterns: Any) -> None:
    """Texts that hold a number of the customer follow it, and every account gets its virtual bank account."""
    env.cr.execute(
        """UPDATE bss_service service
              SET name = replace(service.name, service.main_identifier, found.value), main_identifier = found.value
             FROM bss_service_identifier found
            WHERE found.service_id = service.id AND found.date_end IS NULL AND service.main_identifier <> found.value
              AND service.account_id <> ALL(%s)""",
        (patterns.ids,),
    )
    env.cr.execute(
        "UPDATE res_partner SET commercial_partner_id = id WHERE commercial_partner_id IS NULL AND parent_id IS NULL"
    )
    env.invalidate_all()
    env["bss.virtual.account.pool"].search([("company_id", "=", env.company.id)], limit=1).action_allocate_missing()
