"""Oracle (Acme Packet) session border controller: local CSV of accounting records, 175 or 269 columns.

The layout is known from an open importer, not from the vendor's document: the first column is the accounting status (2 = Stop);
the 94 columns more of the longer form come after the 115th and do not concern the places used here.

- Only Stop records are calls; all others are ignored, whatever their form. A Stop without connect time was not answered: ignored.
- Texts may hold quotes that are not doubled: a quote that stands beside no comma is taken as an apostrophe.
- Numbers are the user part of the SIP or tel URI in ``Calling-Station-Id`` and ``Called-Station-Id``.
- Stamps ``15:54:56.868 PST DEC 18 2017``: a known zone name counts (also in the repeated hour), with any other the stamp is local
  time of the source.
- The length is ``Acct-Session-Time``, whole seconds. Identity: ``Acct-Session-Id`` with the connect time as written: after a
  restart the counter in the id may begin again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

import polars as pl

from ..columns import call_checks, fenced, own_key, whole_number, with_first_problem
from ..normalise import normalise_series
from ..values import Chunk, SourceProfile
from .csv_rows import Dialect, Table, split_tables
from .registry import register
from .tables import chunk_of_tables, unknown_encoding
from .text_rows import known_encoding, read_lines
from .zone_stamps import instants

WIDTHS = (175, 269)
PLACES = {
    "status": 0,
    "session": 3,
    "calling": 9,
    "called": 10,
    "length": 12,
    "setup": 13,
    "connect": 14,
    "disconnect": 15,
}
STOP = "2"
_LONE_QUOTE = re.compile(r'(?<=[^,])"(?=[^,])')
DIALECT = Dialect(repair=lambda text: _LONE_QUOTE.sub("'", text))


@register("oracle_sbc", "Oracle/Acme Packet SBC (CSV)")
def parse(stream: BinaryIO, profile: SourceProfile, chunk_rows: int = 20_000) -> Iterator[Chunk]:
    """Chunks of at most ``chunk_rows`` rows; never raises on content."""
    if not known_encoding(profile.encoding):
        yield unknown_encoding(profile)
        return

    def check(table: Table) -> pl.DataFrame:
        return checked(named(table), profile)

    for lines in read_lines(stream, chunk_rows, profile.encoding):
        tables, broken = split_tables(lines, DIALECT, lambda width: list(PLACES.values()))
        yield chunk_of_tables(lines, tables, broken, (1, 10_000), check)


def named(table: Table) -> pl.DataFrame:
    """The used columns by name, empty where a record is too short, with the number of its columns."""
    return table.columns.select(
        *((pl.col(f"c{place}") if place < table.width else pl.lit("")).alias(name) for name, place in PLACES.items()),
        columns=pl.lit(str(table.width)),
    )


def checked(frame: pl.DataFrame, profile: SourceProfile) -> pl.DataFrame:
    """A checked frame (:mod:`..columns`) out of the texts of ``PLACES``."""
    frame = frame.with_columns(pl.all().str.strip_chars())
    frame = frame.with_columns(
        setup_at=instants(frame["setup"], profile),
        answered_at=instants(frame["connect"], profile),
        duration_s=whole_number("length"),
        a_number=normalise_series(_user_part(frame["calling"]), profile.numbering),
        b_number=normalise_series(_user_part(frame["called"]), profile.numbering),
        account_code=pl.lit(None, pl.String),
    )
    frame = frame.with_columns(started_at="setup_at", unreadable=pl.col("setup_at").is_null())
    frame = fenced(frame, profile)
    unanswered = pl.col("connect").is_in(["", "0"])
    known_width = pl.col("columns").is_in([str(width) for width in WIDTHS])
    checks = [
        (~known_width, "UNKNOWN_VALUE", "columns"),
        (pl.col("answered_at").is_null(), "UNREADABLE_DATE", "connect"),
        *call_checks(
            profile, start="setup", length="length", called="called", caller="calling", unreadable=pl.col("unreadable")
        ),
    ]
    frame = frame.with_columns(ignored=(pl.col("status") != STOP) | (known_width & unanswered))
    return with_first_problem(frame, checks).with_columns(
        key=own_key("session", "connect", prefix="s:"),
        usage_kind=pl.lit("voice"),
        units="duration_s",
    )


def _user_part(uri: pl.Series) -> pl.Series:
    text = pl.col("uri")
    inside = text.str.extract(r"<(?:sips?|tel):([^@;>]+)")
    bare = text.str.extract(r"(?:sips?|tel):([^@;>]+)")
    return uri.to_frame("uri").select(pl.coalesce(inside, bare, text)).to_series()
