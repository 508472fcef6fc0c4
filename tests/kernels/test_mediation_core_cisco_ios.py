"""Cisco IOS and CUBE file accounting: both forms, legs, features, who pays."""

from __future__ import annotations

import dataclasses
from datetime import datetime

import pytest
from mediation_checks import read
from mediation_samples import IOS, ios_line

from mediation_core import NumberingProfile, SourceProfile
from mediation_core.values import Chunk

POLAND = SourceProfile()
NAME = "cisco_ios"
RDN = 97
CHARGE_NUMBER = 76
ACCOUNT_CODE = 32


def with_options(**options: str) -> SourceProfile:
    return dataclasses.replace(POLAND, options=options)


def parse(profile: SourceProfile = POLAND, **values: object) -> Chunk:
    return read(NAME, ios_line(**values).encode(), profile)  # type: ignore[arg-type]


def test_the_sample() -> None:
    result = read(NAME, IOS, POLAND)
    assert (result.rows, result.ignored) == (11, 3)
    compact, detailed = result.events.rows(named=True)
    assert (compact["a_number"], compact["b_number"]) == ("48501000001", "493012345678")
    assert compact["started_at"] == datetime.fromisoformat("2026-10-14 15:58:20.169")
    assert compact["answered_at"] == datetime.fromisoformat("2026-10-14 15:58:30.829")
    assert compact["units"] == 241, "every started second of 240.020 s"
    assert compact["session_key"] == "80CD1398 50739150 854F5801 AC117AEF"
    assert compact["dedupe_key"] == "i:80CD1398 50739150 854F5801 AC117AEF|788957|17:58:20.169 CEST Wed Oct 14 2026"
    assert detailed["started_at"] == datetime.fromisoformat("2026-10-14 17:58:20.169"), "an unsure clock still counts"
    assert [(p.line_no, p.code, p.field) for p in result.problems] == [
        (6, "INVALID_NUMBER", "dnis"),
        (7, "NEGATIVE_DURATION", "disconnect"),
        (8, "UNKNOWN_VALUE", "origin"),
        (9, "UNREADABLE_DATE", "setup"),
        (10, "TOO_FEW_COLUMNS", ""),
        (11, "INVALID_FORMAT", ""),
    ]


@pytest.mark.parametrize(("rounding", "seconds"), [("up", 241), ("half", 240), ("down", 240)])
def test_whole_seconds(rounding: str, seconds: int) -> None:
    assert parse(with_options(rounding=rounding)).events["units"].to_list() == [seconds]


@pytest.mark.parametrize("origin", ["answer", "originate"])
def test_legs_of_one_side_count(origin: str) -> None:
    for leg in ("answer", "originate"):
        found = parse(with_options(leg=leg), origin=origin)
        assert (found.events.height, found.ignored) == ((1, 0) if leg == origin else (0, 1))


@pytest.mark.parametrize("detailed", [False, True])
@pytest.mark.parametrize(
    ("feature", "counts"), [("TWC", 1), ("fn:TWC", 1), ("", 1), ("HOLD", 0), ("CFNA", 0), ("BXFER", 0)]
)
def test_features_repeat_a_leg(feature: str, counts: int, detailed: bool) -> None:
    assert parse(detailed=detailed, feature=feature).events.height == counts


def test_not_answered() -> None:
    assert parse(connect="", disconnect="17:58:40.000 CEST Wed Oct 14 2026").ignored == 1
    assert (
        parse(connect="17:58:40.000 CEST Wed Oct 14 2026", disconnect="17:58:40.000 CEST Wed Oct 14 2026").ignored == 1
    )
    answered = parse(connect="17:58:40.000 CEST Wed Oct 14 2026", disconnect="17:58:40.001 CEST Wed Oct 14 2026")
    assert answered.events["units"].to_list() == [1]


@pytest.mark.parametrize(
    ("places", "options", "payer"),
    [
        ({}, {}, None),
        ({RDN: "ton:0,npi:0,pi:0,si:1,#:601000009"}, {}, "48601000009"),
        ({RDN: "ton:1,npi:1,#:+48601000009"}, {}, "48601000009"),
        ({RDN: "ton:0,npi:0,pi:0,si:1,#:601000009"}, {"redirecting_pays": ""}, "48601000009"),
        ({RDN: "ton:0,npi:0,pi:0,si:1,#:601000009"}, {"redirecting_pays": "0"}, None),
        ({CHARGE_NUMBER: "221112233", RDN: "ton:0,#:601000009"}, {}, "48221112233"),
    ],
)
def test_who_pays(places: dict[int, str], options: dict[str, str], payer: str | None) -> None:
    found = parse(with_options(**options), detailed=True, places=places)
    assert found.events["charged_number"].to_list() == [payer]


def test_account_code_of_the_detailed_form() -> None:
    assert parse(detailed=True, places={ACCOUNT_CODE: "ACME"}).events["account_code"].to_list() == ["ACME"]
    nobody = parse(detailed=True, clid="", places={ACCOUNT_CODE: "ACME"})
    assert nobody.events["a_number"].to_list() == [None]


def test_a_public_record() -> None:
    """Of a gateway in Krasnoyarsk: its zone has no name that means one thing, so the zone of the source counts."""
    line = (
        '1426682737,788958,0,1,"80CD1398 50739150 854F5801 AC117AEF","","","19:45:04.525 KRSK Wed Mar 18 2015",'
        '"19:45:08.415 KRSK Wed Mar 18 2015","19:45:11.815 KRSK Wed Mar 18 2015","19:45:37.185 KRSK Wed Mar 18 2015","","",'
        '"originate",0,"",1413,237384,598,94168,"662","3912000000","89830000000"'
    )
    russia = SourceProfile("Asia/Krasnoyarsk", NumberingProfile("7", 10, "810", "8"))
    options = {"rounding": "down", "leg": "originate"}
    (event,) = read(NAME, line.encode(), dataclasses.replace(russia, options=options)).events.rows(named=True)
    assert event["started_at"] == datetime.fromisoformat("2015-03-18 12:45:04.525")
    assert (event["a_number"], event["b_number"]) == ("73912000000", "79830000000")
    assert event["units"] == 25, "as its own session time says"
