"""SQL that makes usage charges of the differences that ``charge_store`` collected, with their texts."""

from .charge_store import roomy


def insert_charges(cr, run, batch, product_id, labels, new_only=False):
    """Usage charges of the differences collected before.

    :param labels: {(language or "", kind): text with %(zone)s, %(count)s, %(duration)s}
    :param new_only: only of groups without a charge
    :return: how many charges were made
    """
    _make_texts(cr, labels)
    # in the order of accounts, so that indexes grow at their ends; each row is checked against the rows that it names, so it
    # names no user: who made the charges is written on the run
    query = """
        INSERT INTO bss_charge (
            account_id, contract_id, service_id, company_id, currency_id, product_id, kind, name, date_start, date_end,
            quantity, price_unit, amount, amount_e4, state, identity_key, zone_id, usage_kind, rating_run_id,
            usage_count, usage_seconds, source_ref, create_date, write_date)
        SELECT grouped.account_id, service.contract_id, service.id, %(company)s, %(currency)s, %(product)s, 'usage',
               replace(replace(text.label, '%%(count)s', grouped.events::text),
                       '%%(duration)s', (grouped.seconds * interval '1 second')::text),
               grouped.date_start, grouped.date_end, 1, grouped.amount, grouped.amount, grouped.e4, 'pending',
               concat_ws(':', 'usage', grouped.service_id, grouped.zone_id, grouped.usage_kind,
                         to_char(grouped.date_start, 'YYYY-MM-DD'), %(suffix)s,
                         CASE WHEN grouped.account_id > shared.first THEN grouped.account_id END),
               grouped.zone_id, grouped.usage_kind, %(run)s, grouped.events, grouped.seconds, %(reference)s,
               now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
          FROM bss_charge_difference grouped
          LEFT JOIN (SELECT service_id, zone_id, usage_kind, date_start, min(account_id) AS first
                       FROM bss_charge_difference WHERE NOT (%(new_only)s AND charges > 0)
                      GROUP BY service_id, zone_id, usage_kind, date_start HAVING count(*) > 1) shared
               USING (service_id, zone_id, usage_kind, date_start)
          JOIN bss_service service ON service.id = grouped.service_id
          JOIN bss_charge_customer customer ON customer.account_id = grouped.account_id
          JOIN bss_charge_text text USING (lang, zone_id, usage_kind)
         WHERE NOT (%(new_only)s AND grouped.charges > 0)
         ORDER BY grouped.account_id, service.id, grouped.date_start, grouped.zone_id
        ON CONFLICT (company_id, identity_key) DO NOTHING
        """
    with roomy(cr):
        cr.execute(
            query,
            {
                "run": run.id,
                "suffix": f"{run.id}" if batch == 1 else f"{run.id}.{batch}",
                "company": run.company_id.id,
                "currency": run.company_id.currency_id.id,
                "product": product_id,
                "reference": run.name,
                "new_only": new_only,
            },
        )
        return cr.rowcount


def _make_texts(cr, labels):
    """Languages of the customers in ``bss_charge_customer``, texts by language, zone and kind in ``bss_charge_text``.

    What differs from charge to charge is still in them: %(count)s and %(duration)s.
    """
    cr.execute(
        """
        CREATE TEMPORARY TABLE IF NOT EXISTS bss_charge_label (lang varchar, usage_kind varchar, label text)
        ON COMMIT DROP;
        TRUNCATE bss_charge_label;
        DROP TABLE IF EXISTS bss_charge_text, bss_charge_customer
        """
    )
    cr.execute_values(
        "INSERT INTO bss_charge_label VALUES %s", [(lang, kind, text) for (lang, kind), text in labels.items()]
    )
    cr.execute(
        """
        CREATE TEMPORARY TABLE bss_charge_customer ON COMMIT DROP AS
        SELECT account.id AS account_id, COALESCE(partner.lang, '') AS lang
          FROM bss_account account
          JOIN res_partner partner ON partner.id = account.partner_id
         WHERE account.id IN (SELECT account_id FROM bss_charge_difference);
        ANALYZE bss_charge_customer;
        CREATE TEMPORARY TABLE bss_charge_text ON COMMIT DROP AS
        SELECT spoken.lang, zone.id AS zone_id, charged.usage_kind,
               replace(COALESCE(own.label, base.label), '%(zone)s',
                       COALESCE(zone.name ->> spoken.lang, zone.name ->> 'en_US')) AS label
          FROM (SELECT DISTINCT zone_id, usage_kind FROM bss_charge_difference) charged
         CROSS JOIN (SELECT DISTINCT lang FROM bss_charge_customer) spoken
          JOIN bss_rate_zone zone ON zone.id = charged.zone_id
          JOIN bss_charge_label base ON base.lang = '' AND base.usage_kind = charged.usage_kind
          LEFT JOIN bss_charge_label own ON own.lang = spoken.lang AND own.usage_kind = charged.usage_kind;
        ANALYZE bss_charge_text
        """
    )
