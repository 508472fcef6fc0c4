"""Lines, encodings, registry and replay: what all formats of usage files stand on."""

from __future__ import annotations

import hashlib
import io
from datetime import datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mediation_checks import Endless, read

from mediation_core import FORMATS, SourceProfile, get_format, register
from mediation_core.columns import epoch, own_key, with_first_problem
from mediation_core.formats.text_rows import Lines, read_lines
from mediation_core.values import EVENT_SCHEMA, LEG_SCHEMA, as_events, as_legs, row_key, text_key

ROW = (
    '"","501234567","221234567","c","x","a","b","Dial","p","2026-10-14 17:58:20","2026-10-14 17:58:30",'
    '"2026-10-14 18:02:30",250,240,"ANSWERED","DOCUMENTATION"'
)


def lines_of(data: bytes, size: int = 100, **options: object) -> Lines:
    pieces = list(read_lines(io.BytesIO(data), size, **options))  # type: ignore[arg-type]
    numbers = [number for piece in pieces for number in piece.numbers]
    texts = [text for piece in pieces for text in piece.texts]
    assert all(0 < len(piece) <= size for piece in pieces)
    return Lines(numbers, texts, pieces[0].broken if len(pieces) == 1 else {}, pieces[-1].done if pieces else 0)


class TestLines:
    def test_mixed_line_ends_and_blank_lines(self) -> None:
        found = lines_of(b"a\r\nb\n\n\r\nc\r\r\n \nd")
        assert found.numbers == [1, 2, 5, 6, 7]
        assert found.texts == ["a", "b", "c", " ", "d"]

    @given(st.lists(st.binary(max_size=6).map(lambda b: b.replace(b"\n", b"").replace(b"\r", b""))), st.integers(1, 5))
    def test_every_line_once_with_its_number(self, parts: list[bytes], size: int) -> None:
        parts = [b"-" + part for part in parts]
        found = lines_of(b"\n".join(parts), size, encoding="iso8859-1")
        assert found.numbers == list(range(1, len(parts) + 1))
        assert found.texts == [part.decode("iso8859-1").replace("\x00", "\ufffd") for part in parts]

    def test_lines_over_the_borders_of_blocks(self) -> None:
        texts = [f"{n:07}" + "x" * (n % 3000) for n in range(2_000)]
        assert lines_of("\n".join(texts).encode(), 333).texts == texts

    @pytest.mark.parametrize("end", [b"", b"\nnext"])
    def test_a_long_line_is_cut_and_costs_no_memory(self, end: bytes) -> None:
        stream = io.BufferedReader(io.BytesIO(b"x" * 65_536 + end))
        (piece,) = read_lines(stream, 10)
        assert piece.broken == {0: "line too long"}
        assert [len(text) for text in piece.texts] == [2000, 4][: len(piece)]
        assert not lines_of(b"x" * 65_535 + end).broken
        (piece,) = read_lines(io.BufferedReader(Endless(50_000_000)), 10)
        assert (len(piece), piece.done) == (1, 50_000_000)

    def test_wide_encodings(self) -> None:
        data = "Zażółć\r\ngęślą\n\njaźń".encode("utf-16")
        found = lines_of(data, encoding="utf-16")
        assert (found.texts, found.numbers) == (["Zażółć", "gęślą", "jaźń"], [1, 2, 4])
        assert lines_of(data[:-1], encoding="utf-16").texts[-1] == "jaź\ufffd"

    def test_a_line_outside_the_stated_encoding_is_broken_alone(self) -> None:
        found = lines_of(b"a\n\xff\xfe\nb", encoding="utf-8")
        assert found.broken == {1: "not utf-8 text"}
        assert found.texts == ["a", "\ufffd\ufffd", "b"]

    @given(st.binary(), st.sampled_from(["auto", "utf-8", "cp1250", "utf-16", "utf-16-be", "cp037", "ascii"]))
    def test_any_bytes_in_any_encoding(self, data: bytes, encoding: str) -> None:
        found = lines_of(data, encoding=encoding)
        assert len(found.numbers) == len(found.texts) == len(set(found.numbers))
        assert not any("\n" in text or "\x00" in text for text in found.texts)


class TestShapes:
    def test_frames_get_the_whole_schema(self) -> None:
        frame = pl.DataFrame({"line_no": [1], "units": [3], "other": ["x"]})
        assert dict(as_events(frame).schema) == EVENT_SCHEMA
        assert as_events(frame)["units"].to_list() == [3]
        assert dict(as_legs(frame).schema) == LEG_SCHEMA

    def test_first_problem_wins(self) -> None:
        frame = pl.DataFrame({"a": ["1", "2", "3"], "b": ["x", "y", "z"]})
        checks = [(pl.col("a") == "2", "SECOND", "b"), (pl.col("a") >= "2", "LATE", "a"), (pl.col("a") < "0", "N", "a")]
        found = with_first_problem(frame, checks).select("code", "field", "value").rows()
        assert found == [(None, None, None), ("SECOND", "b", "y"), ("LATE", "a", "3")]

    def test_own_key_needs_every_part_and_has_a_limit(self) -> None:
        frame = pl.DataFrame({"a": ["1", "", "x" * 200], "b": ["2", "2", "2"]})
        assert frame.select(own_key("a", "b")).to_series().to_list() == ["i:1|2", None, None]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("1515666347", datetime.fromisoformat("2018-01-11 10:25:47")),
            ("1515666347.954373", datetime.fromisoformat("2018-01-11 10:25:47.954373")),
            ("1515666347.5", datetime.fromisoformat("2018-01-11 10:25:47.5")),
            ("0", None),
            ("-5", None),
            ("15156663470000", None),
            ("1515666347,5", None),
            ("", None),
        ],
    )
    def test_epoch(self, text: str, expected: datetime | None) -> None:
        assert pl.DataFrame({"t": [text]}).select(epoch("t")).item() == expected

    def test_keys_of_rows_are_stable(self) -> None:
        """Stored events carry these keys: another digest would load every old file again."""
        digest = hashlib.blake2b(b"a\x1fb", digest_size=16).hexdigest()
        assert row_key(["a", "b"]) == text_key("a\x1fb") == f"h:{digest}"


class TestRegistry:
    def test_a_name_is_taken_once(self) -> None:
        with pytest.raises(ValueError, match="twice"):
            register("asterisk_csv", "again")(FORMATS["asterisk_csv"].parse)

    def test_replay_numbers_rows_by_place(self) -> None:
        rows = [ROW, ROW.replace("240", "x"), "", "a\nb", ROW.replace("ANSWERED", "BUSY"), ROW.replace("501", "601")]
        again = get_format("asterisk_csv").replay(rows, SourceProfile(encoding="utf-16"))
        assert (again.rows, again.ignored) == (6, 1)
        assert again.events["line_no"].to_list() == [1, 6]
        assert [(p.line_no, p.code) for p in again.problems] == [
            (2, "NOT_A_NUMBER"),
            (3, "TOO_FEW_COLUMNS"),
            (4, "TOO_FEW_COLUMNS"),
        ]

    def test_replay_of_nothing(self) -> None:
        assert get_format("asterisk_csv").replay([], SourceProfile()).rows == 0

    @pytest.mark.parametrize("encoding", ["klingon", "idna", "utf-7", "zlib", ""])
    def test_an_unknown_encoding_refuses_the_file(self, encoding: str) -> None:
        chunk = read("asterisk_csv", ROW.encode(), SourceProfile(encoding=encoding))
        assert chunk.file_problem is not None
        assert (chunk.file_problem.code, chunk.rows) == ("UNREADABLE_ENCODING", 0)
