"""Asterisk ``cdr_custom``: one line per call without header, columns as written in ``cdr_custom.conf``.

Without options this is the layout of the sample configuration: clid first, accountcode, uniqueid, userfield and sequence at the
end. A changed configuration is described by options: the order of the columns by their variable names (``src``, ``dst``,
``start``, …; a name that is not known, such as ``-``, is a column to pass over), separator and quote. Choices:

- Stamps are local, or epochs with or without decimals where ``(start,u)`` is configured: told apart by their form.
- ``disposition`` and ``amaflags`` may be numbers (``(disposition,u)``), durations may have decimals (``(billsec,f)``, cut off).
- The identity is linkedid + uniqueid + sequence, or uniqueid + sequence where the layout has no linkedid, else the hash
  of the fields. The sequence begins anew with each start of Asterisk, the unique id holds the second of the call.
- Lines of JSON (``cdr_custom`` as objects) are read by the generic JSON format with a mapping.

Limit: a line must have all columns of the layout; more of them is a problem of the row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import polars as pl

from ..columns import own_key
from ..values import Chunk, FileProblem, SourceProfile, empty_chunk
from .asterisk_calls import USED, checked
from .csv_rows import Dialect, Table
from .registry import Option, option, register
from .tables import parse_tables

DEFAULT = (
    "clid,src,dst,dcontext,channel,dstchannel,lastapp,lastdata,start,answer,end,duration,billsec,disposition,amaflags,"
    "accountcode,uniqueid,userfield,sequence"
)
NEEDED = ("src", "dst", "start", "duration", "billsec", "disposition")
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
QUOTES = {"double": '"', "single": "'", "none": ""}
OPTIONS = (
    Option("columns", "Columns in order", "text", DEFAULT),
    Option("separator", "Separator", "choice", "comma", tuple(SEPARATORS)),
    Option("quote", "Quote", "choice", "double", tuple(QUOTES)),
)


@register("asterisk_custom", "Asterisk cdr-custom", options=OPTIONS)
def parse(stream: BinaryIO, profile: SourceProfile, chunk_rows: int = 50_000) -> Iterator[Chunk]:
    """Chunks of at most ``chunk_rows`` rows; never raises on content."""
    names = [name.strip().lower() for name in option(profile, OPTIONS, "columns").split(",")]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        detail = "columns without " + ", ".join(missing)
        yield empty_chunk(0, file_problem=FileProblem("NOT_THIS_FORMAT", {"detail": detail}))
        return
    places = {name: f"c{names.index(name)}" for name in USED if name in names}
    dialect = Dialect(
        SEPARATORS.get(option(profile, OPTIONS, "separator"), ","), QUOTES.get(option(profile, OPTIONS, "quote"), '"')
    )

    def check(table: Table) -> pl.DataFrame:
        frame = table.columns.select(
            (pl.col(places[name]) if name in places else pl.lit("")).alias(name) for name in USED
        )
        frame = checked(frame, profile, raw_forms=True)
        if "linkedid" not in places:
            frame = frame.with_columns(key=own_key("uniqueid", "sequence", prefix="u:"))
        return frame

    # Where rows have no identifiers of their own, the hash of all columns is their identity.
    used = [names.index(name) for name in places] if {"uniqueid", "sequence"} <= places.keys() else None
    yield from parse_tables(stream, profile, chunk_rows, dialect, (len(names), len(names)), check, lambda width: used)
