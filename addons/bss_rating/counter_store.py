"""SQL of the running totals that prices by quantity and rounding over sessions go on from."""

import io

from .event_frames import BILLING_TZ


def stored_counters(cr, rows):
    """Counters that the events of a chunk may go on from.

    :param rows: (service, period, session or None) of the events
    """
    services = sorted({row[0] for row in rows})
    periods = sorted({row[1] for row in rows})
    sessions = sorted({row[2] for row in rows if row[2]})
    cr.execute(
        """SELECT scope, service_id, rate_id, key, period, units FROM bss_rating_counter
            WHERE service_id = ANY(%s) AND (period = ANY(%s::date[]) OR period IS NULL AND key = ANY(%s::varchar[]))""",
        (services, periods, sessions),
    )
    return cr.fetchall()


def store_counters(cr, frame, company_id, uid):
    """Write the counters as they stand now, new ones and known ones."""
    if frame.is_empty():
        return
    cr.execute(
        """
        CREATE TEMPORARY TABLE IF NOT EXISTS bss_rating_counted (
            scope varchar, service_id int4, rate_id int4, key varchar, period date, units bigint) ON COMMIT DROP;
        TRUNCATE bss_rating_counted
        """
    )
    buffer = io.BytesIO()
    # strings are quoted: an empty key is not NULL
    frame.write_csv(buffer, include_header=False, quote_style="non_numeric")
    buffer.seek(0)
    cr.copy_expert("COPY bss_rating_counted FROM STDIN (FORMAT csv, FORCE_NULL (period))", buffer)
    cr.execute(
        """
        INSERT INTO bss_rating_counter (
            scope, service_id, rate_id, key, period, units, company_id, create_uid, create_date, write_uid, write_date)
        SELECT scope, service_id, rate_id, key, period, units, %(company)s,
               %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
          FROM bss_rating_counted
         ORDER BY scope, service_id, rate_id, key, period
        ON CONFLICT (scope, service_id, rate_id, key, COALESCE(period, '-infinity'::date))
        DO UPDATE SET units = EXCLUDED.units, write_uid = EXCLUDED.write_uid, write_date = EXCLUDED.write_date
        """,
        {"company": company_id, "uid": uid},
    )


def take_back_counters(cr):
    """Take the units of events that are rated again (``bss_rerating_old``) out of the totals they went into.

    Of sessions and periods rounded as a whole: what was rounded; of tiers: the paid units of each piece. A total of which
    earlier events keep a part stands at that part, whatever its period.
    """
    cr.execute(
        """
        WITH old AS (
            SELECT old.event_id, old.service_id, old.explanation, old.rate_id, event.units, event.usage_kind,
                   event.session_key, COALESCE(event.volume_up + event.volume_down, event.volume_up, event.volume_down)
                   AS volume, ((old.started_at AT TIME ZONE 'UTC') AT TIME ZONE %(tz)s)::date AS day
              FROM bss_rerating_old old
              JOIN bss_usage_event event ON event.id = old.event_id AND event.started_at = old.started_at
             WHERE old.state <> 'suspended' AND old.rate_id IS NOT NULL),
        given AS (
            SELECT CASE WHEN rate.rounding = 'session' THEN 'session' ELSE 'period' END AS scope, old.service_id,
                   old.rate_id, CASE WHEN rate.rounding = 'session' THEN old.session_key ELSE '' END AS key, old.day,
                   CASE WHEN rate.step_bytes > 0 AND old.volume IS NOT NULL AND old.units > 0
                        THEN GREATEST(div(old.volume + rate.step_bytes - 1, rate.step_bytes), 1)
                        ELSE old.units END AS units
              FROM old JOIN bss_rate rate ON rate.id = old.rate_id
             WHERE old.usage_kind NOT IN ('voice', 'premium')
               AND (rate.rounding = 'period' OR rate.rounding = 'session' AND old.session_key IS NOT NULL)
             UNION ALL
            SELECT 'tier', old.service_id, rate.id, '', old.day, (piece ->> 'paid_units')::bigint
              FROM old
             CROSS JOIN LATERAL jsonb_array_elements(COALESCE(NULLIF(old.explanation::jsonb -> 'pieces', 'null'), '[]')) piece
              JOIN bss_rate rate ON rate.id = (piece ->> 'rate_id')::int AND rate.tier_model <> 'flat'),
        total AS (
            SELECT counter.id, sum(given.units) AS units
              FROM given
             CROSS JOIN LATERAL (
                   SELECT counter.id FROM bss_rating_counter counter
                    WHERE (counter.scope, counter.service_id, counter.rate_id, counter.key)
                          = (given.scope, given.service_id, given.rate_id, given.key)
                      AND (counter.scope = 'session' OR counter.period <= given.day)
                    ORDER BY counter.period DESC LIMIT 1) counter
             GROUP BY counter.id)
        UPDATE bss_rating_counter counter SET units = counter.units - total.units
          FROM total WHERE counter.id = total.id;
        DELETE FROM bss_rating_counter counter USING bss_rerating_scope scope JOIN bss_service service
               ON service.account_id = scope.account_id
         WHERE counter.service_id = service.id AND counter.units <= 0
        """,
        {"tz": BILLING_TZ},
    )
