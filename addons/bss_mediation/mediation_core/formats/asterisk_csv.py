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

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import polars as pl

from ..local_time import start_to_utc
from ..normalise import normalise_expr
from ..values import EVENT_SCHEMA, Chunk, Problem, SourceProfile
from . import register
from .text_rows import Row, read_lines, split_rows

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
STAMP = "%Y-%m-%d %H:%M:%S"
STAMP_FORM = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$"
KEY_LENGTH = 150
PROBLEM_COLUMNS = ("index", "code", "field", "value", "a_number", "b_number", "started_at")


def row_key(fields: Sequence[str]) -> str:
    """Identity of a record without identifiers of its own; independent of quoting and line ends."""
    digest = hashlib.blake2b("\x1f".join(fields).encode("utf-8", "surrogatepass"), digest_size=16)
    return "h:" + digest.hexdigest()


@register("asterisk_csv", "Asterisk cdr-csv (Master.csv)")
def parse(stream: BinaryIO, profile: SourceProfile, chunk_rows: int = 50_000) -> Iterator[Chunk]:
    """Chunks of at most ``chunk_rows`` rows; never raises on content."""
    for lines, done in read_lines(stream, chunk_rows):
        yield _parse_rows(split_rows(lines), profile, done)


def _parse_rows(rows: list[Row], profile: SourceProfile, done: int) -> Chunk:
    problems: list[Problem] = []
    by_width: dict[int, list[Row]] = {}
    for row in rows:
        width = len(row.fields) if row.fields is not None else 0
        if LEAST <= width <= MOST:
            by_width.setdefault(width, []).append(row)
        else:
            problems.append(_shape_problem(row))
    events = [pl.DataFrame(schema=EVENT_SCHEMA)]
    ignored = 0
    for width, same in by_width.items():
        frame = _checked(_frame(same, width), profile)
        ignored += int(frame["ignored"].sum())
        good = frame.filter(~pl.col("ignored") & pl.col("code").is_null())
        bad = frame.filter(~pl.col("ignored") & pl.col("code").is_not_null()).select(PROBLEM_COLUMNS)
        events.append(_events(good, same))
        problems.extend(_problem(record, same) for record in bad.iter_rows(named=True))
    problems.sort(key=lambda problem: problem.line_no)
    frame = pl.concat(events).sort("line_no")
    return Chunk(len(rows), ignored, frame, problems, done)


def _shape_problem(row: Row) -> Problem:
    raw, line_no = row.line.text, row.line.number
    if row.fields is None:
        return Problem(line_no, "INVALID_FORMAT", "", raw[:60], raw, row_key([raw]), {"detail": row.error})
    width = len(row.fields)
    key = row_key(row.fields)
    params: dict[str, str | int] = {"columns": width, "least": LEAST, "most": MOST}
    if width < LEAST:
        return Problem(line_no, "TOO_FEW_COLUMNS", "", raw[:60], raw, key, params)
    return Problem(line_no, "UNKNOWN_COLUMN", str(MOST + 1), row.fields[MOST], raw, key, params)


def _frame(rows: list[Row], width: int) -> pl.DataFrame:
    columns = list(zip(*(row.fields or () for row in rows), strict=True))
    named = dict(zip(FIXED, columns[:LEAST], strict=True))
    extra = columns[LEAST:]
    if width >= LEAST + len(NEW_GROUP):
        named.update(zip(NEW_GROUP, extra[-len(NEW_GROUP) :], strict=True))
        extra = extra[: -len(NEW_GROUP)]
    named["uniqueid"] = extra[0] if extra else ("",) * len(rows)
    empty = ("",) * len(rows)
    frame = pl.DataFrame({name: named.get(name, empty) for name in USED}, schema=dict.fromkeys(USED, pl.String))
    if len(extra) == 1:  # uniqueid or userfield: one of the two switches is off
        is_id = pl.col("uniqueid").str.contains(UNIQUEID)
        frame = frame.with_columns(uniqueid=pl.when(is_id).then("uniqueid").otherwise(pl.lit("")))
    return frame.with_row_index("index")


def _checked(frame: pl.DataFrame, profile: SourceProfile) -> pl.DataFrame:
    """Add typed columns, ``ignored`` and the first problem of each row as ``code``, ``field``, ``value``."""
    frame = frame.with_columns(pl.col(name).str.strip_chars() for name in USED)
    frame = frame.with_columns(
        status=pl.col("disposition").str.to_uppercase(),
        start_local=_stamp("start"),
        answer_local=_stamp("answer"),
        end_local=_stamp("end"),
        duration_s=_whole_number("duration"),
        billsec_s=_whole_number("billsec"),
        a_number=normalise_expr(pl.col("src"), profile.numbering),
        b_number=normalise_expr(pl.col("dst"), profile.numbering),
        created=pl.col("uniqueid").str.extract(r"([0-9]{9,11})\.[0-9]+$").cast(pl.Int64, strict=False),
    )
    in_range = pl.col("start_local").dt.year().is_between(profile.first_year, profile.last_year)
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
            pl.col("duration_s"),
            pl.col("created"),
            profile.timezone,
        ),
    )
    return _with_first_problem(frame, profile).with_columns(answered_at=_answered_at())


