"""The usage event table and the way into it: raw SQL, in one place.

``bss_usage_event`` is partitioned by the month of ``started_at`` (UTC); partitions are made when the first event of a month comes.
Loading goes COPY → temporary stage → one guiding query → ``INSERT … ON CONFLICT DO NOTHING``. The unique constraint is
what makes an event count once; nothing here relies on having looked before.
"""

import io
from datetime import date

from odoo.tools import SQL

TABLE = "bss_usage_event"
STAGE = "bss_usage_stage"
GUIDED = "bss_usage_guided"
# Two loaders that meet a new month at the same time: one makes the partition, the other waits.
PARTITION_LOCK = 7_230_001

STAGE_COLUMNS = (
    "line_no",
    "dedupe_key",
    "usage_kind",
    "a_number",
    "b_number",
    "account_code",
    "started_at",
    "answered_at",
    "duration_s",
    "units",
    "raw",
    "file_id",
    "suspense_id",
)


def create_event_table(cr):
    cr.execute(
        """
        CREATE SEQUENCE IF NOT EXISTS bss_usage_event_id_seq AS bigint;
        CREATE TABLE IF NOT EXISTS bss_usage_event (
            id bigint NOT NULL DEFAULT nextval('bss_usage_event_id_seq'),
            started_at timestamp NOT NULL,
            answered_at timestamp,
            units bigint NOT NULL,
            billed_units bigint,
            free_units bigint,
            amount_e4 bigint,
            amount numeric(16, 4) GENERATED ALWAYS AS (amount_e4 * 0.0001) STORED,
            company_id int4 NOT NULL,
            source_id int4 NOT NULL,
            file_id int4 NOT NULL,
            line_no int4 NOT NULL,
            duration_s int4,
            service_id int4 NOT NULL,
            account_id int4 NOT NULL,
            plan_id int4,
            zone_id int4,
            rate_id int4,
            charge_id int4,
            rating_run_id int4,
            dedupe_key varchar NOT NULL,
            usage_kind varchar NOT NULL,
            direction varchar NOT NULL,
            a_number varchar,
            b_number varchar,
            state varchar NOT NULL,
            reason varchar,
            prefix varchar,
            explanation text,
            PRIMARY KEY (id, started_at),
            UNIQUE (source_id, dedupe_key, started_at)
        ) PARTITION BY RANGE (started_at);
        CREATE INDEX IF NOT EXISTS bss_usage_event_service_idx ON bss_usage_event (service_id, started_at);
        CREATE INDEX IF NOT EXISTS bss_usage_event_a_idx ON bss_usage_event (a_number text_pattern_ops);
        CREATE INDEX IF NOT EXISTS bss_usage_event_b_idx ON bss_usage_event (b_number text_pattern_ops);
        CREATE INDEX IF NOT EXISTS bss_usage_event_file_idx ON bss_usage_event (file_id);
        CREATE INDEX IF NOT EXISTS bss_usage_event_run_idx ON bss_usage_event (rating_run_id)
            WHERE rating_run_id IS NOT NULL;
        CREATE INDEX IF NOT EXISTS bss_usage_event_charge_idx ON bss_usage_event (charge_id)
            WHERE charge_id IS NOT NULL;
        CREATE INDEX IF NOT EXISTS bss_usage_event_todo_idx ON bss_usage_event (company_id, started_at, id)
            WHERE state = 'guided';
        CREATE INDEX IF NOT EXISTS bss_usage_event_stuck_idx ON bss_usage_event (company_id, started_at)
            WHERE state = 'suspended';
        """
    )


def drop_event_table(cr):
    cr.execute("DROP TABLE IF EXISTS bss_usage_event CASCADE; DROP SEQUENCE IF EXISTS bss_usage_event_id_seq")


def partition_name(month):
    return f"{TABLE}_y{month:%Y}m{month:%m}"


