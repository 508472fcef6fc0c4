"""Oracle/Acme SBC: Stop records of two widths, quotes inside texts, zone names in stamps."""

from __future__ import annotations

from datetime import datetime

import pytest
from mediation_checks import read
from mediation_samples import SBC, sbc_line

from mediation_core import SourceProfile
from mediation_core.values import Chunk

POLAND = SourceProfile()
NAME = "oracle_sbc"


def parse(profile: SourceProfile = POLAND, **values: str) -> Chunk:
    return read(NAME, sbc_line(**values).encode(), profile)


def test_the_sample() -> None:
    result = read(NAME, SBC, POLAND)
    assert (result.rows, result.ignored) == (9, 3)
    short, long = result.events.rows(named=True)
    assert (short["line_no"], short["a_number"], short["b_number"], short["units"]) == (
        2,
        "48501000001",
        "48221234567",
        240,
    )
    assert short["started_at"] == datetime.fromisoformat("2026-10-14 15:58:20.868")
    assert short["answered_at"] == datetime.fromisoformat("2026-10-14 15:58:30")
    assert short["dedupe_key"] == "s:0SCsotd-1|17:58:30.000 CEST OCT 14 2026"
    assert (long["line_no"], long["a_number"]) == (3, "48501000001")
    assert [(p.line_no, p.code, p.field, p.value) for p in result.problems] == [
        (5, "UNKNOWN_VALUE", "columns", "176"),
        (6, "NEGATIVE_DURATION", "length", "-1"),
        (7, "UNREADABLE_DATE", "connect", "soon"),
        (9, "INVALID_FORMAT", "", '2,"'),
    ]


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ("15:54:56.868 PST DEC 18 2017", "2017-12-18 23:54:56.868"),
        ("02:30:00 CEST Oct 25 2026", "2026-10-25 00:30:00"),
        ("02:30:00 CET Oct 25 2026", "2026-10-25 01:30:00"),
        # An unknown name: the zone of the source, first reading of the repeated hour.
        ("02:30:00 XYZ OCT 25 2026", "2026-10-25 00:30:00"),
        ("14:31:37.268 UTC Tue May 12 2015", "2015-05-12 14:31:37.268"),
    ],
)
def test_stamps(stamp: str, expected: str) -> None:
    assert parse(i13=f'"{stamp}"').events["started_at"].to_list() == [datetime.fromisoformat(expected)]


@pytest.mark.parametrize(
    ("uri", "number"),
    [
        ('"sip:+48501000009@x"', "48501000009"),
        ('"<tel:+48501000009;phone-context=x>"', "48501000009"),
        ('"501000009"', "48501000009"),
        ("\"'sip:1@x'<sip:501000009@x>\"", "48501000009"),
    ],
)
def test_user_part(uri: str, number: str) -> None:
    assert parse(i9=uri).events["a_number"].to_list() == [number]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"i13": '"15:54 DEC 18 2017"'}, ("UNREADABLE_DATE", "setup")),
        ({"i13": '"25:54:56.868 PST DEC 18 2017"'}, ("UNREADABLE_DATE", "setup")),
        ({"i13": '"02:30:00 XYZ MAR 29 2026"'}, ("UNREADABLE_DATE", "setup")),
        ({"i13": '"15:54:56.868 PST DEC 18 1970"'}, ("DATE_OUT_OF_RANGE", "setup")),
        ({"i12": '""'}, ("NOT_A_NUMBER", "length")),
        ({"i12": "99999999"}, ("DURATION_TOO_LONG", "length")),
        ({"i10": '"<sip:anonymous@x>"'}, ("INVALID_NUMBER", "called")),
        ({"i9": '"<sip:anonymous@x>"'}, ("INVALID_NUMBER", "calling")),
    ],
)
def test_bad_fields(values: dict[str, str], expected: tuple[str, str]) -> None:
    (problem,) = parse(**values).problems
    assert (problem.code, problem.field) == expected
