from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk_core import (
    NULL,
    Number,
    RowTemplate,
    copy_token,
    date_token,
    decimal_token,
    id_token,
    json_token,
    money_token,
)


def unescape(token: str) -> str:
    """What PostgreSQL reads."""
    names = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "\\": "\\"}
    parts, escaped = [], False
    for char in token:
        if escaped:
            parts.append(names[char])
        elif char != "\\":
            parts.append(char)
        escaped = char == "\\" and not escaped
    return "".join(parts)


@given(st.text())
def test_text_survives(text):
    token = copy_token(text)
    assert not set(token) & set("\t\n\r")
    assert unescape(token) == text


@given(st.integers(-(10**9), 10**9))
def test_money(grosz):
    token = money_token(grosz)
    assert Decimal(token) * 100 == grosz
    assert token.partition(".")[2].isdigit() and len(token.partition(".")[2]) == 2
    assert token != "-0.00"


def test_what_the_database_escapes_is_escaped_the_same_way():
    assert copy_token("a\vb\fc\bd\te\nf\rg\\h\u2028i") == "a\\vb\\fc\\bd\\te\\nf\\rg\\\\h\u2028i"


def test_tokens():
    assert (copy_token(None), id_token(None), id_token(0), id_token(7)) == (r"\N", r"\N", r"\N", "7")
    assert (date_token(None), date_token(date(2026, 11, 1))) == (r"\N", "2026-11-01")
    assert (decimal_token(Decimal("1"), 2), decimal_token(Decimal("-2.5"), 2)) == ("1.00", "-2.50")


def test_template_keeps_what_does_not_vary():
    template = RowTemplate(
        ("id", "data", "total", "rest"),
        ("1", '{"a": {}}', "5.00", "5.00"),
        {
            "id": 0,
            "total": 1,
            "rest": 1,
            "unknown": 9,
        },
    )
    assert template.format(7, "{8}") == '7\t{"a": {}}\t{8}\t{8}'
    assert template.differing((1, "5.00"), ("1", '{"a": {}}', "5.00", "5.00")) == []
    assert template.differing((1, "5.00"), ("1", "{}", "5.00", "6.00")) == [
        'data ({"a": {}} / {})',
        "rest (5.00 / 6.00)",
    ]


def test_template_asks_for_a_token_of_each_column():
    with pytest.raises(ValueError, match="argument"):
        RowTemplate(("id", "name"), ("1",), {})


def test_numbers():
    first = Number("FA/2026/", 99_998, "", 5)
    assert [first.text(place) for place in range(3)] == ["FA/2026/99998", "FA/2026/99999", "FA/2026/100000"]
    assert first.after(2).text() == "FA/2026/100000"
    assert Number("F", 7, "/A", 3).text(1) == "F008/A"


@pytest.mark.parametrize(("prefix", "suffix"), [("FA/2026", ""), ("FA/", "/2026")])
def test_digits_beside_the_number(prefix, suffix):
    with pytest.raises(ValueError, match="digits"):
        Number(prefix, 1, suffix)


@given(st.dictionaries(st.text(), st.text()))
def test_json_survives(data):
    token = json_token(json.dumps(data, ensure_ascii=False))
    assert not set(token) & set("\t\n\r")
    assert json.loads(unescape(token)) == data


def test_no_json():
    assert json_token(None) == NULL


def test_what_does_not_vary_can_be_asked():
    row = RowTemplate(["id", "state", "ref"], ["7", "posted", NULL], {"id": 0})
    assert (row.token("state"), row.token("ref"), row.token("elsewhere")) == ("posted", NULL, None)
