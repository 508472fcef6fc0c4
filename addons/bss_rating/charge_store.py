"""SQL of usage charges, which are made by differences.

A *charge group* is what one rating run has rated of one service of one billing account, in one zone, of one kind of usage
and one period. Its events do not say that they were charged; its charges say how much was. So a late event, a deleted
charge and another price are all the same: the sum of the events less that of the charges is still to be charged.
"""

from contextlib import contextmanager
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo.tools import SQL

from . import adapters

_GROUP = SQL("account_id, service_id, zone_id, usage_kind, date_start")
# Aggregating twenty million events: groups of a hundred thousand accounts in memory, on several cores.
_ROOMY = {"work_mem": "256MB", "max_parallel_workers_per_gather": "4"}


@contextmanager
def roomy(cr):
    """Memory and cores for one mass statement of the transaction; the settings of before come back."""
    cr.execute("SELECT " + ", ".join(["current_setting(%s)"] * len(_ROOMY)), tuple(_ROOMY))
    before = dict(zip(_ROOMY, cr.fetchone(), strict=True))
    _configure(cr, _ROOMY)
    yield
    _configure(cr, before)


def _configure(cr, settings):
    for name, value in settings.items():
        cr.execute("SELECT set_config(%s, %s, TRUE)", (name, value))


# --- periods


def utc_start(day):
    """UTC instant, naive, at which the Polish ``day`` begins."""
    local = datetime.combine(day, time.min, tzinfo=ZoneInfo(adapters.BILLING_TZ))
    return local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)


def periods(cr, run):
    """(UTC start, UTC end, first day, last day) of the periods that the events of a run are charged for, ascending.

    A run charges its own period; what came late to it is charged for the calendar months of the events. The borders are
    reckoned once here, not from the clock of every event.
    """
    cr.execute("SELECT min(started_at), max(started_at) FROM bss_usage_event")
    first, last = cr.fetchone()
    if first is None:
        return []
    # a night's worth of days on either side: the instants are of UTC
    first, last = first.date() - timedelta(days=1), last.date() + timedelta(days=1)
    if run.by_month:
        found = [_month(day) for day in adapters.months(first, last)]
    else:
        late = [_month(day) for day in adapters.months(min(first, run.date_start), run.date_start)]
        found = [*(month for month in late if month[0] < run.date_start), (run.date_start, run.date_end)]
    starts = [utc_start(day) for day, _last in found]
    ends = [*starts[1:], datetime.max]  # noqa: DTZ901  (naive UTC, as the database stores it)
    return [(start, end, *days) for start, end, days in zip(starts, ends, found, strict=True)]


def _month(first):
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


# --- groups


def collect_groups(cr, run, until=None, services=None):
    """What the run has rated, by group, in the temporary table ``bss_charge_group``.

    :param until: UTC instant; the columns ``due_…`` count the events before it (default: all)
    :param services: ids, only of these
    """
    branches = [_group_branch(run.id, until, services, *period) for period in periods(cr, run)]
    cr.execute("DROP TABLE IF EXISTS bss_charge_group")
    # a table made by SELECT, because INSERT never works on several cores
    with roomy(cr):
        cr.execute(
            SQL(
                "CREATE TEMPORARY TABLE bss_charge_group ON COMMIT DROP AS %s",
                SQL(" UNION ALL ").join(branches or [_group_branch(run.id, None, [], *_NO_PERIOD)]),
            )
        )
    _split_by_account(cr, run.id)
    cr.execute("ANALYZE bss_charge_group")


_NO_PERIOD = (datetime.min, datetime.min, datetime.min.date(), datetime.min.date())  # noqa: DTZ901  (naive UTC)


def _group_branch(run_id, until, services, start, end, first, last):
    """Groups of one period. The planner knows how many zones a service has, so that it shares the work out.

    Accounts are no key of it: that a service has two in one period is possible, but hardly ever so.
    """
    return SQL(
        """(SELECT min(account_id) AS account_id, service_id, zone_id, usage_kind, %(first)s::date AS date_start,
                   %(last)s::date AS date_end, %(sums)s, max(account_id) AS last_account_id,
                   %(start)s::timestamp AS since, %(end)s::timestamp AS before
              FROM bss_usage_event
             WHERE rating_run_id = %(run)s AND state IN ('rated', 'free')
               AND started_at >= %(start)s AND started_at < %(end)s %(services)s
             GROUP BY service_id, zone_id, usage_kind)""",
        first=first,
        last=last,
        sums=_sums(until if until and until < end else None),
        start=start,
        end=end,
        run=run_id,
        services=_of(services),
    )


