"""Rows that could not be read, on their way into suspense."""

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
    """Insert rows of ``SUSPENSE_COLUMNS``; return (file_id, line_no) of those that were new."""
    columns = ", ".join(SUSPENSE_COLUMNS)
    marks = ", ".join(["%s"] * len(SUSPENSE_COLUMNS))
    stored = cr.execute_values(
        f"""INSERT INTO bss_usage_suspense ({columns}, create_date, write_date) VALUES %s
            ON CONFLICT (source_id, dedupe_key) DO NOTHING RETURNING file_id, line_no""",
        rows,
        template=f"({marks}, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')",
        page_size=1000,
        fetch=True,
    )
    return set(stored)


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


def reopen_suspense(cr, rows):
    """Open rows again that were replayed and have waited for their other halves in vain; return their (file_id, line_no)."""
    keys = ("source_id", "file_id", "line_no", "dedupe_key", "reason_code", "params")
    places = [SUSPENSE_COLUMNS.index(name) for name in keys]
    found = cr.execute_values(
        f"""UPDATE bss_usage_suspense known
               SET state = 'open', result = NULL, reason_code = own.reason_code, params = own.params::jsonb
              FROM (VALUES %s) AS own ({", ".join(keys)})
             WHERE (known.source_id, known.file_id, known.line_no, known.dedupe_key)
                   = (own.source_id, own.file_id, own.line_no, own.dedupe_key)
               AND known.state = 'replayed' AND known.result = 'waiting'
            RETURNING known.file_id, known.line_no""",
        [[row[place] for place in places] for row in rows],
        page_size=1000,
        fetch=True,
    )
    return set(found)
