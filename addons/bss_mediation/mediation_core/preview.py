"""What a mapping makes of the first rows of a file, for a person who writes the mapping."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import polars as pl

from .formats import generic_csv, generic_fixed, generic_json, generic_xml
from .formats.generic import Audit, Batch, for_replay, mapped_chunks
from .formats.text_rows import known_encoding
from .mapping import Mapping
from .mapping_check import Fault, MappingError, check
from .values import FileProblem, Problem, SourceProfile

_Reader = Callable[[BinaryIO, Mapping, str, int], Iterator[Batch]]
READERS: dict[str, _Reader] = {
    "csv": generic_csv.read,
    "fixed": generic_fixed.read,
    "json": generic_json.read,
    "xml": generic_xml.read,
}


@dataclass(frozen=True)
class PreviewRow:
    """One row: its texts by source, the filled columns of its event, or what is wrong with it.

    ``kind``: event, problem, ignored, header, trailer.
    """

    line_no: int
    kind: str
    fields: dict[str, str]
    values: dict[str, object] = field(default_factory=dict)
    problem: Problem | None = None


@dataclass(frozen=True)
class Preview:
    """Rows in order; the problem of the file as a whole where there is one."""

    rows: list[PreviewRow]
    file_problem: FileProblem | None = None


def preview(
    data: bytes, mapping: Mapping, rows: int = 20, profile: SourceProfile | None = None, complete: bool = False
) -> Preview:
    """The first ``rows`` rows as the mapping reads them.

    :param data: beginning of a file. :param complete: it is the whole file, so that a cut-off end is a fault of its own.
    :raises MappingError: when the mapping itself is faulty.
    """
    profile = dataclasses.replace(profile or SourceProfile(), mapping=mapping)
    faults = check(mapping)
    if not known_encoding(profile.encoding):
        faults.append(Fault("encoding", "UNKNOWN_VALUE", profile.encoding))
    if faults:
        raise MappingError(faults)
    if not complete and mapping.kind in ("csv", "fixed"):
        data = data[: data.rfind(b"\n") + 1] or data
    found: list[PreviewRow] = []
    for batch in READERS[mapping.kind](io.BytesIO(data), mapping, profile.encoding, rows):
        if batch.file_problem:
            cut = batch.file_problem.code == "TRUNCATED" and not complete
            return Preview(found[:rows], None if cut else batch.file_problem)
        some = [_row(batch, place, mapping, profile) for place in range(batch.frame.height)]
        some += [PreviewRow(one.line_no, "problem", {}, problem=one) for one in batch.problems]
        found += sorted(some, key=lambda row: row.line_no)
        if len(found) >= rows:
            break
    return Preview(found[:rows])


def raw_rows(data: bytes, mapping: Mapping, rows: int = 20, encoding: str = "auto") -> list[PreviewRow]:
    """The first rows with all their fields by source, whatever the columns of the mapping: to find out where things are.

    :return: rows of kind "raw"; none when already the way to records (separator, path, encoding) is faulty
    """
    key = () if mapping.kind in ("csv", "fixed") else ("-",)  # trees are read for at least one path
    bare = dataclasses.replace(mapping, columns=(), filters=(), key=key, controls=(), record_type=None)
    faults = {fault.entry for fault in check(bare)} - {"columns"}
    if faults or not known_encoding(encoding):
        return []
    found: list[PreviewRow] = []
    for batch in READERS[bare.kind](io.BytesIO(data), bare, encoding, rows):
        found += [PreviewRow(number, "raw", batch.fields(place)) for place, number in enumerate(batch.numbers)]
        if batch.file_problem or len(found) >= rows:
            break
    return found[:rows]


def _row(batch: Batch, place: int, mapping: Mapping, profile: SourceProfile) -> PreviewRow:
    number, fields = batch.numbers[place], batch.fields(place)
    one = dataclasses.replace(
        batch,
        numbers=[number],
        raws=[batch.raws[place]],
        frame=batch.frame[place],
        joined=[batch.joined[place]],
        problems=[],
    )
    audit = Audit(mapping)
    problems: list[Problem] = []
    if not audit.split(one, problems) and not problems:
        return PreviewRow(number, next(iter(audit.records)), fields)
    replayed = for_replay(profile)
    assert replayed.mapping is not None
    chunk = next(mapped_chunks(iter([one]), replayed.mapping, replayed))
    if chunk.problems:
        return PreviewRow(number, "problem", fields, problem=chunk.problems[0])
    if chunk.ignored:
        return PreviewRow(number, "ignored", fields)
    return PreviewRow(number, "event", fields, _filled(chunk.events))


def _filled(events: pl.DataFrame) -> dict[str, object]:
    (row,) = events.rows(named=True)
    return {name: value for name, value in row.items() if value is not None and name not in ("line_no", "raw")}