def _sums(until):
    filtered = SQL("FILTER (WHERE started_at < %s)", until) if until else SQL()
    return SQL(
        """sum(amount_e4)::bigint AS e4, count(*) AS events, count(*) FILTER (WHERE state = 'free') AS free,
           COALESCE(sum(amount_e4) %(filtered)s, 0)::bigint AS due_e4, count(*) %(filtered)s AS due_events,
           CASE WHEN usage_kind IN ('voice', 'premium') THEN COALESCE(sum(units) %(filtered)s, 0)::bigint ELSE 0 END
               AS due_seconds, %(until)s::timestamp AS until""",
        filtered=filtered,
        until=until,
    )


def _split_by_account(cr, run_id):
    """Services that changed hands in a period: what each account had."""
    cr.execute(
        """
        WITH mixed AS (DELETE FROM bss_charge_group WHERE account_id <> last_account_id RETURNING *)
        INSERT INTO bss_charge_group
        SELECT event.account_id, mixed.service_id, mixed.zone_id, mixed.usage_kind, mixed.date_start, mixed.date_end,
               sum(event.amount_e4)::bigint, count(*), count(*) FILTER (WHERE event.state = 'free'),
               COALESCE(sum(event.amount_e4) FILTER (WHERE before_until), 0)::bigint,
               count(*) FILTER (WHERE before_until),
               CASE WHEN mixed.usage_kind IN ('voice', 'premium')
                    THEN COALESCE(sum(event.units) FILTER (WHERE before_until), 0)::bigint ELSE 0 END,
               mixed.until, event.account_id, mixed.since, mixed.before
          FROM mixed
          JOIN bss_usage_event event
            ON event.rating_run_id = %(run)s AND event.service_id = mixed.service_id AND event.zone_id = mixed.zone_id
               AND event.usage_kind = mixed.usage_kind AND event.state IN ('rated', 'free')
               AND event.started_at >= mixed.since AND event.started_at < mixed.before
         CROSS JOIN LATERAL (SELECT mixed.until IS NULL OR event.started_at < mixed.until AS before_until) due
         GROUP BY event.account_id, mixed.service_id, mixed.zone_id, mixed.usage_kind, mixed.date_start, mixed.date_end,
                  mixed.until, mixed.since, mixed.before
        """,
        {"run": run_id},
    )


def _of(services):
    return SQL() if services is None else SQL("AND service_id = ANY(%s)", list(services))


def run_figures(cr, run_id):
    """(rated, free, their sum in 1e-4, events of groups not charged in full, sum still to charge in 1e-4).

    Of the groups collected before.
    """
    cr.execute(
        SQL(
            """
            SELECT COALESCE(sum(events - free), 0)::bigint, COALESCE(sum(free), 0)::bigint,
                   COALESCE(sum(e4), 0)::bigint, COALESCE(sum(waiting), 0)::bigint,
                   (COALESCE(sum(e4), 0) - COALESCE(sum(live_e4), 0))::bigint
              FROM (SELECT collected.events, collected.free, collected.e4, live.e4 AS live_e4,
                           CASE WHEN COALESCE(collected.e4, 0) <> COALESCE(live.e4, 0)
                                THEN greatest(COALESCE(collected.events, 0) - COALESCE(live.events, 0), 1)
                                ELSE 0 END AS waiting
                      FROM bss_charge_group collected
                      FULL JOIN (%(live)s) live USING (%(group)s)) compared
            """,
            live=_live(run_id),
            group=_GROUP,
        )
    )
    return cr.fetchone()


def _live(run_id, services=None):
    """SELECT of what the groups of a run were charged already, corrections by re-ratings included.

    The columns ``cancelled_…`` are of what a person took out of billing and had not charged anew since.
    """
    return SQL(
        """SELECT account_id, service_id, zone_id, usage_kind, date_start, max(date_end) AS date_end, %s,
                  count(*) FILTER (WHERE kind = 'usage' AND state <> 'cancelled') AS charges
             FROM bss_charge
            WHERE rating_run_id = %s %s
            GROUP BY account_id, service_id, zone_id, usage_kind, date_start""",
        SQL(", ").join(
            SQL(
                "COALESCE(sum(%s) FILTER (WHERE %s), 0)%s AS %s",
                SQL.identifier(column),
                state,
                kind,
                SQL.identifier(name),
            )
            for prefix, state in (
                ("", SQL("state <> 'cancelled'")),
                ("cancelled_", SQL("state = 'cancelled' AND is_recharged IS NOT TRUE")),
            )
            for column, name, kind in (
                ("amount_e4", f"{prefix}e4", SQL("::bigint")),
                ("amount", f"{prefix}amount", SQL()),
                ("usage_count", f"{prefix}events", SQL("::bigint")),
                ("usage_seconds", f"{prefix}seconds", SQL("::bigint")),
            )
        ),
        run_id,
        _of(services),
    )


