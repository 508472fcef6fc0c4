"""Registry of usage file formats, and what a format consists of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

import polars as pl

from ..values import Chunk, NameParts, Paired, SourceProfile
from .replays import replay_lines

# parse(stream, profile, chunk_rows): chunks of at most chunk_rows rows; never raises on content.
Parser = Callable[[BinaryIO, SourceProfile, int], Iterator[Chunk]]
# replay(raws, profile): rows kept in suspense, read again one by one; line_no 1..n is the place in `raws`.
Replay = Callable[[Sequence[str], SourceProfile], Chunk]
# pair(open legs, new legs, profile, now)
Pair = Callable[[pl.DataFrame, pl.DataFrame, SourceProfile, datetime], Paired]
# name_parts(file name): what the format's own rules for names say; None when the name is not of that form.
ReadName = Callable[[str], NameParts | None]


@dataclass(frozen=True)
class Option:
    """A setting of a format that belongs to the source; values travel as text (bool: "1" or "0"; "" is the default)."""

    name: str
    label: str
    kind: str = "text"  # text, choice, bool, int
    default: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Format:
    """A format with the label shown to people (a proper name, not translated)."""

    name: str
    label: str
    parse: Parser
    replay: Replay
    binary: bool = False
    options: tuple[Option, ...] = ()
    pair: Pair | None = None
    name_parts: ReadName | None = None


FORMATS: dict[str, Format] = {}


def register(
    name: str,
    label: str,
    *,
    binary: bool = False,
    options: tuple[Option, ...] = (),
    replay: Replay | None = None,
    pair: Pair | None = None,
    name_parts: ReadName | None = None,
) -> Callable[[Parser], Parser]:
    """Decorator: make a parser available to usage sources under ``name``.

    Without ``replay`` a row is one line that stands for itself.
    """

    def add(parse: Parser) -> Parser:
        if name in FORMATS:
            raise ValueError(f"format {name} is registered twice")
        FORMATS[name] = Format(name, label, parse, replay or replay_lines(parse), binary, options, pair, name_parts)
        return parse

    return add


def get_format(name: str) -> Format:
    return FORMATS[name]


def option(profile: SourceProfile, options: Sequence[Option], name: str) -> str:
    """Value of an option: the source's own, else the default."""
    default = next(entry.default for entry in options if entry.name == name)
    return profile.options.get(name) or default
