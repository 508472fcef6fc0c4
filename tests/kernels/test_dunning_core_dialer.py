"""Files of a dialer: columns that stay, results in any usual spelling, and no line that stops the others."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning_core.contact.results import FIELDS, RESULTS, CallResult, Fault, read_result
from dunning_core.dialer import CALL_COLUMNS, Line, PlannedCall, read_results, write_csv, write_json

NOW = datetime(2026, 10, 26, 12, 0, tzinfo=UTC)
CALL = PlannedCall(
    7, 2, "W/2026/000001", "100000017", "=HYPERLINK(1)", ("+48600100200", "+48221002030"), "pl", Decimal("1234.5"),
    "PLN", date(2026, 10, 5), 21, "Call", None, NOW, 8, 20, "Dzień dobry;\n\"cytat\"",
)  # fmt: skip
GOOD = {"call_id": 7, "attempt": 2, "called_at": "2026-10-26T09:30:00+01:00", "result": "reached"}


def lines(content: bytes) -> list[Line]:
    found = read_results(content)
    assert isinstance(found, list), found
    return found


def test_columns_of_version_1_never_move() -> None:
    assert ",".join(CALL_COLUMNS) == (
        "version,call_id,attempt,case,account,name,phone_1,phone_2,phone_3,language,amount,currency,oldest_due,"
        "days_overdue,stage,last_contact,not_before,hour_from,hour_to,script"
    )
    assert ",".join(FIELDS) == (
        "call_id,attempt,called_at,phone,result,minutes,promise_amount,promise_date,callback_at,note"
    )


def test_calls_written_as_csv() -> None:
    content = write_csv([CALL])
    assert content.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")
    assert row["name"] == "'=HYPERLINK(1)", "no formula for a spreadsheet"
    assert (row["phone_1"], row["phone_2"], row["phone_3"]) == ("+48600100200", "+48221002030", "")
    assert (row["amount"], row["oldest_due"], row["last_contact"]) == ("1234.50", "2026-10-05", "")
    assert row["script"] == CALL.script


def test_calls_written_as_json() -> None:
    data = json.loads(write_json([CALL]))
    assert data["version"] == 1
    assert list(data["calls"][0]) == list(CALL_COLUMNS)
    assert data["calls"][0]["phone_3"] is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1250", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_spellings_of_a_file(encoding: str, delimiter: str, end: str) -> None:
    rows = [["Call_ID ", "attempt", "called_at", "RESULT", "note"], ["7", "2", "26.10.2026 09:30", "Reached", "zażółć"]]
    text = end.join(delimiter.join(row) for row in rows) + end
    (line,) = lines(text.encode(encoding))
    assert line.number == 2
    found = read_result(line.values, NOW)
    assert found == CallResult(7, 2, "reached", datetime(2026, 10, 26, 8, 30, tzinfo=UTC), note="zażółć")


def test_lines_that_are_torn_do_not_stop_the_others() -> None:
    text = "call_id;attempt;called_at;result\n7;2\n\n7;2;2026-10-26 09:30;reached;x;y\n8;1;2026-10-26 09:30;refuse\n"
    found = lines(text.encode())
    assert [(line.number, line.fault.code if line.fault else "") for line in found] == [
        (2, "COLUMNS"),
        (4, "COLUMNS"),
        (5, ""),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "EMPTY"),
        (b"  \n", "EMPTY"),
        (b"\xff\xfea", "ENCODING"),
        (b"ala;ma\n1;2", "NO_COLUMN"),
        (b"{", "NO_JSON"),
        (b"[" * 100_000, "NO_JSON"),
        (b'{"version": 2, "results": []}', "UNKNOWN"),
        (b'{"version": 1}', "MISSING"),
    ],
)
def test_no_file_of_results(content: bytes, code: str) -> None:
    found = read_results(content)
    assert isinstance(found, Fault)
    assert found.code == code


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"call_id": ""}, "call_id", "MISSING"),
        ({"call_id": "x"}, "call_id", "NO_NUMBER"),
        ({"call_id": -1}, "call_id", "NO_NUMBER"),
        ({"call_id": True}, "call_id", "NO_NUMBER"),
        ({"call_id": "99999999999999"}, "call_id", "NO_NUMBER"),
        ({"attempt": 0}, "attempt", "NO_NUMBER"),
        ({"result": None}, "result", "MISSING"),
        ({"result": "hurra"}, "result", "UNKNOWN"),
        ({"called_at": None}, "called_at", "MISSING"),
        ({"called_at": "wczoraj"}, "called_at", "NO_MOMENT"),
        ({"called_at": "2026-10-27T09:00:00Z"}, "called_at", "FUTURE"),
        ({"minutes": "-1"}, "minutes", "OUT_OF_RANGE"),
        ({"minutes": "NaN"}, "minutes", "OUT_OF_RANGE"),
        ({"minutes": "dwie"}, "minutes", "NO_NUMBER"),
        ({"result": "promise", "promise_date": "2026-11-03"}, "promise_amount", "MISSING"),
        ({"result": "promise", "promise_amount": "0"}, "promise_amount", "MISSING"),
        ({"result": "promise", "promise_amount": "10"}, "promise_date", "MISSING"),
        ({"result": "promise", "promise_amount": "10", "promise_date": "31.02.2027"}, "promise_date", "NO_DATE"),
        ({"result": "promise", "promise_amount": "10", "promise_date": "2026-10-25"}, "promise_date", "PAST"),
        ({"result": "promise", "promise_amount": "10", "promise_date": "2036-10-25"}, "promise_date", "TOO_FAR"),
        ({"result": "callback"}, "callback_at", "MISSING"),
        ({"result": "callback", "callback_at": "2026-10-26 08:00"}, "callback_at", "PAST"),
    ],
)
def test_every_fault_names_its_field(change: dict[str, object], field: str, code: str) -> None:
    found = read_result({**GOOD, **change}, NOW)
    assert isinstance(found, Fault)
    assert (found.field, found.code) == (field, code)


def test_a_promise_in_polish_spelling() -> None:
    row = {**GOOD, "result": "promise", "promise_amount": "1 234,50", "promise_date": "03.11.2026", "minutes": "2,5"}
    found = read_result(row, NOW)
    assert isinstance(found, CallResult)
    assert (found.promise_amount, found.promise_date) == (Decimal("1234.50"), date(2026, 11, 3))
    assert (found.minutes, found.reached) == (Decimal("2.5"), True)


def test_only_what_the_customer_heard_reached_him() -> None:
    extra = {"promise_amount": "1", "promise_date": "2026-10-27", "callback_at": "2026-10-27 10:00"}
    found = {name: read_result({**GOOD, **extra, "result": name}, NOW) for name in RESULTS}
    missed = {name for name, one in found.items() if isinstance(one, CallResult) and not one.reached}
    assert missed == {"no_answer", "wrong_number"}


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    found = read_results(content)
    if isinstance(found, list):
        assert all(isinstance(line.fault or read_result(line.values, NOW), (Fault, CallResult)) for line in found)


ANY = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.lists(st.integers())


@given(st.dictionaries(st.sampled_from(FIELDS), ANY))
def test_no_values_break_the_check(row: dict[str, object]) -> None:
    assert isinstance(read_result(row, NOW), (Fault, CallResult))


@given(st.lists(st.sampled_from(["7;1;2026-10-26 09:30;reached", "x", ";;;", '"', "8;2;x;y"]), max_size=8))
def test_every_line_is_told_by_its_number(rows: list[str]) -> None:
    text = "\n".join(["call_id;attempt;called_at;result", *rows])
    found = lines(text.encode())
    numbers = [line.number for line in found]
    assert numbers == sorted(set(numbers))
    assert all(2 <= number <= len(rows) + 1 for number in numbers)
