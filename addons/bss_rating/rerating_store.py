"""SQL of re-rating: what is taken back before events are rated again, and what changed when they were."""

from odoo.tools import SQL

from .adapters import BILLING_TZ

OLD = ("state", "reason", "plan_id", "zone_id", "prefix", "rate_id", "billed_units", "free_units", "amount_e4")


def create_history_table(cr):
    """Ratings that were replaced, as they stood: which event, by which re-rating, and all of its old result."""
    cr.execute(
        """
        CREATE TABLE IF NOT EXISTS bss_usage_rerated (
            rerating_id int4 NOT NULL,
            event_id bigint NOT NULL,
            started_at timestamp NOT NULL,
            service_id int4 NOT NULL,
            rating_run_id int4,
            charge_id int4,
            state varchar NOT NULL,
            reason varchar,
            plan_id int4,
            zone_id int4,
            prefix varchar,
            rate_id int4,
            billed_units bigint,
            free_units bigint,
            amount_e4 bigint,
            explanation text,
            amount_after_e4 bigint,
            PRIMARY KEY (rerating_id, event_id)
        );
        CREATE INDEX IF NOT EXISTS bss_usage_rerated_event_idx ON bss_usage_rerated (event_id)
        """
    )


def drop_history_table(cr):
    cr.execute("DROP TABLE IF EXISTS bss_usage_rerated")


def selected_accounts(cr, company_id, conditions):
    """(billing account, start of the Polish month of its first selected event as UTC instant), ordered by account.

    :param conditions: SQL about ``event``
    """
    cr.execute(
        SQL(
            """
            SELECT event.account_id,
                   (date_trunc('month', (min(event.started_at) AT TIME ZONE 'UTC') AT TIME ZONE %(tz)s)
                    AT TIME ZONE %(tz)s) AT TIME ZONE 'UTC', count(*)
              FROM bss_usage_event event
             WHERE event.company_id = %(company)s AND event.state IN ('rated', 'free', 'suspended') AND %(conditions)s
             GROUP BY event.account_id ORDER BY event.account_id
            """,
            company=company_id,
            tz=BILLING_TZ,
            conditions=conditions,
        )
    )
    return cr.fetchall()


def take_back(cr, accounts):
    """Undo the ratings of the accounts from their instants on; what was used goes back, pending charges are dissolved.

    All events of an account from that month on are taken, not only the selected ones: what one event takes from an
    allowance or adds to a total decides about the later ones.

    :param accounts: (account, first instant)
    :return: (ids of the events, runs whose events lost their charge)
    """
    _collect(cr, accounts)
    _give_back(cr)
    runs = _dissolve_pending(cr)
    cr.execute(
        """
        UPDATE bss_usage_event event
           SET state = 'guided', reason = NULL, rating_run_id = NULL
          FROM bss_rerating_old old
         WHERE event.id = old.event_id AND event.started_at = old.started_at
        RETURNING event.id
        """
    )
    return [event_id for (event_id,) in cr.fetchall()], runs


def _collect(cr, accounts):
    cr.execute(
        """
        CREATE TEMPORARY TABLE IF NOT EXISTS bss_rerating_scope (account_id int4, since timestamp) ON COMMIT DROP;
        CREATE TEMPORARY TABLE IF NOT EXISTS bss_rerating_old (
            event_id bigint, started_at timestamp, service_id int4, account_id int4, usage_kind varchar,
            rating_run_id int4, charge_id int4, state varchar, reason varchar, plan_id int4, zone_id int4,
            prefix varchar, rate_id int4, billed_units bigint, free_units bigint, amount_e4 bigint, explanation text
        ) ON COMMIT DROP;
        TRUNCATE bss_rerating_scope, bss_rerating_old
        """
    )
    cr.execute_values("INSERT INTO bss_rerating_scope VALUES %s", accounts, page_size=1000)
    cr.execute(
        """
        INSERT INTO bss_rerating_old
        SELECT event.id, event.started_at, event.service_id, event.account_id, event.usage_kind, event.rating_run_id,
               event.charge_id, event.state, event.reason, event.plan_id, event.zone_id, event.prefix, event.rate_id,
               event.billed_units, event.free_units, event.amount_e4, event.explanation
          FROM bss_rerating_scope scope
          JOIN bss_service service ON service.account_id = scope.account_id
          JOIN bss_usage_event event ON event.service_id = service.id AND event.started_at >= scope.since
         WHERE event.state IN ('rated', 'free', 'suspended')
           FOR UPDATE OF event;
        ANALYZE bss_rerating_old
        """
    )


