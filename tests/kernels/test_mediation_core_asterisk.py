"""Asterisk cdr-csv: layouts, quirks of the samples, bad rows as values, never an exception."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediation_core import NumberingProfile, SourceProfile, get_format
from mediation_core.formats.asterisk_csv import FIXED
from mediation_core.values import EVENT_SCHEMA, Chunk

SAMPLES = Path(__file__).parents[1] / "data/cdr/asterisk"
AMERICA = SourceProfile(timezone="UTC", numbering=NumberingProfile("1", 10, "011"))
POLAND = SourceProfile()
GOOD = {
    "accountcode": "",
    "src": "501234567",
    "dst": "221234567",
    "dcontext": "subscribers",
    "clid": '"Żółw" <501234567>',
    "channel": "PJSIP/a-1",
    "dstchannel": "PJSIP/b-2",
    "lastapp": "Dial",
    "lastdata": "PJSIP/x,60",
    "start": "2026-10-14 17:58:20",
    "answer": "2026-10-14 17:58:30",
    "end": "2026-10-14 18:02:30",
    "duration": "250",
    "billsec": "240",
    "disposition": "ANSWERED",
    "amaflags": "DOCUMENTATION",
}


def row(*extra: str, **changes: str) -> str:
    values = [*(GOOD | changes).values(), *extra]
    return ",".join('"' + value.replace('"', '""') + '"' for value in values)


def parse(*rows: str | bytes, profile: SourceProfile = POLAND, chunk_rows: int = 1000, end: bytes = b"\n") -> Chunk:
    data = b"".join((r.encode() if isinstance(r, str) else r) + end for r in rows)
    return joined(data, profile, chunk_rows)


def joined(data: bytes, profile: SourceProfile, chunk_rows: int = 1000) -> Chunk:
    chunks = list(get_format("asterisk_csv").parse(io.BytesIO(data), profile, chunk_rows))
    assert all(chunk.rows <= chunk_rows for chunk in chunks)
    events = pl.concat([pl.DataFrame(schema=EVENT_SCHEMA), *(chunk.events for chunk in chunks)])
    problems = [problem for chunk in chunks for problem in chunk.problems]
    total = sum(chunk.rows for chunk in chunks)
    ignored = sum(chunk.ignored for chunk in chunks)
    assert total == ignored + events.height + len(problems), "audit law"
    return Chunk(total, ignored, events, problems, chunks[-1].bytes_read if chunks else 0)


def only_problem(chunk: Chunk) -> tuple[str, str, str]:
    assert chunk.events.is_empty()
    (problem,) = chunk.problems
    return problem.code, problem.field, problem.value


class TestSamples:
    @pytest.mark.parametrize(
        ("name", "rows", "answered", "empty", "seconds"),
        [("cdr", 218, 133, 24, 38839), ("smallcdr", 45, 27, None, 7408)],
    )
    def test_counts(self, name: str, rows: int, answered: int, empty: int | None, seconds: int) -> None:
        data = (SAMPLES / f"{name}.csv").read_bytes()
        result = joined(data, AMERICA, 50)
        # An independent reading of the same file: answered rows and their billsec.
        plain = [r for r in csv.reader(io.StringIO(data.decode())) if r[14] == "ANSWERED"]
        assert sum(int(r[13]) for r in plain) == seconds
        assert (result.rows, result.events.height, result.ignored) == (rows, answered, rows - answered)
        assert result.problems == []
        assert result.events["units"].sum() == seconds
        assert result.bytes_read == len(data)
        if empty is not None:
            assert (result.events["units"] == 0).sum() == empty

    def test_values_of_a_row(self) -> None:
        result = joined((SAMPLES / "cdr.csv").read_bytes(), AMERICA)
        first = result.events.row(0, named=True)
        assert (first["line_no"], first["a_number"], first["b_number"]) == (2, "17914459811", "17154139112")
        assert first["started_at"] == datetime.fromisoformat("2017-06-20 09:49:22")
        assert first["answered_at"] == datetime.fromisoformat("2017-06-20 09:49:32")
        assert first["units"] == 514

    def test_polish_profile_parks_the_american_numbers(self) -> None:
        result = joined((SAMPLES / "cdr.csv").read_bytes(), POLAND)
        assert Counter((p.code, p.field) for p in result.problems) == {("INVALID_NUMBER", "dst"): 133}
        assert {p.raw for p in result.problems} <= set((SAMPLES / "cdr.csv").read_text().split("\n"))


class TestLayouts:
    UID = "1791000000.7"

    @pytest.mark.parametrize(
        ("extra", "by_identifiers"),
        [
            ((), False),
            ((UID,), False),
            (("some user field",), False),
            ((UID, "user"), False),
            (("", UID, "9"), False),
            ((UID, "", UID, "9"), True),
            (("user", "", UID, "9"), False),
            ((UID, "user", "", UID, "9"), True),
        ],
    )
    def test_16_to_21_columns(self, extra: tuple[str, ...], by_identifiers: bool) -> None:
        result = parse(row(*extra))
        assert result.events.height == 1
        key = result.events["dedupe_key"][0]
        assert key == f"i:{self.UID}|{self.UID}|9" if by_identifiers else key.startswith("h:")

    def test_unquoted_numbers_and_empty_answer_of_a_real_file(self) -> None:
        real = (
            '"","501234567","112","c","""x"" <501234567>","PJSIP/a-1","","Dial","","2026-10-14 10:00:00",,'
            '"2026-10-14 10:00:05",5,0,"NO ANSWER","DOCUMENTATION"'
        )
        result = parse(real, row())
        assert (result.ignored, result.events.height) == (1, 1)

    def test_windows_line_ends_bom_and_missing_last_newline(self) -> None:
        result = joined(b"\xef\xbb\xbf" + row().encode() + b"\r\n\r\n" + row(src="601234567").encode(), POLAND)
        assert (result.rows, result.events.height) == (2, 2)
        assert result.events["line_no"].to_list() == [1, 3]

    @pytest.mark.parametrize("encoding", ["utf-8", "cp1250", "iso8859-2"])
    def test_encodings(self, encoding: str) -> None:
        result = parse(row(userfield="Zażółć gęślą jaźń").encode(encoding), row(src="601234567"))
        # A file of single bytes cannot tell windows-1250 from ISO-8859-2: the first one is tried first.
        assert ("Zażółć gęślą jaźń" in result.events["raw"][0]) == (encoding != "iso8859-2")
        assert result.events.height == 2

    @pytest.mark.parametrize("disposition", ["NO ANSWER", "BUSY", "FAILED", "CONGESTION", "CANCEL", "UNKNOWN"])
    def test_unanswered_is_ignored_whatever_else_is_wrong(self, disposition: str) -> None:
        assert parse(row(disposition=disposition, start="?", billsec="25")).ignored == 1

    def test_omit_is_ignored_and_zero_seconds_are_an_event(self) -> None:
        assert parse(row(amaflags="OMIT")).ignored == 1
        assert parse(row(billsec="0")).events["units"].to_list() == [0]

    def test_account_code_stands_in_for_a_caller_without_number(self) -> None:
        result = parse(row(src="reception", accountcode="ACME-7"))
        assert result.events.row(0, named=True)["account_code"] == "ACME-7"
        assert result.events["a_number"][0] is None


