"""SQL of allowances: given for periods, read for the kernel, counted when used."""

import io

from odoo.tools import SQL

from .adapters import BILLING_TZ

PROMISED_PRIORITY = 10  # of free units of promotions, as an offering's by default: what expires earlier goes first


def create_use_table(cr):
    """Which allowance gave how many units (of money: 1e-4) to which event: what re-rating gives back."""
    cr.execute(
        """
        CREATE TABLE IF NOT EXISTS bss_usage_use (
            event_id bigint NOT NULL,
            started_at timestamp NOT NULL,
            allowance_id int4 NOT NULL REFERENCES bss_allowance ON DELETE CASCADE,
            units bigint NOT NULL CHECK (units > 0),
            PRIMARY KEY (event_id, allowance_id)
        );
        CREATE INDEX IF NOT EXISTS bss_usage_use_allowance_idx ON bss_usage_use (allowance_id)
        """
    )


def drop_use_table(cr):
    cr.execute("DROP TABLE IF EXISTS bss_usage_use")


# --- give


def create_allowances(cr, company_id, months, end, uid):
    """Allowances of the offerings for every period that meets ``months``, or a month with older events that wait.

    Periods: the calendar month, the month from the day of the bill cycle, so many days from the start of the service on, or the whole
    service once. A service that does not serve all of a period gets its part where the offering says so, in whole units.
    What may be carried over is an allowance of its own, good to the end of the next period: the limit carried over, or
    all of it. The rest expires earlier, so it goes first.
    """
    cr.execute(
        SQL(
            """
            WITH month AS (
                SELECT service.id AS service_id, unnest(%(months)s::date[]) AS first
                  FROM bss_service service WHERE service.company_id = %(company)s
                 UNION
                SELECT event.service_id,
                       date_trunc('month', (event.started_at AT TIME ZONE 'UTC') AT TIME ZONE %(tz)s)::date
                  FROM bss_usage_event event
                 WHERE event.company_id = %(company)s AND event.state = 'guided' AND event.started_at < %(end)s),
            wanted AS (
                SELECT service.id AS service_id, service.account_id, service.company_id, offered.id AS offered_id,
                       offered.unit, offered.quantity, offered.priority, offered.validity, offered.proration,
                       offered.rollover, offered.rollover_cap, offered.validity_days AS days,
                       COALESCE(cycle.day, 1) AS cycle_day, month.first,
                       (month.first + interval '1 month')::date - 1 AS last,
                       service.date_start AS opened, COALESCE(service.date_end, 'infinity'::date) AS closed
                  FROM month
                  JOIN bss_service service ON service.id = month.service_id
                  JOIN bss_account account ON account.id = service.account_id
                  LEFT JOIN bss_bill_cycle cycle ON cycle.id = account.bill_cycle_id
                  JOIN product_product product ON product.id = service.product_id
                  JOIN bss_offering_allowance offered ON offered.template_id = product.product_tmpl_id
                 WHERE service.state <> 'pending' AND service.date_start < month.first + interval '1 month'
                   AND COALESCE(service.date_end, 'infinity') >= month.first),
            given AS (
                SELECT DISTINCT wanted.service_id, account_id, company_id, offered_id, unit, priority, rollover,
                       rollover_cap, period.start, period.stop, period.next_stop,
                       CASE proration
                            WHEN 'round_up' THEN div(quantity * active + length - 1, length)
                            WHEN 'exact' THEN div(quantity * active, length)
                            ELSE quantity END AS granted
                  FROM wanted
                 CROSS JOIN LATERAL (
                       SELECT first AS start, last AS stop, (first + interval '2 months')::date - 1 AS next_stop
                        WHERE validity = 'month'
                        UNION ALL
                       SELECT day, (day + interval '1 month')::date - 1, (day + interval '2 months')::date - 1
                         FROM (VALUES (first + cycle_day - 1),
                                      ((first - interval '1 month')::date + cycle_day - 1)) cycle (day)
                        WHERE validity = 'cycle'
                        UNION ALL
                       SELECT opened + number * days, opened + (number + 1) * days - 1,
                              opened + (number + 2) * days - 1
                         FROM generate_series(GREATEST(first - opened, 0) / days, (last - opened) / days) number
                        WHERE validity = 'days'
                        UNION ALL
                       SELECT opened, NULL, NULL WHERE validity = 'once') period
                 CROSS JOIN LATERAL (
                       SELECT period.stop - period.start + 1 AS length,
                              LEAST(period.stop, closed) - GREATEST(period.start, opened) + 1 AS active) served
                 WHERE period.start <= LEAST(last, closed)
                   AND COALESCE(period.stop, 'infinity') >= GREATEST(first, opened)),
            kept AS (
                SELECT *, CASE rollover WHEN 'period' THEN granted
                                        WHEN 'capped' THEN LEAST(granted, rollover_cap) ELSE 0 END AS carried
                  FROM given)
            INSERT INTO bss_allowance (
                service_id, account_id, company_id, offering_allowance_id, unit, date_start, date_end, is_carried,
                quantity, used, priority, create_uid, create_date, write_uid, write_date)
            SELECT service_id, account_id, company_id, offered_id, unit, start, part.stop, part.is_carried,
                   part.quantity, 0, priority, %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
              FROM kept
             CROSS JOIN LATERAL (VALUES (kept.stop, FALSE, granted - carried),
                                        (kept.next_stop, TRUE, carried)) part (stop, is_carried, quantity)
             WHERE part.quantity > 0
             ORDER BY service_id, start, priority, offered_id, part.is_carried
            ON CONFLICT (service_id, offering_allowance_id, date_start, is_carried) DO NOTHING
            """,
            months=[month.isoformat() for month in months],
            company=company_id,
            tz=BILLING_TZ,
            end=end,
            uid=uid,
        )
    )