def _stamp(name: str) -> pl.Expr:
    text = pl.when(pl.col(name).str.contains(STAMP_FORM)).then(pl.col(name))
    return text.str.to_datetime(STAMP, strict=False, time_unit="us")


def _whole_number(name: str) -> pl.Expr:
    text = pl.when(pl.col(name).str.contains(r"^-?[0-9]{1,10}$")).then(pl.col(name))
    return text.cast(pl.Int64, strict=False)


def _answered_at() -> pl.Expr:
    """Answer instant from the stamps where they agree with the durations, else from the durations."""
    ring = (pl.col("answer_local") - pl.col("start_local")).dt.total_seconds()
    plausible = ring.is_between(0, pl.col("duration_s") + 1).fill_null(False)
    computed = pl.max_horizontal(pl.col("duration_s") - pl.col("billsec_s"), pl.lit(0))
    ring_s = pl.when(plausible).then(ring).otherwise(computed)
    return pl.col("started_at") + pl.duration(seconds=ring_s)


def _with_first_problem(frame: pl.DataFrame, profile: SourceProfile) -> pl.DataFrame:
    nobody = pl.col("a_number").is_null() & (pl.col("accountcode") == "")
    checks: list[tuple[pl.Expr, str, str]] = [
        (pl.col("status") != "ANSWERED", "UNKNOWN_VALUE", "disposition"),
        (pl.col("unreadable_start"), "UNREADABLE_DATE", "start"),
        ((pl.col("answer") != "") & pl.col("answer_local").is_null(), "UNREADABLE_DATE", "answer"),
        ((pl.col("end") != "") & pl.col("end_local").is_null(), "UNREADABLE_DATE", "end"),
        (pl.col("out_of_range"), "DATE_OUT_OF_RANGE", "start"),
        (pl.col("started_at").is_null(), "NONEXISTENT_TIME", "start"),
        (pl.col("duration_s").is_null(), "NOT_A_NUMBER", "duration"),
        (pl.col("billsec_s").is_null(), "NOT_A_NUMBER", "billsec"),
        (pl.col("duration_s") < 0, "NEGATIVE_DURATION", "duration"),
        (pl.col("billsec_s") < 0, "NEGATIVE_DURATION", "billsec"),
        (pl.col("billsec_s") > profile.max_duration_s, "DURATION_TOO_LONG", "billsec"),
        (pl.col("billsec_s") > pl.col("duration_s") + 1, "DURATION_MISMATCH", "billsec"),
        (pl.col("b_number").is_null(), "INVALID_NUMBER", "dst"),
        (nobody, "INVALID_NUMBER", "src"),
    ]
    code, name, value = pl.lit(None, pl.String), pl.lit(None, pl.String), pl.lit(None, pl.String)
    for bad, its_code, its_field in reversed(checks):
        code = pl.when(bad).then(pl.lit(its_code)).otherwise(code)
        name = pl.when(bad).then(pl.lit(its_field)).otherwise(name)
        value = pl.when(bad).then(pl.col(its_field)).otherwise(value)
    return frame.with_columns(code=code, field=name, value=value)


def _keys(frame: pl.DataFrame, rows: list[Row]) -> pl.Series:
    own = pl.concat_str("linkedid", "uniqueid", "sequence", separator="|")
    usable = (
        (pl.col("linkedid") != "")
        & (pl.col("uniqueid") != "")
        & (pl.col("sequence") != "")
        & (own.str.len_bytes() <= KEY_LENGTH)
    )
    keys = frame.select(key=pl.when(usable).then(pl.concat_str(pl.lit("i:"), own)), index="index")
    return pl.Series(
        "dedupe_key",
        [key if key is not None else row_key(rows[index].fields or ()) for key, index in keys.iter_rows()],
        dtype=pl.String,
    )


def _events(frame: pl.DataFrame, rows: list[Row]) -> pl.DataFrame:
    lines = [rows[index].line for index in frame["index"]]
    return frame.select(
        line_no=pl.Series([line.number for line in lines], dtype=pl.Int64),
        dedupe_key=_keys(frame, rows),
        usage_kind=pl.lit("voice"),
        a_number="a_number",
        b_number="b_number",
        account_code="accountcode",
        started_at="started_at",
        answered_at="answered_at",
        duration_s="billsec_s",
        units="billsec_s",
        raw=pl.Series([line.text for line in lines], dtype=pl.String),
    )


def _problem(record: dict[str, Any], rows: list[Row]) -> Problem:
    row = rows[record["index"]]
    return Problem(
        line_no=row.line.number,
        code=record["code"],
        field=record["field"],
        value=record["value"][:200],
        raw=row.line.text,
        dedupe_key=row_key(row.fields or ()),
        a_number=record["a_number"],
        b_number=record["b_number"],
        started_at=record["started_at"],
    )
