"""SQL of usage charges: what a rating run has rated becomes one charge per service, zone, kind and period."""

from .adapters import BILLING_TZ


def make_charges(cr, run, batch, product_id, labels):
    """Usage charges of a run per service, zone, kind and period; every event with an amount gets its charge.

    :param labels: {(language or "", kind): text with %(zone)s, %(count)s, %(duration)s}
    :return: how many charges were made
    """
    params = {
        "run": run.id,
        # between no days: every event has the charge of its month
        "first": None if run.by_month else run.date_start,
        "last": None if run.by_month else run.date_end,
        "tz": BILLING_TZ,
        "suffix": f"{run.id}" if batch == 1 else f"{run.id}.{batch}",
        "company": run.company_id.id,
        "currency": run.company_id.currency_id.id,
        "product": product_id,
        "uid": run.env.uid,
        "reference": run.name,
    }
    _collect_members(cr, params)
    cr.execute_values(
        "INSERT INTO bss_rating_label VALUES %s", [(lang, kind, text) for (lang, kind), text in labels.items()]
    )
    made = _insert_charges(cr, params)
    _link_members(cr, params)
    return made


def _collect_members(cr, params):
    """Events to charge with their period, and their groups."""
    cr.execute(
        """
        CREATE TEMPORARY TABLE IF NOT EXISTS bss_rating_member (
            id bigint, started_at timestamp, service_id int4, account_id int4, zone_id int4, usage_kind varchar,
            date_start date, date_end date, amount_e4 bigint, units bigint
        ) ON COMMIT DROP;
        CREATE TEMPORARY TABLE IF NOT EXISTS bss_rating_group (
            service_id int4, account_id int4, zone_id int4, usage_kind varchar, date_start date, date_end date,
            amount_e4 bigint, events int4, seconds bigint, identity_key varchar
        ) ON COMMIT DROP;
        CREATE TEMPORARY TABLE IF NOT EXISTS bss_rating_label (lang varchar, usage_kind varchar, label text)
        ON COMMIT DROP;
        TRUNCATE bss_rating_member, bss_rating_group, bss_rating_label
        """
    )
    cr.execute(
        """
        INSERT INTO bss_rating_member
        SELECT id, started_at, service_id, account_id, zone_id, usage_kind,
               CASE WHEN day BETWEEN %(first)s::date AND %(last)s::date THEN %(first)s::date
                    ELSE date_trunc('month', day)::date END,
               CASE WHEN day BETWEEN %(first)s::date AND %(last)s::date THEN %(last)s::date
                    ELSE (date_trunc('month', day) + interval '1 month' - interval '1 day')::date END,
               amount_e4, units
          FROM (SELECT *, ((started_at AT TIME ZONE 'UTC') AT TIME ZONE %(tz)s)::date AS day
                  FROM bss_usage_event
                 WHERE rating_run_id = %(run)s AND state IN ('rated', 'free') AND charge_id IS NULL) event
        """,
        params,
    )
    cr.execute(
        """
        INSERT INTO bss_rating_group
        SELECT service_id, account_id, zone_id, usage_kind, date_start, date_end, sum(amount_e4), count(*),
               sum(CASE WHEN usage_kind IN ('voice', 'premium') THEN units ELSE 0 END),
               concat_ws(':', 'usage', service_id, zone_id, usage_kind, to_char(date_start, 'YYYY-MM-DD'), %(suffix)s)
          FROM bss_rating_member
         GROUP BY 1, 2, 3, 4, 5, 6
        HAVING sum(amount_e4) <> 0  -- prices by volume may fall and give something back
        """,
        params,
    )
    cr.execute("ANALYZE bss_rating_member; ANALYZE bss_rating_group")


def _insert_charges(cr, params):
    cr.execute(
        """
        INSERT INTO bss_charge (
            account_id, contract_id, service_id, company_id, currency_id, product_id, kind, name, date_start, date_end,
            quantity, price_unit, amount, amount_e4, state, identity_key, zone_id, usage_count, usage_seconds,
            source_ref, create_uid, create_date, write_uid, write_date)
        SELECT grouped.account_id, service.contract_id, service.id, %(company)s, %(currency)s, %(product)s, 'usage',
               replace(replace(replace(COALESCE(own.label, base.label),
                   '%%(zone)s', COALESCE(zone.name ->> partner.lang, zone.name ->> 'en_US')),
                   '%%(count)s', grouped.events::text),
                   '%%(duration)s', (grouped.seconds * interval '1 second')::text),
               grouped.date_start, grouped.date_end, 1, round(grouped.amount_e4 / 10000.0, 2),
               round(grouped.amount_e4 / 10000.0, 2), grouped.amount_e4, 'pending', grouped.identity_key,
               grouped.zone_id, grouped.events, grouped.seconds, %(reference)s,
               %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
          FROM bss_rating_group grouped
          JOIN bss_service service ON service.id = grouped.service_id
          JOIN bss_account account ON account.id = grouped.account_id
          JOIN res_partner partner ON partner.id = account.partner_id
          JOIN bss_rate_zone zone ON zone.id = grouped.zone_id
          JOIN bss_rating_label base ON base.lang = '' AND base.usage_kind = grouped.usage_kind
          LEFT JOIN bss_rating_label own ON own.lang = partner.lang AND own.usage_kind = grouped.usage_kind
         ORDER BY grouped.account_id, service.id, grouped.date_start, grouped.zone_id
        ON CONFLICT (company_id, identity_key) DO NOTHING
        """,
        params,
    )
    return cr.rowcount


def _link_members(cr, params):
    cr.execute(
        """
        UPDATE bss_usage_event event
           SET charge_id = charge.id
          FROM bss_rating_member member
          JOIN bss_rating_group grouped USING (service_id, account_id, zone_id, usage_kind, date_start)
          JOIN bss_charge charge ON charge.company_id = %(company)s AND charge.identity_key = grouped.identity_key
         WHERE event.id = member.id AND event.started_at = member.started_at
           AND event.started_at BETWEEN (SELECT min(started_at) FROM bss_rating_member)
                                    AND (SELECT max(started_at) FROM bss_rating_member)
        """,
        params,
    )