def next_month(month):
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def ensure_partitions(cr, months):
    """Make the partitions of ``months`` (first days) that are missing.

    Attaching takes a lighter lock than ``PARTITION OF``: readers go on.
    """
    missing = [month for month in sorted(months) if not _exists(cr, partition_name(month))]
    if not missing:
        return
    cr.execute("SELECT pg_advisory_xact_lock(%s)", (PARTITION_LOCK,))
    for month in missing:
        name = partition_name(month)
        if _exists(cr, name):
            continue
        cr.execute(
            SQL(
                """
                CREATE TABLE %(name)s (LIKE bss_usage_event INCLUDING DEFAULTS INCLUDING GENERATED);
                ALTER TABLE bss_usage_event ATTACH PARTITION %(name)s FOR VALUES FROM (%(start)s) TO (%(end)s)
                """,
                name=SQL.identifier(name),
                start=month.isoformat(),
                end=next_month(month).isoformat(),
            )
        )


def _exists(cr, name):
    cr.execute("SELECT to_regclass(%s) IS NOT NULL", (name,))
    return cr.fetchone()[0]


def analyze(cr, months):
    """Fresh statistics after a mass change; a new month has none and would be planned as empty."""
    for month in sorted(months):
        if _exists(cr, partition_name(month)):
            cr.execute(SQL("ANALYZE %s", SQL.identifier(partition_name(month))))


# --- stage


def open_stage(cr):
    cr.execute(
        """
        CREATE TEMPORARY TABLE IF NOT EXISTS bss_usage_stage (
            line_no int4, dedupe_key varchar, usage_kind varchar, a_number varchar, b_number varchar,
            account_code varchar, started_at timestamp, answered_at timestamp, duration_s int4, units bigint,
            raw text, file_id int4, suspense_id int4
        ) ON COMMIT DROP;
        CREATE TEMPORARY TABLE IF NOT EXISTS bss_usage_guided (
            LIKE bss_usage_stage, service_id int4, account_id int4, reason varchar, known boolean, incoming boolean
        ) ON COMMIT DROP;
        TRUNCATE bss_usage_stage, bss_usage_guided
        """
    )


def copy_to_stage(cr, frame):
    """COPY a frame of events with ``file_id`` and ``suspense_id`` to the emptied stage."""
    open_stage(cr)
    buffer = io.BytesIO()
    # Strings are always quoted: an empty one is not NULL, and no content can end the data.
    frame.select(STAGE_COLUMNS).write_csv(
        buffer, include_header=False, quote_style="non_numeric", datetime_format="%Y-%m-%d %H:%M:%S%.6f"
    )
    buffer.seek(0)
    columns = ", ".join(STAGE_COLUMNS)
    cr.copy_expert(f"COPY bss_usage_stage ({columns}) FROM STDIN (FORMAT csv)", buffer)
    cr.execute("ANALYZE bss_usage_stage")