def _give_back(cr):
    """Units and money return to the allowances; totals of the months begin anew."""
    cr.execute(
        """
        WITH taken AS (
            DELETE FROM bss_usage_use used USING bss_rerating_old old
             WHERE used.event_id = old.event_id
            RETURNING used.allowance_id, used.units),
        total AS (SELECT allowance_id, sum(units) AS units FROM taken GROUP BY allowance_id)
        UPDATE bss_allowance allowance
           SET used = allowance.used - total.units * CASE allowance.unit WHEN 'micro' THEN 100 ELSE 1 END
          FROM total WHERE allowance.id = total.allowance_id
        """
    )
    cr.execute(
        """
        DELETE FROM bss_rating_counter counter
         USING bss_rerating_scope scope JOIN bss_service service ON service.account_id = scope.account_id
         WHERE counter.service_id = service.id
           AND counter.period >= ((scope.since AT TIME ZONE 'UTC') AT TIME ZONE %s)::date
        """,
        (BILLING_TZ,),
    )


def _dissolve_pending(cr):
    """Charges that no bill has claimed are given up with all of their events, which get new ones."""
    cr.execute(
        """
        WITH given_up AS (
            UPDATE bss_charge charge SET state = 'cancelled'
             WHERE charge.id IN (SELECT charge_id FROM bss_rerating_old WHERE charge_id IS NOT NULL)
               AND charge.state = 'pending' AND charge.bill_run_item_id IS NULL AND charge.origin_charge_id IS NULL
            RETURNING charge.id),
        released AS (
            UPDATE bss_usage_event event SET charge_id = NULL
             WHERE event.charge_id IN (SELECT id FROM given_up)
            RETURNING event.id, event.rating_run_id),
        forgotten AS (
            UPDATE bss_rerating_old old SET charge_id = NULL
             WHERE old.charge_id IN (SELECT id FROM given_up) RETURNING 1)
        SELECT DISTINCT released.rating_run_id FROM released
         WHERE released.rating_run_id IS NOT NULL AND released.id NOT IN (SELECT event_id FROM bss_rerating_old)
        """
    )
    return [run_id for (run_id,) in cr.fetchall()]


def keep_history(cr, rerating_id):
    """Write down the old ratings of events that came out otherwise.

    :return: (events in all, events that changed, their sum before and after in 1e-4)
    """
    cr.execute(
        SQL(
            """
            WITH compared AS (
                SELECT old.*, event.amount_e4 AS after,
                       (%(old)s) IS DISTINCT FROM (%(new)s) AS changed
                  FROM bss_rerating_old old
                  JOIN bss_usage_event event ON event.id = old.event_id AND event.started_at = old.started_at),
            kept AS (
                INSERT INTO bss_usage_rerated (
                    rerating_id, event_id, started_at, service_id, rating_run_id, charge_id, state, reason, plan_id,
                    zone_id, prefix, rate_id, billed_units, free_units, amount_e4, explanation, amount_after_e4)
                SELECT %(rerating)s, event_id, started_at, service_id, rating_run_id, charge_id, state, reason, plan_id,
                       zone_id, prefix, rate_id, billed_units, free_units, amount_e4, explanation, after
                  FROM compared WHERE changed
                ON CONFLICT (rerating_id, event_id) DO UPDATE SET amount_after_e4 = EXCLUDED.amount_after_e4)
            SELECT count(*), count(*) FILTER (WHERE changed),
                   COALESCE(sum(amount_e4) FILTER (WHERE changed), 0)::bigint,
                   COALESCE(sum(after) FILTER (WHERE changed), 0)::bigint
              FROM compared
            """,
            rerating=rerating_id,
            old=SQL(", ").join(SQL.identifier("old", name) for name in OLD),
            new=SQL(", ").join(SQL.identifier("event", name) for name in OLD),
        )
    )
    return cr.fetchone()


