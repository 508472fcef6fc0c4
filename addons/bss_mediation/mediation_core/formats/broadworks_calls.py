"""Calls as BroadWorks records them, in CSV and in XML.

- Only records of type Normal are calls; Start and End of the file, Failover, Long Duration and others are ignored, as are calls without
  answer (``answerIndicator`` not beginning with Yes) and those marked as not chargeable (``chargeIndicator`` n).
- Stamps ``yyyymmddHHMMSS.mmm`` are universal time unless the option of the source says local.
- The length is from answer to release in milliseconds, made whole by option (every started second unless said otherwise).
- ``direction`` Originating is out, Terminating is in; a v19 record may have none (null).
- Who pays: ``chargedNumber`` where filled; else, of an originating record, the user whose number is not the calling one (a
  forwarding user has an originating record of his own with the first caller's number).
- Identity: ``recordId`` (in XML event counter and system id), else the hash of the used fields. Records of one call share
  ``networkCallID`` as ``session_key``.
"""

from __future__ import annotations

import polars as pl

from ..columns import (
    ROUNDINGS,
    call_checks,
    fenced,
    own_key,
    whole_seconds,
    with_first_problem,
)
from ..local_time import to_utc
from ..normalise import normalise_series
from ..values import SourceProfile
from .registry import Option

USED = (
    "recordId",
    "type",
    "userNumber",
    "direction",
    "callingNumber",
    "calledNumber",
    "startTime",
    "answerIndicator",
    "answerTime",
    "releaseTime",
    "networkCallID",
    "accountCode",
    "chargeIndicator",
    "chargedNumber",
)
OPTIONS = (
    Option("stamps", "Stamps", "choice", "utc", ("utc", "local")),
    Option("rounding", "Whole seconds of milliseconds", "choice", "up", ROUNDINGS),
)
STAMP_FORM = r"^[0-9]{14}(\.[0-9]{1,6})?$"
DIRECTIONS = {"originating": "out", "terminating": "in"}


def checked(frame: pl.DataFrame, profile: SourceProfile, stamps: str, rounding: str) -> pl.DataFrame:
    """A checked frame (:mod:`..columns`) out of the texts of ``USED``."""
    frame = frame.with_columns(pl.col(name).str.strip_chars() for name in USED)
    frame = frame.with_columns(
        local_start=_stamp("startTime"), local_answer=_stamp("answerTime"), local_release=_stamp("releaseTime")
    )
    zone = "UTC" if stamps == "utc" else profile.timezone
    frame = frame.with_columns(unreadable=pl.col("local_start").is_null())
    frame = fenced(frame, profile, "local_start")
    charged = pl.when(pl.col("chargedNumber") != "").then("chargedNumber")
    forwarder = pl.when(
        (pl.col("direction").str.to_lowercase() == "originating") & (pl.col("userNumber") != pl.col("callingNumber"))
    ).then("userNumber")
    frame = frame.with_columns(
        started_at=to_utc(frame["local_start"], zone),
        answered_at=to_utc(frame["local_answer"], zone),
        a_number=normalise_series(frame["callingNumber"], profile.numbering),
        b_number=normalise_series(frame["calledNumber"], profile.numbering),
        user=normalise_series(frame["userNumber"], profile.numbering),
        charged_number=normalise_series(frame.select(pl.coalesce(charged, forwarder)).to_series(), profile.numbering),
        account_code="accountCode",
        direction_code=pl.col("direction").str.to_lowercase().replace_strict(DIRECTIONS, default=None),
        # In local time the difference of two stamps may cross a clock change: taken in universal time.
        millis=(to_utc(frame["local_release"], zone) - to_utc(frame["local_answer"], zone)).dt.total_milliseconds(),
    )
    frame = frame.with_columns(
        duration_s=whole_seconds(pl.col("millis"), rounding),
        charged_number=pl.when(pl.col("charged_number") != pl.col("a_number").fill_null("")).then("charged_number"),
        ignored=(pl.col("type").str.to_lowercase() != "normal")
        | ~pl.col("answerIndicator").str.to_lowercase().str.starts_with("yes")
        | (pl.col("chargeIndicator").str.to_lowercase() == "n"),
    )
    checks = [
        (pl.col("local_answer").is_null(), "UNREADABLE_DATE", "answerTime"),
        (pl.col("local_release").is_null(), "UNREADABLE_DATE", "releaseTime"),
        *call_checks(
            profile,
            start="startTime",
            length="releaseTime",
            called="calledNumber",
            caller="callingNumber",
            unreadable=pl.col("unreadable"),
        ),
    ]
    return with_first_problem(frame, checks).with_columns(
        key=own_key("recordId", prefix="r:"),
        session_key=pl.when(pl.col("networkCallID") != "").then("networkCallID"),
        direction="direction_code",
        usage_kind=pl.lit("voice"),
        units="duration_s",
    )


def _stamp(name: str) -> pl.Expr:
    text = pl.when(pl.col(name).str.contains(STAMP_FORM)).then(pl.col(name))
    whole = text.str.slice(0, 14).str.to_datetime("%Y%m%d%H%M%S", strict=False, time_unit="us")
    part = text.str.slice(15).str.pad_end(6, "0").cast(pl.Int64, strict=False)
    return whole + pl.duration(microseconds=part)
