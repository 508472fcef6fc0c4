"""Mappings as data: what is wrong with them, what users see of their own file before and after they describe it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mediation_mappings import WHOLESALE
from mediation_samples import (
    ANY_NUMBER,
    CGRATES,
    DATA,
    DUTCH,
    FIXED,
    REPORT,
    XML_MAPPING,
    mapped,
)

from mediation_core import MappingError, SourceProfile, from_dict, preview, raw_rows
from mediation_core.csv_look import csv_look
from mediation_core.mapping import Column, Mapping
from mediation_core.mapping_check import Fault, check

GOOD = "2026-10-14 17:58:20;501000001;221234567;60;7;z"


class TestMappingData:
    def test_to_dict_and_back(self) -> None:
        for profile in (FIXED, REPORT, CGRATES, XML_MAPPING):
            assert profile.mapping is not None
            assert from_dict(profile.mapping.to_dict()) == profile.mapping
        assert Mapping().to_dict() == {}

    @pytest.mark.parametrize(
        ("data", "faults"),
        [
            ([], [Fault("mapping", "NOT_AN_OBJECT", "[]")]),
            ({"colour": 1}, [Fault("colour", "UNKNOWN_ENTRY")]),
            ({"columns": [{"source": "1"}]}, [Fault("columns[0].target", "MISSING")]),
            ({"columns": {}}, [Fault("columns", "NOT_A_LIST", "{}")]),
            ({"columns": ["x"]}, [Fault("columns[0]", "NOT_AN_OBJECT", "x")]),
            ({"header": "yes"}, [Fault("header", "WRONG_TYPE", "yes")]),
            ({"skip_lines": -1}, [Fault("skip_lines", "WRONG_TYPE", "-1")]),
            ({"key": [1]}, [Fault("key", "WRONG_TYPE", "[1]")]),
            ({"record_type": {"detail": "x"}}, [Fault("record_type.source", "MISSING")]),
        ],
    )
    def test_shape_of_the_data(self, data: object, faults: list[Fault]) -> None:
        with pytest.raises(MappingError) as error:
            from_dict(data)
        assert error.value.faults == faults

    @pytest.mark.parametrize(
        ("changes", "entry", "code"),
        [
            ({"kind": "excel"}, "kind", "UNKNOWN_VALUE"),
            ({"delimiter": ""}, "delimiter", "UNKNOWN_VALUE"),
            ({"delimiter": "::"}, "delimiter", "UNKNOWN_VALUE"),
            ({"delimiter": '"'}, "quote", "UNKNOWN_VALUE"),
            ({"key": ("0",)}, "key[0]", "BAD_NUMBER"),
            ({"columns": (Column("started_at", "1"),)}, "columns", "MISSING"),
            ({"columns": (Column("a_number", "1"),)}, "columns", "MISSING"),
            ({"columns": (Column("started_at", "name"), Column("login", "1"))}, "columns[0].source", "BAD_NUMBER"),
            ({"columns": (Column("started_at", "1"), Column("login"))}, "columns[1].source", "MISSING"),
            ({"columns": (Column("started_at", "1"), Column("hat", "1"))}, "columns[1].target", "UNKNOWN_VALUE"),
            (
                {"columns": (Column("started_at", "1", layout="%Y"), Column("login", "1"))},
                "columns[0].layout",
                "BAD_LAYOUT",
            ),
            (
                {"columns": (Column("started_at", "1", layout="%Q%%%"), Column("login", "1"))},
                "columns[0].layout",
                "BAD_LAYOUT",
            ),
            (
                {"columns": (Column("started_at", "1", timezone="Mars"), Column("login", "1"))},
                "columns[0].timezone",
                "UNKNOWN_VALUE",
            ),
            (
                {"columns": (Column("started_at", "1"), Column("login", "1", pattern="(a"))},
                "columns[1].pattern",
                "BAD_PATTERN",
            ),
            (
                {"columns": (Column("started_at", "1"), Column("login", "1", unit="mile"))},
                "columns[1].unit",
                "UNKNOWN_VALUE",
            ),
            (
                {"columns": (Column("started_at", "1"), Column("login", "1"), Column("login", "2"))},
                "columns[2].target",
                "TWICE",
            ),
            (
                {"kind": "fixed", "columns": (Column("started_at", "9:4"), Column("login", "0:4"))},
                "columns[0].source",
                "BAD_SLICE",
            ),
            ({"kind": "xml"}, "record", "MISSING"),
        ],
    )
    def test_faulty_entries_are_named(self, changes: dict[str, Any], entry: str, code: str) -> None:
        base = Mapping(columns=(Column("started_at", "1"), Column("a_number", "2")))
        assert (entry, code) in [(fault.entry, fault.code) for fault in check(dataclasses.replace(base, **changes))]
        assert check(base) == []

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: (
                st.lists(inner)
                | st.dictionaries(
                    st.sampled_from(
                        ["kind", "columns", "target", "source", "filters", "record_type", "key", "controls"]
                    )
                    | st.text(),
                    inner,
                )
            ),
        )
    )
    def test_any_data(self, data: object) -> None:
        with pytest.raises(MappingError):
            from_dict(data)


def test_the_second_place_of_a_column_is_checked() -> None:
    column = Column("started_at", "1", second="nowhere")
    assert "columns[0].second" in [fault.entry for fault in check(Mapping(columns=(column,)))]
    assert "columns[0].second" not in [fault.entry for fault in check(Mapping(columns=(column,), header=True))]


class TestLook:
    """Separator and names, from the beginning of a file."""

    @pytest.mark.parametrize(
        ("data", "look"),
        [
            (b"Data;Godzina;Koszt\n2026-09-10;12:30:05;0,12\n2026-09-10;12:35:05;0,01\n", (";", True)),
            (b'\xef\xbb\xbf"Start"\t"Od"\n1\t2\n', ("\t", True)),
            (b"2026-09-10 12:30:05,501000001,60\n2026-09-10 12:31:05,501000001,60\n", (",", False)),
            # the last line is cut, an amount has a comma, a name stands among the values
            (b"501000001|Jan|1,5\n501000002|Ewa|2,5\n50100", ("|", False)),
            (b"one word\nanother\n", None),
            (b"a;b\nc;d;e\n", None),
            (b"", None),
            (b"a;b;c", (";", False)),
        ],
    )
    def test_look(self, data: bytes, look: tuple[str, bool] | None) -> None:
        assert csv_look(data) == look

    @given(st.binary(max_size=300))
    def test_any_bytes(self, data: bytes) -> None:
        found = csv_look(data)
        assert found is None or found[0].encode() in data


class TestPreview:
    def test_rows_with_fields_values_and_problems(self) -> None:
        profile = mapped(
            {
                "delimiter": ";",
                "header": True,
                "columns": [
                    {"target": "started_at", "source": "start"},
                    {"target": "a_number", "source": "from"},
                    {"target": "duration_s", "source": "s"},
                ],
                "filters": [{"source": "s", "value": "0"}],
            }
        )
        assert profile.mapping is not None
        data = b'start;from;s;x\n2026-10-14 17:58:20;501000001;5;y\n;501000001;5;y\n2026-10-14 17:58:20;501000001;0;\n"\ncut;o'
        found = preview(data, profile.mapping)
        assert [(row.line_no, row.kind) for row in found.rows] == [
            (2, "event"),
            (3, "problem"),
            (4, "ignored"),
            (5, "problem"),
        ]
        assert found.rows[0].fields == {"start": "2026-10-14 17:58:20", "from": "501000001", "s": "5", "x": "y"}
        assert found.rows[0].values["a_number"] == "48501000001"
        assert found.rows[1].problem is not None
        assert found.rows[1].problem.code == "UNREADABLE_DATE"
        assert len(preview(data, profile.mapping, rows=2).rows) == 2
        missing = preview(data.replace(b"from", b"of"), profile.mapping)
        assert missing.file_problem is not None
        assert missing.file_problem.params == {"detail": "no column from"}

    def test_header_and_trailer_records(self) -> None:
        assert FIXED.mapping is not None
        found = preview(WHOLESALE, FIXED.mapping, rows=40, profile=DUTCH)
        assert [row.kind for row in found.rows] == ["header", *["event"] * 33, "trailer"]
        assert found.rows[1].fields["30:49"].strip() == "0123451234"

    def test_a_cut_xml_file(self) -> None:
        data = (DATA / "broadworks/broadworks_cdr_v19.xml").read_bytes()[:3500]
        assert XML_MAPPING.mapping is not None
        found = preview(data, XML_MAPPING.mapping, profile=ANY_NUMBER)
        assert ([row.kind for row in found.rows], found.file_problem) == (["ignored", "event"], None)
        whole = preview(data, XML_MAPPING.mapping, profile=ANY_NUMBER, complete=True)
        assert whole.file_problem is not None

    def test_a_faulty_mapping_is_refused(self) -> None:
        with pytest.raises(MappingError):
            preview(b"x", Mapping())
        good = Mapping(columns=(Column("started_at", "1"), Column("login", "2")))
        with pytest.raises(MappingError, match="encoding"):
            preview(b"x", good, profile=SourceProfile(encoding="klingon"))


@pytest.mark.parametrize(
    ("mapping", "data", "fields"),
    [
        (Mapping(delimiter=";"), b"a;b\nc;d\n", [{"1": "a", "2": "b"}, {"1": "c", "2": "d"}]),
        (Mapping(delimiter=";", header=True), b"a;b\nc;d\n", [{"a": "c", "b": "d"}]),
        (Mapping(delimiter=";", columns=(Column("a_number", "x"),)), b"a;b\n", [{"1": "a", "2": "b"}]),
        (Mapping(kind="json"), b'{"a": {"b": 1}}\n', [{"a.b": "1"}]),
        (Mapping(kind="xml", record="r/c"), b"<r><c><a>1</a></c></r>", [{"a": "1"}]),
        (Mapping(kind="xml"), b"<r/>", []),
        (Mapping(delimiter=""), b"a;b\n", []),
    ],
)
def test_fields_are_shown_before_a_column_is_mapped(
    mapping: Mapping, data: bytes, fields: list[dict[str, str]]
) -> None:
    rows = raw_rows(data, mapping)
    assert [row.fields for row in rows] == fields
    assert {row.kind for row in rows} <= {"raw"}


def test_fixed_width_is_shown_as_a_line() -> None:
    (row,) = raw_rows(b"0123456789\n", Mapping(kind="fixed"))
    assert "0123456789" in row.fields.values()


@given(st.binary(max_size=300), st.sampled_from(["csv", "fixed", "json", "xml"]), st.booleans())
def test_any_bytes_can_be_shown(data: bytes, kind: str, header: bool) -> None:
    assert len(raw_rows(data, Mapping(kind=kind, record="a/b", header=header), 5)) <= 5
