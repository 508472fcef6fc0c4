"""SQL of what a re-rating changes about charges: given up where no bill has claimed them, else corrected."""

from odoo.tools import SQL


def remember_charged(cr):
    """Groups that were charged before usage was taken back, in ``bss_rerating_charged``; only they are charged again.

    Of the services and runs in ``bss_rerating_old``.

    :return: ids of the runs
    """
    cr.execute(
        """
        DROP TABLE IF EXISTS bss_rerating_charged;
        CREATE TEMPORARY TABLE bss_rerating_charged ON COMMIT DROP AS
        SELECT DISTINCT charge.rating_run_id, charge.account_id, charge.service_id, charge.zone_id, charge.usage_kind,
               charge.date_start
          FROM (SELECT DISTINCT rating_run_id, service_id FROM bss_rerating_old) old
          JOIN bss_charge charge ON charge.rating_run_id = old.rating_run_id AND charge.service_id = old.service_id
         WHERE charge.state <> 'cancelled';
        ANALYZE bss_rerating_charged;
        SELECT DISTINCT rating_run_id FROM bss_rerating_charged ORDER BY 1
        """
    )
    return [run_id for (run_id,) in cr.fetchall()]


def give_up_pending(cr):
    """Charges of those groups that no bill has claimed are cancelled and leave their group; it is charged anew."""
    cr.execute(
        """
        WITH given_up AS (
            UPDATE bss_charge charge SET state = 'cancelled', rating_run_id = NULL
              FROM bss_rerating_charged charged
             WHERE charge.rating_run_id = charged.rating_run_id AND charge.account_id = charged.account_id
               AND charge.service_id = charged.service_id AND charge.zone_id = charged.zone_id
               AND charge.usage_kind = charged.usage_kind AND charge.date_start = charged.date_start
               AND charge.state = 'pending' AND charge.bill_run_item_id IS NULL AND charge.kind = 'usage'
            RETURNING charge.id)
        -- what corrects them goes with them
        UPDATE bss_charge correction SET state = 'cancelled', rating_run_id = NULL
          FROM given_up
         WHERE correction.origin_charge_id = given_up.id AND correction.rating_run_id IS NOT NULL
           AND correction.state = 'pending' AND correction.bill_run_item_id IS NULL
        """
    )


def _share(difference, standing):
    """Part of a group's difference that falls on one of its charges.

    More goes to the newest one. Less is taken off the newest ones, from each what stands on it; what is left over, which
    only prices by volume can bring about, off the newest.
    """
    return SQL(
        """CASE WHEN %(difference)s >= 0 THEN CASE WHEN place = 1 THEN %(difference)s ELSE 0 END
                ELSE -(least(greatest(%(standing)s, 0),
                             greatest(-%(difference)s - COALESCE(sum(greatest(%(standing)s, 0)) OVER earlier, 0), 0))
                       + CASE WHEN place = 1
                              THEN greatest(-%(difference)s - sum(greatest(%(standing)s, 0)) OVER whole, 0) ELSE 0 END)
           END""",
        difference=SQL.identifier(difference),
        standing=SQL.identifier(standing),
    )


def insert_corrections(cr, run, rerating, labels):
    """Correction charges of the differences of groups that bills have claimed (see ``charge_store``).

    The amount is the difference of the rounded totals, so that a charge and its corrections come to what it would be
    today.

    :param labels: JSON object {language or "": text with %(name)s}
    :return: how many charges were made
    """
    cr.execute(
        SQL(
            """
            WITH standing AS (
                SELECT charge.id, grouped.e4, grouped.amount, grouped.events, grouped.seconds,
                       charge.amount_e4 + COALESCE(corrections.e4, 0) AS standing_e4,
                       charge.amount + COALESCE(corrections.amount, 0) AS standing,
                       dense_rank() OVER (ORDER BY grouped.account_id, grouped.service_id, grouped.zone_id,
                                                   grouped.usage_kind, grouped.date_start) AS number,
                       row_number() OVER (PARTITION BY grouped.account_id, grouped.service_id, grouped.zone_id,
                                                       grouped.usage_kind, grouped.date_start
                                          ORDER BY charge.id DESC) AS place
                  FROM bss_charge_difference grouped
                  JOIN bss_charge charge ON charge.rating_run_id = %(run)s AND charge.account_id = grouped.account_id
                       AND charge.service_id = grouped.service_id AND charge.zone_id = grouped.zone_id
                       AND charge.usage_kind = grouped.usage_kind AND charge.date_start = grouped.date_start
                       AND charge.kind = 'usage' AND charge.state <> 'cancelled'
                  LEFT JOIN LATERAL (
                       SELECT sum(earlier.amount_e4) AS e4, sum(earlier.amount) AS amount FROM bss_charge earlier
                        WHERE earlier.origin_charge_id = charge.id AND earlier.state <> 'cancelled'
                          AND earlier.rating_run_id IS NOT NULL) corrections ON TRUE),
            shared AS (
                SELECT id, place, events, seconds, %(share_e4)s AS e4, %(share)s AS amount
                  FROM standing
                WINDOW whole AS (PARTITION BY number),
                       earlier AS (PARTITION BY number ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))
            INSERT INTO bss_charge (
                account_id, contract_id, service_id, company_id, currency_id, product_id, kind, name, date_start,
                date_end, quantity, price_unit, amount, amount_e4, state, identity_key, zone_id, usage_kind,
                rating_run_id, usage_count, usage_seconds, origin_charge_id, source_ref, create_uid, create_date,
                write_uid, write_date)
            SELECT charge.account_id, charge.contract_id, charge.service_id, charge.company_id, charge.currency_id,
                   charge.product_id, 'correction',
                   replace(COALESCE(%(labels)s::jsonb ->> partner.lang, %(labels)s::jsonb ->> ''), '%%(name)s', charge.name),
                   charge.date_start, charge.date_end, 1, shared.amount, shared.amount, shared.e4, 'pending',
                   concat_ws(':', 'rerated', %(rerating)s, charge.id, NULLIF(repeated.times, 0)), charge.zone_id,
                   charge.usage_kind, charge.rating_run_id,
                   CASE WHEN shared.place = 1 THEN shared.events ELSE 0 END,
                   CASE WHEN shared.place = 1 THEN shared.seconds ELSE 0 END, charge.id,
                   %(reference)s, %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
              FROM shared
              JOIN bss_charge charge ON charge.id = shared.id
              JOIN bss_account account ON account.id = charge.account_id
              JOIN res_partner partner ON partner.id = account.partner_id
             CROSS JOIN LATERAL (
                   SELECT count(*) AS times FROM bss_charge earlier
                    WHERE earlier.origin_charge_id = charge.id AND earlier.company_id = charge.company_id
                      AND earlier.identity_key LIKE 'rerated:' || %(rerating)s || ':%%') repeated
             WHERE shared.e4 <> 0 OR shared.amount <> 0
             ORDER BY charge.account_id, charge.id
            ON CONFLICT (company_id, identity_key) DO NOTHING
            """,
            run=run.id,
            share_e4=_share("e4", "standing_e4"),
            share=_share("amount", "standing"),
            labels=labels,
            rerating=rerating.id,
            reference=rerating.name,
            uid=rerating.env.uid,
        )
    )
    return cr.rowcount
