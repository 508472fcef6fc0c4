"""Calls as FreeSWITCH records them, out of the channel variables of one leg.

- A leg without answer (``answer_stamp``, ``answer_epoch`` and ``answer_uepoch`` empty or 0) is ignored; the hangup cause does
  not matter: causes other than NORMAL_CLEARING can end a charged call.
- Instants come from ``*_uepoch``, else ``*_epoch``, else the local ``*_stamp``.
- The charged length comes from ``billmsec`` where it is there, made whole by the option of the source (every started second
  unless said otherwise), else ``billsec``, which is the difference of two cut-off seconds and may be one off.
- The identity is the ``uuid`` of the leg, else the hash of the used variables. FreeSWITCH must write one leg per call
  (``legs=a``): of two legs each would be a call.
"""

from __future__ import annotations

import polars as pl

from ..columns import (
    ROUNDINGS,
    call_checks,
    fenced,
    own_key,
    stamp,
    whole_number,
    whole_seconds,
    with_first_problem,
)
from ..local_time import starts_to_utc
from ..normalise import normalise_series
from ..values import SourceProfile
from .registry import Option

USED = (
    "uuid",
    "accountcode",
    "caller_id_number",
    "destination_number",
    "start_stamp",
    "answer_stamp",
    "end_stamp",
    "start_epoch",
    "answer_epoch",
    "start_uepoch",
    "answer_uepoch",
    "duration",
    "billsec",
    "billmsec",
    "hangup_cause",
)
NEEDED = ("caller_id_number", "destination_number", "answer_stamp", "billsec")
ROUNDING = Option("rounding", "Whole seconds of milliseconds", "choice", "up", ROUNDINGS)


def checked(frame: pl.DataFrame, profile: SourceProfile, rounding: str) -> pl.DataFrame:
    """A checked frame (:mod:`..columns`) out of the texts of ``USED``."""
    frame = frame.with_columns(pl.col(name).str.strip_chars() for name in USED)
    frame = frame.with_columns(
        start_utc=_instant("start"),
        answer_utc=_instant("answer"),
        start_local=stamp("start_stamp"),
        answer_local=stamp("answer_stamp"),
        end_local=stamp("end_stamp"),
        whole_s=whole_number("duration"),
        billmsec_text=pl.col("billmsec"),
        duration_s=pl.when(pl.col("billmsec") != "")
        .then(whole_seconds(whole_number("billmsec", 13), rounding))
        .otherwise(whole_number("billsec")),
        a_number=normalise_series(frame["caller_id_number"], profile.numbering),
        b_number=normalise_series(frame["destination_number"], profile.numbering),
        account_code="accountcode",
        created=pl.lit(None, pl.Int64),
    )
    unanswered = pl.all_horizontal(
        pl.col(name).is_in(["", "0"]) for name in ("answer_stamp", "answer_epoch", "answer_uepoch")
    )
    started = starts_to_utc(frame, profile.timezone, "start_local", "end_local", "whole_s", "created")
    frame = frame.with_columns(
        ignored=unanswered,
        unreadable=pl.col("start_utc").is_null() & pl.col("start_local").is_null(),
        started_at=pl.coalesce("start_utc", started),
        length=pl.when(pl.col("billmsec") != "").then("billmsec").otherwise("billsec"),
    )
    # The fence comes before the clock change: a year out of range is told as such.
    far = ~pl.col("start_local").dt.year().is_between(profile.first_year, profile.last_year)
    frame = fenced(frame, profile).with_columns(
        out_of_range=pl.col("out_of_range") | (pl.col("start_utc").is_null() & far).fill_null(False)
    )
    checks = call_checks(
        profile,
        start="start_stamp",
        length="length",
        called="destination_number",
        caller="caller_id_number",
        unreadable=pl.col("unreadable"),
    )
    checks += [
        ((pl.col("duration") != "") & pl.col("whole_s").is_null(), "NOT_A_NUMBER", "duration"),
        (pl.col("duration_s") > pl.col("whole_s") + 1, "DURATION_MISMATCH", "length"),
    ]
    return with_first_problem(frame, checks).with_columns(
        key=own_key("uuid", prefix="u:"),
        usage_kind=pl.lit("voice"),
        answered_at=_answered_at(),
        units="duration_s",
    )


def _instant(name: str) -> pl.Expr:
    micros = whole_number(f"{name}_uepoch", 17)
    seconds = whole_number(f"{name}_epoch", 11) * 1_000_000
    return pl.when(micros > 0).then(micros).when(seconds > 0).then(seconds).otherwise(None).cast(pl.Datetime("us"))


def _answered_at() -> pl.Expr:
    """From the instants, else the difference of the local stamps, else the lengths."""
    ring = (pl.col("answer_local") - pl.col("start_local")).dt.total_seconds()
    plausible = ring.is_between(0, pl.col("whole_s") + 1).fill_null(False)
    computed = pl.max_horizontal(pl.col("whole_s") - pl.col("duration_s"), pl.lit(0)).fill_null(0)
    by_stamps = pl.col("started_at") + pl.duration(seconds=pl.when(plausible).then(ring).otherwise(computed))
    later = pl.col("answer_utc") >= pl.col("started_at")
    return pl.when(later).then("answer_utc").otherwise(by_stamps)
