"""SQL of the rating run as a whole: its lock, what waits for it, its days."""

import io

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


def has_suspended(cr, company_id, end):
    """Whether the company has events before ``end`` that could not be rated."""
    cr.execute(
        """SELECT EXISTS (SELECT FROM bss_usage_event
                           WHERE company_id = %s AND state = 'suspended' AND started_at < %s)""",
        (company_id, end),
    )
    return cr.fetchone()[0]


def take_up(cr, tried):
    """Suspended events that come out otherwise now wait to be rated; the others are not written.

    :param tried: frame of id, started_at and the reason why there is no price, null where there is one
    :return: how many wait again
    """
    cr.execute(
        """
        CREATE TEMPORARY TABLE IF NOT EXISTS bss_usage_tried (id bigint, started_at timestamp, reason varchar) ON COMMIT DROP;
        TRUNCATE bss_usage_tried
        """
    )
    buffer = io.BytesIO()
    frame = tried.select("id", "started_at", "reason")
    frame.write_csv(buffer, include_header=False, datetime_format="%Y-%m-%d %H:%M:%S%.6f")
    buffer.seek(0)
    cr.copy_expert("COPY bss_usage_tried FROM STDIN (FORMAT csv)", buffer)
    cr.execute(
        """
        ANALYZE bss_usage_tried;
        UPDATE bss_usage_event event SET state = 'guided', reason = NULL, rating_run_id = NULL
          FROM bss_usage_tried tried
         WHERE event.id = tried.id AND event.started_at = tried.started_at AND event.state = 'suspended'
           AND event.started_at BETWEEN %s AND %s AND event.reason IS DISTINCT FROM tried.reason
        """,
        (frame["started_at"].min(), frame["started_at"].max()),
    )
    return cr.rowcount


def count_suspended(cr, run_ids):
    """{run: events that it could not rate}."""
    cr.execute(
        """SELECT rating_run_id, count(*) FROM bss_usage_event
            WHERE rating_run_id = ANY(%s) AND state = 'suspended' GROUP BY 1""",
        (list(run_ids),),
    )
    return dict(cr.fetchall())


# --- before billing


def events_of(cr, services, end, state="guided"):
    """Ids of the events of some services before ``end`` that are in a state, by default those that wait to be rated."""
    cr.execute(
        "SELECT id FROM bss_usage_event WHERE service_id = ANY(%s) AND state = %s AND started_at < %s",
        (list(services), state, end),
    )
    return [event_id for (event_id,) in cr.fetchall()]


def count_unrated(cr, company_id, end, accounts=None):
    """How many events before ``end`` have no price.

    :param accounts: SELECT of ids, only of these
    """
    only = SQL("AND account_id IN (%s)", accounts) if accounts else SQL()
    # each state has an index of its own
    return sum(count_in_state(cr, company_id, state, end, only) for state in ("guided", "suspended"))


def count_in_state(cr, company_id, state, end, only=None):
    """How many events before ``end`` are in a state.

    :param only: SQL condition that they have to meet, too
    """
    cr.execute(
        SQL(
            """SELECT count(*) FROM bss_usage_event
                WHERE company_id = %s AND state = %s AND started_at < %s %s""",
            company_id,
            state,
            end,
            only or SQL(),
        )
    )
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
