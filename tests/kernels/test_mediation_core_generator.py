"""The volume generator: reproducible, countable, and read back by the parser."""

from __future__ import annotations

import io
from collections import Counter
from datetime import date

import pytest

from mediation_core import SourceProfile, get_format
from mediation_core.generator import Mix, generate_master_csv, generate_rows, write_master_csv

NUMBERS = [f"48501000{n:03}" for n in range(40)] + ["48221234567"]
OCTOBER = (date(2026, 10, 1), date(2026, 10, 31))


def read(data: bytes) -> tuple[int, int, list[str], int]:
    chunks = list(get_format("asterisk_csv").parse(io.BytesIO(data), SourceProfile(), 1000))
    problems = [problem.code for chunk in chunks for problem in chunk.problems]
    return (
        sum(chunk.rows for chunk in chunks),
        sum(chunk.events.height for chunk in chunks),
        problems,
        sum(chunk.ignored for chunk in chunks),
    )


def test_same_seed_same_file_other_seed_other_file() -> None:
    first = generate_master_csv(NUMBERS, 300, *OCTOBER, 1)
    assert first == generate_master_csv(NUMBERS, 300, *OCTOBER, 1)
    assert first != generate_master_csv(NUMBERS, 300, *OCTOBER, 2)
    stream = io.BytesIO()
    write_master_csv(stream, NUMBERS, 300, *OCTOBER, 1)
    assert stream.getvalue() == first


def test_clean_file_holds_no_problem() -> None:
    rows, events, problems, ignored = read(generate_master_csv(NUMBERS, 2000, *OCTOBER, 5, Mix(bad=0, duplicate=0)))
    assert (rows, problems) == (2000, [])
    assert events + ignored == 2000
    assert 250 < ignored < 480


def test_bad_rows_are_of_every_kind() -> None:
    _, _, problems, _ = read(generate_master_csv(NUMBERS, 1500, *OCTOBER, 5, Mix(bad=0.2)))
    kinds = Counter(problems)
    assert set(kinds) == {
        "UNREADABLE_DATE",
        "NEGATIVE_DURATION",
        "UNKNOWN_COLUMN",
        "INVALID_FORMAT",
        "INVALID_NUMBER",
    }, "unknown callers are well-formed; the guide finds them"


def test_events_lie_in_the_period_and_have_unique_keys() -> None:
    data = generate_master_csv(NUMBERS, 3000, date(2026, 10, 25), date(2026, 10, 25), 9, Mix(0, 0, 0))
    (chunk,) = get_format("asterisk_csv").parse(io.BytesIO(data), SourceProfile(), 5000)
    assert chunk.events["dedupe_key"].n_unique() == chunk.events.height == 3000
    local = chunk.events["started_at"].dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Warsaw")
    assert local.dt.date().unique().to_list() == [date(2026, 10, 25)]


def test_repeated_rows_are_identical() -> None:
    rows = list(generate_rows(NUMBERS, 2000, *OCTOBER, 3, mix=Mix(duplicate=0.05)))
    repeats = len(rows) - len(set(rows))
    assert 50 < repeats < 160


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="period"):
        list(generate_rows([], 1, *OCTOBER, 1))
