"""SQL of tariff imports: zones and prefixes of whole lists at once."""

from odoo.tools import SQL

from .catalog_core.increments import normalise_chain, parse_chain
from .catalog_core.tariff_import import Existing
from .catalog_core.tariff_import.carrier import Price


def existing(cr, company_id, plan_codes):
    """Zone of each prefix of a company, its own before shared ones.

    :param plan_codes: plans being imported; zones that no other plan prices are theirs to divide
    """
    cr.execute(
        """
        SELECT prefix.prefix, zone.code
          FROM bss_rate_prefix prefix JOIN bss_rate_zone zone ON zone.id = prefix.zone_id
         WHERE zone.active AND (zone.company_id IS NULL OR zone.company_id = %s)
         ORDER BY zone.company_id NULLS FIRST
        """,
        (company_id,),
    )
    zone_of = dict(cr.fetchall())
    cr.execute(
        """
        SELECT zone.code, zone.company_id IS NOT NULL AND NOT EXISTS (
               SELECT 1 FROM bss_rate rate JOIN bss_rate_plan plan ON plan.id = rate.plan_id
                WHERE rate.zone_id = zone.id AND plan.code <> ALL(%s))
          FROM bss_rate_zone zone WHERE zone.company_id IS NULL OR zone.company_id = %s
        """,
        (list(plan_codes), company_id),
    )
    zones = cr.fetchall()
    return Existing(zone_of, frozenset(code for code, own in zones if own), frozenset(code for code, _own in zones))


def prices_before(cr, plan_id, usage_kind):
    """{prefix: price} of a version, of rates at any time with one price."""
    cr.execute(
        """
        SELECT prefix.prefix, COALESCE(zone.name ->> 'en_US', zone.code), rate.price_micro, rate.connect_fee_micro,
               rate.chain, rate.increment_first_s, rate.increment_next_s
          FROM bss_rate rate
          JOIN bss_rate_zone zone ON zone.id = rate.zone_id
          JOIN bss_rate_prefix prefix ON prefix.zone_id = zone.id
         WHERE rate.plan_id = %s AND rate.usage_kind = %s AND rate.band_id IS NULL AND rate.tier_model = 'flat'
        """,
        (plan_id, usage_kind),
    )
    return {
        prefix: Price(name, price, fee, _chain(chain, first, following))
        for prefix, name, price, fee, chain, first, following in cr.fetchall()
    }


def _chain(text, first, following):
    chain = parse_chain(text or "")
    return chain if isinstance(chain, tuple) else normalise_chain((first, following))


def add_zones(env, company_id, zones):
    """Make the zones that are missing and add prefixes to all; what is there stays.

    :param zones: [catalog_core.tariff_import.TariffZone]
    :return: (zones made, prefixes added)
    """
    cr = env.cr
    env["bss.rate.zone"].flush_model()
    env["bss.rate.prefix"].flush_model()
    cr.execute(
        """CREATE TEMPORARY TABLE IF NOT EXISTS bss_tariff_zone (code varchar, name varchar, kind varchar, place int4)
           ON COMMIT DROP;
           CREATE TEMPORARY TABLE IF NOT EXISTS bss_tariff_prefix (code varchar, prefix varchar) ON COMMIT DROP;
           TRUNCATE bss_tariff_zone, bss_tariff_prefix"""
    )
    rows = [(zone.code, zone.name or zone.code, zone.kind, place) for place, zone in enumerate(zones, 1)]
    cr.execute_values("INSERT INTO bss_tariff_zone VALUES %s", rows, page_size=1000)
    pairs = [(zone.code, prefix) for zone in zones for prefix in zone.prefixes]
    cr.execute_values("INSERT INTO bss_tariff_prefix VALUES %s", pairs, page_size=1000)
    params = {"company": company_id, "uid": env.uid}
    cr.execute(
        SQL(
            """
            INSERT INTO bss_rate_zone (name, code, sequence, kind, company_id, active,
                                       create_uid, create_date, write_uid, write_date)
            SELECT jsonb_build_object('en_US', name), code, place, kind, %(company)s, TRUE,
                   %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
              FROM bss_tariff_zone ORDER BY place
            ON CONFLICT (code, COALESCE(company_id, 0)) DO NOTHING
            """,
            **params,
        )
    )
    made = cr.rowcount
    cr.execute(
        SQL(
            """
            INSERT INTO bss_rate_prefix (prefix, zone_id, company_id, create_uid, create_date, write_uid, write_date)
            SELECT added.prefix, zone.id, zone.company_id,
                   %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
              FROM bss_tariff_prefix added
              JOIN bss_rate_zone zone ON zone.code = added.code AND zone.company_id = %(company)s
             ORDER BY added.prefix
            ON CONFLICT (prefix, COALESCE(company_id, 0)) DO NOTHING
            """,
            **params,
        )
    )
    added = cr.rowcount
    env["bss.rate.zone"].invalidate_model()
    env["bss.rate.prefix"].invalidate_model()
    return made, added
