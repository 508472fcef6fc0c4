"""Reading rows again that were kept as text: the ways a format can be replayed."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

import polars as pl

from ..values import Chunk, Problem, SourceProfile, empty_events, empty_legs, row_key

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
    detail = refusal.code if refusal else "no record in this row"
    problem = Problem(1, "INVALID_FORMAT", "", raw[:60], raw, row_key([raw]), {"detail": detail})
    return Chunk(1, 0, empty_events(), [problem], 0)


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


def replay_each(parse: _Parser) -> _Replay:
    """For formats in which a row is a small file of its own: a header with its line, a JSON object, an XML element.

    Slower than :func:`replay_lines`: the parser starts once per row. A row in which the parser sees no record at all
    comes back as a problem, so that every row is accounted for.
    """

    def replay(raws: Sequence[str], profile: SourceProfile) -> Chunk:
        text = _as_text(profile)
        chunks: list[Chunk] = []
        numbers: list[dict[int, int]] = []
        for place, raw in enumerate(raws, start=1):
            found = list(parse(io.BytesIO(raw.encode("utf-8", "replace")), text, 2))
            if not sum(chunk.rows for chunk in found):
                found = [_nothing(raw, found)]
            for chunk in found:
                lines = {*chunk.events["line_no"], *chunk.legs["line_no"], *(p.line_no for p in chunk.problems)}
                chunks.append(dataclasses.replace(chunk, file_problem=None))
                numbers.append(dict.fromkeys(lines, place))
        return merged(chunks, numbers)

    return replay
