"""CSV that a user describes by a mapping: separator, quote, names in the first line or numbers of columns.

- With names every row must have as many columns as the first line. Without, a row must have the highest column that is used; more
  are allowed. With record types (header, records, trailer) rows may be shorter: columns that they lack are empty.
- Spaces around values do not count. A comment sign passes over lines that begin with it, ``skip_lines`` over the first lines.
- What is kept for replay is the line, with the line of names before it where there is one.
- The identity is the key of the mapping, else the hash of all fields of the row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO

import polars as pl

from ..mapping import Mapping
from ..values import Chunk, FileProblem, Problem, SourceProfile
from .csv_rows import Dialect, Table, broken_problem, split_one, split_tables, width_problems
from .generic import Batch, for_replay, parsed, sources_of
from .headed import with_header
from .registry import register
from .replays import replay_headed, replay_lines
from .text_rows import Lines, read_lines


def _parse(stream: BinaryIO, profile: SourceProfile, chunk_rows: int = 50_000) -> Iterator[Chunk]:
    """Chunks of at most ``chunk_rows`` rows; never raises on content."""
    return parsed(stream, profile, chunk_rows, "csv", read)


def _replay(raws: Sequence[str], profile: SourceProfile) -> Chunk:
    named = profile.mapping is not None and profile.mapping.header
    return (replay_headed if named else replay_lines)(_parse)(raws, for_replay(profile))


parse = register("generic_csv", "CSV by mapping", replay=_replay)(_parse)


def read(stream: BinaryIO, mapping: Mapping, encoding: str, size: int) -> Iterator[Batch]:
    """Rows of the file by source."""
    dialect = Dialect(mapping.delimiter, mapping.quote, skip_space=True)
    reader = _Rows(mapping, dialect)
    for lines in read_lines(stream, size, encoding):
        lines = passed_over(lines, mapping)
        if mapping.header and reader.names is None and len(lines):
            problem = reader.take_names(lines)
            if problem:
                yield Batch([], [], pl.DataFrame(), [], lines.done, lambda place: {}, file_problem=problem)
                return
            broken = {place - 1: error for place, error in lines.broken.items() if place}
            lines = Lines(lines.numbers[1:], lines.texts[1:], broken, lines.done)
        if len(lines):
            yield reader.batch(lines)


def passed_over(lines: Lines, mapping: Mapping) -> Lines:
    """Lines without those that the mapping says to skip."""
    if not mapping.comment and (not mapping.skip_lines or not lines.numbers or lines.numbers[0] > mapping.skip_lines):
        return lines
    kept = [
        place
        for place, (number, text) in enumerate(zip(lines.numbers, lines.texts, strict=True))
        if number > mapping.skip_lines and not (mapping.comment and text.startswith(mapping.comment))
    ]
    broken = {new: lines.broken[old] for new, old in enumerate(kept) if old in lines.broken}
    numbers, texts = [lines.numbers[place] for place in kept], [lines.texts[place] for place in kept]
    return Lines(numbers, texts, broken, lines.done)


class _Rows:
    """Columns by name or number."""

    def __init__(self, mapping: Mapping, dialect: Dialect) -> None:
        self.mapping = mapping
        self.dialect = dialect
        self.sources = sources_of(mapping)
        self.names: list[str] | None = None
        self.header = ""
        self.places: dict[str, int] = {}
        if not mapping.header:
            self.places = {source: int(source) - 1 for source in self.sources if source.isdigit()}

    def take_names(self, lines: Lines) -> FileProblem | None:
        """Read the names of the first line; the problem of the file when one is missing."""
        self.header = lines.texts[0]
        fields = split_one(self.header, self.dialect)
        self.names = [] if isinstance(fields, str) or lines.broken.get(0) else [name.strip() for name in fields]
        for source in self.sources:
            if source in self.names:
                self.places[source] = self.names.index(source)
            elif source.isdigit() and 1 <= int(source) <= len(self.names):
                self.places[source] = int(source) - 1
            else:
                return FileProblem("NOT_THIS_FORMAT", {"detail": f"no column {source[:60]}"}, lines.numbers[0])
        return None

    def batch(self, lines: Lines) -> Batch:
        tables, broken = split_tables(lines, self.dialect)
        problems = [self._kept(broken_problem(lines, one)) for one in broken]
        least, most = self._widths()
        fitting = []
        for table in tables:
            if least <= table.width <= most:
                fitting.append(table)
            else:
                problems += [self._kept(one) for one in width_problems(lines, table, least, most)]
        order = [place for table in fitting for place in table.places]
        return Batch(
            numbers=[lines.numbers[place] for place in order],
            raws=[f"{self.header}\n{lines.texts[place]}" if self.names else lines.texts[place] for place in order],
            frame=pl.concat([self._texts(table) for table in fitting]) if fitting else self._texts(_NONE),
            joined=[text for table in fitting for text in table.joined(pl.Series(range(len(table.places))))],
            done=lines.done,
            fields=lambda row: self.fields(lines.texts[order[row]]),
            problems=problems,
        )

    def _widths(self) -> tuple[int, int]:
        if self.mapping.record_type:
            return 1, 10_000
        if self.names is not None:
            return len(self.names), len(self.names)
        return max(self.places.values(), default=0) + 1, 10_000

    def _texts(self, table: Table) -> pl.DataFrame:
        # added to the columns before they are chosen: constants alone would make one row of any number of rows
        return table.columns.with_columns(
            (pl.col(f"c{place}") if place < table.width else pl.lit("")).alias(source)
            for source, place in self.places.items()
        ).select(list(self.places))

    def _kept(self, problem: Problem) -> Problem:
        return with_header(problem, self.header) if self.names else problem

    def fields(self, text: str) -> dict[str, str]:
        """All fields of a line by name or number."""
        fields = split_one(text, self.dialect)
        if isinstance(fields, str):
            return {}
        names = self.names or [str(number) for number in range(1, len(fields) + 1)]
        return dict(zip(names, fields, strict=False))


_NONE = Table(pl.DataFrame({"c0": []}, schema={"c0": pl.String}), [], 1)
