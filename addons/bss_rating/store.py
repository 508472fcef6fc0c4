"""SQL of the rating run: what it reads in chunks and how results, allowances and charges are written set-wise."""

import io

from odoo.tools import SQL

from .adapters import BILLING_TZ, RESULT_COLUMNS

RUN_LOCK = 7_230_002


def try_lock(cr, company_id):
    """One rating run per company at a time; held until the end of the transaction."""
    cr.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", (RUN_LOCK, company_id))
    return cr.fetchone()[0]


def utc_end(cr, last_day):
    """UTC instant at which the Polish day ``last_day`` is over."""
    cr.execute("SELECT ((%s::date + 1)::timestamp AT TIME ZONE %s) AT TIME ZONE 'UTC'", (last_day, BILLING_TZ))
    return cr.fetchone()[0]


def _selected(event_ids):
    return SQL() if event_ids is None else SQL("AND event.id = ANY(%s)", list(event_ids))


def count_guided(cr, company_id, end, event_ids=None):
    cr.execute(
        SQL(
            """SELECT count(*) FROM bss_usage_event event
                WHERE event.company_id = %s AND event.state = 'guided' AND event.started_at < %s %s""",
            company_id,
            end,
            _selected(event_ids),
        )
    )
    return cr.fetchone()[0]


def first_waiting(cr, company_id, end):
    """Start of the earliest guided event before ``end``, None without any."""
    cr.execute(
        "SELECT min(started_at) FROM bss_usage_event WHERE company_id = %s AND state = 'guided' AND started_at < %s",
        (company_id, end),
    )
    return cr.fetchone()[0]


def next_events(cr, company_id, end, after, limit, event_ids=None):
    """Guided events in the order of rating (columns of ``event_frames.USAGE_SCHEMA``), with the plan that the service had on
    the local day, in its version of that day.

    Where a version was withdrawn and another one made for the same days, because of wrong prices, the active one counts.
    """
    cr.execute(
        SQL(
            """
            SELECT event.id, event.started_at, event.answered_at, event.service_id, version.id, event.usage_kind,
                   event.b_number, event.units,
                   (date_trunc('month', event.day - COALESCE(cycle.day, 1) + 1) + (COALESCE(cycle.day, 1) - 1)
                    * interval '1 day')::date,
                   event.direction, event.network, event.service_code, event.on_net, event.volume_up,
                   event.volume_down, event.session_key, event.cost_micro, event.cost_currency
              FROM (SELECT event.*, ((event.started_at AT TIME ZONE 'UTC') AT TIME ZONE %(tz)s)::date AS day
                      FROM bss_usage_event event
                     WHERE event.company_id = %(company)s AND event.state = 'guided'
                       AND event.started_at >= %(after_start)s AND event.started_at < %(end)s
                       AND (event.started_at, event.id) > (%(after_start)s, %(after_id)s) %(selected)s
                     ORDER BY event.started_at, event.id
                     LIMIT %(limit)s) event
              JOIN bss_service service ON service.id = event.service_id
              LEFT JOIN LATERAL (
                   SELECT had.plan_id FROM bss_service_rate_plan had
                    WHERE had.service_id = event.service_id AND had.date_end >= event.day
                    ORDER BY had.date_end LIMIT 1) earlier ON TRUE
              LEFT JOIN bss_rate_plan plan ON plan.id = COALESCE(earlier.plan_id, service.rate_plan_id)
              LEFT JOIN LATERAL (
                   SELECT other.id, other.tier_period FROM bss_rate_plan other
                    WHERE other.company_id = plan.company_id AND other.code = plan.code
                      AND other.state IN ('active', 'withdrawn')
                      AND COALESCE(other.date_start, '-infinity') <= event.day
                      AND COALESCE(other.date_end, 'infinity') >= event.day
                    ORDER BY other.state, other.id = plan.id DESC, other.date_start DESC NULLS LAST
                    LIMIT 1) version ON TRUE
              LEFT JOIN bss_account account ON version.tier_period = 'cycle' AND account.id = event.account_id
              LEFT JOIN bss_bill_cycle cycle ON cycle.id = account.bill_cycle_id
             ORDER BY event.started_at, event.id
            """,
            tz=BILLING_TZ,
            company=company_id,
            end=end,
            after_start=after[0],
            after_id=after[1],
            limit=limit,
            selected=_selected(event_ids),
        )
    )
    return cr.fetchall()


