"""The usage event table: its columns, indexes and partitions.

``bss_usage_event`` is partitioned by the month of ``started_at`` (UTC); partitions are made when the first event of a month comes.
"""

from datetime import date

from odoo.tools import SQL

TABLE = "bss_usage_event"
# Two loaders that meet a new month at the same time: one makes the partition, the other waits.
PARTITION_LOCK = 7_230_001

# Wide columns first: less padding in every row.
_CREATE = """
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
        rating_run_id int4,
        usage_kind varchar NOT NULL,
        direction varchar NOT NULL,
        a_number varchar,
        b_number varchar,
        state varchar NOT NULL,
        reason varchar,
        prefix varchar,
        explanation text,
        PRIMARY KEY (id, started_at)
    ) PARTITION BY RANGE (started_at)
"""
# Columns that came later: the same statements make a new table and bring an old one up.
_COLUMNS = {
    "identity": "uuid",
    "account_code": "varchar",
    "login": "varchar",
    "imsi": "varchar",
    "charged_number": "varchar",
    "network": "varchar",
    "service_code": "varchar",
    "session_key": "varchar",
    "volume_up": "bigint",
    "volume_down": "bigint",
    "cost_micro": "bigint",
    "cost_currency": "varchar",
    "on_net": "boolean NOT NULL DEFAULT false",
}
# The identity of an event was its key as text; `identity` of the guiding kernel is the same hash.
_HASH_OF_KEY = "encode(substr(sha256(convert_to(dedupe_key, 'UTF8')), 1, 16), 'hex')::uuid"
_IDENTITY = f"""
    DO $$ BEGIN
        IF EXISTS (SELECT FROM information_schema.columns WHERE table_schema = current_schema
                      AND table_name = 'bss_usage_event' AND column_name = 'dedupe_key') THEN
            UPDATE bss_usage_event SET identity = {_HASH_OF_KEY};
            ALTER TABLE bss_usage_event DROP COLUMN dedupe_key;
        END IF;
        IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = 'bss_usage_event'::regclass
                          AND conname = 'bss_usage_event_identity_check') THEN
            -- no NOT NULL: Odoo takes it from columns that are no fields
            ALTER TABLE bss_usage_event
                ADD CONSTRAINT bss_usage_event_identity_check CHECK (identity IS NOT NULL);
        END IF;
    END $$
"""
# An event had a charge of its own; now it shares one with what the same run rated of its service, zone and kind. So it is of
# the run that its charge names.
_CHARGES = """
    DO $$ BEGIN
        IF EXISTS (SELECT FROM information_schema.columns WHERE table_schema = current_schema
                      AND table_name = 'bss_usage_event' AND column_name = 'charge_id') THEN
            UPDATE bss_usage_event event
               SET rating_run_id = split_part(split_part(charge.identity_key, ':', 6), '.', 1)::int4
              FROM bss_charge charge
             WHERE charge.id = event.charge_id AND charge.identity_key ~ '^usage:[0-9]+:[0-9]+:[a-z]+:[-0-9]+:[0-9]+'
               AND event.rating_run_id IS DISTINCT FROM split_part(split_part(charge.identity_key, ':', 6), '.', 1)::int4;
            ALTER TABLE bss_usage_event DROP COLUMN charge_id;
        END IF;
    END $$
"""
# The instant first: a file is of one time, so that its identities fall on few pages of the index, whatever the size of the table.
# With the instant behind what is searched by: the newest events of a file, a run or an account are read off the index, which
# the planner would else look for by walking back in time.
_INDEXES = """
    CREATE UNIQUE INDEX IF NOT EXISTS bss_usage_event_identity_idx
        ON bss_usage_event (started_at, identity, source_id);
    CREATE INDEX IF NOT EXISTS bss_usage_event_service_idx ON bss_usage_event (service_id, started_at);
    CREATE INDEX IF NOT EXISTS bss_usage_event_account_idx ON bss_usage_event (account_id, started_at);
    CREATE INDEX IF NOT EXISTS bss_usage_event_a_idx ON bss_usage_event (a_number text_pattern_ops);
    CREATE INDEX IF NOT EXISTS bss_usage_event_b_idx ON bss_usage_event (b_number text_pattern_ops);
    DROP INDEX IF EXISTS bss_usage_event_file_idx, bss_usage_event_file_brin, bss_usage_event_run_idx;
    CREATE INDEX IF NOT EXISTS bss_usage_event_file_start_idx ON bss_usage_event (file_id, started_at);
    CREATE INDEX IF NOT EXISTS bss_usage_event_run_start_idx ON bss_usage_event (rating_run_id, started_at)
        WHERE rating_run_id IS NOT NULL;
    CREATE INDEX IF NOT EXISTS bss_usage_event_todo_idx ON bss_usage_event (company_id, started_at, id)
        WHERE state = 'guided';
    CREATE INDEX IF NOT EXISTS bss_usage_event_cost_idx ON bss_usage_event (company_id, started_at)
        WHERE cost_micro IS NOT NULL;
    CREATE INDEX IF NOT EXISTS bss_usage_event_stuck_idx ON bss_usage_event (company_id, started_at)
        WHERE state = 'suspended'
"""

# Columns that rows are looked for by: of the others no query asks for statistics.
_LOOKED_FOR = (
    "id",
    "started_at",
    "company_id",
    "source_id",
    "file_id",
    "service_id",
    "account_id",
    "plan_id",
    "zone_id",
    "rating_run_id",
    "usage_kind",
    "a_number",
    "b_number",
    "state",
    "identity",
)
GROWN = 0.1


def create_event_table(cr):
    """Make the table, or bring one of an earlier version up; does nothing to one that is right."""
    cr.execute(_CREATE)
    added = ", ".join(f"ADD COLUMN IF NOT EXISTS {name} {kind}" for name, kind in _COLUMNS.items())
    # names and types are constants of this file
    cr.execute(f"ALTER TABLE bss_usage_event {added}")  # pylint: disable=sql-injection
    cr.execute(_IDENTITY)
    cr.execute(_CHARGES)
    cr.execute(_INDEXES)


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
                CREATE TABLE %(name)s (LIKE bss_usage_event INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS);
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


def analyze(cr, months, stored):
    """Fresh statistics of months that grew much; a new month has none and would be planned as empty.

    :param stored: so many rows were stored; what is little beside the rows of a month is left to the server's own time
    """
    for month in sorted(months):
        name = partition_name(month)
        cr.execute("SELECT reltuples FROM pg_class WHERE oid = to_regclass(%s)", (name,))
        row = cr.fetchone()
        if row and row[0] < stored / GROWN:
            cr.execute(SQL("ANALYZE %s (%s)", SQL.identifier(name), SQL(", ").join(map(SQL.identifier, _LOOKED_FOR))))
