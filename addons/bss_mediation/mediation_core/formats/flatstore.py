"""Flatstore accounting of Kamailio and OpenSIPS: one line per answered or ended transaction, paired to calls.

A call is an answered INVITE (code 2xx) and the BYE of the same dialog: Call-ID and the two tags, in either direction, in the same
file or in another one that comes before or after it.

- The columns are named in order by the option ``fields``; names that are not used here may stand for columns of no interest.
- Calls that were not answered (INVITE with code 300 or more) and all other methods are ignored. With ``start_method`` ACK the
  acknowledgement starts the call: some servers write the time there.
- The time is seconds since 1970, or a local stamp "YYYY-MM-DD hh:mm:ss" in the time zone of the source (of the two hours of an
  autumn night the first). Seconds of a call are whole, cut off.
- Numbers are the user part of a SIP address, normalised by the numbering of the source.
- Of several INVITEs in one dialog (re-INVITE) the first counts, of several BYEs the first after it; the others are merged. Legs that
  come after their dialog has been paired wait, and end as UNPAIRED.
- The event is counted by the line of its INVITE. Identity: the dialog. A BYE before its INVITE is a problem (NEGATIVE_DURATION).
- What finds no other side within ``wait_days`` is a problem (UNPAIRED): a call without an end has no price.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import BinaryIO

import polars as pl

from ..columns import KEY_LENGTH, Check, epoch, harvest, in_years, stamp, with_first_problem
from ..local_time import to_utc
from ..normalise import normalise_expr
from ..values import (
    Chunk,
    FileProblem,
    Paired,
    Problem,
    SourceProfile,
    as_legs,
    empty_chunk,
    empty_events,
    empty_legs,
    row_key,
    text_key,
)
from .csv_rows import Dialect, Table, broken_problem, split_tables, width_problems
from .legs import filed, leg_problems, no_legs, paired, together
from .registry import Option, option, register
from .replays import merged
from .tables import unknown_encoding
from .text_rows import Lines, known_encoding, read_lines

NAMES = ("method", "from_tag", "to_tag", "callid", "code", "time", "caller", "callee", "account", "login")
_NEEDED = ("method", "from_tag", "to_tag", "callid", "code", "time")
_WIDEST = 256
OPTIONS = (
    Option("fields", "Columns in order", default="method,from_tag,to_tag,callid,code,reason,time,type,caller,callee"),
    Option("separator", "Separator", default="|"),
    Option("start_method", "A call starts with", "choice", "INVITE", ("INVITE", "ACK")),
    Option("wait_days", "Days to wait for the other side", "int", "30"),
)
# A time at which no leg has waited too long.
_BEFORE_ALL = datetime.fromisoformat("1970-01-01")
_USER = r"^(?:.*<)?(?:(?i:sips?|tel):)?([^@;>:]*)"


def pair(open_legs: pl.DataFrame, new_legs: pl.DataFrame, profile: SourceProfile, now: datetime) -> Paired:
    """Calls out of the legs of all files so far; the result depends on the legs only, not on their files or order.

    :param now: naive UTC; decides only what has waited too long.
    """
    legs = together(open_legs, new_legs)
    twin = pl.col("leg_key").is_first_distinct().not_()
    twins, legs = legs.filter(twin), legs.filter(~twin)
    starts = legs.filter(role="invite").unique("pair_key", keep="first", maintain_order=True)
    begun = starts.select("pair_key", begun_at="at")
    ends = legs.filter(role="bye").join(begun, on="pair_key", how="inner")
    early = ends.filter(pl.col("at") < pl.col("begun_at"))
    ends = ends.filter(pl.col("at") >= pl.col("begun_at")).unique("pair_key", keep="first", maintain_order=True)
    calls = starts.join(ends.select("pair_key", ended_at="at", end_raw="raw"), on="pair_key", how="inner").with_columns(
        seconds=(pl.col("ended_at") - pl.col("at")).dt.total_seconds()
    )
    endless = calls.filter(pl.col("seconds") > profile.max_duration_s)
    fine = calls.filter(pl.col("seconds") <= profile.max_duration_s)
    problems = leg_problems(endless, "DURATION_TOO_LONG", "time", pl.col("seconds"))
    problems += leg_problems(early, "NEGATIVE_DURATION", "time", (pl.col("at") - pl.col("begun_at")).dt.total_seconds())
    gone = [problem.dedupe_key for problem in problems]
    done = legs.filter(pl.col("pair_key").is_in(calls["pair_key"].implode()))
    waiting = legs.join(calls, on="pair_key", how="anti")
    waiting = waiting.filter(~pl.col("leg_key").is_in(gone))
    wait_days = _days(profile)
    late = pl.col("at") < now - timedelta(days=wait_days)
    problems += leg_problems(waiting.filter(late), "UNPAIRED", "method", pl.col("role"), days=wait_days)
    return paired(
        _events(fine),
        waiting.filter(~late),
        pl.concat([twins, done.filter(~pl.col("leg_key").is_in(gone))]),
        problems,
    )


def _days(profile: SourceProfile) -> int:
    text = option(profile, OPTIONS, "wait_days")
    return min(int(text), 36_500) if text.isascii() and text.isdigit() and len(text) < 7 else 30


def _events(calls: pl.DataFrame) -> pl.DataFrame:
    return calls.with_columns(
        dedupe_key=pl.lit("f:") + pl.col("pair_key"),
        usage_kind=pl.lit("voice"),
        started_at="at",
        answered_at="at",
        session_key="pair_key",
        duration_s="seconds",
        units="seconds",
        # Both lines, so that the call can be read again alone.
        raw=pl.concat_str("raw", "end_raw", separator="\n"),
    )


def replay(raws: Sequence[str], profile: SourceProfile) -> Chunk:
    """Rows kept in suspense: a line that is a leg, or the two lines of a call."""
    chunks = []
    for line_no, raw in enumerate(raws, start=1):
        stream = io.BytesIO((raw or " ").encode("utf-8", "replace"))
        found = merged(list(parse(stream, replace(profile, encoding="utf-8"), 10)))
        if found.file_problem is not None or not found.rows:
            chunks.append(_unreadable(raw, line_no))
        else:
            chunks.append(_one_row(found, raw, line_no, profile))
    return merged(chunks)


def _unreadable(raw: str, line_no: int) -> Chunk:
    problem = Problem(line_no, "INVALID_FORMAT", "", raw[:60], raw, row_key([raw]), {"detail": "no record in this row"})
    return Chunk(1, 0, empty_events(), [problem], 0)


def _one_row(found: Chunk, raw: str, line_no: int, profile: SourceProfile) -> Chunk:
    """What the lines of one row came to: a call, else their first problem, else the leg, else nothing to bill."""
    number, text = pl.lit(line_no, pl.Int64).alias("line_no"), pl.lit(raw).alias("raw")
    call = pair(no_legs(), filed(found.legs, 0), profile, _BEFORE_ALL)
    events = call.events.drop("file_id").with_columns(number, text)
    problems = [replace(problem, line_no=line_no, raw=raw) for problem in (*found.problems, *call.problems)]
    if events.height:
        return replace(found, rows=1, ignored=0, events=events[:1], legs=empty_legs(), problems=[])
    if problems:
        return replace(found, rows=1, ignored=0, legs=empty_legs(), problems=problems[:1])
    legs = found.legs.with_columns(number, text)[:1]
    return replace(found, rows=1, ignored=1 - legs.height, legs=legs)


@register("flatstore", "Kamailio / OpenSIPS flatstore", options=OPTIONS, replay=replay, pair=pair)
def parse(stream: BinaryIO, profile: SourceProfile, chunk_rows: int = 50_000) -> Iterator[Chunk]:
    """Chunks of at most ``chunk_rows`` legs, problems and ignored lines; never raises on content."""
    places = _places(option(profile, OPTIONS, "fields"))
    separator = option(profile, OPTIONS, "separator").replace("\\t", "\t")
    if len(separator) != 1 or any(name not in places for name in _NEEDED):
        missing = ", ".join(name for name in _NEEDED if name not in places)
        yield empty_chunk(0, file_problem=FileProblem("NOT_THIS_FORMAT", {"detail": missing or "separator"}))
        return
    if not known_encoding(profile.encoding):
        yield unknown_encoding(profile)
        return
    # Without quotes around fields a quote is a character like any other.
    dialect = Dialect(separator, '"' if separator in ",;" else "")
    for lines in read_lines(stream, chunk_rows, profile.encoding):
        yield _chunk(lines, dialect, places, profile)


def _places(fields: str) -> dict[str, int]:
    names = [name.strip().lower() for name in fields.split(",")]
    return {name: place for place, name in reversed(list(enumerate(names))) if name in NAMES}


def _chunk(lines: Lines, dialect: Dialect, places: Mapping[str, int], profile: SourceProfile) -> Chunk:
    tables, broken = split_tables(lines, dialect)
    problems: list[Problem] = [broken_problem(lines, one) for one in broken]
    legs = [empty_legs()]
    ignored = 0
    # Columns at the end may be missing as long as they are not needed.
    least = max(places[name] for name in _NEEDED) + 1
    for table in tables:
        if not least <= table.width <= _WIDEST:
            problems += width_problems(lines, table, least, _WIDEST)
            continue
        rows = pl.Series(table.places, dtype=pl.UInt32)
        numbers, texts = pl.Series(lines.numbers, dtype=pl.Int64)[rows], pl.Series(lines.texts, dtype=pl.String)[rows]
        checked = _checked(table, places, profile).with_columns(line_no=numbers, raw=texts)
        good = pl.col("code").is_null() & ~pl.col("ignored")
        legs.append(as_legs(checked.filter(good)))
        rest = checked.filter(~good)
        _, bad, nothing = harvest(rest.drop("line_no", "raw"), rest["line_no"], rest["raw"])
        problems += bad
        ignored += nothing
    problems.sort(key=lambda problem: problem.line_no)
    return Chunk(len(lines), ignored, empty_events(), problems, lines.done, legs=pl.concat(legs).sort("line_no"))


def _checked(table: Table, places: Mapping[str, int], profile: SourceProfile) -> pl.DataFrame:
    frame = table.columns.select(
        (pl.col(f"c{places[name]}") if places.get(name, _WIDEST) < table.width else pl.lit(""))
        .str.strip_chars()
        .alias(name)
        for name in NAMES
    )
    if frame.height != table.columns.height:  # only literals: none of the columns is there
        frame = pl.concat([frame] * table.columns.height)
    frame = frame.with_columns(
        method=pl.col("method").str.to_uppercase(),
        status=pl.when(pl.col("code").str.contains(r"^[1-9][0-9]{2}$")).then(pl.col("code")).cast(pl.Int64),
        epoch_at=epoch("time"),
        local=stamp("time"),
    )
    frame = frame.with_columns(at=pl.coalesce(frame["epoch_at"], to_utc(frame["local"], profile.timezone)))
    frame = _with_roles(frame, option(profile, OPTIONS, "start_method"))
    frame = frame.with_columns(
        a_number=normalise_expr(pl.col("caller").str.extract(_USER), profile.numbering),
        b_number=normalise_expr(pl.col("callee").str.extract(_USER), profile.numbering),
        account_code=pl.when(pl.col("account") != "").then(pl.col("account")),
        key=pl.lit(None, pl.String),
    )
    frame = with_first_problem(frame, _checks(profile))
    return _with_keys(frame).with_columns(
        usage_kind=pl.lit("voice"), login=pl.when(pl.col("login") != "").then(pl.col("login"))
    )


def _with_roles(frame: pl.DataFrame, start: str) -> pl.DataFrame:
    answered = (pl.col("method") == start) & pl.col("status").is_between(200, 299)
    other_method = ~pl.col("method").is_in([start, "BYE"])
    missed = (pl.col("method") == start) & ~pl.col("status").is_between(200, 299) & pl.col("status").is_not_null()
    role = pl.when(pl.col("method") == "BYE").then(pl.lit("bye")).when(answered).then(pl.lit("invite"))
    return frame.with_columns(role=role, ignored=(other_method & (pl.col("method") != "")) | missed)


def _checks(profile: SourceProfile) -> list[Check]:
    starts = pl.col("role") == "invite"
    nobody = pl.col("a_number").is_null() & (pl.col("account") == "") & (pl.col("login") == "")
    return [
        (pl.col("method") == "", "UNKNOWN_VALUE", "method"),
        (pl.col("status").is_null(), "UNKNOWN_VALUE", "code"),
        (pl.col("callid") == "", "UNKNOWN_VALUE", "callid"),
        ((pl.col("from_tag") == "") | (pl.col("to_tag") == ""), "UNKNOWN_VALUE", "to_tag"),
        (pl.col("epoch_at").is_null() & pl.col("local").is_null(), "UNREADABLE_DATE", "time"),
        (pl.col("at").is_null(), "NONEXISTENT_TIME", "time"),
        (~in_years(pl.col("at"), profile), "DATE_OUT_OF_RANGE", "time"),
        (starts & pl.col("b_number").is_null(), "INVALID_NUMBER", "callee"),
        (starts & nobody, "INVALID_NUMBER", "caller"),
    ]


def _with_keys(frame: pl.DataFrame) -> pl.DataFrame:
    """Identity of the dialog, the same from both sides, and of the leg: the dialog, what it does in it, and when."""
    tags = [pl.min_horizontal("from_tag", "to_tag"), pl.max_horizontal("from_tag", "to_tag")]
    keys = frame.select(pl.concat_str("callid", *tags, separator="|")).to_series()
    long = keys.str.len_bytes() > KEY_LENGTH - 40
    if long.any():
        hashed = pl.Series([text_key(key) for key in keys.filter(long)], dtype=pl.String)
        keys = keys.scatter(long.arg_true(), hashed)
    frame = frame.with_columns(pair_key=keys)
    leg = pl.concat_str("role", pl.col("at").dt.epoch("us"), "pair_key", separator="|")
    return frame.with_columns(leg_key=leg, dedupe_key=leg)