class TestIdentity:
    def test_same_fields_same_key_whatever_the_quoting(self) -> None:
        quoted = row()
        bare = quoted.replace('"250","240"', "250,240")
        keys = parse(quoted, bare).events["dedupe_key"]
        assert bare != quoted
        assert keys[0] == keys[1]

    def test_any_field_makes_another_key(self) -> None:
        rows = [row(**{name: value + "1"}) for name, value in GOOD.items() if name in ("channel", "clid", "lastdata")]
        assert parse(row(), *rows).events["dedupe_key"].n_unique() == 4

    def test_borders_of_fields_count(self) -> None:
        keys = parse(row(channel="ab", dstchannel="c"), row(channel="a", dstchannel="bc")).events["dedupe_key"]
        assert keys[0] != keys[1]

    def test_very_long_identifiers_do_not_make_a_very_long_key(self) -> None:
        assert len(parse(row("x" * 3000 + "1791000000.7", "", "", "l" * 3000, "1")).events["dedupe_key"][0]) < 100


class TestBadRows:
    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"start": "2020/2/10 22:41"}, ("UNREADABLE_DATE", "start", "2020/2/10 22:41")),
            ({"start": ""}, ("UNREADABLE_DATE", "start", "")),
            ({"start": "2026-02-30 10:00:00"}, ("UNREADABLE_DATE", "start", "2026-02-30 10:00:00")),
            ({"end": "soon"}, ("UNREADABLE_DATE", "end", "soon")),
            ({"answer": "0"}, ("UNREADABLE_DATE", "answer", "0")),
            ({"start": "2026-03-29 02:30:00"}, ("NONEXISTENT_TIME", "start", "2026-03-29 02:30:00")),
            ({"start": "0001-01-01 00:00:00"}, ("DATE_OUT_OF_RANGE", "start", "0001-01-01 00:00:00")),
            ({"start": "9999-12-31 23:59:59"}, ("DATE_OUT_OF_RANGE", "start", "9999-12-31 23:59:59")),
            ({"billsec": "-5"}, ("NEGATIVE_DURATION", "billsec", "-5")),
            ({"duration": "-1"}, ("NEGATIVE_DURATION", "duration", "-1")),
            ({"billsec": "4m"}, ("NOT_A_NUMBER", "billsec", "4m")),
            ({"billsec": "240.5"}, ("NOT_A_NUMBER", "billsec", "240.5")),
            ({"duration": "9" * 30}, ("NOT_A_NUMBER", "duration", "9" * 30)),
            ({"duration": "800000", "billsec": "800000"}, ("DURATION_TOO_LONG", "billsec", "800000")),
            ({"duration": "100"}, ("DURATION_MISMATCH", "billsec", "240")),
            ({"dst": "s"}, ("INVALID_NUMBER", "dst", "s")),
            ({"dst": "0501234567"}, ("INVALID_NUMBER", "dst", "0501234567")),
            ({"src": "anonymous"}, ("INVALID_NUMBER", "src", "anonymous")),
            ({"disposition": "MAYBE"}, ("UNKNOWN_VALUE", "disposition", "MAYBE")),
        ],
    )
    def test_field(self, changes: dict[str, str], expected: tuple[str, str, str]) -> None:
        result = parse(row(**changes))
        assert only_problem(result) == expected
        assert result.problems[0].raw == row(**changes)
        assert result.problems[0].line_no == 1

    def test_initiated_seconds_may_exceed_the_duration_by_one(self) -> None:
        assert parse(row(duration="239")).events.height == 1

    def test_column_counts(self) -> None:
        assert only_problem(parse("a,b,c"))[0] == "TOO_FEW_COLUMNS"
        unknown = parse(row("1791000000.7", "u", "", "l", "1", "codec=alaw"))
        assert only_problem(unknown) == ("UNKNOWN_COLUMN", "22", "codec=alaw")
        assert unknown.problems[0].params == {"columns": 22, "least": 16, "most": 21}

    def test_a_broken_quote_spoils_its_own_line_only(self) -> None:
        result = parse(row(src="601000001"), '"","50', row(src="601000002"), 'a,"b"c', row(src="601000003"))
        assert [p.line_no for p in result.problems] == [2, 4]
        assert {p.code for p in result.problems} == {"INVALID_FORMAT"}
        assert result.events["a_number"].to_list() == ["48601000001", "48601000002", "48601000003"]

    def test_a_line_without_end_is_cut(self) -> None:
        result = parse(b"x" * 1_000_000, row())
        assert result.problems[0].params == {"detail": "line too long"}
        assert len(result.problems[0].raw) == 2000
        assert result.events["line_no"].to_list() == [2]

    def test_nul_bytes_cannot_reach_a_database_text(self) -> None:
        assert "\x00" not in parse(row(src="5\x00")).problems[0].raw


