"""The common course of formats without header: lines to tables by width, tables to checked frames, those to chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

import polars as pl

from ..columns import harvest
from ..values import Chunk, FileProblem, Problem, SourceProfile, empty_chunk, empty_events
from .csv_rows import Broken, Dialect, Needed, Table, broken_problem, split_tables, width_problems
from .text_rows import Lines, known_encoding, read_lines

# A table to a checked frame with the same rows in the same order.
CheckTable = Callable[[Table], pl.DataFrame]


def parse_tables(
    stream: BinaryIO,
    profile: SourceProfile,
    chunk_rows: int,
    dialect: Dialect,
    widths: tuple[int, int],
    check: CheckTable,
    needed: Needed = lambda width: None,
) -> Iterator[Chunk]:
    """Chunks of a file of lines that each stand for themselves, with between ``widths`` fields."""
    least, most = widths
    if not known_encoding(profile.encoding):
        yield unknown_encoding(profile)
        return
    for lines in read_lines(stream, chunk_rows, profile.encoding):
        tables, broken = split_tables(lines, dialect, lambda width: needed(width) if least <= width <= most else None)
        yield chunk_of_tables(lines, tables, broken, widths, check)


def unknown_encoding(profile: SourceProfile) -> Chunk:
    problem = FileProblem("UNREADABLE_ENCODING", {"encoding": profile.encoding})
    return empty_chunk(0, file_problem=problem)


def chunk_of_tables(
    lines: Lines,
    tables: Sequence[Table],
    broken: Sequence[Broken],
    widths: tuple[int, int],
    check: CheckTable,
    raws: Sequence[str] | None = None,
) -> Chunk:
    """One chunk out of the tables of its lines.

    :param raws: what is kept of each line for replay; the line itself when not given.
    """
    least, most = widths
    problems: list[Problem] = [broken_problem(lines, one) for one in broken]
    events = [empty_events()]
    ignored = 0
    numbers = pl.Series(lines.numbers, dtype=pl.Int64)
    texts = pl.Series(raws or lines.texts, dtype=pl.String)
    for table in tables:
        if not least <= table.width <= most:
            problems += width_problems(lines, table, least, most)
            continue
        places = pl.Series(table.places, dtype=pl.UInt32)
        some, bad, nothing = harvest(check(table), numbers[places], texts[places], table.joined)
        events.append(some)
        problems += bad
        ignored += nothing
    problems.sort(key=lambda problem: problem.line_no)
    return Chunk(len(lines), ignored, pl.concat(events).sort("line_no"), problems, lines.done)
