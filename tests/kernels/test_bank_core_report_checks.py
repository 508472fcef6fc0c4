"""Reports of mass payments: headers and trailers that must agree, and layouts that cannot be used."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report_simple import DATA, PAYER, ROW, SIMPLE, codes, read

from bank_core.formats import report
from bank_core.formats.report_profile import SHIPPED, Check, Column, faults
from bank_core.model import Severity


def test_wrong_sum_refuses_the_whole_file() -> None:
    found = read((DATA / "mass_elixir_like_BAD_SUM.txt").read_bytes(), None)
    assert not found.statements
    (problem,) = found.problems
    assert (problem.code, problem.severity, problem.line) == ("REPORT_SUM", Severity.ERROR, 4)
    assert problem.params == {"expected": "172.99", "value": "173.00", "unreadable": "0"}


CHECKED = replace(SHIPPED["wns_bph"], trailer=Check("03", Column(2), Column(3)))
PAID = f"02,1,{PAYER},000000000101,4999,20261002,FV 1,1,JAN"


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([PAID, "03,1,4999"], []),
        ([PAID, PAID, "03,2,9998"], []),
        ([PAID, "03,1,4999", PAID, PAID, "03,2,9998"], []),
        (["03,0,0"], ["REPORT_EMPTY"]),
        ([PAID, "03,2,4999"], ["REPORT_COUNT"]),
        ([PAID, "03,1,5000"], ["REPORT_SUM"]),
        ([PAID, "03,1,-4999"], ["REPORT_SUM"]),
        ([PAID, "03,x,4999"], ["COUNT_UNREADABLE"]),
        ([PAID, "03,1,"], ["AMOUNT_UNREADABLE"]),
        ([PAID, "03"], ["COLUMN_MISSING"]),
        ([PAID], ["REPORT_TRAILER_MISSING"]),
        ([PAID, "03,1,4999", PAID], ["REPORT_TRAILER_MISSING"]),
        ([], ["REPORT_TRAILER_MISSING"]),
    ],
)
def test_trailer(lines: list[str], told: list[str]) -> None:
    found = read("\n".join(lines), CHECKED)
    assert codes(found) == told
    assert bool(found.statements) == (told in ([], ["REPORT_EMPTY"]))


def test_trailer_that_need_not_be_there_and_header() -> None:
    assert codes(read(PAID, replace(CHECKED, trailer=Check("03", Column(2), is_required=False)))) == []
    headed = replace(CHECKED, trailer=None, ignored=(), header=Check("01", Column(2), Column(3)))
    assert codes(read(f"01,1,4999\n{PAID}", headed)) == []
    assert codes(read(f"01,2,4999\n{PAID}", headed)) == ["REPORT_COUNT"]
    assert codes(read(f"{PAID}", headed)) == ["REPORT_HEADER_MISSING"]
    assert codes(read(f"01,1,4999\n{PAID}\n01,1,1\n{PAID}", headed)) == ["REPORT_SUM"]
    bare = replace(CHECKED, trailer=Check("03"))
    assert codes(read(f"{PAID}\n03", bare)) == []


def test_unreadable_row_counts_with_its_amount() -> None:
    found = read(f"{PAID.replace('20261002', '20261332')}\n{PAID}\n03,2,9998", CHECKED)
    assert [row.problem.code for row in found.unreadable] == ["DATE_UNREADABLE"]
    assert len(found.transactions) == 1


def test_shipped_profiles_have_no_faults() -> None:
    assert {code: faults(profile) for code, profile in SHIPPED.items()} == {code: [] for code in SHIPPED}
    assert {code for code, profile in SHIPPED.items() if not profile.is_verified} == {"speedcollect", "wns_pekao"}


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"columns": SIMPLE.columns[1:]}, "PROFILE_COLUMN_MISSING", "date"),
        ({"columns": (*SIMPLE.columns, Column(9, field="amount"))}, "PROFILE_COLUMN_TWICE", "amount"),
        ({"columns": (*SIMPLE.columns, Column(0, field="title"))}, "PROFILE_COLUMN_NUMBER", "title"),
        ({"columns": (*SIMPLE.columns, Column(1, field="nip"))}, "PROFILE_FIELD_UNKNOWN", "nip"),
        ({"separator": ";;"}, "PROFILE_SEPARATOR", "separator"),
        ({"separator": ""}, "PROFILE_SEPARATOR", "separator"),
        ({"quote": ";"}, "PROFILE_QUOTE", "quote"),
        ({"date_format": "YYYYMM"}, "PROFILE_DATE_FORMAT", "date_format"),
        ({"date_format": "YYYYYYMMDD"}, "PROFILE_DATE_FORMAT", "date_format"),
        ({"sign": "mark"}, "PROFILE_COLUMN_MISSING", "mark"),
        ({"payments": ("P",)}, "PROFILE_COLUMN_MISSING", "record"),
        ({"record": Column(1), "payments": ("P",), "ignored": ("P",)}, "PROFILE_RECORD_TYPES", "record"),
        ({"encoding": "utf-16"}, "PROFILE_ENCODING", "encoding"),
        ({"encoding": "no such"}, "PROFILE_ENCODING", "encoding"),
    ],
)
def test_faults_are_told_and_nothing_is_read(change: dict[str, object], code: str, field: str) -> None:
    profile = replace(SIMPLE, **change)  # type: ignore[arg-type]
    assert [(problem.code, problem.field) for problem in faults(profile)] == [(code, field)]
    found = read(ROW, profile)
    assert codes(found) == [code] and not found.statements
    fixed = replace(SIMPLE, layout="fixed")
    assert [problem.code for problem in faults(fixed)] == ["PROFILE_COLUMN_WIDTH"] * 4


def test_unknown_layout_asks_for_a_profile() -> None:
    assert codes(read("a,b,c\n", None)) == ["PROFILE_UNKNOWN"]
    assert report.sniff(b":20:MT940\r\n:25:/PL34102055580000111122223333\r\n") == 0
    assert report.sniff((DATA / "pko_bp_2026-10-02.sta").read_bytes()) == 0