def create_promised_allowances(cr, company_id, months, end, uid):
    """Free units of granted promotions: one allowance per grant × step × month of the promotion that meets ``months``.

    Months of a promotion run from the day of its grant, counted from the original day (the 31st falls on the last day of a
    short month); older months with events that wait are served too.
    """
    cr.execute(
        SQL(
            """
            WITH month AS (
                SELECT granted.id AS grant_id, unnest(%(months)s::date[]) AS first
                  FROM bss_service_promotion granted WHERE granted.company_id = %(company)s
                 UNION
                SELECT granted.id,
                       date_trunc('month', (event.started_at AT TIME ZONE 'UTC') AT TIME ZONE %(tz)s)::date
                  FROM bss_usage_event event
                  JOIN bss_service_promotion granted ON granted.service_id = event.service_id
                 WHERE event.company_id = %(company)s AND event.state = 'guided' AND event.started_at < %(end)s),
            promised AS (
                SELECT DISTINCT granted.id AS grant_id, granted.service_id, step.id AS step_id, step.unit, step.quantity,
                       (granted.date_start + make_interval(months => number - 1))::date AS first,
                       LEAST((granted.date_start + make_interval(months => number))::date - 1, granted.date_end) AS last
                  FROM month
                  JOIN bss_service_promotion granted ON granted.id = month.grant_id
                  JOIN bss_promotion_step step ON step.promotion_id = granted.promotion_id AND step.kind = 'units'
                 -- the months of the promotion that may meet the calendar month
                 CROSS JOIN LATERAL generate_series(
                       (EXTRACT(YEAR FROM month.first)::int - EXTRACT(YEAR FROM granted.date_start)::int) * 12
                       + EXTRACT(MONTH FROM month.first)::int - EXTRACT(MONTH FROM granted.date_start)::int,
                       (EXTRACT(YEAR FROM month.first)::int - EXTRACT(YEAR FROM granted.date_start)::int) * 12
                       + EXTRACT(MONTH FROM month.first)::int - EXTRACT(MONTH FROM granted.date_start)::int + 1
                       ) AS number
                 WHERE number >= step.month_from AND (COALESCE(step.month_to, 0) = 0 OR number <= step.month_to))
            INSERT INTO bss_allowance (
                service_id, account_id, company_id, grant_id, promotion_step_id, unit, date_start, date_end, is_carried,
                quantity, used,
                priority, create_uid, create_date, write_uid, write_date)
            SELECT service.id, service.account_id, service.company_id, promised.grant_id, promised.step_id, promised.unit,
                   promised.first, promised.last, FALSE, promised.quantity, 0, %(priority)s,
                   %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
              FROM promised
              JOIN bss_service service ON service.id = promised.service_id
             WHERE service.state <> 'pending' AND promised.first <= promised.last
               AND service.date_start <= promised.last AND COALESCE(service.date_end, 'infinity') >= promised.first
             ORDER BY service.id, promised.first, promised.step_id
            ON CONFLICT (grant_id, promotion_step_id, date_start) WHERE grant_id IS NOT NULL DO NOTHING
            """,
            months=[month.isoformat() for month in months],
            company=company_id,
            tz=BILLING_TZ,
            end=end,
            priority=PROMISED_PRIORITY,
            uid=uid,
        )
    )


