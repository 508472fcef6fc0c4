"""FreeSWITCH: templates of mod_cdr_csv and bodies of mod_json_cdr."""

from __future__ import annotations

from datetime import datetime

import pytest
from mediation_checks import assert_chunk_size_changes_nothing, read
from mediation_samples import ANY_NUMBER, DATA, FREESWITCH, FREESWITCH_JSON

from mediation_core import SourceProfile
from mediation_core.values import Chunk

POLAND = SourceProfile()
CSV, JSON = "freeswitch_csv", "freeswitch_json"
GOOD = FREESWITCH.decode().split("\n")[0]


def parse(*lines: str, **options: str) -> Chunk:
    return read(CSV, "\n".join(lines).encode(), SourceProfile(options=options))


class TestCsv:
    def test_built_in_template(self) -> None:
        result = read(CSV, FREESWITCH, POLAND)
        assert (result.rows, result.ignored) == (5, 1)
        event = result.events.row(0, named=True)
        assert (event["a_number"], event["b_number"], event["account_code"]) == ("48501000001", "48221234567", "ACME")
        assert event["started_at"] == datetime.fromisoformat("2026-10-14 15:58:20")
        assert event["answered_at"] == datetime.fromisoformat("2026-10-14 15:58:30")
        assert (event["units"], event["dedupe_key"]) == (240, "u:d80e22e0-4c15-11ea-97a0-9dd79410affb")
        # Answered without a second, ended by the operator: an event all the same.
        assert result.events.row(1, named=True)["units"] == 0

    def test_a_quote_in_a_name_spoils_its_row_only(self) -> None:
        result = read(CSV, FREESWITCH, POLAND)
        assert [(p.line_no, p.code, p.field, p.value) for p in result.problems] == [
            (3, "INVALID_FORMAT", "", result.problems[0].raw[:60]),
            (5, "UNREADABLE_DATE", "start_stamp", "2020/2/10 22:41"),
        ]

    def test_by_columns_and_one_by_one(self) -> None:
        many = (FREESWITCH.decode() + "".join(GOOD.replace("affb", f"{n:04}") + "\n" for n in range(300))).encode()
        assert_chunk_size_changes_nothing(CSV, many, POLAND, 40, 111)

    def test_example_and_asterisk_templates(self) -> None:
        assert parse(GOOD + ',"PCMA","PCMA"', template="example").events.height == 1
        assert parse(GOOD, template="example").problems[0].code == "TOO_FEW_COLUMNS"
        line = (
            '"ACME","501000001","221234567","default","""Jan"" <501000001>","sofia/a","sofia/b","bridge","x",'
            '"2026-10-14 17:58:20","2026-10-14 17:58:30","2026-10-14 18:02:30",250,240,"NORMAL_CLEARING","DOCUMENTATION",'
            '"d80e22e0",""'
        )
        result = parse(line.replace('""Jan"" ', "Jan "), template="asterisk")
        assert result.events.row(0, named=True)["account_code"] == "ACME"
        assert result.events["units"].to_list() == [240]

    @pytest.mark.parametrize(("rounding", "units"), [("up", 68), ("half", 68), ("down", 67)])
    def test_own_template_with_epochs_and_milliseconds(self, rounding: str, units: int) -> None:
        columns = "${caller_id_number},${destination_number},${start_uepoch},${answer_uepoch},${answer_stamp},${billsec},${billmsec},${uuid}"
        line = '501000001,221234567,1515666344534355,1515666347954373,"2018-01-11 11:25:47",68,67540,u-1'
        result = parse(line, template="own", columns=columns, rounding=rounding)
        event = result.events.row(0, named=True)
        assert event["started_at"] == datetime.fromisoformat("2018-01-11 10:25:44.534355")
        assert event["answered_at"] == datetime.fromisoformat("2018-01-11 10:25:47.954373")
        assert event["units"] == units

    def test_a_template_without_a_needed_variable_refuses_the_file(self) -> None:
        result = parse(GOOD, template="own", columns="uuid,billsec,caller_id_number,destination_number")
        assert result.file_problem is not None
        assert result.file_problem.params["detail"] == "columns without answer_stamp"

    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            ('"240"', '"-4"', ("NEGATIVE_DURATION", "length", "-4")),
            ('"240"', '"4:00"', ("NOT_A_NUMBER", "length", "4:00")),
            ('"250"', '"100"', ("DURATION_MISMATCH", "length", "240")),
            ('"250"', '"soon"', ("NOT_A_NUMBER", "duration", "soon")),
            ("2026-10-14 17:58:20", "1999-10-14 17:58:20", ("DATE_OUT_OF_RANGE", "start_stamp", "1999-10-14 17:58:20")),
            ("2026-10-14 17:58:20", "2026-03-29 02:10:00", ("NONEXISTENT_TIME", "start_stamp", "2026-03-29 02:10:00")),
            ("221234567", "conference", ("INVALID_NUMBER", "destination_number", "conference")),
        ],
    )
    def test_bad_fields(self, old: str, new: str, expected: tuple[str, str, str]) -> None:
        (problem,) = parse(GOOD.replace(old, new)).problems
        assert (problem.code, problem.field, problem.value) == expected