class TestLocalTime:
    @pytest.mark.parametrize(
        ("start", "end", "duration", "uniqueid", "expected"),
        [
            # Both readings of the repeated hour, told apart by end stamp and duration.
            ("02:30:00", "03:10:00", 2400, "", "01:30:00"),
            ("02:30:00", "03:10:00", 6000, "", "00:30:00"),
            ("02:30:00", "02:30:00", 3600, "", "00:30:00"),
            ("02:50:00", "02:10:00", 1200, "", "00:50:00"),
            # Nothing decides: the first hour. The epoch in the unique id does decide.
            ("02:10:00", "02:20:00", 600, "", "00:10:00"),
            ("02:10:00", "02:20:00", 600, "1792890600.5", "01:10:00"),
            ("02:10:00", "02:20:00", 600, "1792887000.5", "00:10:00"),
            ("02:10:00", "02:20:00", 600, "pbx1-1792890599.5", "01:10:00"),
            ("01:59:59", "02:00:09", 10, "", "23:59:59"),
            ("03:00:00", "03:00:10", 10, "", "02:00:00"),
        ],
    )
    def test_autumn_night(self, start: str, end: str, duration: int, uniqueid: str, expected: str) -> None:
        day = "2026-10-25 "
        line = row(
            uniqueid,
            "",
            start=day + start,
            answer=day + start,
            end=day + end,
            duration=str(duration),
            billsec=str(duration),
        )
        started = parse(line).events["started_at"][0]
        assert f"{started:%H:%M:%S}" == expected

    def test_spring_and_utc(self) -> None:
        line = row(start="2026-03-29 01:59:30", end="2026-03-29 03:00:30", duration="60", billsec="60")
        assert parse(line).events["started_at"][0] == datetime.fromisoformat("2026-03-29 00:59:30")
        utc = SourceProfile(timezone="UTC")
        assert parse(row(start="2026-03-29 02:30:00"), profile=utc).events["started_at"][0] == datetime.fromisoformat(
            "2026-03-29 02:30:00"
        )

    def test_answer_instant(self) -> None:
        assert parse(row()).events["answered_at"][0] == datetime.fromisoformat("2026-10-14 15:58:30")
        assert parse(row(answer="")).events["answered_at"][0] == datetime.fromisoformat("2026-10-14 15:58:30")


