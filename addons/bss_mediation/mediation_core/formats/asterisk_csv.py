"""Asterisk ``cdr_csv``: ``Master.csv`` without header, 16 to 21 columns.

The 16 fixed columns are followed by ``uniqueid``, ``userfield`` and the group ``peeraccount, linkedid, sequence``, each
switched on or off in ``cdr.conf``; with one of the first two missing the position is told by the form of the value.
Rules that are choices:

- What is billable, and what is not, is told in :mod:`.asterisk_calls`.
- The identity of a record is linkedid + uniqueid + sequence where all three are present, otherwise the hash of its
  fields. ``uniqueid`` alone is not unique (transfers, forks). Identical rows, in one file or in two, are one event:
  channel names and unique ids count up, so two calls cannot produce the same row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import polars as pl

from ..values import Chunk, SourceProfile
from .asterisk_calls import USED, checked
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
UNIQUEID = r"^([\w.-]+-)?[0-9]{9,11}\.[0-9]+$"


@register("asterisk_csv", "Asterisk cdr-csv (Master.csv)")
def parse(stream: BinaryIO, profile: SourceProfile, chunk_rows: int = 50_000) -> Iterator[Chunk]:
    """Chunks of at most ``chunk_rows`` rows; never raises on content."""

    def check(table: Table) -> pl.DataFrame:
        return checked(named(table), profile)

    return parse_tables(stream, profile, chunk_rows, Dialect(), (LEAST, MOST), check, needed)


def places_of(width: int) -> dict[str, int]:
    """Numbers of the used columns by name in rows of this width; one column more may be the unique id or the user field."""
    places = {name: number for number, name in enumerate(FIXED) if name in USED}
    extra = list(range(LEAST, width))
    if len(extra) >= len(NEW_GROUP):
        group = dict(zip(NEW_GROUP, extra[-len(NEW_GROUP) :], strict=True))
        places |= {name: number for name, number in group.items() if name in USED}
        extra = extra[: -len(NEW_GROUP)]
    if extra:
        places["uniqueid"] = extra[0]
    return places


def needed(width: int) -> list[int] | None:
    """Rows with identifiers of their own need the used columns only; the others are hashed whole."""
    return list(places_of(width).values()) if width > LEAST + len(NEW_GROUP) else None


def named(table: Table) -> pl.DataFrame:
    """The used columns by name, whatever switches of ``cdr.conf`` are on; those that are off are empty."""
    places = places_of(table.width)
    frame = table.columns.select(
        (pl.col(f"c{places[name]}") if name in places else pl.lit("")).alias(name) for name in USED
    )
    if (table.width - LEAST) % len(NEW_GROUP) == 1:  # uniqueid or userfield: one of the two switches is off
        is_id = pl.col("uniqueid").str.contains(UNIQUEID)
        frame = frame.with_columns(uniqueid=pl.when(is_id).then("uniqueid").otherwise(pl.lit("")))
    return frame
