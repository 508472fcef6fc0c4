"""Lists of virtual accounts taken over from an older system."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank_core import nrb, number_list
from bank_core.number_list import Row, read

GOOD = nrb.virtual_nrb("102055614444", 7).nrb


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1250", "iso-8859-2"])
def test_every_way_of_writing_it(separator: str, end: str, encoding: str) -> None:
    text = end.join([f"Numer płatnika{separator}Rachunek", f'1000017{separator}"PL {nrb.pretty(GOOD)}"', ""])
    assert list(read(text.encode(encoding))) == [Row(2, "1000017", GOOD)]


def test_a_first_line_with_numbers_is_no_heading() -> None:
    assert list(read(f"A1;{GOOD}".encode())) == [Row(1, "A1", GOOD)]


@pytest.mark.parametrize(
    ("line", "field", "code"),
    [
        ("1000017", "", "COLUMNS"),
        (f"1000017;{GOOD};x", "", "COLUMNS"),
        (f";{GOOD}", "account", "ACCOUNT_EMPTY"),
        ("1000017;-", "nrb", "NRB_EMPTY"),
        ("1000017;12", "nrb", "NRB_LENGTH"),
        (f"1000017;{GOOD[:-1]}X", "nrb", "NRB_CHARACTERS"),
        (f"1000017;{GOOD[:-1]}{(int(GOOD[-1]) + 1) % 10}", "nrb", "NRB_CHECK_DIGITS"),
    ],
)
def test_what_is_wrong_is_told_by_line_and_field(line: str, field: str, code: str) -> None:
    [_good, bad] = read(f"5;{GOOD}\n{line}\n".encode())
    assert (bad.line, bad.field, bad.code) == (2, field, code)


def test_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(number_list, "MAX_SIZE", 10)
    with pytest.raises(ValueError, match="too long"):
        list(read(b"1" * 11))


@given(st.binary(max_size=400))
def test_no_bytes_raise(content: bytes) -> None:
    lines = [row.line for row in read(content)]
    assert lines == sorted(lines)
    assert all(row.code or nrb.is_valid(row.nrb) for row in read(content))
