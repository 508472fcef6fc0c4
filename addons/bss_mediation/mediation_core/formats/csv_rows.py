"""Lines to tables of text fields: rows of the same width together, so that whole columns can be checked at once."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from ..values import Problem, row_key
from .text_rows import Lines

# One broken quote makes this many lines be read one by one.
TOGETHER = 250
# Fewer lines are not worth the columnar reader; more widths than this are not layouts but rubbish.
FEW = 50
MOST_WIDTHS = 3


@dataclass(frozen=True)
class Dialect:
    """How fields are told apart; a quote inside quotes is written twice.

    ``repair`` mends a line that cannot be split as it is, for writers that do not keep their own rules.
    """

    separator: str = ","
    quote: str = '"'
    escape: str = ""
    skip_space: bool = False
    repair: Callable[[str], str] | None = None

    def reader(self, texts: list[str]) -> Iterator[list[str]]:
        return csv.reader(
            texts,
            strict=True,
            delimiter=self.separator,
            quotechar=self.quote or None,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            escapechar=self.escape or None,
            skipinitialspace=self.skip_space,
        )


@dataclass(frozen=True)
class Table:
    """Rows with the same number of fields: columns ``c0``, ``c1``, … and the place of each row among the lines.

    Only the columns that were asked for are there (:func:`split_tables`).
    """

    columns: pl.DataFrame
    places: list[int]
    width: int
    split: Callable[[int], list[str]] | None = None  # all fields of the line at a place, where columns are left out

    def joined(self, rows: pl.Series) -> list[str]:
        """All fields of some rows as one text each, as :func:`row_key` joins them."""
        if self.split:
            return ["\x1f".join(self.split(self.places[row])) for row in rows]
        return self.columns[rows].select(pl.concat_str(pl.all(), separator="\x1f")).to_series().to_list()


@dataclass(frozen=True, slots=True)
class Broken:
    """A line that cannot be split."""

    place: int
    error: str


# Numbers of the columns that are needed of rows of a width; None for all of them.
Needed = Callable[[int], "Sequence[int] | None"]


def split_tables(
    lines: Lines, dialect: Dialect, needed: Needed = lambda width: None
) -> tuple[list[Table], list[Broken]]:
    """Tables by width, and the lines that are broken; a broken quote spoils its own line only.

    Lines of regular form are split together by the columnar reader, the others one by one by the module ``csv``.
    """
    tables, left = _split_regular(lines, dialect, needed)
    more, broken = tables_of(_split_some(lines, left, dialect), left)
    return tables + more, broken


def _split_regular(lines: Lines, dialect: Dialect, needed: Needed) -> tuple[list[Table], list[int]]:
    """Tables of the commonest widths, and the places of the lines left."""
    left = list(range(len(lines)))
    if not dialect.separator.isascii():
        return [], left

    def split(place: int) -> list[str]:
        fields = split_one(lines.texts[place], dialect)
        assert isinstance(fields, list), "a line of regular form can be split"
        return fields

    texts = pl.Series(lines.texts, dtype=pl.String)
    tables: list[Table] = []
    for _width in range(MOST_WIDTHS):
        if len(left) < FEW:
            break
        whole = len(left) == len(lines)
        some = texts if whole else texts[left]
        first = split_one(lines.texts[left[0]], dialect)
        if isinstance(first, str) or len(first) < 2:
            break
        regular = some.str.contains(_regular_form(dialect, len(first)))
        if lines.broken:
            regular &= ~pl.Series([place in lines.broken for place in left])
        fitting = int(regular.sum())
        if fitting < FEW:
            break
        data = lines.data if whole and fitting == len(left) else None
        if dialect.skip_space:
            spaced = rf"{re.escape(dialect.separator)} +{re.escape(dialect.quote)}"
            plain = dialect.separator + dialect.quote
            data = _joined_lines(some.filter(regular).str.replace_all(spaced, plain.replace("$", "$$")))
        elif data is None:
            data = _joined_lines(some.filter(regular))
        width = len(first)
        some_columns = needed(width)
        columns = _read_columns(data, width, fitting, dialect, some_columns)
        if columns is None:
            break
        places = pl.Series(left, dtype=pl.UInt32)
        tables.append(Table(columns, places.filter(regular).to_list(), width, split if some_columns else None))
        left = places.filter(~regular).to_list()
    return tables, left


def _joined_lines(texts: pl.Series) -> bytes:
    return str(texts.str.join("\n").item()).encode()


def _regular_form(dialect: Dialect, width: int) -> str:
    """Lines of this form mean the same to every reader of CSV."""
    separator, quote, escape = (re.escape(sign) for sign in (dialect.separator, dialect.quote, dialect.escape))
    bare = rf"[^{separator}{quote}{escape}\r]*"
    if not dialect.quote:
        first = field = bare
    elif dialect.skip_space:
        # No quote after a space inside of quoted text: it would look like the space before the next field.
        bare = rf"(?:[^{separator}{quote}{escape}\r ][^{separator}{quote}{escape}\r]*)?"
        quoted = rf"{quote}(?:[^{quote}{escape}]*[^{quote}{escape} ])?{quote}"
        first, field = rf"(?:{quoted}|{bare})", rf"(?: *{quoted}|{bare})"
    else:
        first = field = rf"(?:{quote}(?:[^{quote}{escape}]|{quote}{quote})*{quote}|{bare})"
    return rf"^{first}(?:{separator}{field}){{{width - 1}}}$"


def _read_columns(
    data: bytes, width: int, height: int, dialect: Dialect, some: Sequence[int] | None
) -> pl.DataFrame | None:
    names = [f"c{number}" for number in range(width)]
    try:
        columns = pl.read_csv(
            data,
            columns=None if some is None else sorted({number for number in some if number < width}),
            has_header=False,
            schema=dict.fromkeys(names, pl.String()),
            separator=dialect.separator,
            quote_char=dialect.quote or None,
            empty_string_is_null=False,
            infer_schema=False,
        )
    except pl.exceptions.PolarsError:
        return None
    return columns if columns.height == height and not any(columns.null_count().row(0)) else None


def tables_of(fields: Sequence[list[str] | str], places: Sequence[int]) -> tuple[list[Table], list[Broken]]:
    """Tables of lines that are split already; a text instead of fields says why there are none."""
    by_width: dict[int, list[int]] = {}
    broken = []
    for number, values in enumerate(fields):
        if isinstance(values, str):
            broken.append(Broken(places[number], values))
        else:
            by_width.setdefault(len(values), []).append(number)
    tables = []
    for width, numbers in by_width.items():
        columns = list(zip(*(fields[number] for number in numbers), strict=True))
        names = [f"c{number}" for number in range(width)]
        frame = pl.DataFrame(dict(zip(names, columns, strict=True)), schema=dict.fromkeys(names, pl.String))
        tables.append(Table(frame, [places[number] for number in numbers], width))
    return tables, broken


def _split_some(lines: Lines, places: list[int], dialect: Dialect) -> list[list[str] | str]:
    """Fields, or the reason why there are none, of the lines at ``places``."""
    fields: list[list[str] | str] = []
    for start in range(0, len(places), TOGETHER):
        here = places[start : start + TOGETHER]
        texts = [lines.texts[place] for place in here]
        if not any(place in lines.broken for place in here):
            try:
                some = list(dialect.reader(texts))
            except csv.Error:
                some = []
            if len(some) == len(texts):
                fields += some
                continue
        fields += [lines.broken.get(place) or split_one(text, dialect) for place, text in zip(here, texts, strict=True)]
    return fields


_END_OF_LINE = re.compile(r"[\r\n]")


def split_one(text: str, dialect: Dialect) -> list[str] | str:
    """Fields of one line, or the reason why it has none."""
    fields = _split_strictly(text, dialect)
    if isinstance(fields, str) and dialect.repair:
        mended = _split_strictly(dialect.repair(text), dialect)
        return fields if isinstance(mended, str) else mended
    return fields


def _split_strictly(text: str, dialect: Dialect) -> list[str] | str:
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