class TestJson:
    def test_the_sample_body(self) -> None:
        result = read(JSON, (DATA / "freeswitch/mod_json_cdr_body.json").read_bytes(), ANY_NUMBER)
        (event,) = result.events.rows(named=True)
        # By hand: start_uepoch 1515666344534355, answer_uepoch 1515666347954373, billmsec 67540.
        assert (event["a_number"], event["b_number"]) == ("1001", "1002")
        assert event["started_at"] == datetime.fromisoformat("2018-01-11 10:25:44.534355")
        assert event["answered_at"] == datetime.fromisoformat("2018-01-11 10:25:47.954373")
        assert (event["duration_s"], event["line_no"]) == (68, 1)
        assert event["dedupe_key"] == "u:3da8bf84-c133-4959-9e24-e72875cb33a1"
        assert len(event["raw"]) < 700

    def test_an_array_with_broken_and_unanswered_objects(self) -> None:
        result = read(JSON, FREESWITCH_JSON, SourceProfile())
        assert (result.rows, result.ignored) == (10, 3)
        assert result.events["dedupe_key"].to_list() == ["u:3da8bf84-c133-4959-9e24-e72875cb33a1", "u:u-1", "u:u-6"]
        event = result.events.row(1, named=True)
        assert (event["a_number"], event["b_number"], event["account_code"]) == ("48501000001", "48221234567", "50%")
        codes = [(p.code, p.field or p.params.get("detail", "")) for p in result.problems]
        assert ("NOT_A_NUMBER", "length") in codes
        assert ("INVALID_FORMAT", "no object") in codes

    @pytest.mark.parametrize(("encoded", "account"), [("auto", "a b"), ("yes", "a b"), ("no", "a%20b")])
    def test_encoded_values(self, encoded: str, account: str) -> None:
        body = (
            b'{"variables":{"uuid":"1","caller_id_number":"501000001","destination_number":"112","answer_epoch":"1791993500",'
            b'"start_epoch":"1791993500","billsec":5,"accountcode":"a%20b"}}'
        )
        result = read(JSON, body, SourceProfile(options={"encoded": encoded}))
        assert result.events["account_code"].to_list() == [account]

    @pytest.mark.parametrize(
        ("text", "rows", "events"),
        [
            ("{A}", 1, 1),
            ("{A}{B}", 2, 2),
            ("[{A},{B}]", 2, 2),
            ("{A\n}\n{B\n\n}", 2, 2),
            ("{A\n{B}", 2, 1),
            ("x{A}", 2, 1),
            ("[[[{A}]]", 1, 1),
            ('{"x": "}{\\""}{A}', 2, 1),
            ('{"x": "}\n{A}', 2, 1),
            ("[]", 0, 0),
            ("17", 1, 0),
        ],
    )
    def test_ways_to_write_objects(self, text: str, rows: int, events: int) -> None:
        for letter in "AB":
            one = f'"uuid":"{letter}","caller_id_number":"501000001","destination_number":"112","answer_epoch":"1791993500"'
            text = text.replace(letter, one + ',"start_epoch":"1791993500","billsec":"5"', 1)
        result = read(JSON, text.encode(), SourceProfile())
        assert (result.events.height, result.rows) == (events, rows)