def guide(cr, company_id, source_id, timezone, ignore_incoming):
    """Find the service of every staged event: A-number, else account code, valid on the local day of the event.

    ``known``: the same record is an event already, or waits in suspense (another row of it). ``incoming``: the caller is a
    stranger and the called number is ours.
    """
    cr.execute(
        SQL(
            """
            INSERT INTO bss_usage_guided
            SELECT stage.line_no, stage.dedupe_key, stage.usage_kind, stage.a_number, stage.b_number,
                   stage.account_code, stage.started_at, stage.answered_at, stage.duration_s, stage.units,
                   stage.raw, stage.file_id, stage.suspense_id,
                   service.id, service.account_id, verdict.reason,
                   EXISTS (SELECT FROM bss_usage_suspense suspense
                            WHERE suspense.source_id = %(source)s AND suspense.dedupe_key = stage.dedupe_key
                              AND suspense.id IS DISTINCT FROM stage.suspense_id)
                   OR (verdict.reason IS NOT NULL
                       AND EXISTS (SELECT FROM bss_usage_event event
                                    WHERE event.source_id = %(source)s AND event.dedupe_key = stage.dedupe_key
                                      AND event.started_at = stage.started_at)),
                   %(ignore)s AND verdict.reason = 'ACCESS_NOT_FOUND'
                   AND EXISTS (SELECT FROM bss_service_identifier own
                                WHERE own.company_id = %(company)s AND own.kind = 'msisdn'
                                  AND own.value = stage.b_number)
              FROM (SELECT *, ((started_at AT TIME ZONE 'UTC') AT TIME ZONE %(timezone)s)::date AS day
                      FROM bss_usage_stage) stage
              LEFT JOIN LATERAL (
                   SELECT service_id FROM bss_service_identifier
                    WHERE company_id = %(company)s AND kind = 'msisdn' AND value = stage.a_number
                      AND date_start <= stage.day AND (date_end IS NULL OR date_end >= stage.day)
                    ORDER BY date_start DESC LIMIT 1) number ON TRUE
              LEFT JOIN LATERAL (
                   SELECT service_id FROM bss_service_identifier
                    WHERE number.service_id IS NULL AND stage.account_code <> ''
                      AND company_id = %(company)s AND kind = 'account_code' AND value = stage.account_code
                      AND date_start <= stage.day AND (date_end IS NULL OR date_end >= stage.day)
                    ORDER BY date_start DESC LIMIT 1) code ON TRUE
              LEFT JOIN bss_service service ON service.id = COALESCE(number.service_id, code.service_id)
              CROSS JOIN LATERAL (
                   SELECT CASE
                       WHEN service.id IS NULL AND EXISTS (
                            SELECT FROM bss_service_identifier other
                             WHERE other.company_id = %(company)s
                               AND ((other.kind = 'msisdn' AND other.value = stage.a_number)
                                    OR (other.kind = 'account_code' AND stage.account_code <> ''
                                        AND other.value = stage.account_code)))
                            THEN 'ACCESS_INVALID_DATE'
                       WHEN service.id IS NULL THEN 'ACCESS_NOT_FOUND'
                       WHEN service.state = 'pending' OR service.date_start > stage.day
                            THEN 'SERVICE_NOT_ACTIVATED'
                       WHEN service.date_end < stage.day THEN 'SERVICE_TERMINATED'
                   END AS reason) verdict
            """,
            source=source_id,
            company=company_id,
            timezone=timezone,
            ignore=ignore_incoming,
        )
    )


def insert_events(cr, company_id, source_id):
    """Store the guided events; return the (file_id, suspense_id) of those that were new."""
    cr.execute(
        """
        WITH stored AS (
            INSERT INTO bss_usage_event (
                company_id, source_id, file_id, line_no, dedupe_key, usage_kind, direction, a_number, b_number,
                started_at, answered_at, duration_s, units, service_id, account_id, state)
            SELECT %(company)s, %(source)s, file_id, line_no, dedupe_key, usage_kind, 'out', a_number, b_number,
                   started_at, answered_at, duration_s, units, service_id, account_id, 'guided'
              FROM bss_usage_guided
             WHERE reason IS NULL AND NOT known
             ORDER BY started_at, line_no
            ON CONFLICT (source_id, dedupe_key, started_at) DO NOTHING
            RETURNING file_id, line_no)
        SELECT stored.file_id, guided.suspense_id
          FROM stored JOIN bss_usage_guided guided USING (file_id, line_no)
        """,
        {"company": company_id, "source": source_id},
    )
    return cr.fetchall()