# --- results


def store_results(cr, run_id, frame):
    """COPY the results to a temporary table and update their events."""
    cr.execute(
        """
        CREATE TEMPORARY TABLE IF NOT EXISTS bss_rating_result (
            id bigint, started_at timestamp, state varchar, reason varchar, plan_id int4, zone_id int4, prefix varchar,
            rate_id int4, billed_units bigint, free_units bigint, amount_e4 bigint, explanation text
        ) ON COMMIT DROP;
        TRUNCATE bss_rating_result
        """
    )
    buffer = io.BytesIO()
    frame.select(RESULT_COLUMNS).write_csv(
        buffer, include_header=False, quote_style="non_numeric", datetime_format="%Y-%m-%d %H:%M:%S%.6f"
    )
    buffer.seek(0)
    cr.copy_expert(f"COPY bss_rating_result ({', '.join(RESULT_COLUMNS)}) FROM STDIN (FORMAT csv)", buffer)
    cr.execute("ANALYZE bss_rating_result")
    # The bounds let the planner leave other months alone.
    cr.execute(
        """
        UPDATE bss_usage_event event
           SET state = result.state, reason = result.reason, plan_id = result.plan_id, zone_id = result.zone_id,
               prefix = result.prefix, rate_id = result.rate_id, billed_units = result.billed_units,
               free_units = result.free_units, amount_e4 = result.amount_e4, explanation = result.explanation,
               rating_run_id = %(run)s
          FROM bss_rating_result result
         WHERE event.id = result.id AND event.started_at = result.started_at AND event.state = 'guided'
           AND event.started_at BETWEEN %(first)s AND %(last)s
        """,
        {"run": run_id, "first": frame["started_at"].min(), "last": frame["started_at"].max()},
    )
    stored = cr.rowcount
    # A plan that priced something is never edited again.
    cr.execute(
        """UPDATE bss_rate_plan SET has_rated = TRUE
            WHERE has_rated IS NOT TRUE AND id IN (SELECT plan_id FROM bss_rating_result)"""
    )
    return stored


def count_suspended(cr, run_ids):
    """{run: events that it could not rate}."""
    cr.execute(
        """SELECT rating_run_id, count(*) FROM bss_usage_event
            WHERE rating_run_id = ANY(%s) AND state = 'suspended' GROUP BY 1""",
        (list(run_ids),),
    )
    return dict(cr.fetchall())


# --- before billing


def guided_of(cr, services, end):
    """Ids of the events of some services before ``end`` that wait to be rated."""
    cr.execute(
        """SELECT id FROM bss_usage_event WHERE service_id = ANY(%s) AND state = 'guided' AND started_at < %s""",
        (list(services), end),
    )
    return [event_id for (event_id,) in cr.fetchall()]


def count_unrated(cr, company_id, end, accounts=None):
    """How many events before ``end`` have no price.

    :param accounts: SELECT of ids, only of these
    """
    only = SQL("AND account_id IN (%s)", accounts) if accounts else SQL()
    counts = [
        SQL(
            """(SELECT count(*) FROM bss_usage_event
                 WHERE company_id = %s AND state = %s AND started_at < %s %s)""",
            company_id,
            state,
            end,
            only,
        )
        # each state has an index of its own
        for state in ("guided", "suspended")
    ]
    cr.execute(SQL("SELECT %s + %s", *counts))
    return cr.fetchone()[0]
