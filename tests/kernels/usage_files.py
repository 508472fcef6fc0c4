"""What tests of usage formats share: reading a file whole under the law of the audit, BER built by hand, fuzzing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import mediation_checks
import polars as pl
from hypothesis import strategies as st

from mediation_core import SourceProfile, get_format
from mediation_core.formats.legs import FILED_EVENT_SCHEMA, FILED_LEG_SCHEMA, filed, no_legs
from mediation_core.values import Chunk, Problem

SAMPLES = Path(__file__).parents[1] / "data/cdr"
POLAND = SourceProfile()


def read(name: str, data: bytes, profile: SourceProfile = POLAND, chunk_rows: int = 1000) -> Chunk:
    """The whole file as one chunk under the laws of chunks."""
    return mediation_checks.read(name, data, profile, chunk_rows)


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


@dataclass
class Loaded:
    """What loading some files one after the other gives, and where every row went."""

    events: pl.DataFrame
    waiting: pl.DataFrame
    problems: list[Problem]
    received: int
    merged: int
    ignored: int
    memory: pl.DataFrame

    def facts(self, *more: str) -> list[tuple[object, ...]]:
        """The events without the traces of the files that they came in."""
        columns = ("dedupe_key", "started_at", "units", "volume_up", "volume_down", "a_number", "b_number", *more)
        return sorted(self.events.select(columns).rows())


def load(
    name: str,
    files: Sequence[bytes],
    profile: SourceProfile,
    now: datetime,
    *,
    last_now: datetime | None = None,
    chunk_rows: int = 1000,
) -> Loaded:
    """Load files of a pairing format as the loader does: parse, pair with what waits, keep the rest; then check the law.

    ``last_now``: when the last file comes, if later than the others.
    """
    source, waiting = get_format(name), no_legs()
    assert source.pair is not None
    events, problems, received, used, ignored, parsed_problems = [], [], 0, 0, 0, 0
    for file_id, data in enumerate(files, start=1):
        chunk = read(name, data, profile, chunk_rows)
        assert chunk.file_problem is None
        received, ignored = received + chunk.rows, ignored + chunk.ignored
        parsed_problems += len(chunk.problems)
        problems += chunk.problems
        when = last_now if last_now and file_id == len(files) else now
        result = source.pair(waiting, filed(chunk.legs, file_id), profile, when)
        assert result.events.schema == FILED_EVENT_SCHEMA and result.legs_left.schema == FILED_LEG_SCHEMA
        still = result.legs_left.filter(pl.col("role") != "base")  # a base is memory of what was used before
        places = result.used.select("file_id", "line_no").rows() + still.select("file_id", "line_no").rows()
        places += [(problem.params["file_id"], problem.line_no) for problem in result.problems]
        before = waiting.filter(pl.col("role") != "base")
        assert len(places) == len(set(places)) == before.height + chunk.legs.height, "every leg is somewhere, once"
        by = set(result.events.select("file_id", "line_no").rows())
        assert by <= set(result.used.select("file_id", "line_no").rows()), "an event is counted by a used leg"
        waiting, used = result.legs_left, used + result.used.height
        events.append(result.events)
        problems += result.problems
    everything = pl.concat(events)
    counted = everything.select("file_id", "line_no").n_unique()
    merged = used - counted
    memory, waiting = waiting.filter(role="base"), waiting.filter(pl.col("role") != "base")
    assert received == counted + merged + waiting.height + len(problems) + ignored, "nothing is lost"
    return Loaded(everything, waiting, problems, received, merged, ignored, memory)


def shuffled_files(rows: Sequence[bytes], joint: bytes = b"\n") -> st.SearchStrategy[list[bytes]]:
    """The rows in any order, cut into any number of files."""

    def cut(order: list[bytes], places: list[int]) -> list[bytes]:
        edges = [0, *sorted(places), len(order)]
        return [b"".join(row + joint for row in order[a:b]) for a, b in pairwise(edges)]

    return st.builds(cut, st.permutations(list(rows)), st.lists(st.integers(0, len(rows)), max_size=4))
