"""From guided events to rows of the event table: frames only, so that it can be done in a thread beside the server."""

import io
from dataclasses import dataclass

import polars as pl

from .mediation_core.guide import identity

# What rating makes of an event; ``rating_reason`` is the column ``reason`` of the table, as guiding has a reason of its own.
RATING_SCHEMA = {
    "state": pl.String(),
    "rating_reason": pl.String(),
    "plan_id": pl.Int64(),
    "zone_id": pl.Int64(),
    "prefix": pl.String(),
    "rate_id": pl.Int64(),
    "billed_units": pl.Int64(),
    "free_units": pl.Int64(),
    "amount_e4": pl.Int64(),
    "explanation": pl.String(),
    "rating_run_id": pl.Int64(),
}
STORED = (
    "file_id",
    "line_no",
    "identity",
    "usage_kind",
    "direction",
    "a_number",
    "b_number",
    "account_code",
    "login",
    "imsi",
    "charged_number",
    "network",
    "service_code",
    "session_key",
    "started_at",
    "answered_at",
    "duration_s",
    "units",
    "volume_up",
    "volume_down",
    "cost_micro",
    "cost_currency",
    "service_id",
    "account_id",
    "on_net",
    *RATING_SCHEMA,
)


class Unrated:
    """Leaves all events to a rating run; an addon that rates puts something better in its place."""

    # Whether it needs no cursor any more, so that it may work in another thread.
    is_whole = True

    def rate(self, events):
        """``events`` (guided, with a service, not free) in their order with the columns of ``RATING_SCHEMA``."""
        return events.with_columns(_unrated("guided"))

    def finish(self):
        """After the last events were stored."""


@dataclass(frozen=True)
class Rows:
    """``events`` by their instants, each identity once, ready to be stored; ``repeats``: how many were left out for that.

    ``rest``: what has no service or nothing to bill.
    """

    events: pl.DataFrame
    rest: pl.DataFrame
    repeats: int


def rated(guided, rater):
    """Guided events with ``identity`` and the columns of ``RATING_SCHEMA``, which are null of what does not become an event.

    :param guided: events of one source with ``file_id`` and ``suspense_id``
    """
    guided = guided.with_columns(
        identity=pl.Series([identity(key) for key in guided["dedupe_key"]], dtype=pl.String),
        direction=pl.col("direction").fill_null("out"),
        # the record as received is kept only with those that may go to suspense
        raw=pl.when(pl.col("reason").is_not_null()).then("raw"),
    )
    # To be called costs nothing at home; abroad the visited network asks for it.
    free = _is_event() & (pl.col("direction") == "in") & pl.col("network").is_null()
    due = guided.filter(_is_event() & ~free)
    if len(due) == len(guided):
        return rater.rate(due)
    parts = [
        guided.filter(free).with_columns(_unrated("free", amount_e4=0)),
        guided.filter(~_is_event()).with_columns(_unrated(None)),
    ]
    return pl.concat([rater.rate(due), *parts] if len(due) else parts)


def parted(frame):
    """:param frame: rated events of one file"""
    own = frame.filter(_is_event()).sort("started_at", "line_no")
    events = own.unique(["started_at", "identity"], keep="first", maintain_order=True)
    return Rows(events, frame.filter(~_is_event()), len(own) - len(events))


def _is_event():
    return pl.col("reason").is_null() & ~pl.col("incoming")


def as_csv(frame):
    """Bytes for COPY. Strings are always quoted: an empty one is not NULL, and no content can end the data."""
    buffer = io.BytesIO()
    frame.write_csv(buffer, include_header=False, quote_style="non_numeric", datetime_format="%Y-%m-%d %H:%M:%S%.6f")
    buffer.seek(0)
    return buffer


def _unrated(state, **values):
    values = {"state": state, **values}
    return [pl.lit(values.get(name), dtype=kind).alias(name) for name, kind in RATING_SCHEMA.items()]