def history_totals(cr, rerating_id):
    """(events that changed, their sum before and after in 1e-4) of a re-rating so far."""
    cr.execute(
        """SELECT count(*), COALESCE(sum(amount_e4), 0)::bigint, COALESCE(sum(amount_after_e4), 0)::bigint
             FROM bss_usage_rerated WHERE rerating_id = %s""",
        (rerating_id,),
    )
    return cr.fetchone()


def history_of(cr, event_ids):
    """(event, re-rating, amount before, amount after, plan before, zone before) of events, the newest first."""
    cr.execute(
        """SELECT event_id, rerating_id, amount_e4, amount_after_e4, plan_id, zone_id
             FROM bss_usage_rerated WHERE event_id = ANY(%s) ORDER BY rerating_id DESC""",
        (list(event_ids),),
    )
    return cr.fetchall()


def make_delta_charges(cr, rerating, labels):
    """Charges of the difference for events that a bill has claimed already, one for each of their charges.

    An event whose zone changed leaves its charge: the old amount is given back there, and the event gets a new one. The
    difference is that of the rounded totals, so that a charge and its corrections come to what it would be today.

    :return: how many charges were made
    """
    cr.execute(
        SQL(
            """
            WITH delta AS (
                SELECT old.charge_id, sum(CASE WHEN event.state <> 'suspended' AND event.zone_id = old.zone_id
                                               THEN event.amount_e4 ELSE 0 END)
                                      - sum(COALESCE(old.amount_e4, 0)) AS e4, count(*) AS events
                  FROM bss_rerating_old old
                  JOIN bss_usage_event event ON event.id = old.event_id AND event.started_at = old.started_at
                 WHERE old.charge_id IS NOT NULL
                 GROUP BY old.charge_id),
            standing AS (
                SELECT delta.charge_id, delta.e4, delta.events, charge.amount + COALESCE(sum(earlier.amount), 0) AS amount,
                       charge.amount_e4 + COALESCE(sum(earlier.amount_e4), 0) AS amount_e4
                  FROM delta
                  JOIN bss_charge charge ON charge.id = delta.charge_id
                  LEFT JOIN bss_charge earlier ON earlier.origin_charge_id = charge.id AND earlier.state <> 'cancelled'
                       AND earlier.identity_key LIKE 'rerated:%%'
                 WHERE delta.e4 <> 0
                 GROUP BY delta.charge_id, delta.e4, delta.events, charge.id)
            INSERT INTO bss_charge (
                account_id, contract_id, service_id, company_id, currency_id, product_id, kind, name, date_start,
                date_end, quantity, price_unit, amount, amount_e4, state, identity_key, zone_id, usage_count,
                usage_seconds, origin_charge_id, source_ref, create_uid, create_date, write_uid, write_date)
            SELECT charge.account_id, charge.contract_id, charge.service_id, charge.company_id, charge.currency_id,
                   charge.product_id, 'correction',
                   replace(COALESCE(%(labels)s::jsonb ->> partner.lang, %(labels)s::jsonb ->> ''), '%%(name)s', charge.name),
                   charge.date_start, charge.date_end, 1, difference.amount, difference.amount, standing.e4, 'pending',
                   concat_ws(':', 'rerated', %(rerating)s, charge.id), charge.zone_id, standing.events, 0, charge.id,
                   %(reference)s, %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
              FROM standing
              JOIN bss_charge charge ON charge.id = standing.charge_id
              JOIN bss_account account ON account.id = charge.account_id
              JOIN res_partner partner ON partner.id = account.partner_id
             CROSS JOIN LATERAL (
                   SELECT round((standing.amount_e4 + standing.e4)::numeric / 10000, 2) - standing.amount AS amount
                   ) difference
             ORDER BY charge.account_id, charge.id
            ON CONFLICT (company_id, identity_key) DO NOTHING
            """,
            labels=labels,
            rerating=rerating.id,
            reference=rerating.name,
            uid=rerating.env.uid,
        )
    )
    made = cr.rowcount
    cr.execute(
        """
        UPDATE bss_usage_event event SET charge_id = NULL
          FROM bss_rerating_old old
         WHERE event.id = old.event_id AND event.started_at = old.started_at AND old.charge_id IS NOT NULL
           AND (event.state = 'suspended' OR event.zone_id IS DISTINCT FROM old.zone_id)
        """
    )
    return made
