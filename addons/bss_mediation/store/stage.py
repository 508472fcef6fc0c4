"""From a rated frame to events and suspense: COPY → temporary stage → ``INSERT … ON CONFLICT DO NOTHING``.

The way of what does not become an event, of few rows, and of events that another transaction stores as well; see ``direct``.

The unique constraint is what makes an event count once; nothing here relies on having looked before.
"""

from ..event_rows import STORED, as_csv

# Column of the stage → its type; the first group is not stored with the event.
STAGE = {
    "suspense_id": "int4",
    "dedupe_key": "varchar",
    "reason": "varchar",
    "field": "varchar",
    "value": "varchar",
    "incoming": "boolean",
    "raw": "text",
    "file_id": "int4",
    "line_no": "int4",
    "identity": "uuid",
    "usage_kind": "varchar",
    "direction": "varchar",
    "a_number": "varchar",
    "b_number": "varchar",
    "account_code": "varchar",
    "login": "varchar",
    "imsi": "varchar",
    "charged_number": "varchar",
    "network": "varchar",
    "service_code": "varchar",
    "session_key": "varchar",
    "started_at": "timestamp",
    "answered_at": "timestamp",
    "duration_s": "int4",
    "units": "bigint",
    "volume_up": "bigint",
    "volume_down": "bigint",
    "cost_micro": "bigint",
    "cost_currency": "varchar",
    "service_id": "int4",
    "account_id": "int4",
    "on_net": "boolean",
    "state": "varchar",
    "rating_reason": "varchar",
    "plan_id": "int4",
    "zone_id": "int4",
    "prefix": "varchar",
    "rate_id": "int4",
    "billed_units": "bigint",
    "free_units": "bigint",
    "amount_e4": "bigint",
    "explanation": "text",
    "rating_run_id": "int4",
}
# Columns of the event table that have another name in frames.
RENAMED = {"rating_reason": "reason"}


def column(name):
    return RENAMED.get(name, name)


def copy_to_stage(cr, frame):
    """COPY a frame of rated events (the columns of ``STAGE``) to the emptied stage."""
    columns = ", ".join(f"{name} {kind}" for name, kind in STAGE.items())
    cr.execute(  # pylint: disable=sql-injection
        f"CREATE TEMPORARY TABLE IF NOT EXISTS bss_usage_stage ({columns}) ON COMMIT DROP; TRUNCATE bss_usage_stage"
    )
    data = as_csv(frame.select(list(STAGE)))
    cr.copy_expert(f"COPY bss_usage_stage ({', '.join(STAGE)}) FROM STDIN (FORMAT csv)", data)
    cr.execute("ANALYZE bss_usage_stage (identity, reason, file_id)")


def insert_events(cr, company_id, source_id):
    """Store the events that have a service; return how many were new.

    A row known in suspense (another row of it) is left alone.
    """
    cr.execute(
        f"""
        INSERT INTO bss_usage_event (company_id, source_id, {", ".join(map(column, STORED))})
        SELECT %(company)s, %(source)s, {", ".join(STORED)}
          FROM bss_usage_stage stage
         WHERE reason IS NULL AND NOT incoming
           AND NOT EXISTS (SELECT FROM bss_usage_suspense suspense
                            WHERE suspense.source_id = %(source)s AND suspense.dedupe_key = stage.dedupe_key
                              AND suspense.id IS DISTINCT FROM stage.suspense_id)
         ORDER BY started_at, line_no
        ON CONFLICT (started_at, identity, source_id) DO NOTHING
        """,
        {"company": company_id, "source": source_id},
    )
    return cr.rowcount


# Another row with the identity of a staged one is stored, as an event or in suspense.
_KNOWN = """
    (EXISTS (SELECT FROM bss_usage_event event
              WHERE event.started_at = stage.started_at AND event.identity = stage.identity
                AND event.source_id = %(source)s
                AND (event.file_id, event.line_no) <> (stage.file_id, stage.line_no))
     OR EXISTS (SELECT FROM bss_usage_suspense suspense
                 WHERE suspense.source_id = %(source)s AND suspense.dedupe_key = stage.dedupe_key
                   AND suspense.id IS DISTINCT FROM stage.suspense_id
                   AND (suspense.file_id, suspense.line_no) <> (stage.file_id, stage.line_no)))
"""


def insert_suspense_of_stage(cr, company_id, source_id, user_id):
    """Put the events without a service into suspense; return how many were new."""
    cr.execute(
        f"""
        INSERT INTO bss_usage_suspense (
            company_id, source_id, file_id, line_no, raw, reason_code, field_name, value, params, a_number, b_number,
            started_at, dedupe_key, state, create_uid, create_date, write_uid, write_date)
        SELECT %(company)s, %(source)s, file_id, line_no, raw, reason, field, value, '{{}}'::jsonb, a_number, b_number,
               started_at, dedupe_key, 'open', %(user)s, now() AT TIME ZONE 'UTC', %(user)s, now() AT TIME ZONE 'UTC'
          FROM bss_usage_stage stage
         WHERE reason IS NOT NULL AND NOT incoming AND NOT {_KNOWN}
         ORDER BY line_no
        ON CONFLICT (source_id, dedupe_key) DO NOTHING
        """,
        {"company": company_id, "source": source_id, "user": user_id},
    )
    return cr.rowcount


def count_incoming(cr, source_id):
    """Incoming rows that are not known by another row."""
    cr.execute(
        f"SELECT count(*) FROM bss_usage_stage stage WHERE incoming AND NOT {_KNOWN}",
        {"source": source_id},
    )
    return cr.fetchone()[0]


def count_twins(cr, source_id, *, only_unguided=False):
    """How many of the staged rows are known by another row that is stored; to be asked after storing.

    :param only_unguided: every event was stored: none of them can have a twin
    """
    among = "(reason IS NOT NULL OR incoming) AND" if only_unguided else ""
    cr.execute(f"SELECT count(*) FROM bss_usage_stage stage WHERE {among} {_KNOWN}", {"source": source_id})
    return cr.fetchone()[0]


def stage_fates(cr, source_id):
    """What became of every staged row: (file_id, line_no, suspense_id, fate); to be asked after storing.

    A fate is loaded, duplicate, ignored, suspended, or None: neither stored nor known.
    """
    cr.execute(
        f"""
        SELECT file_id, line_no, suspense_id, CASE
                   WHEN EXISTS (SELECT FROM bss_usage_event event
                                 WHERE event.started_at = stage.started_at AND event.identity = stage.identity
                                   AND event.source_id = %(source)s
                                   AND (event.file_id, event.line_no) = (stage.file_id, stage.line_no)) THEN 'loaded'
                   WHEN {_KNOWN} THEN 'duplicate'
                   WHEN incoming THEN 'ignored'
                   WHEN reason IS NOT NULL
                        AND EXISTS (SELECT FROM bss_usage_suspense suspense
                                     WHERE suspense.source_id = %(source)s AND suspense.state = 'open'
                                       AND (suspense.file_id, suspense.line_no) = (stage.file_id, stage.line_no))
                        THEN 'suspended'
               END
          FROM bss_usage_stage stage
        """,
        {"source": source_id},
    )
    return cr.fetchall()
