"""The columnar reader and the module csv must split every line alike, or leave it to the module csv."""

from __future__ import annotations

import csv
import io

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediation_core.formats import csv_rows
from mediation_core.formats.csv_rows import Broken, Dialect, Table, split_one, split_tables
from mediation_core.formats.text_rows import Lines, read_lines

ALPHABET = 'ab 1,;|"\\\u00a0\u00f3\t\r#\ufeff'


def lines_of(texts: list[str]) -> Lines:
    (lines,) = read_lines(io.BytesIO("\n".join(texts).encode()), len(texts) + 1)
    return lines


def by_place(tables: list[Table], broken: list[Broken]) -> dict[int, list[str] | str]:
    found: dict[int, list[str] | str] = {one.place: one.error for one in broken}
    for table in tables:
        assert len(table.places) == table.columns.height
        for place, fields in zip(table.places, table.columns.iter_rows(), strict=True):
            assert place not in found, "a line is in one table only"
            found[place] = list(fields)
    return found


FREESWITCH = Dialect(skip_space=True)
DIALECTS = [
    Dialect(),
    Dialect(";"),
    Dialect("|", ""),
    Dialect(",", "'"),
    Dialect("\t"),
    Dialect("^"),
    Dialect("]", "-"),
]


@pytest.mark.parametrize("dialect", [*DIALECTS, Dialect(escape="\\"), FREESWITCH])
@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text(ALPHABET, min_size=1, max_size=12).filter(str.strip), min_size=1, max_size=8), st.integers(1, 4)
)
def test_same_fields_as_one_by_one(dialect: Dialect, texts: list[str], times: int) -> None:
    texts = [text.rstrip("\r").lstrip("\ufeff") or "x" for text in texts] * (20 * times)
    lines = lines_of(texts)
    assert by_place(*split_tables(lines, dialect)) == {
        place: split_one(text, dialect) for place, text in enumerate(lines.texts)
    }


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(st.text(ALPHABET.replace("\r", ""), max_size=5), min_size=3, max_size=3), min_size=60, max_size=70
    )
)
def test_what_a_writer_of_csv_wrote(dialect: Dialect, rows: list[list[str]]) -> None:
    if not dialect.quote:
        rows = [[value.replace(dialect.separator, "") for value in row] for row in rows]
    rows = [["x" + row[0], *row[1:]] for row in rows]
    quoting = csv.QUOTE_ALL if dialect.quote else csv.QUOTE_NONE
    text = io.StringIO()
    writer = csv.writer(
        text,
        delimiter=dialect.separator,
        quotechar=dialect.quote or None,
        quoting=quoting,
        lineterminator="\n",
    )
    writer.writerows(rows)
    lines = lines_of(text.getvalue().rstrip("\n").split("\n"))
    assert by_place(*split_tables(lines, dialect)) == dict(enumerate(rows))


def test_spaces_before_quotes_by_columns() -> None:
    texts = ['"a, b","c ", "d"', '"x",1,"y"', '"q, ", "r",s', '"", "",""', '"a, ""b", "c","d"'] * 40
    lines = lines_of(texts)
    assert by_place(*split_tables(lines, FREESWITCH)) == dict(
        enumerate([["a, b", "c ", "d"], ["x", "1", "y"], ["q, ", "r", "s"], ["", "", ""], ['a, "b', "c", "d"]] * 40)
    )


def test_regular_lines_take_the_columnar_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(text: str, dialect: Dialect) -> list[str]:
        raise AssertionError(f"read one by one: {text}")

    first = split_one
    calls: list[str] = []
    monkeypatch.setattr(csv_rows, "split_one", lambda text, dialect: calls.append(text) or first(text, dialect))
    monkeypatch.setattr(csv_rows, "_split_some", lambda lines, places, dialect: [refuse("", dialect) for _ in places])
    lines = lines_of(['"a,""b""",1,'] * 300 + ["x,y,z,"] * 200)
    tables, broken = split_tables(lines, Dialect())
    assert [(table.width, len(table.places)) for table in tables] == [(3, 300), (4, 200)]
    assert (broken, len(calls)) == ([], 2)
    assert tables[0].columns.row(0) == ('a,"b"', "1", "")


def test_columns_that_nobody_needs_are_left_out_but_count_for_identity() -> None:
    texts = [f'{n},"a""{n}",x,y' for n in range(100)] + ["1,2,3,4,5"]
    lines = lines_of(texts)
    tables, broken = split_tables(lines, Dialect(), lambda width: [1, 3, 9] if width == 4 else None)
    four, five = tables
    assert (four.width, four.columns.columns, five.width, broken) == (4, ["c1", "c3"], 5, [])
    assert four.columns.row(7) == ('a"7', "y")
    assert four.joined(pl.Series([0, 7])) == ['0\x1fa"0\x1fx\x1fy', '7\x1fa"7\x1fx\x1fy']
    assert five.joined(pl.Series([0])) == ["1\x1f2\x1f3\x1f4\x1f5"]
