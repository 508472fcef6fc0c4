"""Cisco IOS voice gateways and CUBE: file accounting (``gw-accounting file``), compact or detailed records.

No line of names; the order of the columns is fixed, what a record does not know is empty. Both forms begin with the same 23 columns
(``PLACES``); the compact one goes on with the feature columns, the detailed one has them at place 112 (from 0).

- A record is one leg of a call, and a call has several: one leg ``answer`` (towards the caller) and one ``originate`` for every try
  towards the called side. Legs of one side count (option ``leg``), the other ones are ignored.
- Records of features (hold, transfer, forward) repeat a leg: only the basic call (TWC, or no name) counts.
- A leg without connect time, or with the same connect and disconnect time to the millisecond, was not answered: ignored.
- The length is from connect to disconnect in milliseconds, made whole by option. Stamps as in :mod:`.zone_stamps`.
- Who pays when it is not the caller: the charge number, else (option ``redirecting_pays``) the number that redirected the call; the
  detailed form only.
- Identity: conference id, call id and setup time, else the hash of the line. Legs of one call share the conference id as ``session_key``.

Not known from public sources: whether templates (``acct-template``) of one's own move columns; they are read as the fixed order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import polars as pl

from ..columns import ROUNDINGS, call_checks, fenced, own_key, whole_seconds, with_first_problem
from ..normalise import normalise_series
from ..values import Chunk, SourceProfile
from .csv_rows import Dialect, Table
from .registry import Option, option, register
from .tables import parse_tables
from .zone_stamps import instants

PLACES = {
    "call_id": 1,
    "conf_id": 4,
    "setup": 7,
    "connect": 9,
    "disconnect": 10,
    "origin": 13,
    "username": 20,
    "clid": 21,
    "dnis": 22,
}
# Columns that only one of the forms has, or each at its own place.
DETAILED = {"account_code": 32, "charge_number": 76, "redirecting": 97, "feature": 112}
COMPACT = {"feature": 23}
LEAST, MOST, DETAILED_FROM = 23, 200, 113
BASIC_CALL = ("", "TWC")
LEGS = ("answer", "originate")
OPTIONS = (
    Option("leg", "Legs that are billed", "choice", "answer", LEGS),
    Option("redirecting_pays", "The redirecting number pays", "bool", "1"),
    Option("rounding", "Whole seconds of milliseconds", "choice", "up", ROUNDINGS),
)


def _places(width: int) -> dict[str, int]:
    return PLACES | (DETAILED if width >= DETAILED_FROM else COMPACT)


@register("cisco_ios", "Cisco IOS/CUBE (gw-accounting file)", options=OPTIONS)
def parse(stream: BinaryIO, profile: SourceProfile, chunk_rows: int = 20_000) -> Iterator[Chunk]:
    """Chunks of at most ``chunk_rows`` rows; never raises on content."""
    return parse_tables(
        stream,
        profile,
        chunk_rows,
        Dialect(),
        (LEAST, MOST),
        lambda table: checked(named(table), profile),
        lambda width: list(_places(width).values()),
    )


def named(table: Table) -> pl.DataFrame:
    """The used columns by name, empty where the form has none."""
    places = _places(table.width)
    return table.columns.select(
        (pl.col(f"c{places[name]}") if places.get(name, table.width) < table.width else pl.lit("")).alias(name)
        for name in PLACES | DETAILED
    )


def checked(frame: pl.DataFrame, profile: SourceProfile) -> pl.DataFrame:
    """A checked frame (:mod:`..columns`) out of the texts of ``PLACES`` and ``DETAILED``."""
    frame = frame.with_columns(pl.all().str.strip_chars())
    caller = frame.select(pl.when(pl.col("clid") != "").then("clid").otherwise("username")).to_series()
    frame = frame.with_columns(
        started_at=instants(frame["setup"], profile),
        answered_at=instants(frame["connect"], profile),
        ended_at=instants(frame["disconnect"], profile),
        a_number=normalise_series(caller, profile.numbering),
        b_number=normalise_series(frame["dnis"], profile.numbering),
        charged_number=_payer(frame, profile),
        account_code=pl.when(pl.col("account_code") != "").then("account_code"),
    )
    frame = frame.with_columns(
        unreadable=pl.col("started_at").is_null(),
        duration_s=whole_seconds(
            (pl.col("ended_at") - pl.col("answered_at")).dt.total_milliseconds(),
            option(profile, OPTIONS, "rounding"),
        ),
    )
    frame = fenced(frame, profile)
    checks = [
        (~pl.col("origin").is_in(LEGS), "UNKNOWN_VALUE", "origin"),
        (pl.col("answered_at").is_null(), "UNREADABLE_DATE", "connect"),
        (pl.col("ended_at").is_null(), "UNREADABLE_DATE", "disconnect"),
        *call_checks(
            profile, start="setup", length="disconnect", called="dnis", caller="clid", unreadable=pl.col("unreadable")
        ),
    ]
    other_leg = [leg for leg in LEGS if leg != option(profile, OPTIONS, "leg")]
    unanswered = (pl.col("connect") == "") | (pl.col("connect") == pl.col("disconnect"))
    feature = ~pl.col("feature").str.strip_prefix("fn:").is_in(BASIC_CALL)
    return with_first_problem(
        frame.with_columns(ignored=pl.col("origin").is_in(other_leg) | unanswered | feature), checks
    ).with_columns(
        key=own_key("conf_id", "call_id", "setup"),
        session_key=pl.when(pl.col("conf_id") != "").then("conf_id"),
        usage_kind=pl.lit("voice"),
        units="duration_s",
    )


def _payer(frame: pl.DataFrame, profile: SourceProfile) -> pl.Series:
    """The charge number, else the redirecting one (written ``ton:0,npi:0,pi:0,si:1,#:501234567``)."""
    redirecting = pl.col("redirecting").str.extract(r"#:\+?([0-9]+)").fill_null("")
    if option(profile, OPTIONS, "redirecting_pays") != "1":
        redirecting = pl.lit("")
    texts = frame.select(
        number=pl.when(pl.col("charge_number") != "").then("charge_number").otherwise(redirecting)
    ).to_series()
    if not (texts != "").any():
        return pl.Series([None] * frame.height, dtype=pl.String)
    return normalise_series(texts, profile.numbering)
