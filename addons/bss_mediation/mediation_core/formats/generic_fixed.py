"""Lines of fixed width that a user describes by a mapping of slices, with header and trailer checks.

- A slice beyond the end of a short line is empty; the record then fails by what is missing in it.
- Slices count signs, not bytes. Spaces around values do not count.
- What is kept for replay is the line. The identity is the key of the mapping, else the hash of the line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import BinaryIO

import polars as pl

from ..mapping import Mapping
from ..values import Chunk, SourceProfile
from .csv_rows import Broken, broken_problem
from .generic import Batch, for_replay, parsed, sources_of
from .generic_csv import passed_over
from .registry import register
from .replays import replay_lines
from .text_rows import read_lines


def _parse(stream: BinaryIO, profile: SourceProfile, chunk_rows: int = 50_000) -> Iterator[Chunk]:
    """Chunks of at most ``chunk_rows`` rows; never raises on content."""
    return parsed(stream, profile, chunk_rows, "fixed", read)


def _replay(raws: Sequence[str], profile: SourceProfile) -> Chunk:
    return replay_lines(_parse)(raws, for_replay(profile))


parse = register("generic_fixed", "Fixed width by mapping", replay=_replay)(_parse)


def read(stream: BinaryIO, mapping: Mapping, encoding: str, size: int) -> Iterator[Batch]:
    """Rows of the file by source."""
    slices = {source: _slice(source) for source in sources_of(mapping)}
    for lines in read_lines(stream, size, encoding):
        lines = passed_over(lines, mapping)
        places = [place for place in range(len(lines)) if place not in lines.broken]
        texts = [lines.texts[place] for place in places]
        line = pl.col("line")
        yield Batch(
            numbers=[lines.numbers[place] for place in places],
            raws=texts,
            frame=pl.DataFrame({"line": texts}, schema={"line": pl.String}).select(
                line.str.slice(start, end - start).alias(source) for source, (start, end) in slices.items()
            ),
            joined=texts,
            done=lines.done,
            fields=partial(_fields, texts, slices),
            problems=[broken_problem(lines, Broken(place, error)) for place, error in sorted(lines.broken.items())],
        )


def _slice(source: str) -> tuple[int, int]:
    start, _colon, end = source.partition(":")
    return int(start), int(end)


def _fields(texts: list[str], slices: dict[str, tuple[int, int]], row: int) -> dict[str, str]:
    """The used slices of a line, and the whole line under an empty name."""
    return {source: texts[row][start:end] for source, (start, end) in slices.items()} | {"": texts[row]}
