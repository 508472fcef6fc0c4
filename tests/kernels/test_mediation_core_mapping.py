"""Formats that a user describes: fixed width, CSV, JSON, XML; conversions; declared figures; preview; faulty mappings."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mediation_checks import assert_chunk_size_changes_nothing, assert_rows_replay, read
from mediation_mappings import WHOLESALE, iso, one
from mediation_samples import (
    ANY_NUMBER,
    CGRATES,
    DATA,
    FIXED,
    REPORT,
    XML_MAPPING,
    mapped,
)

from mediation_core import NumberingProfile, SourceProfile, get_format
from mediation_core.mapping import CLOCKS, TARGETS

NUMBERS = [{"target": "a_number", "source": "2"}, {"target": "b_number", "source": "3"}]
GOOD = "2026-10-14 17:58:20;501000001;221234567;60;7;z"


class TestFixedWidth:
    def test_the_wholesale_sample(self) -> None:
        result = read("generic_fixed", WHOLESALE, FIXED)
        assert (result.rows, result.events.height, result.ignored, result.problems) == (33, 33, 0, [])
        first = result.events.row(0, named=True)
        assert (first["line_no"], first["a_number"], first["b_number"]) == (2, "31123451234", "31123123120")
        # 18:15:06 in Amsterdam in July.
        assert first["started_at"] == iso("2012-07-08 16:15:06")
        assert (first["duration_s"], first["cost_micro"], first["cost_currency"]) == (18, 90_000, "EUR")
        # Trailer: 33 records, 000000305500 = 30 min 55 s, 100 of the smallest unit; header and trailer: file 309.
        assert result.events["duration_s"].sum() == 1855
        assert result.control is not None
        assert (result.control.sequence, result.control.rows, result.control.units) == (309, 33, 1855)
        assert (result.control.amount_micro, result.file_problem) == (1_000_000, None)

    @pytest.mark.parametrize(
        ("old", "new", "field", "declared", "counted"),
        [
            (b"00000033", b"00000034", "rows", "34", "33"),
            (b"000000305500", b"000000305600", "units", "1856", "1855"),
            (b"00000000010000000001", b"00000000010100000001", "amount", "1.01", "1"),
            (b"00030900000033", b"00031000000033", "sequence", "310", "309"),
        ],
    )
    def test_a_trailer_that_differs_refuses_the_file(
        self, old: bytes, new: bytes, field: str, declared: str, counted: str
    ) -> None:
        assert old in WHOLESALE
        refused = read("generic_fixed", WHOLESALE.replace(old, new), FIXED).file_problem
        assert refused is not None
        shown = {"field": field, "declared": declared, "counted": counted}
        assert refused.code == "AUDIT_MISMATCH"
        assert refused.params in (shown, shown | {"declared": counted, "counted": declared})

    def test_a_missing_record_or_trailer_refuses_the_file(self) -> None:
        lines = WHOLESALE.split(b"\n")
        lost = read("generic_fixed", b"\n".join(lines[:5] + lines[6:]), FIXED)
        assert lost.file_problem is not None
        assert (lost.file_problem.code, lost.file_problem.params["field"]) == ("AUDIT_MISMATCH", "rows")
        cut = read("generic_fixed", WHOLESALE[:5000], FIXED)
        assert cut.file_problem is not None
        assert cut.file_problem.code == "TRUNCATED"

    def test_a_bad_record_is_still_counted(self) -> None:
        result = read("generic_fixed", WHOLESALE.replace(b"20120708181506", b"20129908181506", 1), FIXED)
        assert [(p.code, p.field, p.value) for p in result.problems] == [("UNREADABLE_DATE", "14:28", "20129908181506")]
        assert result.file_problem is None

    def test_unknown_record_types_are_problems(self) -> None:
        result = read("generic_fixed", WHOLESALE.replace(b"\nCDR0000020", b"\nXXX\nCDR0000020"), FIXED)
        assert [(p.code, p.field, p.value) for p in result.problems] == [("UNKNOWN_VALUE", "0:3", "XXX")]


class TestCsvSamples:
    def test_names_in_the_first_line(self) -> None:
        data = (DATA / "generic_csv/cdrstats_CDRImport-2015-10-26.csv").read_bytes()
        profile = mapped(
            {
                "header": True,
                "key": ["callid"],
                "columns": [
                    {"target": "started_at", "source": "starting_date"},
                    {"target": "a_number", "source": "caller_id_number"},
                    {"target": "b_number", "source": "destination_number"},
                    {"target": "duration_s", "source": "billsec"},
                    {"target": "account_code", "source": "accountcode"},
                ],
            },
            ANY_NUMBER,
        )
        result = read("generic_csv", data, profile)
        assert result.events["duration_s"].to_list() == [50, 10, 34, 11, 5]
        assert result.events["b_number"][0] == "34798400122"
        assert result.events["dedupe_key"][0] == "k:96aa82fe-7bd1-11e5-a230-5c514f6a0f72"
        assert result.events["line_no"].to_list() == [2, 3, 4, 5, 6]

    def test_words_for_what_counts(self) -> None:
        result = read("generic_csv", (DATA / "generic_csv/cdrstats_import_voipcall_report.txt").read_bytes(), REPORT)
        plain = (DATA / "generic_csv/cdrstats_import_voipcall_report.txt").read_text().split("\n")
        answered = [line.split(",") for line in plain if '"ANSWER"' in line]
        assert result.events["duration_s"].to_list() == [int(fields[4]) for fields in answered]
        assert (result.rows, result.ignored, len(answered)) == (10, 6, 3)
        # The last line of the sample ends after six of its seven columns.
        assert [(p.line_no, p.code) for p in result.problems] == [(10, "TOO_FEW_COLUMNS")]

    def test_semicolons_and_comments(self) -> None:
        result = read("generic_csv", (DATA / "generic_csv/cgrates_fileContent2.csv").read_bytes(), CGRATES)
        assert (result.rows, result.ignored) == (3, 0)
        assert result.events["duration_s"].to_list() == [62, 123, 26]
        assert result.events["a_number"].to_list() == ["1001", "1001", "1001"]
        assert result.events["started_at"][0] == iso("2013-02-03 19:54:00")

    def test_a_layout_with_more_after_the_stamp(self) -> None:
        data = (DATA / "generic_csv/cgrates_fileContent1.csv").read_bytes()
        profile = mapped(
            {
                "columns": [
                    {"target": "a_number", "source": "9"},
                    {"target": "b_number", "source": "11"},
                    {"target": "started_at", "source": "12", "pattern": r"^(\S+ \S+) ", "timezone": "UTC"},
                    {"target": "answered_at", "source": "13", "pattern": r"^(\S+ \S+) ", "timezone": "UTC"},
                    {"target": "duration_s", "source": "14", "unit": "1h2m3s"},
                    {"target": "cost_micro", "source": "15"},
                    {"target": "cost_currency", "constant": "EUR"},
                ]
            },
            ANY_NUMBER,
        )
        first, second = read("generic_csv", data, profile).events.rows(named=True)
        assert (first["duration_s"], second["duration_s"]) == (10, 20)
        assert (first["cost_micro"], first["cost_currency"]) == (1_010_000, "EUR")
        assert first["answered_at"] == iso("2013-11-07 08:42:26")


class TestConversions:
    def test_date_and_time_of_day_in_columns_of_their_own(self) -> None:
        start = {"source": "1", "second": "6", "layout": "%d.%m.%Y %H:%M:%S"}
        profile = mapped(
            {
                "delimiter": ";",
                "columns": [{"target": "started_at"} | start, *NUMBERS, {"target": "duration_s", "source": "4"}],
            }
        )
        found = read("generic_csv", b"14.10.2026;501000001;221234567;60;7;17:58:20", profile)
        assert found.events["started_at"].to_list() == [iso("2026-10-14 15:58:20")]
        assert_rows_replay("generic_csv", found, profile)
        (problem,) = one("14.10.2026;501000001;221234567;60;7;noon", columns={"started_at": start}).problems
        assert (problem.code, problem.field, problem.value) == ("UNREADABLE_DATE", "1 + 6", "14.10.2026 noon")

    @pytest.mark.parametrize(
        ("text", "entry", "seconds"),
        [
            ("61", {}, 61),
            ("60.001", {}, 61),
            ("60.5", {"rounding": "half"}, 61),
            ("60.499999", {"rounding": "half"}, 60),
            ("60.999", {"rounding": "down"}, 60),
            ("1500", {"unit": "ms"}, 2),
            ("1.5", {"unit": "min"}, 90),
            ("0.1", {"unit": "h"}, 360),
            ("7", {"unit": "6"}, 42),
            ("1:02:03", {"unit": "hh:mm:ss"}, 3723),
            ("02:03", {"unit": "hh:mm:ss"}, 123),
            ("02:03.001", {"unit": "hh:mm:ss"}, 124),
            ("010203", {"unit": "hhmmss"}, 3723),
            ("000000305500", {"unit": "hhmmsscc"}, 1855),
            ("00001801", {"unit": "hhmmsscc"}, 19),
            ("1h2m3s", {"unit": "1h2m3s"}, 3723),
            ("5m", {"unit": "1h2m3s"}, 300),
            ("1.5s", {"unit": "1h2m3s"}, 2),
            ("call 55 s", {"pattern": "[0-9]+"}, 55),
            ("call 55 s", {"pattern": "call ([0-9]+)"}, 55),
            ("", {"default": "9"}, 9),
            ("n/a", {"values": {"n/a": "0"}}, 0),
        ],
    )
    def test_lengths(self, text: str, entry: dict[str, Any], seconds: int) -> None:
        result = one(GOOD.replace(";60;", f";{text};"), columns={"duration_s": {"source": "4"} | entry})
        assert result.events["units"].to_list() == [seconds]

    @pytest.mark.parametrize(
        ("text", "entry", "code"),
        [
            ("", {}, "NOT_A_NUMBER"),
            ("1e3", {}, "NOT_A_NUMBER"),
            ("1.0000001", {}, "NOT_A_NUMBER"),
            ("-5", {}, "NEGATIVE_DURATION"),
            ("9" * 12, {}, "DURATION_TOO_LONG"),
            ("9" * 12, {"unit": "999999999"}, "NOT_A_NUMBER"),
            ("9" * 16, {}, "NOT_A_NUMBER"),
            ("1:62", {"unit": "hh:mm:ss"}, "NOT_A_NUMBER"),
            ("s", {"unit": "1h2m3s"}, "NOT_A_NUMBER"),
        ],
    )
    def test_bad_lengths(self, text: str, entry: dict[str, Any], code: str) -> None:
        result = one(GOOD.replace(";60;", f";{text};"), columns={"duration_s": {"source": "4"} | entry})
        assert [(p.code, p.field, p.value) for p in result.problems] == [(code, "4", text)]

    @pytest.mark.parametrize(
        ("text", "entry", "expected"),
        [
            ("2026-10-14 17:58:20", {}, "2026-10-14 15:58:20"),
            ("14.10.2026 17:58", {"layout": "%d.%m.%Y %H:%M"}, "2026-10-14 15:58:00"),
            ("20261014175820", {"layout": "%Y%m%d%H%M%S"}, "2026-10-14 15:58:20"),
            ("20261014175820", {"layout": "%Y%m%d%H%M%S", "timezone": "UTC"}, "2026-10-14 17:58:20"),
            ("20261014175820", {"layout": "%Y%m%d%H%M%S", "timezone": "Europe/London"}, "2026-10-14 16:58:20"),
            ("2026-10-14 17:58:20 +0500", {"layout": "%Y-%m-%d %H:%M:%S %z"}, "2026-10-14 12:58:20"),
            ("2026-10-14T17:58:20Z", {"layout": "iso"}, "2026-10-14 17:58:20"),
            ("2026-10-14T17:58:20.5+02:00", {"layout": "iso"}, "2026-10-14 15:58:20.5"),
            ("2026-10-14T17:58:20", {"layout": "iso"}, "2026-10-14 15:58:20"),
            ("1791993500", {"layout": "epoch"}, "2026-10-14 15:58:20"),
            ("1791993500.7", {"layout": "epoch"}, "2026-10-14 15:58:20"),
            ("1791993500250", {"layout": "epoch_ms"}, "2026-10-14 15:58:20.25"),
            ("1791993500250000", {"layout": "epoch_us"}, "2026-10-14 15:58:20.25"),
        ],
    )
    def test_stamps(self, text: str, entry: dict[str, Any], expected: str) -> None:
        result = one(GOOD.replace("2026-10-14 17:58:20", text), columns={"started_at": {"source": "1"} | entry})
        assert result.events["started_at"].to_list() == [iso(expected)]

    @pytest.mark.parametrize(
        ("text", "entry", "code"),
        [
            ("yesterday", {}, "UNREADABLE_DATE"),
            ("2026-02-30 10:00:00", {}, "UNREADABLE_DATE"),
            ("1999-02-28 10:00:00", {}, "DATE_OUT_OF_RANGE"),
            ("2026-03-29 02:30:00", {}, "NONEXISTENT_TIME"),
            ("0", {"layout": "epoch"}, "UNREADABLE_DATE"),
            ("99999999999999999", {"layout": "epoch"}, "UNREADABLE_DATE"),
            ("5", {"layout": "epoch"}, "DATE_OUT_OF_RANGE"),
        ],
    )
    def test_bad_stamps(self, text: str, entry: dict[str, Any], code: str) -> None:
        result = one(GOOD.replace("2026-10-14 17:58:20", text), columns={"started_at": {"source": "1"} | entry})
        assert [(p.code, p.field) for p in result.problems] == [(code, "1")]

    def test_repeated_hour_by_end_and_length(self) -> None:
        columns = {"ended_at": {"source": "5"}}
        for length, expected in (("2400", "2026-10-25 01:30:00"), ("6000", "2026-10-25 00:30:00")):
            line = f"2026-10-25 02:30:00;501000001;221234567;{length};2026-10-25 03:10:00"
            assert one(line, columns=columns).events["started_at"].to_list() == [iso(expected)]

    def test_length_from_answer_to_end(self) -> None:
        columns = {"answered_at": {"source": "5"}, "ended_at": {"source": "6"}, "duration_s": None}
        line = "2026-10-14 17:58:20;501000001;221234567;;2026-10-14 17:58:30;2026-10-14 18:02:30"
        result = one(line, columns=columns)
        assert result.events["units"].to_list() == [240]
        (problem,) = one(line.replace("18:02:30", "17:58:29"), columns=columns).problems
        assert (problem.code, problem.field) == ("NEGATIVE_DURATION", "1")

    def test_data_sessions(self) -> None:
        columns = {
            "a_number": None,
            "b_number": None,
            "login": {"source": "2"},
            "usage_kind": {"constant": "data"},
            "volume_up": {"source": "5", "unit": "KiB"},
            "volume_down": {"source": "6", "unit": "MB"},
            "service_code": {"constant": "apn:internet"},
        }
        event = one("2026-10-14 17:58:20;ewa@isp;;60;2;1.5", columns=columns).events.row(0, named=True)
        assert (event["usage_kind"], event["login"], event["service_code"]) == ("data", "ewa@isp", "apn:internet")
        assert (event["units"], event["volume_up"], event["volume_down"]) == (1_502_048, 2_048, 1_500_000)
        (problem,) = one("2026-10-14 17:58:20;ewa@isp;;60;-2;1", columns=columns).problems
        assert (problem.code, problem.field, problem.value) == ("NEGATIVE_VALUE", "5", "-2")

    def test_kinds_by_a_map_of_values(self) -> None:
        columns = {
            "usage_kind": {"source": "5", "values": {"S": "sms", "V": "voice", "C": "content"}},
            "duration_s": {"source": "4", "default": "0"},
        }
        lines = "\n".join(GOOD.replace(";7;", f";{kind};") for kind in "SVCX")
        result = one(lines, columns=columns)
        assert result.events["units"].to_list() == [1, 60, 1]
        assert [(p.code, p.field, p.value) for p in result.problems] == [("UNKNOWN_VALUE", "5", "X")]

    def test_amounts_with_a_decimal_comma(self) -> None:
        columns = {"cost_micro": {"source": "5"}, "cost_currency": {"constant": "PLN"}}
        result = one(GOOD.replace(";7;", ";0,1234565;"), columns=columns, decimal=",")
        assert [p.code for p in result.problems] == ["NOT_AN_AMOUNT"]
        result = one(GOOD.replace(";7;", ";-1,23456;"), columns=columns, decimal=",")
        assert result.events["cost_micro"].to_list() == [-1_234_560]
        cents = columns | {"cost_micro": {"source": "5", "unit": "0.01"}}
        assert one(GOOD, columns=cents).events["cost_micro"].to_list() == [70_000]

    @given(st.integers(-(10**15) + 1, 10**15 - 1), st.integers(0, 6))
    def test_amounts_are_exact(self, value: int, places: int) -> None:
        text = f"{abs(value):0{places + 1}}"
        text = ("-" if value < 0 else "") + (f"{text[:-places]}.{text[-places:]}" if places else text)
        columns = {"cost_micro": {"source": "5"}, "cost_currency": {"constant": "PLN"}}
        result = one(GOOD.replace(";7;", f";{text};"), columns=columns)
        expected = value * 10 ** (6 - places)
        if abs(expected) < 2**63:
            assert result.events["cost_micro"].to_list() == [expected]
        else:
            assert [p.code for p in result.problems] == ["NOT_AN_AMOUNT"]

    @pytest.mark.parametrize(
        ("change", "code", "field"),
        [(";501000001;", "INVALID_NUMBER", "2"), (";221234567;", "INVALID_NUMBER", "3")],
    )
    def test_bad_numbers(self, change: str, code: str, field: str) -> None:
        (problem,) = one(GOOD.replace(change, ";x;")).problems
        assert (problem.code, problem.field, problem.value) == (code, field, "x")

    @pytest.mark.parametrize(
        ("entry", "ignored"),
        [
            ({"operator": "is", "value": "6|7"}, 1),
            ({"operator": "is", "value": "6"}, 0),
            ({"operator": "is_not", "value": "6|7"}, 0),
            ({"operator": "is", "value": "7", "action": "keep"}, 0),
            ({"operator": "matches", "value": "^[0-6]$", "action": "keep"}, 1),
            ({"operator": "not_matches", "value": "^[0-6]$"}, 1),
            ({"operator": "empty"}, 0),
            ({"operator": "filled"}, 1),
        ],
    )
    def test_filters(self, entry: dict[str, str], ignored: int) -> None:
        result = one(GOOD, filters=[{"source": "5"} | entry])
        assert (result.ignored, result.events.height) == (ignored, 1 - ignored)


class TestJsonAndXml:
    def test_json_paths(self) -> None:
        profile = mapped(
            {
                "kind": "json",
                "key": ["id"],
                "columns": [
                    {"target": "started_at", "source": "call.at", "layout": "epoch_ms"},
                    {"target": "a_number", "source": "legs.0.number"},
                    {"target": "b_number", "source": "legs.1.number"},
                    {"target": "duration_s", "source": "call.seconds"},
                ],
                "filters": [{"source": "call.answered", "operator": "is_not", "value": "true"}],
            }
        )
        line = (
            '{"id": %d, "call": {"at": 1791993500250, "seconds": 1.5, "answered": %s}, '
            '"legs": [{"number": "501000001"}, {"number": 221234567}]}\n'
        )
        text = (
            line % (1, "true")
            + line % (2, "false")
            + line % (3, "null")
            + "{broken\n"
            + line.replace("1.5", '"x"') % (4, "true")
        )
        result = read("generic_json", text.encode(), profile)
        assert (result.rows, result.ignored) == (5, 2)
        event = result.events.row(0, named=True)
        assert (event["a_number"], event["b_number"], event["units"]) == ("48501000001", "48221234567", 2)
        assert (event["dedupe_key"], event["started_at"]) == ("k:1", iso("2026-10-14 15:58:20.25"))
        assert [(p.line_no, p.code, p.field) for p in result.problems] == [
            (4, "INVALID_FORMAT", ""),
            (5, "NOT_A_NUMBER", "call.seconds"),
        ]

    def test_xml_paths_against_the_format_of_its_own(self) -> None:
        data = (DATA / "broadworks/broadworks_cdr_v19.xml").read_bytes()
        result = read("generic_xml", data, XML_MAPPING)
        own = read("broadworks_xml", data, ANY_NUMBER)
        columns = ["line_no", "a_number", "b_number", "started_at", "answered_at"]
        assert result.events.select(columns).equals(own.events.select(columns))
        # Whole hundredths are not in the layout: 13.483 s and 23.285 s.
        assert result.events["duration_s"].to_list() == [14, 24]
        assert result.ignored == 2

    def test_xml_attributes(self) -> None:
        profile = mapped(
            {
                "kind": "xml",
                "record": "calls/call",
                "columns": [
                    {"target": "started_at", "source": "@at", "layout": "iso"},
                    {"target": "a_number", "source": "from"},
                    {"target": "b_number", "source": "to/@number"},
                    {"target": "duration_s", "source": "@s"},
                ],
            }
        )
        text = '<calls><call at="2026-10-14T15:58:20Z" s="5"><from>501000001</from><to number="112"/></call></calls>'
        result = read("generic_xml", text.encode(), profile)
        assert result.events.select("a_number", "b_number", "units").rows() == [("48501000001", "48112", 5)]


class TestAnyMapping:
    NAMED = mapped(
        {
            "delimiter": ";",
            "header": True,
            "skip_lines": 1,
            "comment": "#",
            "columns": [
                {"target": "started_at", "source": "start"},
                {"target": "a_number", "source": "2"},
                {"target": "duration_s", "source": "s"},
            ],
        }
    )
    DATA = (
        b"made by x\nstart;from;s\n# note\n2026-10-14 17:58:20;501000001;5\n;501000001;5\n"
        b'2026-10-14 17:58:20;"501;000002";5\n2026-10-14 17:58:20;501000003\n"x\n'
    )

    def test_rows_with_names_replay_alone(self) -> None:
        chunk = read("generic_csv", self.DATA, self.NAMED)
        assert (chunk.rows, chunk.events["line_no"].to_list()) == (5, [4])
        assert [(p.line_no, p.code) for p in chunk.problems] == [
            (5, "UNREADABLE_DATE"),
            (6, "INVALID_NUMBER"),
            (7, "TOO_FEW_COLUMNS"),
            (8, "INVALID_FORMAT"),
        ]
        assert chunk.problems[0].raw == "start;from;s\n;501000001;5"
        assert_rows_replay("generic_csv", chunk, self.NAMED)
        assert_chunk_size_changes_nothing("generic_csv", self.DATA, self.NAMED)

    def test_replay_of_a_record_between_header_and_trailer(self) -> None:
        chunk = read("generic_fixed", WHOLESALE.replace(b"20120708181506", b"20129908181506", 1), FIXED)
        again = get_format("generic_fixed").replay([p.raw for p in chunk.problems], FIXED)
        assert ([p.code for p in again.problems], again.file_problem) == (["UNREADABLE_DATE"], None)
        mended = get_format("generic_fixed").replay([chunk.problems[0].raw.replace("201299", "201207")], FIXED)
        assert (mended.events.height, mended.file_problem) == (1, None)

    def test_lines_that_all_lack_the_columns_asked_for(self) -> None:
        late = {
            "delimiter": ";",
            "columns": [{"target": "started_at", "source": "2"}, {"target": "login", "source": "2"}],
        }
        chunk = read("generic_csv", b"x\ny\n", mapped(late))
        assert [(p.line_no, p.code) for p in chunk.problems] == [(1, "TOO_FEW_COLUMNS"), (2, "TOO_FEW_COLUMNS")]
        assert (chunk.rows, chunk.events.height) == (2, 0)

    @given(st.data())
    def test_no_content_makes_it_fail(self, data: st.DataObject) -> None:
        source = st.sampled_from(["1", "2", "3", "4"])
        entry = st.fixed_dictionaries(
            {"source": source},
            optional={
                "default": st.sampled_from(["0", "x"]),
                "pattern": st.sampled_from(["[0-9]+", "^(.)(.)?", "(?:a|b)(c)?", ".*"]),
                "values": st.just({"1": "voice", "2": "data", "": "sms"}),
                "rounding": st.sampled_from(["up", "half", "down"]),
            },
        )
        layouts = ["%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M", "iso", "epoch", "epoch_us", "%Y%m%d%H%M%S%z"]
        columns = {"started_at": data.draw(entry) | {"layout": data.draw(st.sampled_from(layouts))}}
        for target in data.draw(st.sets(st.sampled_from(TARGETS))) | {"login"}:
            column = data.draw(entry)
            if target in ("duration_s",):
                column["unit"] = data.draw(st.sampled_from(["", "ms", "h", "0.001", "999999999", *CLOCKS]))
            elif target in ("volume_up", "units", "cost_micro"):
                column["unit"] = data.draw(st.sampled_from(["", "GiB", "0.000000001", "123456789.987654321"]))
            columns.setdefault(target, column)
        mapping = {
            "delimiter": ";",
            "decimal": data.draw(st.sampled_from([".", ","])),
            "key": data.draw(st.lists(source, max_size=2)),
            "filters": [
                {"source": "4", "operator": data.draw(st.sampled_from(["is", "matches", "empty"])), "value": "9"}
            ],
            "columns": [{"target": target} | column for target, column in columns.items()],
        }
        value = st.one_of(
            st.text("0123456789-+.,:;hms ", max_size=20),
            st.integers(-(10**18), 10**18).map(str),
            st.datetimes().map(str),
            st.sampled_from(["2026-10-25 02:30:00", "2026-03-29 02:30:00", "20261014175820+0200", "1791993500"]),
            st.text(max_size=8),
        )
        rows = data.draw(st.lists(st.lists(value, min_size=4, max_size=4), max_size=5))
        text = "\n".join(";".join(row) for row in rows)
        read("generic_csv", text.encode("utf-8", "replace"), mapped(mapping))


def test_a_source_without_a_mapping_refuses_its_files() -> None:
    for name in ("generic_csv", "generic_fixed", "generic_json", "generic_xml"):
        refused = read(name, b"x", SourceProfile()).file_problem
        assert refused is not None
        assert refused.code == "NOT_THIS_FORMAT"


def test_numbers_of_a_country_without_fixed_length() -> None:
    profile = SourceProfile(numbering=NumberingProfile("49", 11, "00", "0"))
    result = one(GOOD.replace("501000001", "030 1234567"), profile)
    assert isinstance(result.events, pl.DataFrame)
    assert [p.code for p in result.problems] == ["INVALID_NUMBER"]
