"""Cisco Unified Communications Manager: CDR flat files, columns by name, a second line with their SQL types.

- ``cdrRecordType`` other than 1 (call management records) and calls that were not connected (``dateTimeConnect`` 0) are ignored;
  a call without connection that lasted is a problem.
- Stamps are epoch seconds. ``duration`` is the time from connection to disconnection; a difference of more than a second is a problem.
- The called number is ``finalCalledPartyNumber``. Where the call was redirected (``lastRedirectDn`` is neither the called nor the final
  number), the redirecting number pays for the leg to the final one: ``charged_number``.
- A number written as a URI counts with its user part. The caller's login is ``callingPartyUnicodeLoginUserID``.
- Identity: ``pkid`` (a GUID), else cluster, node and call leg identifiers, else the hash of the used fields. Records of one call
  share ``session_key`` (cluster, node, global call id).

Limits: columns are found by name, so every release's layout is read that has the needed ones. CMR files are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

import polars as pl

from ..columns import call_checks, epoch, fenced, own_key, whole_number, with_first_problem
from ..normalise import normalise_series
from ..values import Chunk, SourceProfile
from .headed import Layout, parse_headed
from .registry import register
from .replays import replay_headed

_TYPES = re.compile(r'^"?(INTEGER|VARCHAR|UNIQUEIDENTIFIER)\b', re.IGNORECASE)
LAYOUT = Layout(
    needed=(
        "cdrRecordType",
        "dateTimeOrigination",
        "callingPartyNumber",
        "finalCalledPartyNumber",
        "dateTimeConnect",
        "dateTimeDisconnect",
        "duration",
    ),
    optional=(
        "originalCalledPartyNumber",
        "lastRedirectDn",
        "callingPartyUnicodeLoginUserID",
        "clientMatterCode",
        "pkid",
        "globalCallId_ClusterID",
        "globalCallID_callManagerId",
        "globalCallID_callId",
        "origLegCallIdentifier",
        "destLegCallIdentifier",
    ),
    passed=lambda text: bool(_TYPES.match(text)),
)
CALL = "1"


def _parse(stream: BinaryIO, profile: SourceProfile, chunk_rows: int = 50_000) -> Iterator[Chunk]:
    """Chunks of at most ``chunk_rows`` rows; never raises on content."""
    return parse_headed(stream, profile, chunk_rows, LAYOUT, lambda frame: checked(frame, profile))


parse = register("cisco_cucm", "Cisco CUCM (CDR flat file)", replay=replay_headed(_parse))(_parse)


def checked(frame: pl.DataFrame, profile: SourceProfile) -> pl.DataFrame:
    """A checked frame (:mod:`..columns`) out of the texts of ``LAYOUT``."""
    frame = frame.with_columns(pl.all().str.strip_chars())
    caller, original, final, redirected = (
        frame[name].str.replace(r"@.*$", "")
        for name in ("callingPartyNumber", "originalCalledPartyNumber", "finalCalledPartyNumber", "lastRedirectDn")
    )
    forwarded = (redirected != "") & (redirected != final) & (original != final)
    frame = frame.with_columns(
        started_at=epoch("dateTimeOrigination"),
        answered_at=epoch("dateTimeConnect"),
        ended_at=epoch("dateTimeDisconnect"),
        duration_s=whole_number("duration"),
        a_number=normalise_series(caller, profile.numbering),
        b_number=normalise_series(final, profile.numbering),
        charged_number=normalise_series(
            redirected.zip_with(forwarded, pl.Series([None], dtype=pl.String)), profile.numbering
        )
        if forwarded.any()
        else pl.lit(None, pl.String),
        login=_filled("callingPartyUnicodeLoginUserID"),
        account_code=_filled("clientMatterCode"),
    )
    frame = frame.with_columns(unreadable=pl.col("started_at").is_null())
    frame = fenced(frame, profile)
    connected = pl.col("dateTimeConnect") != "0"
    lasted = (pl.col("ended_at") - pl.col("answered_at")).dt.total_seconds()
    checks = [
        (~connected, "DURATION_MISMATCH", "duration"),
        (pl.col("answered_at").is_null(), "UNREADABLE_DATE", "dateTimeConnect"),
        (pl.col("ended_at").is_null(), "UNREADABLE_DATE", "dateTimeDisconnect"),
        *call_checks(
            profile,
            start="dateTimeOrigination",
            length="duration",
            called="finalCalledPartyNumber",
            caller="callingPartyNumber",
            unreadable=pl.col("unreadable"),
        ),
        (lasted < 0, "NEGATIVE_DURATION", "duration"),
        ((lasted - pl.col("duration_s")).abs() > 1, "DURATION_MISMATCH", "duration"),
    ]
    frame = frame.with_columns(ignored=(pl.col("cdrRecordType") != CALL) | (~connected & (pl.col("duration") == "0")))
    return with_first_problem(frame, checks).with_columns(
        key=pl.coalesce(
            own_key("pkid", prefix="p:"),
            own_key(
                "globalCallId_ClusterID",
                "globalCallID_callManagerId",
                "globalCallID_callId",
                "origLegCallIdentifier",
                "destLegCallIdentifier",
                "dateTimeOrigination",
            ),
        ),
        session_key=own_key("globalCallId_ClusterID", "globalCallID_callManagerId", "globalCallID_callId", prefix=""),
        usage_kind=pl.lit("voice"),
        units="duration_s",
    )


def _filled(name: str) -> pl.Expr:
    return pl.when(pl.col(name) != "").then(name)