def insert_suspense_of_stage(cr, company_id, source_id, user_id):
    """Put the events without a service into suspense; return how many were new."""
    cr.execute(
        """
        INSERT INTO bss_usage_suspense (
            company_id, source_id, file_id, line_no, raw, reason_code, field_name, value, params, a_number, b_number,
            started_at, dedupe_key, state, create_uid, create_date, write_uid, write_date)
        SELECT %(company)s, %(source)s, file_id, line_no, raw, reason, 'src',
               COALESCE(a_number, account_code), '{}'::jsonb, a_number, b_number, started_at, dedupe_key, 'open',
               %(user)s, now() AT TIME ZONE 'UTC', %(user)s, now() AT TIME ZONE 'UTC'
          FROM bss_usage_guided
         WHERE reason IS NOT NULL AND NOT known AND NOT incoming
           AND NOT EXISTS (SELECT FROM bss_usage_event event
                            WHERE event.source_id = %(source)s AND event.dedupe_key = bss_usage_guided.dedupe_key
                              AND event.started_at = bss_usage_guided.started_at)
         ORDER BY line_no
        ON CONFLICT (source_id, dedupe_key) DO NOTHING
        """,
        {"company": company_id, "source": source_id, "user": user_id},
    )
    return cr.rowcount


def count_incoming(cr):
    cr.execute("SELECT count(*) FROM bss_usage_guided WHERE incoming AND NOT known")
    return cr.fetchone()[0]


# A row with a twin: it is not stored itself, another row of the same identity is.
_TWINS = """
    LEFT JOIN bss_usage_event event ON event.source_id = %(source)s AND event.dedupe_key = guided.dedupe_key
          AND event.started_at = guided.started_at
    LEFT JOIN bss_usage_suspense suspense ON suspense.source_id = %(source)s
          AND suspense.dedupe_key = guided.dedupe_key AND suspense.id IS DISTINCT FROM guided.suspense_id
    WHERE (event.id IS NOT NULL OR suspense.id IS NOT NULL)
      AND (event.file_id, event.line_no) IS DISTINCT FROM (guided.file_id, guided.line_no)
      AND (suspense.file_id, suspense.line_no) IS DISTINCT FROM (guided.file_id, guided.line_no)
"""


def count_twins(cr, source_id):
    """How many of the guided rows are known by another row that is stored; to be asked after storing."""
    cr.execute(f"SELECT count(*) FROM bss_usage_guided guided {_TWINS}", {"source": source_id})
    return cr.fetchone()[0]


def twins(cr, source_id):
    """Suspense ids of the guided rows that are known by another row."""
    cr.execute(f"SELECT guided.suspense_id FROM bss_usage_guided guided {_TWINS}", {"source": source_id})
    return {suspense_id for (suspense_id,) in cr.fetchall()}


def count_suspense_twins(cr, source_id, file_id, rows):
    """How many of the rows (line, identity) wait in suspense as another row."""
    found = cr.execute_values(
        """SELECT count(*) FROM (VALUES %s) AS own (source_id, file_id, line_no, dedupe_key)
             JOIN bss_usage_suspense other USING (source_id, dedupe_key)
            WHERE (other.file_id, other.line_no) <> (own.file_id, own.line_no)""",
        [(source_id, file_id, line_no, key) for line_no, key in rows],
        page_size=1000,
        fetch=True,
    )
    return sum(count for (count,) in found)


SUSPENSE_COLUMNS = (
    "company_id",
    "source_id",
    "file_id",
    "line_no",
    "raw",
    "reason_code",
    "field_name",
    "value",
    "params",
    "a_number",
    "b_number",
    "started_at",
    "dedupe_key",
    "state",
    "create_uid",
    "write_uid",
)


def insert_suspense(cr, rows):
    """Insert rows of ``SUSPENSE_COLUMNS``; return how many were new."""
    columns = ", ".join(SUSPENSE_COLUMNS)
    marks = ", ".join(["%s"] * len(SUSPENSE_COLUMNS))
    stored = cr.execute_values(
        f"""INSERT INTO bss_usage_suspense ({columns}, create_date, write_date) VALUES %s
            ON CONFLICT (source_id, dedupe_key) DO NOTHING RETURNING id""",
        rows,
        template=f"({marks}, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')",
        page_size=1000,
        fetch=True,
    )
    return len(stored)
