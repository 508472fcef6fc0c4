"""Reading rows again that were kept as text: the ways a format can be replayed."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

import polars as pl

from ..values import Chunk, Problem, SourceProfile, empty_events, empty_legs, row_key

if TYPE_CHECKING:
    from .json_rows import JsonRow
    from .xml_rows import XmlRow

_Parser = Callable[[BinaryIO, SourceProfile, int], Iterator[Chunk]]
_Replay = Callable[[Sequence[str], SourceProfile], Chunk]


def _as_text(profile: SourceProfile) -> SourceProfile:
    return dataclasses.replace(profile, encoding="utf-8")


def _one_line(raw: str) -> str:
    """A blank row must stay a row, otherwise the ones after it would move up."""
    return " ".join(raw.replace("\r", "\n").split("\n")) or " "


def merged(chunks: Sequence[Chunk], line_nos: Sequence[dict[int, int]] | None = None) -> Chunk:
    """One chunk of several; ``line_nos`` gives for each the new number of a line (all must be there)."""
    events, legs, problems = [empty_events()], [empty_legs()], []
    for place, chunk in enumerate(chunks):
        if line_nos is None:
            events.append(chunk.events)
            legs.append(chunk.legs)
            problems += chunk.problems
            continue
        new = line_nos[place]
        events.append(_renumbered(chunk.events, new))
        legs.append(_renumbered(chunk.legs, new))
        problems += [
            dataclasses.replace(problem, line_no=new[problem.line_no])
            for problem in chunk.problems
            if problem.line_no in new
        ]
    return Chunk(
        rows=sum(chunk.rows for chunk in chunks),
        ignored=sum(chunk.ignored for chunk in chunks),
        events=pl.concat(events).sort("line_no", maintain_order=True),
        problems=sorted(problems, key=lambda problem: problem.line_no),
        bytes_read=sum(chunk.bytes_read for chunk in chunks),
        legs=pl.concat(legs).sort("line_no", maintain_order=True),
        file_problem=next((chunk.file_problem for chunk in chunks if chunk.file_problem), None),
    )


def _nothing(raw: str, found: Sequence[Chunk]) -> Chunk:
    refusal = next((chunk.file_problem for chunk in found if chunk.file_problem), None)
    problem = no_record(1, raw, refusal.code if refusal else "no record in this row")
    return Chunk(1, 0, empty_events(), [problem], 0)


def no_record(place: int, raw: str, detail: str) -> Problem:
    """The problem of a row in which there is not exactly one record."""
    return Problem(place, "INVALID_FORMAT", "", raw[:60], raw, row_key([raw]), {"detail": detail})


def _renumbered(frame: pl.DataFrame, new: dict[int, int]) -> pl.DataFrame:
    if frame.is_empty():
        return frame
    return frame.with_columns(pl.col("line_no").replace_strict(new, default=None, return_dtype=pl.Int64))


def replay_lines(parse: _Parser) -> _Replay:
    """For formats in which a row is one line that stands for itself."""

    def replay(raws: Sequence[str], profile: SourceProfile) -> Chunk:
        text = "".join(_one_line(raw) + "\n" for raw in raws)
        stream = io.BytesIO(text.encode("utf-8", "replace"))
        return merged(list(parse(stream, _as_text(profile), max(len(raws), 1))))

    return replay


def replay_headed(parse: _Parser) -> _Replay:
    """For formats in which a row is kept with its line of names: rows with the same names are read together."""

    def replay(raws: Sequence[str], profile: SourceProfile) -> Chunk:
        groups: dict[str, list[int]] = {}
        lines = []
        for place, raw in enumerate(raws, start=1):
            header, _end, line = raw.partition("\n")
            groups.setdefault(header, []).append(place)
            lines.append(_one_line(line))
        chunks: list[Chunk] = []
        numbers: list[dict[int, int]] = []
        for header, places in groups.items():
            text = "".join(line + "\n" for line in [header, *(lines[place - 1] for place in places)])
            # One more than the lines, so that the names and the rows come as one chunk.
            found = list(parse(io.BytesIO(text.encode("utf-8", "replace")), _as_text(profile), len(places) + 2))
            if sum(chunk.rows for chunk in found) == len(places):
                chunks += found
                numbers += [dict(enumerate(places, start=2))] * len(found)
                continue
            for place in places:
                chunks.append(_nothing(raws[place - 1], found))
                numbers.append({1: place})
        return merged(chunks, numbers)

    return replay


def replay_records(
    read: Callable[[BinaryIO], Iterator[JsonRow]] | Callable[[BinaryIO], Iterator[XmlRow]],
    chunk: Callable[[Sequence[Any], SourceProfile], Chunk],
) -> _Replay:
    """For formats in which a row is kept as a document with one record: read one by one, checked together."""

    def replay(raws: Sequence[str], profile: SourceProfile) -> Chunk:
        rows: list[Any] = []
        problems = []
        for place, raw in enumerate(raws, start=1):
            found: list[Any] = list(islice(read(io.BytesIO(raw.encode("utf-8", "replace"))), 2))
            if len(found) == 1 and not getattr(found[0], "problem", None):
                rows.append(dataclasses.replace(found[0], number=place))
            else:
                problems.append(no_record(place, raw, "not exactly one record in this row"))
        whole = Chunk(len(problems), 0, empty_events(), problems, 0)
        return merged([whole, chunk(rows, _as_text(profile))] if rows else [whole])

    return replay
