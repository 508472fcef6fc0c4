"""Cisco CUCM: columns by name, connected calls, redirections, identity."""

from __future__ import annotations

from datetime import datetime

import pytest
from mediation_checks import read
from mediation_samples import CUCM, CUCM_NAMES, CUCM_TYPES

from mediation_core import SourceProfile
from mediation_core.values import Chunk

NAME = "cisco_cucm"
POLAND = SourceProfile()
GOOD = CUCM.decode().split("\n")[2]


def parse(*lines: str) -> Chunk:
    return read(NAME, "\n".join([CUCM_NAMES, CUCM_TYPES, *lines]).encode(), POLAND)


def test_the_sample() -> None:
    result = read(NAME, CUCM, POLAND)
    assert (result.rows, result.ignored) == (8, 2)
    first, redirected, without_pkid = result.events.rows(named=True)
    assert (first["line_no"], first["a_number"], first["b_number"], first["login"]) == (
        3,
        "48501000001",
        "48221234567",
        "ewa",
    )
    assert first["started_at"] == datetime.fromisoformat("2026-10-14 15:58:20")
    assert first["answered_at"] == datetime.fromisoformat("2026-10-14 15:58:30")
    assert (first["units"], first["dedupe_key"], first["session_key"]) == (240, "p:0A1B2C3D-0001", "CL1|1|5001")
    assert first["charged_number"] is None
    assert (redirected["b_number"], redirected["charged_number"]) == ("493012345678", "48501000002")
    assert without_pkid["dedupe_key"] == "i:CL1|1|5004|117|228|1791993500"
    assert [(p.line_no, p.code, p.field) for p in result.problems] == [
        (7, "DURATION_MISMATCH", "duration"),
        (9, "TOO_FEW_COLUMNS", ""),
        (10, "INVALID_FORMAT", ""),
    ]


def test_columns_by_name_in_any_order_and_without_types() -> None:
    text = (
        "duration,FINALCALLEDPARTYNUMBER,callingPartyNumber,dateTimeOrigination,dateTimeConnect,dateTimeDisconnect,cdrRecordType,x\n"
        "9,22 123 45 67,+48501000001@cucm.example.com,1791993500,1791993501,1791993510,1,\n"
    )
    result = read(NAME, text.encode(), POLAND)
    assert result.events.select("a_number", "b_number", "units", "line_no").rows() == [
        ("48501000001", "48221234567", 9, 2)
    ]


@pytest.mark.parametrize("text", ["a,b,c\n1,2,3\n", GOOD, CUCM_NAMES.replace("duration", "dauer"), '"', "\x00\x01"])
def test_a_file_without_the_names_is_refused(text: str) -> None:
    refused = read(NAME, text.encode(), POLAND).file_problem
    assert refused is not None
    assert refused.code == "NOT_THIS_FORMAT"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("1791993500", "99", ("DATE_OUT_OF_RANGE", "dateTimeOrigination", "99")),
        ("1791993500", "today", ("UNREADABLE_DATE", "dateTimeOrigination", "today")),
        ("1791993750", "1791993505", ("NEGATIVE_DURATION", "duration", "240")),
        ("1791993750", "1791993850", ("DURATION_MISMATCH", "duration", "240")),
        (",240,", ",-240,", ("NEGATIVE_DURATION", "duration", "-240")),
        ('"221234567","221234567"', '"221234567","b0001"', ("INVALID_NUMBER", "finalCalledPartyNumber", "b0001")),
        ('"501000001"', '""', ("INVALID_NUMBER", "callingPartyNumber", "")),
    ],
)
def test_bad_fields(old: str, new: str, expected: tuple[str, str, str]) -> None:
    (problem,) = parse(GOOD.replace(old, new)).problems
    assert (problem.code, problem.field, problem.value) == expected
