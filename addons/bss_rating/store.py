"""SQL of the rating run as a whole: its lock, what waits for it, its days."""

from odoo.tools import SQL

from .adapters import BILLING_TZ

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


def run_days(cr, run_id):
    """First and last Polish day of the events of a run."""
    cr.execute(
        """SELECT ((min(started_at) AT TIME ZONE 'UTC') AT TIME ZONE %(tz)s)::date,
                  ((max(started_at) AT TIME ZONE 'UTC') AT TIME ZONE %(tz)s)::date
             FROM bss_usage_event WHERE rating_run_id = %(run)s""",
        {"run": run_id, "tz": BILLING_TZ},
    )
    return cr.fetchone()
