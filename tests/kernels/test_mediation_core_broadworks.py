"""BroadWorks: CSV by place with escaped commas, XML as a stream, who pays, and XML that means harm."""

from __future__ import annotations

from datetime import datetime

import pytest
from mediation_checks import read
from mediation_samples import ANY_NUMBER, BROADWORKS, BROADWORKS_CALL, DATA, broadworks_line

from mediation_core import SourceProfile
from mediation_core.formats.xml_rows import read_records, written
from mediation_core.values import Chunk

POLAND = SourceProfile()
CSV, XML = "broadworks_csv", "broadworks_xml"


def parse(profile: SourceProfile = POLAND, **values: str) -> Chunk:
    return read(CSV, broadworks_line(**BROADWORKS_CALL | values).encode(), profile)


class TestCsv:
    def test_the_sample(self) -> None:
        result = read(CSV, BROADWORKS, POLAND)
        assert (result.rows, result.ignored) == (10, 3)
        first, terminating, forwarded, charged = result.events.rows(named=True)
        assert (first["line_no"], first["a_number"], first["b_number"]) == (3, "48221110001", "48501234567")
        assert (first["direction"], first["account_code"], first["session_key"]) == ("out", "ACME", "BW155820")
        assert first["started_at"] == datetime.fromisoformat("2026-10-14 15:58:20.247")
        assert first["answered_at"] == datetime.fromisoformat("2026-10-14 15:58:30")
        assert first["units"] == 241, "240.001 s are 241 started seconds"
        assert first["dedupe_key"] == "r:00021833850001B020160419210005.2471+020000"
        assert first["charged_number"] is None
        assert (terminating["direction"], terminating["charged_number"]) == ("in", None)
        assert (forwarded["a_number"], forwarded["charged_number"]) == ("48601000001", "48221110001")
        assert charged["charged_number"] == "48221110099"
        assert charged["dedupe_key"].startswith("h:")
        assert [(p.line_no, p.code) for p in result.problems] == [
            (8, "NEGATIVE_DURATION"),
            (10, "TOO_FEW_COLUMNS"),
            (11, "INVALID_FORMAT"),
        ]

    @pytest.mark.parametrize(("rounding", "units"), [("up", 241), ("half", 240), ("down", 240)])
    def test_rounding(self, rounding: str, units: int) -> None:
        assert parse(SourceProfile(options={"rounding": rounding})).events["units"].to_list() == [units]

    def test_local_stamps(self) -> None:
        local = SourceProfile(options={"stamps": "local"})
        event = parse(local).events.row(0, named=True)
        assert event["started_at"] == datetime.fromisoformat("2026-10-14 13:58:20.247")
        (problem,) = parse(local, c10="20260329021000").problems
        assert (problem.code, problem.field) == ("NONEXISTENT_TIME", "startTime")

    @pytest.mark.parametrize("answered", ["Yes-PostRedirection", "yes"])
    def test_answered_after_redirection(self, answered: str) -> None:
        assert parse(c12=answered).events.height == 1

    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            ({"c10": "2026-10-14"}, ("UNREADABLE_DATE", "startTime")),
            ({"c10": "19991231235959"}, ("DATE_OUT_OF_RANGE", "startTime")),
            ({"c13": ""}, ("UNREADABLE_DATE", "answerTime")),
            ({"c14": "x"}, ("UNREADABLE_DATE", "releaseTime")),
            ({"c14": "20271014160230.001"}, ("DURATION_TOO_LONG", "releaseTime")),
            ({"c9": "voicemail"}, ("INVALID_NUMBER", "calledNumber")),
        ],
    )
    def test_bad_fields(self, values: dict[str, str], expected: tuple[str, str]) -> None:
        (problem,) = parse(**values).problems
        assert (problem.code, problem.field) == expected


class TestXml:
    data = (DATA / "broadworks/broadworks_cdr_v19.xml").read_bytes()

    def test_the_sample(self) -> None:
        result = read(XML, self.data, ANY_NUMBER)
        assert (result.rows, result.ignored, result.problems) == (4, 2, [])
        first, second = result.events.rows(named=True)
        # By hand: 21:00:06.813 to 21:00:20.296 = 13.483 s; 21:00:07.037 to 21:00:30.322 = 23.285 s.
        assert (first["a_number"], first["b_number"], first["units"]) == ("1001", "4915117174963", 14)
        assert (second["a_number"], second["b_number"], second["units"]) == ("4986517174964", "1001", 24)
        assert first["started_at"] == datetime.fromisoformat("2016-04-19 21:00:05.247")
        assert first["dedupe_key"] == "r:0002183385|CGRateSaabb"
        assert first["session_key"] == "74122796919420162305@172.16.1.2"
        assert [first["line_no"], second["line_no"]] == [15, 68]

    @pytest.mark.parametrize("end", [200, 900, 3000, 4800])
    def test_a_cut_off_file_is_refused(self, end: int) -> None:
        refused = read(XML, self.data[:end], ANY_NUMBER).file_problem
        assert refused is not None
        assert refused.code == "TRUNCATED"

    @pytest.mark.parametrize(
        "text",
        [
            '<!DOCTYPE a [<!ENTITY x "y">]><broadWorksCDR/>',
            '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><broadWorksCDR>&x;</broadWorksCDR>',
            '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;]><broadWorksCDR/>',
            "<a>&undefined;</a>",
            "<a></b>",
            "no xml",
        ],
    )
    def test_harmful_and_other_files_are_refused(self, text: str) -> None:
        refused = read(XML, text.encode(), ANY_NUMBER).file_problem
        assert refused is not None
        assert refused.code == "NOT_THIS_FORMAT"

    def test_nesting_has_a_limit(self) -> None:
        refused = read(XML, b"<a>" * 100_000, ANY_NUMBER).file_problem
        assert refused is not None
        assert refused.code == "TOO_LARGE"

    def test_an_external_dtd_is_not_fetched(self) -> None:
        text = self.data.replace(
            b"<!DOCTYPE broadWorksCDR>", b'<!DOCTYPE broadWorksCDR SYSTEM "http://127.0.0.1:9/x.dtd">'
        )
        assert read(XML, text, ANY_NUMBER).events.height == 2

    @pytest.mark.parametrize(
        "values", [{"a": "1"}, {"a/b": "1", "a/c/d": "<&>", "z": "ą"}, {"b/x": "1", "b/y": "2", "c": ""}]
    )
    def test_written_records_read_back(self, values: dict[str, str]) -> None:
        import io

        (row,) = read_records(io.BytesIO(written("r/s", values).encode()), "r/s")
        assert row.values == {path: text for path, text in values.items() if text}
