"""Names, completeness and sequence of usage files."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediation_core.pickup import (
    Ahead,
    Behind,
    Deviation,
    Entry,
    Follows,
    NamePattern,
    PatternProblem,
    SequenceRange,
    Watched,
    close_number,
    deviation,
    parse_pattern,
    place,
    ready,
)

NOW = datetime(2026, 11, 22, 10, 0)  # noqa: DTZ001  (UTC without zone, as the database stores it)
TAP = SequenceRange(1, 99_999)


def pattern(text: str) -> NamePattern:
    found = parse_pattern(text)
    assert isinstance(found, NamePattern)
    return found


# --- names


@pytest.mark.parametrize(
    ("text", "name", "sequence"),
    [
        ("CDXXXTAXXXTB{seq}*", "CDXXXTAXXXTB00042.ber", 42),
        ("CDXXXTAXXXTB{seq}", "CDXXXTAXXXTB00042", 42),
        ("*_{seq}.csv", "cdr_20261122_0007.csv", 7),
        ("Master.csv", "Master.csv", None),
        ("cdr-?.csv", "cdr-1.csv", None),
        ("a+b(1).csv", "a+b(1).csv", None),
    ],
)
def test_a_name_that_fits(text: str, name: str, sequence: int | None) -> None:
    assert pattern(text).fits(name)
    assert pattern(text).sequence(name) == sequence


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Master.csv", "master.csv"),
        ("Master.csv", "Masterxcsv"),
        ("{seq}.csv", "x1.csv"),
        ("?.csv", ".csv"),
        ("*", "x" * 256),
    ],
)
def test_a_name_that_does_not_fit(text: str, name: str) -> None:
    assert not pattern(text).fits(name)
    assert pattern(text).sequence(name) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" ", "EMPTY"),
        ("a/b", "SLASH"),
        ("{seq}{seq}", "TWO_SEQUENCES"),
        ("******", "TOO_MANY_STARS"),
        ("{date}", "BRACES"),
    ],
)
def test_a_pattern_that_is_none(text: str, code: str) -> None:
    assert parse_pattern(text) == PatternProblem(code)


# --- completeness


def entry(name: str, size: int = 10) -> Entry:
    return Entry(name, size, NOW)


def names(entries: list[Entry]) -> list[str]:
    return [one.name for one in entries]


def test_marker_stands_beside_a_finished_file() -> None:
    listed = [entry("2.csv"), entry("1.csv"), entry("1.csv.ok"), entry("3.csv"), entry("3.ok")]
    done, waiting = ready(listed, "marker", marker=".ok", now=NOW)
    assert names(done) == ["1.csv", "3.csv"]
    assert waiting == {}


def test_a_size_must_stand_still() -> None:
    done, waiting = ready([entry("1.csv", 10), entry("2.csv", 10)], "stable", minutes=5, now=NOW)
    assert done == []
    later = NOW + timedelta(minutes=5)
    done, waiting = ready([entry("1.csv", 10), entry("2.csv", 11)], "stable", minutes=5, watched=waiting, now=later)
    assert names(done) == ["1.csv"]
    assert waiting == {"2.csv": Watched(11, later)}


def test_stable_without_minutes_still_needs_two_looks() -> None:
    done, waiting = ready([entry("1.csv")], "stable", now=NOW)
    assert done == []
    assert names(ready([entry("1.csv")], "stable", watched=waiting, now=NOW)[0]) == ["1.csv"]


def test_at_once_takes_files_by_name() -> None:
    assert names(ready([entry("2"), entry("1")], "at_once", now=NOW)[0]) == ["1", "2"]


# --- sequence


@pytest.mark.parametrize(
    ("newest", "number", "expected"),
    [
        (None, 7, Follows()),
        (41, 42, Follows()),
        (43, 45, Ahead(44, 44, 1)),
        (42, 45, Ahead(43, 44, 2)),
        (99_999, 1, Follows()),
        (99_998, 2, Ahead(99_999, 1, 2)),
        (45, 45, Behind(0)),
        (45, 44, Behind(1)),
        (2, 99_999, Behind(2)),
    ],
)
def test_place_of_a_number(newest: int | None, number: int, expected: object) -> None:
    assert place(newest, number, TAP) == expected


def test_a_number_outside_the_range() -> None:
    with pytest.raises(ValueError, match="100000"):
        place(1, 100_000, TAP)


@pytest.mark.parametrize(
    ("gap", "number", "left"),
    [
        ((44, 44), 44, []),
        ((44, 47), 44, [(45, 47)]),
        ((44, 47), 47, [(44, 46)]),
        ((44, 47), 45, [(44, 44), (46, 47)]),
        ((99_999, 2), 1, [(99_999, 99_999), (2, 2)]),
        ((44, 47), 48, None),
        ((44, 47), 43, None),
    ],
)
def test_a_late_file_closes_its_number(gap: tuple[int, int], number: int, left: list[tuple[int, int]] | None) -> None:
    assert close_number(*gap, number, TAP) == left


@given(st.data(), st.integers(2, 12))
def test_whatever_the_order_the_open_numbers_are_those_that_did_not_come(data: st.DataObject, size: int) -> None:
    """Numbers that come within half a turn, each once: what is missing is exactly what was left out."""
    numbers = SequenceRange(5, 4 + 2 * size)
    window = [numbers.after(5, step) for step in range(size)]
    arrived = data.draw(
        st.permutations(window[1:]).flatmap(lambda order: st.integers(0, size - 1).map(lambda n: order[:n]))
    )
    newest, gaps = window[0], []
    for number in arrived:
        where = place(newest, number, numbers)
        if isinstance(where, Behind):
            gaps = [
                piece
                for gap in gaps
                for piece in (
                    close_number(*gap, number, numbers) if close_number(*gap, number, numbers) is not None else [gap]
                )
            ]
            continue
        if isinstance(where, Ahead):
            gaps.append((where.missing_from, where.missing_to))
        newest = number
    missing = set()
    for first, last in gaps:
        number = first
        missing.add(number)
        while number != last:
            number = numbers.after(number)
            missing.add(number)
    reached = window[: window.index(newest) + 1]
    assert missing == set(reached) - {window[0], *arrived}


# --- volume


@pytest.mark.parametrize(
    ("rows", "earlier", "expected"),
    [
        (100, [100, 110, 90], None),
        (40, [100, 110, 90], Deviation(40, 100, -60)),
        (260, [100, 110, 90], Deviation(260, 100, 160)),
        (0, [100, 100], Deviation(0, 100, -100)),
        (50, [100, 100], None),
        (0, [100], None),
        (5, [0, 0], None),
    ],
)
def test_a_day_beside_its_weekday(rows: int, earlier: list[int], expected: Deviation | None) -> None:
    assert deviation(rows, earlier, 50) == expected