# --- read


def open_allowances(cr, company_id, first, end, allowance_ids=None):
    """Allowances with something left that may serve events from ``first`` to ``end``, and (allowance, service) of who may use each.

    Rows are those of ``adapters.allowances``; a promotion that was ended gives no more.

    :param allowance_ids: only these
    """
    params = {"company": company_id, "first": first, "end": end, "tz": BILLING_TZ, "only": allowance_ids}
    cr.execute(
        """
        SELECT allowance.id, allowance.unit, (allowance.quantity - allowance.used)::bigint, allowance.priority,
               (allowance.date_start::timestamp AT TIME ZONE %(tz)s) AT TIME ZONE 'UTC',
               (COALESCE(LEAST(allowance.date_end, granted.date_end) + 1, '9999-01-01')::timestamp
                AT TIME ZONE %(tz)s) AT TIME ZONE 'UTC',
               allowance.offering_allowance_id
          FROM bss_allowance allowance
          LEFT JOIN bss_service_promotion granted ON granted.id = allowance.grant_id
         WHERE allowance.company_id = %(company)s AND allowance.quantity > allowance.used
           AND (%(only)s::int[] IS NULL OR allowance.id = ANY(%(only)s::int[]))
           AND (allowance.date_start::timestamp AT TIME ZONE %(tz)s) AT TIME ZONE 'UTC' < %(end)s
           AND COALESCE(allowance.date_end, 'infinity') >= ((%(first)s AT TIME ZONE 'UTC') AT TIME ZONE %(tz)s)::date
         ORDER BY allowance.id
        """,
        params,
    )
    rows = cr.fetchall()
    return rows, _members(cr, [row[0] for row in rows])


def _members(cr, allowance_ids):
    """The service that was given the allowance, or all of its contract or billing account."""
    cr.execute(
        """
        WITH given AS (
            SELECT allowance.id, service.id AS service_id, service.contract_id, service.account_id,
                   COALESCE(offered.sharing, 'service') AS sharing
              FROM bss_allowance allowance
              JOIN bss_service service ON service.id = allowance.service_id
              LEFT JOIN bss_offering_allowance offered ON offered.id = allowance.offering_allowance_id
             WHERE allowance.id = ANY(%(ids)s))
        SELECT id, service_id FROM given WHERE sharing = 'service'
         UNION ALL
        SELECT given.id, member.id FROM given JOIN bss_service member ON member.contract_id = given.contract_id
         WHERE sharing = 'contract'
         UNION ALL
        SELECT given.id, member.id FROM given JOIN bss_service member ON member.account_id = given.account_id
         WHERE sharing = 'account'
        """,
        {"ids": allowance_ids},
    )
    return cr.fetchall()


# --- use


def use_allowances(cr, rated):
    """Keep the uses of each event and add them to the allowances; money is counted in millionths."""
    uses = rated.uses.join(rated.events.select("id", "started_at"), on="id")
    if uses.is_empty():
        return
    buffer = io.BytesIO()
    uses.select("id", "started_at", "allowance_id", "units").write_csv(
        buffer, include_header=False, datetime_format="%Y-%m-%d %H:%M:%S%.6f"
    )
    buffer.seek(0)
    cr.copy_expert("COPY bss_usage_use (event_id, started_at, allowance_id, units) FROM STDIN (FORMAT csv)", buffer)
    taken = uses.select("allowance_id", "units").group_by("allowance_id").sum().sort("allowance_id")
    cr.execute_values(
        """UPDATE bss_allowance SET used = used + taken.units * CASE unit WHEN 'micro' THEN 100 ELSE 1 END
             FROM (VALUES %s) taken (id, units) WHERE bss_allowance.id = taken.id""",
        taken.rows(),
        page_size=10_000,
    )
