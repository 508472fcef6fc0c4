"""Asterisk cdr-custom: the default layout, layouts by option, the raw forms of stamps and dispositions."""

from __future__ import annotations

from datetime import datetime

import pytest
from mediation_checks import assert_chunk_size_changes_nothing, read

from mediation_core import SourceProfile
from mediation_core.values import Chunk

POLAND = SourceProfile()
NAME = "asterisk_custom"
# Layout of cdr_custom.conf.sample: clid first, sequence last and bare.
FIRST = (
    '"""Ewa"" <501000001>","501000001","221234567","default","PJSIP/a-00000002","PJSIP/b-00000003","Dial","PJSIP/b",'
    '"2026-07-26 01:51:32","2026-07-26 01:51:50","2026-07-26 01:52:04","31","13","ANSWERED","DOCUMENTATION","ACME",'
    '"1785023492.2","",2'
)
UNANSWERED = FIRST.replace('"2026-07-26 01:51:50"', '""').replace("ANSWERED", "NO ANSWER").replace('"13"', '"0"')
SAMPLE = "\n".join([FIRST, UNANSWERED, FIRST.replace('"",2', '"",4'), FIRST.replace('"13"', '"x"'), "a,b", '"'])


def parse(*lines: str, profile: SourceProfile = POLAND) -> Chunk:
    return read(NAME, "\n".join(lines).encode(), profile)


def with_options(**options: str) -> SourceProfile:
    return SourceProfile(options=options)


def test_default_layout() -> None:
    result = read(NAME, SAMPLE.encode(), POLAND)
    assert (result.rows, result.ignored, result.events.height) == (6, 1, 2)
    event = result.events.row(0, named=True)
    assert (event["a_number"], event["b_number"], event["account_code"]) == ("48501000001", "48221234567", "ACME")
    assert event["started_at"] == datetime.fromisoformat("2026-07-25 23:51:32")
    assert event["answered_at"] == datetime.fromisoformat("2026-07-25 23:51:50")
    assert (event["duration_s"], event["units"], event["dedupe_key"]) == (13, 13, "u:1785023492.2|2")
    assert result.events["dedupe_key"].to_list() == ["u:1785023492.2|2", "u:1785023492.2|4"]
    assert [(p.line_no, p.code, p.field) for p in result.problems] == [
        (4, "NOT_A_NUMBER", "billsec"),
        (5, "TOO_FEW_COLUMNS", ""),
        (6, "INVALID_FORMAT", ""),
    ]


def test_columns_separator_and_quote_by_option() -> None:
    profile = with_options(
        columns="start,src,dst,-,disposition,duration,billsec,linkedid,uniqueid,sequence",
        separator="semicolon",
        quote="single",
    )
    result = parse("2026-07-26 01:51:32;'501000001';'22;1234567';x;ANSWERED;31;13;L;U;7", profile=profile)
    assert [(p.code, p.value) for p in result.problems] == [("INVALID_NUMBER", "22;1234567")]
    result = parse("2026-07-26 01:51:32;'501000001';221234567;x;ANSWERED;31;13;L;U;7", profile=profile)
    assert result.events["dedupe_key"].to_list() == ["i:L|U|7"]
    tabs = with_options(columns="src,dst,start,duration,billsec,disposition", separator="tab", quote="none")
    result = parse('501000001\t22 123 45 67\t2026-07-26 01:51:32\t31\t13\t"ANSWERED"', profile=tabs)
    assert [(p.code, p.value) for p in result.problems] == [("UNKNOWN_VALUE", '"ANSWERED"')]
    result = parse("501000001\t22 123 45 67\t2026-07-26 01:51:32\t31\t13\tANSWERED", profile=tabs)
    assert result.events["b_number"].to_list() == ["48221234567"]
    assert result.events["dedupe_key"][0].startswith("h:")


def test_a_layout_without_a_needed_column_refuses_the_file() -> None:
    result = parse(FIRST, profile=with_options(columns="src,dst,start,duration,disposition"))
    assert result.file_problem is not None
    assert result.file_problem.params == {"detail": "columns without billsec"}


@pytest.mark.parametrize(
    ("disposition", "events", "ignored"),
    [("8", 1, 0), ("0", 0, 1), ("2", 0, 1), ("4", 0, 1), ("16", 0, 1), ("32", 0, 1), ("1", 0, 0), ("ANSWERED", 1, 0)],
)
def test_numeric_dispositions(disposition: str, events: int, ignored: int) -> None:
    result = parse(FIRST.replace("ANSWERED", disposition))
    assert (result.events.height, result.ignored) == (events, ignored)


def test_numeric_omit() -> None:
    assert parse(FIRST.replace("DOCUMENTATION", "1")).ignored == 1
    assert parse(FIRST.replace("DOCUMENTATION", "3")).events.height == 1


def epochs(start: str, answer: str, end: str, duration: str, billsec: str) -> str:
    return (
        FIRST.replace("2026-07-26 01:51:32", start)
        .replace("2026-07-26 01:51:50", answer)
        .replace("2026-07-26 01:52:04", end)
        .replace('"31"', f'"{duration}"')
        .replace('"13"', f'"{billsec}"')
    )


def test_epochs_are_universal_time_even_in_the_repeated_hour() -> None:
    # 1792891800 is 2026-10-25 01:30 UTC, the second 02:30 in Warsaw.
    result = parse(epochs("1792891800.250000", "1792891810.900000", "1792891825.5", "25.250", "14.999"))
    event = result.events.row(0, named=True)
    assert event["started_at"] == datetime.fromisoformat("2026-10-25 01:30:00.25")
    assert event["answered_at"] == datetime.fromisoformat("2026-10-25 01:30:10.25")
    assert event["units"] == 14


def test_spring_gap_of_local_time_is_no_gap_of_epochs() -> None:
    # 1774749600 is 2026-03-29 02:00 UTC: no clock in Warsaw showed 02:00 that night.
    assert parse(epochs("1774749600", "1774749600", "1774749610", "10", "10")).events.height == 1


@pytest.mark.parametrize(
    ("start", "code"),
    [
        ("17749488000", "DATE_OUT_OF_RANGE"),
        ("0.000000", "UNREADABLE_DATE"),
        ("-5", "UNREADABLE_DATE"),
        ("5", "DATE_OUT_OF_RANGE"),
    ],
)
def test_clock_jumps(start: str, code: str) -> None:
    assert [p.code for p in parse(epochs(start, start, start, "10", "10")).problems] == [code]


@pytest.mark.parametrize(
    ("billsec", "code"), [("-3.5", "NEGATIVE_DURATION"), ("3,5", "NOT_A_NUMBER"), ("", "NOT_A_NUMBER")]
)
def test_bad_lengths(billsec: str, code: str) -> None:
    assert [p.code for p in parse(FIRST.replace('"13"', f'"{billsec}"')).problems] == [code]


def test_rows_by_columns_and_one_by_one_are_alike() -> None:
    many = "\n".join([SAMPLE, *[FIRST.replace('"",2', f'"",{n}') for n in range(100, 400)]]).encode()
    assert_chunk_size_changes_nothing(NAME, many, POLAND, 40, 70, 301)
