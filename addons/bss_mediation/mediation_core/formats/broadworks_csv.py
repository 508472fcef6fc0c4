r"""BroadWorks accounting CDR as CSV: columns by place (R17 to R22), comma in a value written ``\,``.

The first line is a header (``version=… encoding=…`` or names of columns); lines of under 14 columns are the Start and End records. What is
a call and what it costs in seconds is told in :mod:`.broadworks_calls`.

Limits: places after 48 differ between releases; ``chargedNumber`` is read from column 146 where a line has that many.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import polars as pl

from ..values import Chunk, SourceProfile
from .broadworks_calls import OPTIONS, checked
from .csv_rows import Dialect, Table, split_tables
from .registry import option, register
from .tables import chunk_of_tables, unknown_encoding
from .text_rows import Lines, known_encoding, read_lines

PLACES = {
    "recordId": 0,
    "type": 2,
    "userNumber": 3,
    "direction": 5,
    "callingNumber": 6,
    "calledNumber": 8,
    "startTime": 9,
    "answerIndicator": 11,
    "answerTime": 12,
    "releaseTime": 13,
    "networkCallID": 24,
    "accountCode": 33,
    "chargeIndicator": 41,
    "chargedNumber": 145,
}
# The Start and End records end after the type.
LEAST, MOST = 3, 600
DIALECT = Dialect(quote="", escape="\\")


@register("broadworks_csv", "BroadWorks CDR (CSV)", options=OPTIONS)
def parse(stream: BinaryIO, profile: SourceProfile, chunk_rows: int = 20_000) -> Iterator[Chunk]:
    """Chunks of at most ``chunk_rows`` rows; never raises on content."""
    if not known_encoding(profile.encoding):
        yield unknown_encoding(profile)
        return
    stamps, rounding = option(profile, OPTIONS, "stamps"), option(profile, OPTIONS, "rounding")

    def check(table: Table) -> pl.DataFrame:
        frame = table.columns.select(
            (pl.col(f"c{place}") if place < table.width else pl.lit("")).alias(name) for name, place in PLACES.items()
        )
        return checked(frame, profile, stamps, rounding)

    for lines in read_lines(stream, chunk_rows, profile.encoding):
        lines = _without_header(lines)
        tables, broken = split_tables(
            lines, DIALECT, lambda width: list(PLACES.values()) if LEAST <= width <= MOST else None
        )
        yield chunk_of_tables(lines, tables, broken, (LEAST, MOST), check)


def _without_header(lines: Lines) -> Lines:
    if not len(lines) or lines.numbers[0] != 1 or not lines.texts[0].startswith(("version=", "recordId")):
        return lines
    broken = {place - 1: error for place, error in lines.broken.items() if place}
    return Lines(lines.numbers[1:], lines.texts[1:], broken, lines.done)
