"""SQL of events on their way through a rating run: read in the order of rating, written back with their results."""

import io

import polars as pl

from .adapters import RESULT_COLUMNS

# What is read of an event, under its name in the table.
READ_SCHEMA = {
    "id": pl.Int64(),
    "started_at": pl.Datetime("us"),
    "answered_at": pl.Datetime("us"),
    "service_id": pl.Int64(),
    "usage_kind": pl.String(),
    "b_number": pl.String(),
    "units": pl.Int64(),
    "direction": pl.String(),
    "network": pl.String(),
    "service_code": pl.String(),
    "on_net": pl.Boolean(),
    "volume_up": pl.Int64(),
    "volume_down": pl.Int64(),
    "session_key": pl.String(),
    "cost_micro": pl.Int64(),
    "cost_currency": pl.String(),
    "identity": pl.String(),
    "cycle_day": pl.Int64(),  # of the bill cycle of the event's account
}
_TEXT = {name: pl.String() for name, kind in READ_SCHEMA.items() if kind in (pl.Datetime("us"), pl.Boolean())}


def next_events(cr, company_id, end, after, limit, event_ids=None, state="guided"):
    """The next events of a state in the order of rating (``READ_SCHEMA``): by instant, identity and id.

    :param after: (instant, identity, id) of the last event before them
    :param event_ids: only these
    """
    instant, identity, event_id = after
    params = {"company": company_id, "end": end, "limit": limit, "after_start": instant, "after_id": event_id}
    params |= {"after_identity": identity, "state": state}
    chosen = ""
    if event_ids is not None:
        chosen, params["ids"] = "AND id = ANY(%(ids)s)", list(event_ids)
    columns = ", ".join(f"event.{name}" for name in READ_SCHEMA if name != "cycle_day")
    query = f"""
        SELECT {columns}, cycle.day
          FROM (SELECT * FROM bss_usage_event
                 WHERE company_id = %(company)s AND state = %(state)s
                   AND started_at >= %(after_start)s AND started_at < %(end)s
                   AND (started_at, identity, id) > (%(after_start)s, %(after_identity)s::uuid, %(after_id)s) {chosen}
                 ORDER BY started_at, identity, id LIMIT %(limit)s) event
          LEFT JOIN bss_account account ON account.id = event.account_id
          LEFT JOIN bss_bill_cycle cycle ON cycle.id = account.bill_cycle_id
         ORDER BY event.started_at, event.identity, event.id
    """
    buffer = io.BytesIO()
    cr.copy_expert(f"COPY ({cr.mogrify(query, params).decode()}) TO STDOUT (FORMAT csv)", buffer)
    if not buffer.tell():
        return pl.DataFrame(schema=READ_SCHEMA)
    frame = pl.read_csv(buffer.getvalue(), has_header=False, schema={**READ_SCHEMA, **_TEXT})
    return frame.with_columns(
        *(
            pl.col(name).str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us")
            for name in ("started_at", "answered_at")
        ),
        on_net=pl.col("on_net") == "t",
    )


def store_results(cr, run_id, frame):
    """COPY the results to a temporary table and update their events."""
    cr.execute(
        """
        CREATE TEMPORARY TABLE IF NOT EXISTS bss_rating_result (
            id bigint, started_at timestamp, state varchar, reason varchar, plan_id int4, zone_id int4, prefix varchar,
            rate_id int4, billed_units bigint, free_units bigint, amount_e4 bigint, explanation text
        ) ON COMMIT DROP;
        TRUNCATE bss_rating_result
        """
    )
    buffer = io.BytesIO()
    frame.select(RESULT_COLUMNS).write_csv(
        buffer, include_header=False, quote_style="non_numeric", datetime_format="%Y-%m-%d %H:%M:%S%.6f"
    )
    buffer.seek(0)
    cr.copy_expert(f"COPY bss_rating_result ({', '.join(RESULT_COLUMNS)}) FROM STDIN (FORMAT csv)", buffer)
    cr.execute("ANALYZE bss_rating_result")
    # The bounds let the planner leave other months alone.
    cr.execute(
        """
        UPDATE bss_usage_event event
           SET state = result.state, reason = result.reason, plan_id = result.plan_id, zone_id = result.zone_id,
               prefix = result.prefix, rate_id = result.rate_id, billed_units = result.billed_units,
               free_units = result.free_units, amount_e4 = result.amount_e4, explanation = result.explanation,
               rating_run_id = %(run)s
          FROM bss_rating_result result
         WHERE event.id = result.id AND event.started_at = result.started_at AND event.state = 'guided'
           AND event.started_at BETWEEN %(first)s AND %(last)s
        """,
        {"run": run_id, "first": frame["started_at"].min(), "last": frame["started_at"].max()},
    )
    stored = cr.rowcount
    note_priced(cr, frame["plan_id"].drop_nulls().unique().to_list())
    return stored


def note_priced(cr, plan_ids):
    """A plan that priced something is never edited again."""
    cr.execute(
        "UPDATE bss_rate_plan SET has_rated = TRUE WHERE has_rated IS NOT TRUE AND id = ANY(%s)", (list(plan_ids),)
    )
