"""XML that a user describes by a mapping: the path of a record from the root, and paths of elements and attributes below it.

- Of several equal paths in a record the first one counts. Prefixes of namespaces are left out of names.
- The encoding is that of the XML declaration unless the source states one. Entities and damaged XML refuse the file.
- What is kept for replay is a document of its own with the used elements. The identity is the key of the mapping, else the hash of
  the used values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import BinaryIO

from ..mapping import Mapping
from ..values import Chunk, SourceProfile
from .generic import Batch, for_replay, joined_fields, mapped_chunks, parsed, sources_of, texts_by_source
from .registry import register
from .replays import replay_records
from .xml_rows import XmlRow, read_records, written


def _parse(stream: BinaryIO, profile: SourceProfile, chunk_rows: int = 20_000) -> Iterator[Chunk]:
    """Chunks of at most ``chunk_rows`` rows; never raises on content."""
    return parsed(stream, profile, chunk_rows, "xml", read)


def read(stream: BinaryIO, mapping: Mapping, encoding: str, size: int) -> Iterator[Batch]:
    """Records of the file by source."""
    rows = read_records(stream, mapping.record, encoding)
    while some := list(islice(rows, size)):
        good = [row for row in some if row.problem is None]
        if good:
            yield _batch(good, mapping)
        if some[-1].problem:
            last = some[-1]
            nothing = _batch([], mapping, last.done)
            yield Batch(**{**vars(nothing), "file_problem": last.problem})


def _batch(rows: Sequence[XmlRow], mapping: Mapping, done: int = 0) -> Batch:
    sources = sources_of(mapping)
    frame = texts_by_source([row.values for row in rows], sources)
    kept = set(sources)
    return Batch(
        numbers=[row.number for row in rows],
        raws=[
            written(mapping.record, {path: text for path, text in row.values.items() if path in kept}) for row in rows
        ],
        frame=frame,
        joined=joined_fields(frame.select(mapping.sources())),
        done=rows[-1].done if rows else done,
        fields=lambda place: rows[place].values,
    )


def _chunk(rows: Sequence[XmlRow], profile: SourceProfile) -> Chunk:
    assert profile.mapping is not None
    return next(mapped_chunks(iter([_batch(rows, profile.mapping)]), profile.mapping, profile))


def _replay(raws: Sequence[str], profile: SourceProfile) -> Chunk:
    if profile.mapping is None:
        return replay_records(lambda stream: iter(()), _chunk)(raws, profile)
    record = profile.mapping.record
    return replay_records(lambda stream: read_records(stream, record, "utf-8"), _chunk)(raws, for_replay(profile))


parse = register("generic_xml", "XML by mapping", replay=_replay)(_parse)
