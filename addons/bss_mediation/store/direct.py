"""The fast way of many events: those that are not known yet go by COPY straight into the event table.

One load of a source at a time looks and stores. The unique index stays the guard: where it refuses a row, which another transaction
stored meanwhile, the caller goes the way of the stage.
"""

import polars as pl

from ..event_rows import STORED, as_csv
from .stage import column

SOURCE_LOCK = 7_230_004
# Sent in large pieces: for each of them the interpreter is asked for once, which the thread that prepares the next rows may hold.
AT_ONCE_BYTES = 1_000_000


def take_source(cr, source_id):
    """Wait for other loads of the source; held until the end of the transaction."""
    cr.execute("SELECT pg_advisory_xact_lock(%s, %s)", (SOURCE_LOCK, source_id))


def known_lines(cr, source_id, events):
    """Lines of ``events`` (one file, each identity once) that are stored already, as events or in suspense."""
    first, last = events["started_at"].min(), events["started_at"].max()
    # files follow each other in time: mostly nothing is stored of theirs
    cr.execute(
        "SELECT min(started_at), max(started_at) FROM bss_usage_event WHERE source_id = %s AND started_at BETWEEN %s AND %s",
        (source_id, first, last),
    )
    first, last = cr.fetchone()
    cr.execute("SELECT EXISTS (SELECT FROM bss_usage_suspense WHERE source_id = %s)", (source_id,))
    if not cr.fetchone()[0]:
        if first is None:
            return []
        events = events.filter(events["started_at"].is_between(first, last))
    _copy_identities(cr, events)
    # Whatever the statistics of a new month say: look each of them up in the index.
    cr.execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off")
    cr.execute(
        """
        SELECT own.line_no
          FROM bss_usage_identity own
          JOIN bss_usage_event event ON event.started_at = own.started_at AND event.identity = own.identity
         WHERE event.source_id = %(source)s AND event.started_at BETWEEN %(first)s AND %(last)s
         UNION
        SELECT own.line_no
          FROM bss_usage_identity own
          JOIN bss_usage_suspense suspense ON suspense.dedupe_key = own.dedupe_key
         WHERE suspense.source_id = %(source)s
        """,
        {"source": source_id, "first": first, "last": last},
    )
    lines = [line_no for (line_no,) in cr.fetchall()]
    cr.execute("SET LOCAL enable_hashjoin TO DEFAULT; SET LOCAL enable_mergejoin TO DEFAULT")
    return lines


def _copy_identities(cr, events):
    cr.execute(
        """
        CREATE TEMPORARY TABLE IF NOT EXISTS bss_usage_identity (
            line_no int4, started_at timestamp, identity uuid, dedupe_key varchar) ON COMMIT DROP;
        TRUNCATE bss_usage_identity
        """
    )
    data = as_csv(events.select("line_no", "started_at", "identity", "dedupe_key"))
    cr.copy_expert("COPY bss_usage_identity FROM STDIN (FORMAT csv)", data, AT_ONCE_BYTES)


def event_data(events, company_id, source_id):
    """(columns of the table in which something stands, bytes for COPY) of events."""
    names = [name for name in STORED if events[name].null_count() < len(events)]
    constants = {"company_id": pl.lit(company_id), "source_id": pl.lit(source_id)}
    return [*constants, *map(column, names)], as_csv(events.select(*names, **constants).select(*constants, *names))


def copy_events(cr, columns, data):
    """Store new events; return how many.

    :raises psycopg2.errors.UniqueViolation: one of them is stored already; the transaction is to be rolled back to before
    """
    cr.copy_expert(f"COPY bss_usage_event ({', '.join(columns)}) FROM STDIN (FORMAT csv)", data, AT_ONCE_BYTES)
    return cr.rowcount
