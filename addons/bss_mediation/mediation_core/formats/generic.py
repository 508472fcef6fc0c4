"""The common course of the formats that a user describes by a mapping: records, what header and trailer declare, chunks."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

import polars as pl

from ..columns import harvest
from ..mapping import Column, ControlField, Mapping
from ..mapping_apply import MICRO, checked, length_micros
from ..values import Chunk, Control, FileProblem, Problem, SourceProfile, empty_chunk, empty_events, row_key
from .tables import unknown_encoding
from .text_rows import known_encoding


@dataclass(frozen=True)
class Batch:
    """Records of a piece of a file: ``frame`` has their texts by source (``Mapping.sources`` and those of controls)."""

    numbers: list[int]
    raws: list[str]
    frame: pl.DataFrame
    joined: list[str]  # what the identity of a record without a key is made of
    done: int
    fields: Callable[[int], dict[str, str]]  # all that is in a row, by source, for people to look at
    problems: list[Problem] = field(default_factory=list)
    file_problem: FileProblem | None = None


def no_mapping(profile: SourceProfile, kind: str) -> Chunk | None:
    """The refusal of a file when the source has no mapping of this kind."""
    if profile.mapping and profile.mapping.kind == kind:
        return None
    return empty_chunk(0, file_problem=FileProblem("NOT_THIS_FORMAT", {"detail": f"no mapping of kind {kind}"}))


def parsed(
    stream: BinaryIO,
    profile: SourceProfile,
    size: int,
    kind: str,
    read: Callable[[BinaryIO, Mapping, str, int], Iterator[Batch]],
) -> Iterator[Chunk]:
    """Chunks of at most ``size`` rows of a file that ``read`` splits, or why there are none."""
    refusal = no_mapping(profile, kind)
    if refusal or profile.mapping is None:
        yield refusal or unknown_encoding(profile)
    elif not known_encoding(profile.encoding):
        yield unknown_encoding(profile)
    else:
        yield from mapped_chunks(read(stream, profile.mapping, profile.encoding, size), profile.mapping, profile)


def for_replay(profile: SourceProfile) -> SourceProfile:
    """Profile for rows out of suspense: no lines to skip, no declared figures to compare with."""
    if profile.mapping is None:
        return profile
    record_type = profile.mapping.record_type
    if record_type:
        record_type = dataclasses.replace(record_type, header="", trailer="")
    mapping = dataclasses.replace(profile.mapping, skip_lines=0, controls=(), record_type=record_type)
    return dataclasses.replace(profile, mapping=mapping)


def sources_of(mapping: Mapping) -> list[str]:
    """All sources to be read of a line, those of header and trailer included."""
    return list(
        dict.fromkeys([*mapping.sources(), *(control.source for control in mapping.controls if control.source)])
    )


def mapped_chunks(batches: Iterator[Batch], mapping: Mapping, profile: SourceProfile) -> Iterator[Chunk]:
    """Chunks of the records; at the end the declared figures and, when they differ, the problem of the file."""
    audit = Audit(mapping)
    done = 0
    for batch in batches:
        done = batch.done
        if batch.file_problem:
            yield empty_chunk(done, file_problem=batch.file_problem)
            return
        chunk = _chunk(batch, mapping, profile, audit)
        if chunk.rows:
            yield chunk
    if audit.seen and mapping.record_type:
        yield empty_chunk(done, control=audit.control(), file_problem=audit.problem())


def _chunk(batch: Batch, mapping: Mapping, profile: SourceProfile, audit: Audit) -> Chunk:
    problems = list(batch.problems)
    places = audit.split(batch, problems)
    rows = len(places) + len(problems)
    if not places:
        problems.sort(key=lambda problem: problem.line_no)
        return Chunk(rows, 0, empty_events(), problems, batch.done)
    frame = batch.frame if len(places) == batch.frame.height else batch.frame[places]
    audit.add(frame)
    numbers = pl.Series([batch.numbers[place] for place in places], dtype=pl.Int64)
    raws = pl.Series([batch.raws[place] for place in places], dtype=pl.String)
    events, bad, ignored = harvest(
        checked(frame.select(mapping.sources()), mapping, profile),
        numbers,
        raws,
        lambda some: [batch.joined[places[place]] for place in some],
    )
    problems = sorted(problems + bad, key=lambda problem: problem.line_no)
    return Chunk(rows, ignored, events, problems, batch.done)


class Audit:
    """What the header and trailer of a file declare, and what its records make."""

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping
        self.type = mapping.record_type
        self.declared: dict[tuple[str, str], int | None] = {}
        self.records: set[str] = set()
        self.rows = 0
        self.sums = {"units": 0, "amount": 0}
        self.seen = False

    def split(self, batch: Batch, problems: list[Problem]) -> list[int]:
        """Places of the records among the rows of a batch; header and trailer are read, unknown types are problems."""
        self.seen |= bool(batch.numbers or problems)
        self.rows += len(problems)
        if self.type is None:
            return list(range(batch.frame.height))
        places = []
        for place, kind in enumerate(batch.frame[self.type.source]):
            kind = (kind or "").strip()
            name = next((one for one in ("header", "trailer") if kind and kind == getattr(self.type, one)), "")
            if name:
                self._read(name, batch.frame[place])
            elif not self.type.detail or kind == self.type.detail:
                places.append(place)
            else:
                raw = batch.raws[place]
                problems.append(
                    Problem(batch.numbers[place], "UNKNOWN_VALUE", self.type.source, kind[:200], raw, row_key([raw]))
                )
        return places

    def _read(self, name: str, row: pl.DataFrame) -> None:
        self.records.add(name)
        for control in self.mapping.controls:
            if control.record == name:
                text = row[control.source].fill_null("").str.strip_chars()
                self.declared[name, control.kind] = self._figure(control, text, control.unit)[0]

    def _figure(self, control: ControlField, text: pl.Series, unit: str) -> pl.Series:
        """Whole numbers for sequence and count, 1e-6 for sums."""
        if control.kind in ("sequence", "rows"):
            plain = text.to_frame("text").select(pl.col("text").str.extract(r"^([0-9]{1,15})$")).to_series()
            return plain.cast(pl.Int64, strict=False)
        return length_micros(text, Column("duration_s", unit=unit), self.mapping)

    def add(self, frame: pl.DataFrame) -> None:
        """Count records and sum what is declared; a text that is no number counts nothing."""
        self.rows += frame.height
        for kind in self.sums:
            control = next((one for one in self.mapping.controls if one.kind == kind), None)
            if control is None:
                continue
            column = self.mapping.column({"units": "duration_s", "amount": "cost_micro"}[kind])
            source = control.detail or (column.source if column else "")
            unit = control.detail_unit if control.detail else (column.unit if column else "")
            if source:
                text = frame[source].fill_null("").str.strip_chars()
                self.sums[kind] += int(self._figure(control, text, unit).cast(pl.Int128).sum() or 0)

    def control(self) -> Control:
        def figure(kind: str) -> int | None:
            return next((value for (_name, one), value in self.declared.items() if one == kind), None)

        units, amount = figure("units"), figure("amount")
        return Control(
            sequence=figure("sequence"),
            rows=figure("rows"),
            units=None if units is None else units // MICRO,
            amount_micro=amount,
        )

    def problem(self) -> FileProblem | None:
        """The first contradiction between the file and its header or trailer."""
        if self.type is None:
            return None
        if self.type.trailer and "trailer" not in self.records:
            return FileProblem("TRUNCATED")
        if self.type.header and "header" not in self.records:
            return FileProblem("NOT_THIS_FORMAT", {"detail": "no header record"})
        counted = {"rows": self.rows, **self.sums}
        for (name, kind), value in self.declared.items():
            if kind == "sequence":
                other = self.declared.get(("header" if name == "trailer" else "trailer", kind), value)
                if other != value:
                    return self._mismatch(kind, value, other)
            elif value is None or value != counted[kind]:
                return self._mismatch(kind, value, counted[kind])
        return None

    @staticmethod
    def _mismatch(kind: str, declared: int | None, counted: int | None) -> FileProblem:
        scale = MICRO if kind in ("units", "amount") else 1
        return FileProblem(
            "AUDIT_MISMATCH", {"field": kind, "declared": _shown(declared, scale), "counted": _shown(counted, scale)}
        )


def _shown(value: int | None, scale: int) -> str:
    if value is None:
        return "?"
    whole, part = divmod(value, scale)
    return f"{whole}.{part:06}".rstrip("0") if part else str(whole)


def joined_fields(columns: pl.DataFrame) -> list[str]:
    return columns.select(pl.concat_str(pl.all(), separator="\x1f")).to_series().to_list()


def texts_by_source(rows: Sequence[dict[str, str]], sources: Sequence[str]) -> pl.DataFrame:
    """A frame of texts, empty where a record has none."""
    schema = dict.fromkeys(sources, pl.String)
    return pl.DataFrame({source: [row.get(source, "") for row in rows] for source in sources}, schema=schema)
