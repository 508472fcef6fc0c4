"""SQL of re-rating: what is taken back before events are rated again, and what changed when they were."""

from odoo.tools import SQL

from . import correction_store, counter_store
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
        CREATE INDEX IF NOT EXISTS bss_usage_rerated_event_idx ON bss_usage_rerated (event_id);
        -- which charge an event has follows from its group
        ALTER TABLE bss_usage_rerated DROP COLUMN IF EXISTS charge_id
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
    :return: (ids of the events, runs of which groups were charged)
    """
    _collect(cr, accounts)
    _give_back(cr)
    runs = correction_store.remember_charged(cr)
    correction_store.give_up_pending(cr)
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
            rating_run_id int4, state varchar, reason varchar, plan_id int4, zone_id int4, prefix varchar,
            rate_id int4, billed_units bigint, free_units bigint, amount_e4 bigint, explanation text
        ) ON COMMIT DROP;
        TRUNCATE bss_rerating_scope, bss_rerating_old
        """
    )
    cr.execute_values("INSERT INTO bss_rerating_scope VALUES %s", accounts, page_size=1000)
    cr.execute(
        """
        INSERT INTO bss_rerating_old
        SELECT event.id, event.started_at, event.service_id, event.account_id, event.usage_kind, event.rating_run_id,
               event.state, event.reason, event.plan_id, event.zone_id, event.prefix, event.rate_id,
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
    """Units and money return to the allowances, and leave the running totals."""
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
    counter_store.take_back_counters(cr)


def services_taken_back(cr):
    """Services whose usage was taken back."""
    cr.execute("SELECT DISTINCT service_id FROM bss_rerating_old")
    return [service_id for (service_id,) in cr.fetchall()]


def keep_runs(cr):
    """Events whose zone is what it was stay in the group that they were in; the others are of the new run."""
    cr.execute(
        """
        UPDATE bss_usage_event event SET rating_run_id = old.rating_run_id
          FROM bss_rerating_old old
         WHERE event.id = old.event_id AND event.started_at = old.started_at AND event.zone_id = old.zone_id
           AND event.state IN ('rated', 'free') AND old.state IN ('rated', 'free') AND old.rating_run_id IS NOT NULL
        """
    )


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
                    rerating_id, event_id, started_at, service_id, rating_run_id, state, reason, plan_id,
                    zone_id, prefix, rate_id, billed_units, free_units, amount_e4, explanation, amount_after_e4)
                SELECT %(rerating)s, event_id, started_at, service_id, rating_run_id, state, reason, plan_id,
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