# --- differences


def collect_differences(cr, run_id, until_day=None, services=None, accounts=None, with_cancelled=False, only=None):
    """Groups whose events and charges differ, in ``bss_charge_difference``, of the groups collected before.

    In a period that is not over yet on ``until_day`` nothing is given back: what was charged of later days stays.

    :param until_day: first day that is not charged
    :param accounts: SELECT of ids, only of these
    :param with_cancelled: what a person took out of billing stays out; it is no more than what is still to be charged, so
        that nobody is given back what he never paid
    :param only: name of a table with the columns of a group and rating_run_id, only these groups
    """
    cr.execute("DROP TABLE IF EXISTS bss_charge_difference")
    cr.execute(
        SQL(
            """
            CREATE TEMPORARY TABLE bss_charge_difference ON COMMIT DROP AS
            SELECT %(group)s, COALESCE(collected.date_end, live.date_end) AS date_end,
                   uncharged.e4 - kept.e4 AS e4,
                   round(COALESCE(collected.due_e4, 0) / 10000.0, 2) - COALESCE(live.amount, 0)
                       - CASE WHEN kept.e4 <> 0 THEN live.cancelled_amount ELSE 0 END AS amount,
                   COALESCE(collected.due_events, 0) - COALESCE(live.events, 0)
                       - CASE WHEN kept.e4 <> 0 THEN live.cancelled_events ELSE 0 END AS events,
                   COALESCE(collected.due_seconds, 0) - COALESCE(live.seconds, 0)
                       - CASE WHEN kept.e4 <> 0 THEN live.cancelled_seconds ELSE 0 END AS seconds,
                   COALESCE(live.charges, 0) AS charges
              FROM bss_charge_group collected FULL JOIN (%(live)s) live USING (%(group)s)
             CROSS JOIN LATERAL (SELECT COALESCE(collected.due_e4, 0) - COALESCE(live.e4, 0) AS e4) uncharged
             CROSS JOIN LATERAL (
                   SELECT CASE WHEN NOT %(with_cancelled)s THEN 0
                               WHEN uncharged.e4 > 0 THEN least(uncharged.e4, greatest(live.cancelled_e4, 0))
                               ELSE greatest(uncharged.e4, least(live.cancelled_e4, 0)) END AS e4) kept
             WHERE uncharged.e4 <> kept.e4
               AND (%(until)s::date IS NULL OR COALESCE(collected.date_end, live.date_end) < %(until)s::date
                    OR uncharged.e4 > 0)
               %(accounts)s %(only)s
            """,
            group=_GROUP,
            live=_live(run_id, services),
            with_cancelled=with_cancelled,
            until=until_day,
            accounts=SQL("AND account_id IN (%s)", accounts) if accounts else SQL(),
            only=SQL(
                "AND (%(group)s) IN (SELECT %(group)s FROM %(only)s WHERE rating_run_id = %(run)s)",
                group=_GROUP,
                only=SQL.identifier(only),
                run=run_id,
            )
            if only
            else SQL(),
        )
    )
    cr.execute("ANALYZE bss_charge_difference")


# --- charges of an earlier version


def group_old_charges(cr):
    """Charges from before they knew their group take it from their key, corrections from what they correct."""
    cr.execute(
        """
        UPDATE bss_charge
           SET rating_run_id = split_part(split_part(identity_key, ':', 6), '.', 1)::int4,
               usage_kind = split_part(identity_key, ':', 4)
         WHERE rating_run_id IS NULL AND usage_kind IS NULL AND identity_key ~ '^usage:[0-9]+:[0-9]+:[a-z]+:[-0-9]+:[0-9]+';
        UPDATE bss_charge correction
           SET rating_run_id = origin.rating_run_id, usage_kind = origin.usage_kind
          FROM bss_charge origin
         WHERE origin.id = correction.origin_charge_id AND correction.usage_kind IS NULL
           AND origin.rating_run_id IS NOT NULL AND correction.identity_key LIKE 'rerated:%'
        """
    )
