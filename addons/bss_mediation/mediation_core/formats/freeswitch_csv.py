"""FreeSWITCH ``mod_cdr_csv``: one line per leg, no header, columns by the template of ``cdr_csv.conf.xml``.

Templates by option: the built-in one (13 columns, a space before the last quote), "example" of the vanilla configuration
(with the codecs), "asterisk" (order of Asterisk's Master.csv with the hangup cause as disposition), or the own list of
variables of a changed template (a name that is not known is a column to pass over). What is a call and what it costs
in seconds is told in :mod:`.freeswitch_calls`.

The module escapes nothing: a quote inside a value (a caller's name) makes its row unreadable, and only its row.
A template may leave a value without quotes as long as no comma is in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import polars as pl

from ..values import Chunk, FileProblem, SourceProfile, empty_chunk
from .csv_rows import Dialect, Table
from .freeswitch_calls import NEEDED, ROUNDING, USED, checked
from .registry import Option, option, register
from .tables import parse_tables

_BUILT_IN = (
    "caller_id_name,caller_id_number,destination_number,context,start_stamp,answer_stamp,end_stamp,duration,billsec,"
    "hangup_cause,uuid,bleg_uuid,accountcode"
)
TEMPLATES = {
    "builtin": _BUILT_IN,
    "example": _BUILT_IN + ",read_codec,write_codec",
    "asterisk": "accountcode,caller_id_number,destination_number,context,caller_id,channel_name,bridge_channel,last_app,"
    "last_arg,start_stamp,answer_stamp,end_stamp,duration,billsec,hangup_cause,amaflags,uuid,userfield",
}
OPTIONS = (
    Option("template", "Template", "choice", "builtin", (*TEMPLATES, "own")),
    Option("columns", "Variables of an own template in order", "text", _BUILT_IN),
    ROUNDING,
)
DIALECT = Dialect(skip_space=True)


@register("freeswitch_csv", "FreeSWITCH mod_cdr_csv", options=OPTIONS)
def parse(stream: BinaryIO, profile: SourceProfile, chunk_rows: int = 50_000) -> Iterator[Chunk]:
    """Chunks of at most ``chunk_rows`` rows; never raises on content."""
    layout = TEMPLATES.get(option(profile, OPTIONS, "template")) or option(profile, OPTIONS, "columns")
    names = [name.strip().strip("${}") for name in layout.split(",")]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        detail = "columns without " + ", ".join(missing)
        yield empty_chunk(0, file_problem=FileProblem("NOT_THIS_FORMAT", {"detail": detail}))
        return
    places = {name: f"c{names.index(name)}" for name in USED if name in names}
    rounding = option(profile, OPTIONS, "rounding")

    def check(table: Table) -> pl.DataFrame:
        frame = table.columns.select(
            (pl.col(places[name]) if name in places else pl.lit("")).alias(name) for name in USED
        )
        return checked(frame, profile, rounding)

    # Where rows have no identifier of their own, the hash of all columns is their identity.
    used = [names.index(name) for name in places] if "uuid" in places else None
    yield from parse_tables(stream, profile, chunk_rows, DIALECT, (len(names), len(names)), check, lambda width: used)
