"""Asterisk ``cdr_csv``: ``Master.csv`` without header, 16 to 21 columns.

The 16 fixed columns are followed by ``uniqueid``, ``userfield`` and the group ``peeraccount, linkedid, sequence``, each
switched on or off in ``cdr.conf``; with one of the first two missing the position is told by the form of the value.
Rules that are choices:

- Not answered (by ``disposition``) and ``OMIT`` records are ignored, even when another field is unreadable, and even
  when ``billsec`` is not zero: they are never billable.
- An answered record of zero seconds is an event (of zero units).
- The identity of a record is linkedid + uniqueid + sequence where all three are present, otherwise the hash of its
  fields. ``uniqueid`` alone is not unique (transfers, forks). Identical rows, in one file or in two, are one event:
  channel names and unique ids count up, so two calls cannot produce the same row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import polars as pl

from ..columns import Check, in_years, own_key, stamp, whole_number, with_first_problem
from ..local_time import start_to_utc
from ..normalise import normalise_expr
from ..values import Chunk, SourceProfile
from .csv_rows import Dialect, Table
from .registry import register
from .tables import parse_tables

FIXED = (
    "accountcode",
    "src",
    "dst",
    "dcontext",
    "clid",
    "channel",
    "dstchannel",
    "lastapp",
    "lastdata",
    "start",
    "answer",
    "end",
    "duration",
    "billsec",
    "disposition",
    "amaflags",
)
NEW_GROUP = ("peeraccount", "linkedid", "sequence")
LEAST, MOST = len(FIXED), len(FIXED) + 2 + len(NEW_GROUP)
USED = (
    "accountcode",
    "src",
    "dst",
    "start",
    "answer",
    "end",
    "duration",
    "billsec",
    "disposition",
    "amaflags",
    "uniqueid",
    "linkedid",
    "sequence",
)
NOT_ANSWERED = ("NO ANSWER", "BUSY", "FAILED", "CONGESTION", "CANCEL", "UNKNOWN")
UNIQUEID = r"^([\w.-]+-)?[0-9]{9,11}\.[0-9]+$"


@register("asterisk_csv", "Asterisk cdr-csv (Master.csv)")
def parse(stream: BinaryIO, profile: SourceProfile, chunk_rows: int = 50_000) -> Iterator[Chunk]:
    """Chunks of at most ``chunk_rows`` rows; never raises on content."""

    def check(table: Table) -> pl.DataFrame:
        return checked(named(table), profile)

    return parse_tables(stream, profile, chunk_rows, Dialect(), (LEAST, MOST), check)


def named(table: Table) -> pl.DataFrame:
    """The used columns by name, whatever switches of ``cdr.conf`` are on; those that are off are empty."""
    places = {name: f"c{number}" for number, name in enumerate(FIXED)}
    extra = [f"c{number}" for number in range(LEAST, table.width)]
    if len(extra) >= len(NEW_GROUP):
        places.update(zip(NEW_GROUP, extra[-len(NEW_GROUP) :], strict=True))
        extra = extra[: -len(NEW_GROUP)]
    if extra:
        places["uniqueid"] = extra[0]
    frame = table.columns.select((pl.col(places[name]) if name in places else pl.lit("")).alias(name) for name in USED)
    if len(extra) == 1:  # uniqueid or userfield: one of the two switches is off
        is_id = pl.col("uniqueid").str.contains(UNIQUEID)
        frame = frame.with_columns(uniqueid=pl.when(is_id).then("uniqueid").otherwise(pl.lit("")))
    return frame


def checked(frame: pl.DataFrame, profile: SourceProfile) -> pl.DataFrame:
    """A checked frame (:mod:`..columns`) out of the texts of ``USED``."""
    frame = frame.with_columns(pl.col(name).str.strip_chars() for name in USED)
    frame = frame.with_columns(
        status=pl.col("disposition").str.to_uppercase(),
        start_local=stamp("start"),
        answer_local=stamp("answer"),
        end_local=stamp("end"),
        whole_s=whole_number("duration"),
        duration_s=whole_number("billsec"),
        a_number=normalise_expr(pl.col("src"), profile.numbering),
        b_number=normalise_expr(pl.col("dst"), profile.numbering),
        created=pl.col("uniqueid").str.extract(r"([0-9]{9,11})\.[0-9]+$").cast(pl.Int64, strict=False),
    )
    in_range = in_years(pl.col("start_local"), profile)
    frame = frame.with_columns(
        out_of_range=~in_range,
        start_local=pl.when(in_range).then("start_local"),
        unreadable_start=pl.col("start_local").is_null(),
    )
    frame = frame.with_columns(
        ignored=pl.col("status").is_in(NOT_ANSWERED) | (pl.col("amaflags").str.to_uppercase() == "OMIT"),
        started_at=start_to_utc(
            pl.col("start_local"),
            pl.col("end_local"),
            pl.col("whole_s"),
            pl.col("created"),
            profile.timezone,
        ),
    )
    return with_first_problem(frame, _checks(profile)).with_columns(
        key=own_key("linkedid", "uniqueid", "sequence"),
        usage_kind=pl.lit("voice"),
        account_code="accountcode",
        answered_at=_answered_at(),
        units="duration_s",
    )


def _answered_at() -> pl.Expr:
    """Answer instant from the stamps where they agree with the durations, else from the durations."""
    ring = (pl.col("answer_local") - pl.col("start_local")).dt.total_seconds()
    plausible = ring.is_between(0, pl.col("whole_s") + 1).fill_null(False)
    computed = pl.max_horizontal(pl.col("whole_s") - pl.col("duration_s"), pl.lit(0))
    ring_s = pl.when(plausible).then(ring).otherwise(computed)
    return pl.col("started_at") + pl.duration(seconds=ring_s)


def _checks(profile: SourceProfile) -> list[Check]:
    nobody = pl.col("a_number").is_null() & (pl.col("accountcode") == "")
    return [
        (pl.col("status") != "ANSWERED", "UNKNOWN_VALUE", "disposition"),
        (pl.col("unreadable_start"), "UNREADABLE_DATE", "start"),
        ((pl.col("answer") != "") & pl.col("answer_local").is_null(), "UNREADABLE_DATE", "answer"),
        ((pl.col("end") != "") & pl.col("end_local").is_null(), "UNREADABLE_DATE", "end"),
        (pl.col("out_of_range"), "DATE_OUT_OF_RANGE", "start"),
        (pl.col("started_at").is_null(), "NONEXISTENT_TIME", "start"),
        (pl.col("whole_s").is_null(), "NOT_A_NUMBER", "duration"),
        (pl.col("duration_s").is_null(), "NOT_A_NUMBER", "billsec"),
        (pl.col("whole_s") < 0, "NEGATIVE_DURATION", "duration"),
        (pl.col("duration_s") < 0, "NEGATIVE_DURATION", "billsec"),
        (pl.col("duration_s") > profile.max_duration_s, "DURATION_TOO_LONG", "billsec"),
        (pl.col("duration_s") > pl.col("whole_s") + 1, "DURATION_MISMATCH", "billsec"),
        (pl.col("b_number").is_null(), "INVALID_NUMBER", "dst"),
        (nobody, "INVALID_NUMBER", "src"),
    ]
