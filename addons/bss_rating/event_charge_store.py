"""SQL between events and their charges, which share a group and nothing else (see ``charge_store``)."""

from odoo.tools import SQL

from .adapters import BILLING_TZ

COLUMNS = ("rating_run_id", "service_id", "account_id", "zone_id", "usage_kind")
# What came late is charged by months, up to the period of the run.
_SINCE = SQL("(charge.date_start::timestamp AT TIME ZONE %s) AT TIME ZONE 'UTC'", BILLING_TZ)
_UNTIL = SQL(
    """((CASE WHEN run.by_month OR charge.date_start >= run.date_start THEN charge.date_end + 1
              ELSE least(charge.date_end + 1, run.date_start) END)::timestamp AT TIME ZONE %s) AT TIME ZONE 'UTC'""",
    BILLING_TZ,
)


def _same_group(alias):
    return SQL(" AND ").join(
        SQL("charge.%s = %s", SQL.identifier(name), SQL.identifier(alias, name)) for name in COLUMNS
    )


def is_charged(alias, condition):
    """Condition on events: a charge of their group meets the ``condition`` on ``charge``."""
    return SQL(
        """EXISTS (SELECT FROM bss_charge charge JOIN bss_rating_run run ON run.id = charge.rating_run_id
                    WHERE %(same)s AND %(started)s >= %(since)s AND %(started)s < %(until)s AND %(condition)s)""",
        same=_same_group(alias),
        started=SQL.identifier(alias, "started_at"),
        since=_SINCE,
        until=_UNTIL,
        condition=condition,
    )


def charges_of(cr, event_ids):
    """(event, charge) of events, by charge."""
    cr.execute(
        SQL(
            """
            SELECT event.id, charge.id
              FROM bss_usage_event event
              JOIN bss_charge charge ON %(same)s
              JOIN bss_rating_run run ON run.id = charge.rating_run_id
             WHERE event.id = ANY(%(ids)s) AND event.state IN ('rated', 'free')
               AND event.started_at >= %(since)s AND event.started_at < %(until)s
             ORDER BY charge.id
            """,
            same=_same_group("event"),
            ids=list(event_ids),
            since=_SINCE,
            until=_UNTIL,
        )
    )
    return cr.fetchall()


def groups(cr, charge_ids):
    """(UTC start, UTC end, {column: value}) of what the charges are for; nothing of those that left their group."""
    cr.execute(
        SQL(
            """
            SELECT %(since)s, %(until)s, %(columns)s
              FROM bss_charge charge JOIN bss_rating_run run ON run.id = charge.rating_run_id
             WHERE charge.id = ANY(%(ids)s)
            """,
            since=_SINCE,
            until=_UNTIL,
            columns=SQL(", ").join(SQL.identifier("charge", name) for name in COLUMNS),
            ids=list(charge_ids),
        )
    )
    return [(since, until, dict(zip(COLUMNS, values, strict=True))) for since, until, *values in cr.fetchall()]


def siblings(cr, charge_ids):
    """All live charges of the groups that these charges are of.

    :return: [(charge, bill run or None, amount, amount in 1e-4, UTC start, UTC end, {column: value})], by charge
    """
    cr.execute(
        SQL(
            """
            SELECT charge.id, charge.bill_run_id, charge.amount, charge.amount_e4::bigint, %(since)s, %(until)s, %(columns)s
              FROM (SELECT DISTINCT %(group)s, date_start FROM bss_charge WHERE id = ANY(%(ids)s)) one
              JOIN bss_charge charge USING (%(group)s, date_start)
              JOIN bss_rating_run run ON run.id = charge.rating_run_id
             WHERE charge.state <> 'cancelled'
             ORDER BY charge.id
            """,
            ids=list(charge_ids),
            since=_SINCE,
            until=_UNTIL,
            group=SQL(", ").join(map(SQL.identifier, COLUMNS)),
            columns=SQL(", ").join(SQL.identifier("charge", name) for name in COLUMNS),
        )
    )
    return [(*row[:6], dict(zip(COLUMNS, row[6:], strict=True))) for row in cr.fetchall()]
