"""JSON that a user describes by a mapping: lines of objects, one object, or an array of them.

- A source is a path of keys with dots; a number is a place in a list. Numbers and true/false count as their text, other values
  (objects, lists, null) as empty.
- What is kept for replay is the whole object on one line. The identity is the key of the mapping, else the hash of the used values.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO

from ..mapping import Mapping
from ..values import Chunk, Problem, SourceProfile, row_key
from .generic import Batch, for_replay, joined_fields, mapped_chunks, parsed, sources_of, texts_by_source
from .json_rows import JsonRow, read_objects
from .registry import register
from .replays import replay_records

MOST_SHOWN = 300


def _parse(stream: BinaryIO, profile: SourceProfile, chunk_rows: int = 20_000) -> Iterator[Chunk]:
    """Chunks of at most ``chunk_rows`` rows; never raises on content."""
    return parsed(stream, profile, chunk_rows, "json", read)


def read(stream: BinaryIO, mapping: Mapping, encoding: str, size: int) -> Iterator[Batch]:
    """Objects of the file by source."""
    rows = read_objects(stream, encoding)
    while some := list(islice(rows, size)):
        yield _batch(some, mapping)


def _batch(rows: Sequence[JsonRow], mapping: Mapping) -> Batch:
    good = [row.value for row in rows if row.value is not None]
    sources = sources_of(mapping)
    paths = {source: source.split(".") for source in sources}
    frame = texts_by_source([{s: at(value, path) for s, path in paths.items()} for value in good], sources)
    return Batch(
        numbers=[row.number for row in rows if row.value is not None],
        raws=[_storable(json.dumps(value, ensure_ascii=False)) for value in good],
        frame=frame,
        joined=joined_fields(frame.select(mapping.sources())),
        done=rows[-1].done,
        fields=lambda row: dict(islice(flat(good[row]), MOST_SHOWN)),
        problems=[_broken(row) for row in rows if row.value is None],
    )


def _broken(row: JsonRow) -> Problem:
    raw = row.text or "?"
    return Problem(row.number, "INVALID_FORMAT", "", raw[:60], raw, row_key([raw]), {"detail": row.error})


def at(value: Any, path: Sequence[str]) -> str:
    """Text at a path; empty where there is none."""
    for name in path:
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return ""
    return _text(value)


def flat(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Every text of an object with its path."""
    if depth > 20:
        return
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if parts is None:
        yield path, _text(value)
        return
    for name, part in parts:
        yield from flat(part, f"{path}.{name}" if path else str(name), depth + 1)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return json.dumps(value)
    return _storable(str(value)) if isinstance(value, str | int) else ""


def _storable(text: str) -> str:
    """Without what a database text cannot hold: NUL, and halves of signs that JSON escapes may spell."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def _chunk(rows: Sequence[JsonRow], profile: SourceProfile) -> Chunk:
    assert profile.mapping is not None
    return next(mapped_chunks(iter([_batch(rows, profile.mapping)]), profile.mapping, profile))


def _replay(raws: Sequence[str], profile: SourceProfile) -> Chunk:
    if profile.mapping is None:
        return replay_records(lambda stream: iter(()), _chunk)(raws, profile)
    return replay_records(lambda stream: read_objects(stream, "utf-8"), _chunk)(raws, for_replay(profile))


parse = register("generic_json", "JSON by mapping", replay=_replay)(_parse)
