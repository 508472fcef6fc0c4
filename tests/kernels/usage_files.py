"""What tests of usage formats share: reading a file whole under the law of the audit, BER built by hand, fuzzing."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import polars as pl
from hypothesis import strategies as st

from mediation_core import SourceProfile, get_format
from mediation_core.values import EVENT_SCHEMA, LEG_SCHEMA, Chunk

SAMPLES = Path(__file__).parents[1] / "data/cdr"
POLAND = SourceProfile()


def read(name: str, data: bytes, profile: SourceProfile = POLAND, chunk_rows: int = 1000) -> Chunk:
    """All chunks of a file as one; every row is an event, a leg, a problem or ignored."""
    chunks = list(get_format(name).parse(io.BytesIO(data), profile, chunk_rows))
    assert chunks, "a file gives at least one chunk"
    assert all(chunk.file_problem is None for chunk in chunks[:-1]), "nothing follows a refusal"
    for chunk in chunks:
        assert chunk.events.schema == EVENT_SCHEMA
        assert chunk.legs.schema == LEG_SCHEMA
        assert chunk.rows == chunk.ignored + chunk.events.height + chunk.legs.height + len(chunk.problems), "audit law"
        for column in ("line_no", "dedupe_key", "usage_kind", "started_at", "units", "raw"):
            assert chunk.events[column].null_count() == 0, column
    lines = [
        line
        for chunk in chunks
        for line in (*chunk.events["line_no"], *chunk.legs["line_no"], *(p.line_no for p in chunk.problems))
    ]
    assert len(lines) == len(set(lines)), "a line is told apart by its number"
    last = chunks[-1]
    return replace(
        last,
        rows=sum(chunk.rows for chunk in chunks),
        ignored=sum(chunk.ignored for chunk in chunks),
        events=pl.concat([chunk.events for chunk in chunks]),
        legs=pl.concat([chunk.legs for chunk in chunks]),
        problems=[problem for chunk in chunks for problem in chunk.problems],
    )


def options(**values: str) -> SourceProfile:
    return SourceProfile(options=values)


def tlv(tag: str, *contents: bytes | str) -> bytes:
    """One BER element from its tag in hexadecimal; text stands for hexadecimal contents."""
    body = b"".join(bytes.fromhex(part) if isinstance(part, str) else part for part in contents)
    if len(body) < 0x80:
        length = bytes([len(body)])
    elif len(body) < 0x100:
        length = bytes([0x81, len(body)])
    else:
        length = b"\x82" + len(body).to_bytes(2, "big")
    return bytes.fromhex(tag) + length + body


def spoilt(sample: bytes) -> st.SearchStrategy[bytes]:
    """A file with some octets changed, or cut, or with something put in, or nothing but noise."""
    place = st.integers(0, len(sample) - 1)

    def flipped(changes: list[tuple[int, int]]) -> bytes:
        data = bytearray(sample)
        for where, value in changes:
            data[where] = value
        return bytes(data)

    def inserted(where: int, piece: bytes) -> bytes:
        return sample[:where] + piece + sample[where:]

    return st.one_of(
        st.lists(st.tuples(place, st.integers(0, 255)), min_size=1, max_size=6).map(flipped),
        place.map(lambda where: sample[:where]),
        st.builds(inserted, place, st.binary(min_size=1, max_size=40)),
        st.binary(max_size=300),
    )
