"""Codes of zones: what people write, and what is no code."""

from __future__ import annotations

import pytest

from catalog_core.zone_codes import check_code, make_code, split_code


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("network", " 26006 ", "net:26006"),
        ("network", "net:26006", "net:26006"),
        ("network", "310", "net:310"),
        ("network", "310410", "net:310410"),
        ("network", "DEUD1", "net:deud1"),
        ("incoming", "*", "in:*"),
        ("apn", "Internet.PL", "apn:internet.pl"),
        ("rating_group", "100", "rg:100"),
        ("vod", "film-77", "vod:film-77"),
        ("usage", "Data", "data"),
        ("other", "ss:21", "ss:21"),
    ],
)
def test_codes(kind: str, value: str, code: str) -> None:
    assert check_code(kind, value) is None
    assert make_code(kind, value) == code
    assert make_code(*split_code(code)) == code
    assert split_code(code)[0] == kind


@pytest.mark.parametrize(
    ("kind", "value", "problem"),
    [
        ("apn", " ", "CODE_EMPTY"),
        ("apn", "a b", "CODE_SPACES"),
        ("apn", "a,b", "CODE_SPACES"),
        ("apn", "a" * 100, "CODE_LONG"),
        ("network", "2600", "CODE_NETWORK"),
        ("network", "26006**", "CODE_NETWORK"),
        ("network", "DEUD", "CODE_NETWORK"),
        ("incoming", "1", "CODE_NETWORK"),
        ("rating_group", "a", "CODE_GROUP"),
        ("rating_group", "٣", "CODE_GROUP"),
        ("usage", "fax", "CODE_USAGE"),
        ("other", "net:26006", "CODE_OTHER"),
        ("other", "data", "CODE_OTHER"),
    ],
)
def test_what_is_no_code(kind: str, value: str, problem: str) -> None:
    found = check_code(kind, value)
    assert found is not None and found.code == problem
