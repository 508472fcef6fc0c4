"""Calls as Asterisk records them, whatever the layout of the file.

- Not answered (by ``disposition``) and ``OMIT`` records are ignored, even when another field is unreadable, and even
  when ``billsec`` is not zero: they are never billable.
- An answered record of zero seconds is an event (of zero units).
- Fractions of a second (``(billsec,f)`` in ``cdr_custom.conf``) are cut off, as Asterisk does in the whole-number form.
"""

from __future__ import annotations

import polars as pl

from ..columns import Check, epoch, in_years, own_key, stamp, whole_number, with_first_problem
from ..local_time import starts_to_utc
from ..normalise import normalise_series
from ..values import SourceProfile

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
# Values of `(disposition,u)`; 1 and 3 are not given to calls.
DISPOSITION_NUMBERS = {
    "0": "NO ANSWER",
    "2": "FAILED",
    "4": "BUSY",
    "8": "ANSWERED",
    "16": "CONGESTION",
    "32": "CANCEL",
}
# `(amaflags,u)` of OMIT, and `(answer,u)` of a call without answer.
OMIT_NUMBER = "1"
NO_EPOCH = r"^0(\.0*)?$"


def checked(frame: pl.DataFrame, profile: SourceProfile, raw_forms: bool = False) -> pl.DataFrame:
    """A checked frame (:mod:`..columns`) out of the texts of ``USED``.

    :param raw_forms: stamps may be epochs, dispositions numbers, durations may have decimals.
    """
    frame = frame.with_columns(pl.col(name).str.strip_chars() for name in USED)
    number = _cut_number if raw_forms else whole_number
    frame = frame.with_columns(
        status=pl.col("disposition").str.to_uppercase(),
        start_local=stamp("start"),
        answer_local=stamp("answer"),
        end_local=stamp("end"),
        whole_s=number("duration"),
        duration_s=number("billsec"),
        a_number=normalise_series(frame["src"], profile.numbering),
        b_number=normalise_series(frame["dst"], profile.numbering),
        created=pl.col("uniqueid").str.extract(r"([0-9]{9,11})\.[0-9]+$").cast(pl.Int64, strict=False),
        start_utc=epoch("start") if raw_forms else pl.lit(None, pl.Datetime("us")),
    )
    if raw_forms:
        # Epochs stand in the columns of local stamps for their differences; the start is taken from `start_utc`.
        frame = frame.with_columns(
            status=pl.col("status").replace(DISPOSITION_NUMBERS),
            start_local=pl.col("start_local").fill_null(pl.col("start_utc")),
            answer_local=pl.col("answer_local").fill_null(epoch("answer")),
            end_local=pl.col("end_local").fill_null(epoch("end")),
            answer=pl.when(pl.col("answer").str.contains(NO_EPOCH)).then(pl.lit("")).otherwise("answer"),
        )
    in_range = in_years(pl.col("start_local"), profile)
    frame = frame.with_columns(
        out_of_range=~in_range,
        start_local=pl.when(in_range).then("start_local"),
        unreadable_start=pl.col("start_local").is_null(),
    )
    frame = frame.with_columns(
        ignored=pl.col("status").is_in(NOT_ANSWERED) | (pl.col("amaflags").str.to_uppercase() == "OMIT"),
        started_at=starts_to_utc(frame, profile.timezone, "start_local", "end_local", "whole_s", "created"),
    )
    if raw_forms:
        frame = frame.with_columns(
            ignored=pl.col("ignored") | (pl.col("amaflags") == OMIT_NUMBER),
            started_at=pl.when(pl.col("start_local").is_not_null()).then(pl.coalesce("start_utc", "started_at")),
        )
    return with_first_problem(frame, _checks(profile)).with_columns(
        key=own_key("linkedid", "uniqueid", "sequence"),
        usage_kind=pl.lit("voice"),
        account_code="accountcode",
        answered_at=_answered_at(),
        units="duration_s",
    )


def _cut_number(name: str) -> pl.Expr:
    """Whole seconds of a number that may have decimals; null for anything else."""
    text = pl.when(pl.col(name).str.contains(r"^-?[0-9]{1,10}(\.[0-9]{1,9})?$")).then(pl.col(name))
    return text.str.extract(r"^(-?[0-9]+)").cast(pl.Int64, strict=False)


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