class TestFuzz:
    @settings(max_examples=200, deadline=None)
    @given(st.binary(max_size=3000), st.integers(1, 7))
    def test_any_bytes(self, data: bytes, chunk_rows: int) -> None:
        joined(data, POLAND, chunk_rows)

    @settings(max_examples=200, deadline=None)
    @given(
        st.lists(
            st.dictionaries(
                st.sampled_from(FIXED),
                st.one_of(
                    st.text(max_size=25),
                    st.integers(-(10**12), 10**12).map(str),
                    st.datetimes().map(str),
                    st.sampled_from(["ANSWERED", "+48501234567", "2026-10-25 02:30:00"]),
                ),
            ),
            max_size=6,
        ),
        st.lists(st.text(max_size=12), max_size=7),
    )
    def test_any_fields(self, changes: list[dict[str, str]], extra: list[str]) -> None:
        clean = [{k: v.replace("\n", " ").replace("\r", " ") for k, v in c.items()} for c in changes]
        rows = [row(*(e.replace("\n", " ").replace("\r", " ") for e in extra), **c) for c in clean]
        data = "".join(r + "\n" for r in rows).encode("utf-8", "replace")
        result = joined(data, POLAND)
        assert result.rows == len(rows)
        for problem in result.problems:
            assert problem.code.isupper()
            assert len(problem.dedupe_key) < 60
            assert problem.raw

    @settings(max_examples=60, deadline=None)
    @given(st.randoms(use_true_random=False))
    def test_a_damaged_byte_never_loses_a_neighbour(self, dice: object) -> None:
        rows = [row(src=f"50100000{n}").encode() for n in range(6)]
        victim = 3
        position = dice.randrange(len(rows[victim]))  # type: ignore[attr-defined]
        damaged = bytearray(rows[victim])
        damaged[position] = dice.choice([0, 34, 44, 92, 13, 255, 32])  # type: ignore[attr-defined]
        result = parse(*rows[:victim], bytes(damaged), *rows[victim + 1 :])
        others = {f"4850100000{n}" for n in range(6) if n != victim}
        assert others <= set(result.events["a_number"].drop_nulls())


def test_chunk_size_changes_nothing() -> None:
    data = (SAMPLES / "cdr.csv").read_bytes() + b"broken\n"
    whole, pieces = joined(data, AMERICA, 1000), joined(data, AMERICA, 7)
    assert whole.events.equals(pieces.events)
    assert whole.problems == pieces.problems
