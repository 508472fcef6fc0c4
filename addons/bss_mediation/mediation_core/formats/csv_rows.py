"""Lines to tables of text fields: rows of the same width together, so that whole columns can be checked at once."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from ..values import Problem, row_key
from .text_rows import Lines

# One broken quote makes this many lines be read one by one.
TOGETHER = 250


@dataclass(frozen=True)
class Dialect:
    """How fields are told apart; ``doubled``: a quote inside quotes is written twice."""

    separator: str = ","
    quote: str = '"'
    escape: str = ""
    doubled: bool = True
    skip_space: bool = False

    def reader(self, texts: list[str]) -> Iterator[list[str]]:
        return csv.reader(
            texts,
            strict=True,
            delimiter=self.separator,
            quotechar=self.quote or None,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            escapechar=self.escape or None,
            doublequote=self.doubled,
            skipinitialspace=self.skip_space,
        )


@dataclass(frozen=True)
class Table:
    """Rows with the same number of fields: columns ``c0``, ``c1``, … and the place of each row among the lines."""

    columns: pl.DataFrame
    places: list[int]

    @property
    def width(self) -> int:
        return self.columns.width

    def joined(self) -> pl.Series:
        """The fields of every row as one text, as :func:`row_key` joins them."""
        return self.columns.select(pl.concat_str(pl.all(), separator="\x1f")).to_series()


@dataclass(frozen=True, slots=True)
class Broken:
    """A line that cannot be split."""

    place: int
    error: str


def split_tables(lines: Lines, dialect: Dialect) -> tuple[list[Table], list[Broken]]:
    """Tables by width, and the lines that are broken; a broken quote spoils its own line only."""
    return tables_of(_split_all(lines, dialect))


def tables_of(fields: list[list[str] | str]) -> tuple[list[Table], list[Broken]]:
    """Tables of lines that are split already; a text instead of fields says why there are none."""
    by_width: dict[int, list[int]] = {}
    broken = []
    for place, values in enumerate(fields):
        if isinstance(values, str):
            broken.append(Broken(place, values))
        else:
            by_width.setdefault(len(values), []).append(place)
    tables = []
    for width, places in by_width.items():
        columns = list(zip(*(fields[place] for place in places), strict=True))
        names = [f"c{number}" for number in range(width)]
        frame = pl.DataFrame(dict(zip(names, columns, strict=True)), schema=dict.fromkeys(names, pl.String))
        tables.append(Table(frame, places))
    return tables, broken


def _split_all(lines: Lines, dialect: Dialect) -> list[list[str] | str]:
    fields: list[list[str] | str] = []
    for start in range(0, len(lines), TOGETHER):
        texts = lines.texts[start : start + TOGETHER]
        if not any(start <= place < start + TOGETHER for place in lines.broken):
            try:
                some = list(dialect.reader(texts))
            except csv.Error:
                some = []
            if len(some) == len(texts):
                fields += some
                continue
        fields += [lines.broken.get(place) or split_one(text, dialect) for place, text in enumerate(texts, start=start)]
    return fields


_END_OF_LINE = re.compile(r"[\r\n]")


def split_one(text: str, dialect: Dialect) -> list[str] | str:
    """Fields of one line, or the reason why it has none."""
    try:
        rows = list(dialect.reader([text]))
    except csv.Error as error:
        return _END_OF_LINE.sub(" ", str(error))
    return rows[0] if len(rows) == 1 else "broken line"


def broken_problem(lines: Lines, broken: Broken) -> Problem:
    raw = lines.texts[broken.place]
    params: dict[str, str | int] = {"detail": broken.error}
    return Problem(lines.numbers[broken.place], "INVALID_FORMAT", "", raw[:60], raw, row_key([raw]), params)


def width_problems(lines: Lines, table: Table, least: int, most: int) -> list[Problem]:
    """The rows of a table whose width is not between ``least`` and ``most``."""
    params: dict[str, str | int] = {"columns": table.width, "least": least, "most": most}
    problems = []
    for place, fields in zip(table.places, table.columns.iter_rows(), strict=True):
        raw, key = lines.texts[place], row_key(fields)
        if table.width < least:
            code, name, value = "TOO_FEW_COLUMNS", "", raw[:60]
        else:
            code, name, value = "UNKNOWN_COLUMN", str(most + 1), fields[most][:200]
        problems.append(Problem(lines.numbers[place], code, name, value, raw, key, params))
    return problems
