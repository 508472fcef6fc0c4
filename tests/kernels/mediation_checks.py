"""What every usage file format must keep, whatever the bytes: shared by the tests of the formats."""

from __future__ import annotations

import dataclasses
import io
import random
import tracemalloc
from collections.abc import Iterator

import polars as pl

from mediation_core import SourceProfile, get_format
from mediation_core.values import EVENT_SCHEMA, LEG_SCHEMA, Chunk, empty_events, empty_legs

# What the texts of these problems speak of.
PARAMS = {
    "INVALID_FORMAT": {"detail"},
    "TOO_FEW_COLUMNS": {"columns", "least"},
    "UNKNOWN_COLUMN": {"columns", "most"},
}
NEVER_NULL = ("line_no", "dedupe_key", "usage_kind", "started_at", "units", "raw")


def read(name: str, data: bytes, profile: SourceProfile, chunk_rows: int = 1000) -> Chunk:
    """The whole file as one chunk, after checking the laws of chunks."""
    chunks = list(get_format(name).parse(io.BytesIO(data), profile, chunk_rows))
    assert all(chunk.rows <= chunk_rows for chunk in chunks)
    for chunk in chunks:
        assert dict(chunk.events.schema) == EVENT_SCHEMA
        assert dict(chunk.legs.schema) == LEG_SCHEMA
        assert chunk.rows == chunk.events.height + chunk.legs.height + len(chunk.problems) + chunk.ignored, "audit law"
        assert not any(chunk.events[column].null_count() for column in NEVER_NULL)
    assert all(chunk.file_problem is None for chunk in chunks[:-1]), "a refused file is read no further"
    problems = [problem for chunk in chunks for problem in chunk.problems]
    lines = [n for chunk in chunks for n in (*chunk.events["line_no"], *chunk.legs["line_no"])]
    lines += [problem.line_no for problem in problems]
    assert len(lines) == len(set(lines)), "a line is counted once"
    for problem in problems:
        assert problem.code.isupper() and problem.raw and len(problem.dedupe_key) < 160
        assert "\x00" not in problem.raw + problem.value
        assert PARAMS.get(problem.code, set()) <= problem.params.keys()
    return Chunk(
        rows=sum(chunk.rows for chunk in chunks),
        ignored=sum(chunk.ignored for chunk in chunks),
        events=pl.concat([empty_events(), *(chunk.events for chunk in chunks)]),
        problems=problems,
        bytes_read=chunks[-1].bytes_read if chunks else 0,
        legs=pl.concat([empty_legs(), *(chunk.legs for chunk in chunks)]),
        control=next((chunk.control for chunk in chunks if chunk.control), None),
        file_problem=chunks[-1].file_problem if chunks else None,
    )


def assert_chunk_size_changes_nothing(name: str, data: bytes, profile: SourceProfile, *sizes: int) -> None:
    whole = read(name, data, profile, 100_000)
    for size in sizes or (1, 3, 7):
        pieces = read(name, data, profile, size)
        assert dataclasses.replace(pieces, events=whole.events, legs=whole.legs) == whole
        assert pieces.events.equals(whole.events)
        assert pieces.legs.equals(whole.legs)


def assert_rows_replay(name: str, chunk: Chunk, profile: SourceProfile) -> None:
    """Each problem row and each event, read again alone from what was kept of it, gives the same."""
    rows = [problem.raw for problem in chunk.problems] + chunk.events["raw"].to_list()
    again = get_format(name).replay(rows, profile)
    assert again.rows == len(rows)
    codes = {problem.line_no: (problem.code, problem.field) for problem in again.problems}
    assert codes == {n: (problem.code, problem.field) for n, problem in enumerate(chunk.problems, start=1)}
    first = len(chunk.problems) + 1
    expected = chunk.events.with_columns(line_no=pl.int_range(first, first + chunk.events.height, dtype=pl.Int64))
    assert again.events.drop("raw").equals(expected.drop("raw"))


def mutations(data: bytes, count: int, seed: int) -> Iterator[bytes]:
    """``data`` damaged in ``count`` ways: bytes changed, cut out, doubled, cut off."""
    dice = random.Random(seed)
    for _round in range(count):
        damaged = bytearray(data)
        for _damage in range(dice.randint(1, 8)):
            at = dice.randrange(len(damaged)) if damaged else 0
            kind = dice.randrange(5)
            if kind == 0 and damaged:
                damaged[at] = dice.randrange(256)
            elif kind == 1:
                del damaged[at : at + dice.randint(1, 40)]
            elif kind == 2:
                damaged[at:at] = damaged[at : at + dice.randint(1, 40)]
            elif kind == 3:
                damaged[at:at] = dice.choice(
                    [b"\x00", b"\xff", b'"', b"\n", b"\r", b"-", b",", b"{", b"<", b"&", b"\xc5"]
                )
            elif dice.random() < 0.2:
                del damaged[at:]
        yield bytes(damaged)


class Endless(io.RawIOBase):
    """``size`` bytes that repeat ``pattern`` and are never in memory together."""

    def __init__(self, size: int, pattern: bytes = b"x", head: bytes = b"") -> None:
        self.left = size
        self.block = pattern * (65_536 // len(pattern) + 1)
        self.head = head

    def readable(self) -> bool:
        return True

    # io calls it with any writable buffer; a bytearray is all that these tests need
    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        source = self.head or self.block
        size = min(len(buffer), self.left, len(source))
        buffer[:size] = source[:size]
        self.left -= size
        self.head = self.head[size:]
        return size


def assert_bounded_memory(
    name: str, profile: SourceProfile, *, size: int = 200_000_000, pattern: bytes = b"x", head: bytes = b""
) -> list[Chunk]:
    """A file of one line of 200 MB is read to its end (or refused) within 60 MB of Python memory."""
    tracemalloc.start()
    try:
        stream = io.BufferedReader(Endless(size, pattern, head))
        chunks = list(get_format(name).parse(stream, profile, 20_000))
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 60_000_000
    assert sum(chunk.events.height for chunk in chunks) <= 1
    return chunks
