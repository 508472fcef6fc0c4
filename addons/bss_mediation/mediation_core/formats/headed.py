"""The common course of files with a line of column names: only the named columns that a format uses are kept.

What is kept of a row for replay is a small file of its own: the names of the used columns and their values. The identity of a
record without identifiers is the hash of the used fields too, so that a replayed row has the identity of the first reading.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import BinaryIO

import polars as pl

from ..columns import harvest
from ..values import Chunk, FileProblem, Problem, SourceProfile, empty_chunk, empty_events, row_key
from .csv_rows import Dialect, Table, broken_problem, split_one, split_tables, width_problems
from .tables import unknown_encoding
from .text_rows import Lines, known_encoding, read_lines

# Texts by the names used, to a checked frame with the same rows in the same order.
CheckNamed = Callable[[pl.DataFrame], pl.DataFrame]


@dataclasses.dataclass(frozen=True)
class Layout:
    """Columns of a file with names: those that must be there, those that may, and lines after the names to pass over."""

    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()
    dialect: Dialect = dataclasses.field(default_factory=Dialect)
    passed: Callable[[str], bool] = lambda text: False

    @property
    def used(self) -> tuple[str, ...]:
        return self.needed + self.optional


def parse_headed(
    stream: BinaryIO, profile: SourceProfile, chunk_rows: int, layout: Layout, check: CheckNamed
) -> Iterator[Chunk]:
    """Chunks of a file whose first line has the names of the columns; names are compared without case."""
    if not known_encoding(profile.encoding):
        yield unknown_encoding(profile)
        return
    places: dict[str, int] | None = None
    width, header, first = 0, "", True
    for lines in read_lines(stream, chunk_rows, profile.encoding):
        if places is None:
            header = lines.texts[0]
            names = split_one(header, layout.dialect)
            names = [] if isinstance(names, str) else [name.strip().lower() for name in names]
            missing = [name for name in layout.needed if name.lower() not in names]
            if missing or lines.broken.get(0):
                detail = "first line without " + ", ".join(missing[:3])
                yield empty_chunk(lines.done, file_problem=FileProblem("NOT_THIS_FORMAT", {"detail": detail}, 1))
                return
            places = {name: names.index(name.lower()) for name in layout.used if name.lower() in names}
            width = len(names)
            lines = _without_first(lines)
        if first and len(lines):
            first = False
            lines = _without_first(lines) if layout.passed(lines.texts[0]) else lines
        yield _chunk(lines, header, width, places, layout, check)


def _without_first(lines: Lines) -> Lines:
    broken = {place - 1: error for place, error in lines.broken.items() if place}
    return Lines(lines.numbers[1:], lines.texts[1:], broken, lines.done)


def _chunk(lines: Lines, header: str, width: int, places: dict[str, int], layout: Layout, check: CheckNamed) -> Chunk:
    if not len(lines):
        return empty_chunk(lines.done)
    tables, broken = split_tables(
        lines, layout.dialect, lambda found: list(places.values()) if found == width else None
    )
    problems: list[Problem] = [with_header(broken_problem(lines, one), header) for one in broken]
    events = [empty_events()]
    ignored = 0
    for table in tables:
        if table.width != width:
            problems += [with_header(one, header) for one in width_problems(lines, table, width, width)]
            continue
        some, bad, nothing = _harvest(lines, table, places, layout, check)
        events.append(some)
        problems += bad
        ignored += nothing
    problems.sort(key=lambda problem: problem.line_no)
    return Chunk(len(lines), ignored, pl.concat(events).sort("line_no"), problems, lines.done)


def with_header(problem: Problem, header: str) -> Problem:
    """A problem whose row can be read again alone: kept with the line of names."""
    return dataclasses.replace(problem, raw=f"{header}\n{problem.raw}", dedupe_key=row_key([problem.raw]))


def _harvest(
    lines: Lines, table: Table, places: dict[str, int], layout: Layout, check: CheckNamed
) -> tuple[pl.DataFrame, list[Problem], int]:
    used = table.columns.select(pl.col(f"c{place}").alias(name) for name, place in places.items())
    numbers = pl.Series([lines.numbers[place] for place in table.places], dtype=pl.Int64)
    named = used.with_columns(pl.lit("").alias(name) for name in layout.used if name not in places)

    def joined(rows: pl.Series) -> list[str]:
        return used[rows].select(pl.concat_str(pl.all(), separator="\x1f")).to_series().to_list()

    return harvest(check(named), numbers, written(used, layout.dialect), joined)


def written(used: pl.DataFrame, dialect: Dialect) -> pl.Series:
    """Every row as a small file: names, line end, values; reads back the same by the dialect."""
    names = dialect.separator.join(used.columns)
    fields = [_written(pl.col(name), dialect) for name in used.columns]
    return used.select(
        pl.concat_str(pl.lit(names + "\n"), pl.concat_str(fields, separator=dialect.separator))
    ).to_series()


def _written(field: pl.Expr, dialect: Dialect) -> pl.Expr:
    if dialect.escape:
        for sign in (dialect.escape, dialect.separator, dialect.quote):
            if sign:
                field = field.str.replace_all(sign, dialect.escape + sign, literal=True)
        return field
    if not dialect.quote:
        return field
    doubled = field.str.replace_all(dialect.quote, dialect.quote * 2, literal=True)
    return pl.concat_str(pl.lit(dialect.quote), doubled, pl.lit(dialect.quote))
