"""The laws of every registered format, on small files with good and bad rows (``mediation_samples``)."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mediation_checks import (
    assert_bounded_memory,
    assert_chunk_size_changes_nothing,
    assert_rows_replay,
    mutations,
    read,
)
from mediation_samples import SAMPLES

from mediation_core import FORMATS

LINES = (
    "asterisk_csv",
    "asterisk_custom",
    "freeswitch_csv",
    "cisco_cucm",
    "cisco_ios",
    "broadworks_csv",
    "oracle_sbc",
    "generic_fixed",
)
every = pytest.mark.parametrize("name", SAMPLES)


def test_every_text_format_has_a_sample() -> None:
    assert {name for name, entry in FORMATS.items() if not entry.binary and entry.pair is None} <= SAMPLES.keys()


@every
def test_the_sample_has_events_and_problems(name: str) -> None:
    sample = SAMPLES[name]
    chunk = read(name, sample.data, sample.profile)
    assert chunk.events.height
    assert chunk.file_problem is None
    assert chunk.bytes_read == len(sample.data)


@every
def test_chunk_size_changes_nothing(name: str) -> None:
    assert_chunk_size_changes_nothing(name, SAMPLES[name].data, SAMPLES[name].profile)


@every
def test_rows_replay(name: str) -> None:
    sample = SAMPLES[name]
    assert_rows_replay(name, read(name, sample.data, sample.profile), sample.profile)


@every
def test_a_row_read_twice_has_one_identity(name: str) -> None:
    sample = SAMPLES[name]
    first, again = (read(name, sample.data, sample.profile, size) for size in (1000, 2))
    assert first.events["dedupe_key"].equals(again.events["dedupe_key"])
    assert [p.dedupe_key for p in first.problems] == [p.dedupe_key for p in again.problems]


@every
@settings(max_examples=40)
@given(data=st.binary(max_size=400), chunk_rows=st.integers(1, 4))
def test_any_bytes(name: str, data: bytes, chunk_rows: int) -> None:
    read(name, data, SAMPLES[name].profile, chunk_rows)


@every
def test_damaged_samples(name: str) -> None:
    sample = SAMPLES[name]
    for seed, damaged in enumerate(mutations(sample.data, 80, 20261014)):
        read(name, damaged, sample.profile, (1000, 40, 3)[seed % 3])


@every
def test_cut_off_samples(name: str) -> None:
    sample = SAMPLES[name]
    step = max(len(sample.data) // 30, 1)
    for end in range(0, len(sample.data) - 1, step):
        chunk = read(name, sample.data[:end], sample.profile)
        if sample.cut_refuses and end:
            assert chunk.file_problem is not None


@every
def test_one_line_of_200_megabytes(name: str) -> None:
    sample = SAMPLES[name]
    assert_bounded_memory(name, sample.profile, pattern=sample.pattern, head=sample.head)


@every
def test_binary_and_empty(name: str) -> None:
    profile = SAMPLES[name].profile
    assert read(name, b"", profile).events.is_empty()
    assert read(name, b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 40, profile).events.is_empty()
    assert read(name, b"\x00" * 10_000, profile).events.is_empty()


@every
def test_wide_encoding_only_when_stated(name: str) -> None:
    """XML tells its encoding by its first bytes; every other text is UTF-16 only when the source says so."""
    sample = SAMPLES[name]
    plain = read(name, sample.data, sample.profile)
    wide = sample.data.decode("utf-8", "replace").encode("utf-16")
    unstated = read(name, wide, dataclasses.replace(sample.profile, encoding="utf-8"))
    assert unstated.events.is_empty() or name.endswith("_xml")
    stated = read(name, wide, dataclasses.replace(sample.profile, encoding="utf-16"))
    assert stated.events.equals(plain.events)
    assert [p.line_no for p in stated.problems] == [p.line_no for p in plain.problems]


@every
def test_mixed_line_ends(name: str) -> None:
    sample = SAMPLES[name]
    plain = read(name, sample.data, sample.profile)
    lines = sample.data.split(b"\n")
    mixed = b"".join(line + (b"\r\n" if n % 2 else b"\n") for n, line in enumerate(lines[:-1])) + lines[-1]
    assert mixed != sample.data
    result = read(name, mixed, sample.profile)
    assert result.events.equals(plain.events)
    assert [(p.line_no, p.code, p.dedupe_key) for p in result.problems] == [
        (p.line_no, p.code, p.dedupe_key) for p in plain.problems
    ]


@every
@pytest.mark.parametrize("sign", [b"\x00", b"\xff", b"\xa5"])
def test_a_foreign_byte_in_every_place(name: str, sign: bytes) -> None:
    """A byte that no text has never makes more events, and never takes events of other rows away in formats of lines."""
    sample = SAMPLES[name]
    events = read(name, sample.data, sample.profile).events.height
    step = max(len(sample.data) // 40, 1)
    for place in range(0, len(sample.data), step):
        damaged = sample.data[:place] + sign + sample.data[place:]
        found = read(name, damaged, sample.profile)
        assert found.events.height <= events
        if name in LINES and found.file_problem is None:
            assert found.events.height >= events - 1
