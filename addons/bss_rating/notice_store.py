"""SQL of usage thresholds: who reached one; a threshold is noted once per owner and period, whatever is rated again."""

from odoo.tools import SQL

from .event_frames import BILLING_TZ

_INSERT = """
    INSERT INTO bss_usage_notice (
        threshold_id, service_id, account_id, company_id, allowance_id, date_start, date_end, used, quantity, action, state,
        noted_at, create_uid, create_date, write_uid, write_date)
"""
_LOGGED = """now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'"""


def note_allowances(cr, allowance_ids, uid):
    """Thresholds that the use of these allowances reached.

    Counted is what an offering gave a service for a period, what may be carried over included.

    :return: how many were noted
    """
    if not allowance_ids:
        return 0
    cr.execute(
        f"""
        {_INSERT}
        SELECT threshold.id, given.service_id, given.account_id, given.company_id, given.allowance_id, given.date_start,
               given.date_end, given.used, given.quantity, threshold.action, 'waiting', {_LOGGED}
          FROM (SELECT allowance.service_id, allowance.account_id, allowance.company_id,
                       allowance.offering_allowance_id, allowance.date_start, min(allowance.id) AS allowance_id,
                       min(allowance.date_end) AS date_end, sum(allowance.used) AS used,
                       sum(allowance.quantity) AS quantity
                  FROM bss_allowance allowance
                  JOIN (SELECT DISTINCT service_id, offering_allowance_id, date_start FROM bss_allowance
                         WHERE id = ANY(%(ids)s)) touched
                 USING (service_id, offering_allowance_id, date_start)
                 GROUP BY 1, 2, 3, 4, 5) given
          JOIN bss_usage_threshold threshold ON threshold.offering_allowance_id = given.offering_allowance_id
               AND given.used * 100 >= given.quantity * threshold.percent
         ORDER BY given.service_id, threshold.id
        ON CONFLICT DO NOTHING
        """,
        {"ids": list(allowance_ids), "uid": uid},
    )
    return cr.rowcount


def run_touches(cr, run_id):
    """(service, first day of the month) of the events with an amount that a run rated."""
    cr.execute(
        """
        SELECT DISTINCT service_id,
               date_trunc('month', (started_at AT TIME ZONE 'UTC') AT TIME ZONE %s)::date
          FROM bss_usage_event WHERE rating_run_id = %s AND amount_e4 <> 0
        """,
        (BILLING_TZ, run_id),
    )
    return cr.fetchall()


def note_spending(cr, company_id, touched, uid):
    """Thresholds of spending limits that services, or the accounts they are billed to, reached in these months.

    A month may meet two months of a bill cycle: both are looked at.

    :param touched: (service, first day of a month)
    :return: how many were noted
    """
    if not touched:
        return 0
    cr.execute(
        SQL(
            f"""
            WITH touched AS (
                SELECT * FROM unnest(%(services)s::int[], %(months)s::date[]) touched (service_id, month)),
            owner AS (
                SELECT DISTINCT spending.id AS limit_id, service.account_id,
                       CASE WHEN spending.scope = 'service' THEN service.id END AS service_id,
                       period.first, (period.first + interval '1 month')::date AS next
                  FROM touched
                  JOIN bss_service service ON service.id = touched.service_id
                  JOIN bss_account account ON account.id = service.account_id
                  LEFT JOIN bss_bill_cycle cycle ON cycle.id = account.bill_cycle_id
                  JOIN bss_spending_limit spending ON spending.company_id = %(company)s AND spending.active
                 CROSS JOIN LATERAL (
                       SELECT CASE WHEN spending.period = 'cycle' THEN COALESCE(cycle.day, 1) - 1 ELSE 0 END AS days
                       ) shift
                 CROSS JOIN LATERAL (
                       SELECT touched.month + shift.days AS first
                        UNION
                       SELECT (touched.month - interval '1 month')::date + shift.days WHERE shift.days > 0) period),
            spent AS (
                SELECT owner.limit_id, owner.account_id, owner.service_id, owner.first, owner.next,
                       sum(event.amount_e4) AS amount_e4
                  FROM owner
                  JOIN bss_spending_limit spending ON spending.id = owner.limit_id
                  JOIN bss_service member ON member.account_id = owner.account_id
                       AND (owner.service_id IS NULL OR member.id = owner.service_id)
                  -- the usage of whoever had the service before is not his
                  JOIN bss_usage_event event ON event.service_id = member.id AND event.account_id = owner.account_id
                       AND event.started_at >= (owner.first::timestamp AT TIME ZONE %(tz)s) AT TIME ZONE 'UTC'
                       AND event.started_at < (owner.next::timestamp AT TIME ZONE %(tz)s) AT TIME ZONE 'UTC'
                       AND event.amount_e4 <> 0 AND event.state <> 'suspended'
                       AND (spending.usage_kind IS NULL OR spending.usage_kind = event.usage_kind)
                  JOIN bss_rate_zone zone ON zone.id = event.zone_id
                       AND (spending.zone_kind IS NULL OR spending.zone_kind = zone.kind)
                 WHERE NOT EXISTS (SELECT FROM bss_rate_zone_bss_spending_limit_rel own
                                    WHERE own.bss_spending_limit_id = spending.id)
                    OR EXISTS (SELECT FROM bss_rate_zone_bss_spending_limit_rel own
                                WHERE own.bss_spending_limit_id = spending.id AND own.bss_rate_zone_id = zone.id)
                 GROUP BY 1, 2, 3, 4, 5)
            {_INSERT}
            SELECT threshold.id, spent.service_id, spent.account_id, %(company)s, NULL, spent.first, spent.next - 1,
                   spent.amount_e4, spending.amount * 10000, threshold.action, 'waiting', {_LOGGED}
              FROM spent
              JOIN bss_spending_limit spending ON spending.id = spent.limit_id
              JOIN bss_usage_threshold threshold ON threshold.limit_id = spending.id
                   AND spent.amount_e4 >= spending.amount * 100 * threshold.percent
             ORDER BY spent.account_id, spent.service_id, threshold.id
            ON CONFLICT DO NOTHING
            """,
            services=[service_id for service_id, _month in touched],
            months=[month.isoformat() for _service_id, month in touched],
            company=company_id,
            tz=BILLING_TZ,
            uid=uid,
        )
    )
    return cr.rowcount
