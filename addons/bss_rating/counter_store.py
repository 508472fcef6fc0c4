"""SQL of the running totals that prices by quantity and rounding over sessions go on from."""

import io


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
