"""Registry of usage file formats: one module per format, registered under a stable name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ..values import Chunk, SourceProfile

Parser = Callable[[BinaryIO, SourceProfile, int], Iterator[Chunk]]


@dataclass(frozen=True)
class Format:
    """A format with the label shown to people (a proper name, not translated)."""

    name: str
    label: str
    parse: Parser


FORMATS: dict[str, Format] = {}


def register(name: str, label: str) -> Callable[[Parser], Parser]:
    """Decorator: make a parser available to usage sources under ``name``."""

    def add(parse: Parser) -> Parser:
        if name in FORMATS:
            raise ValueError(f"format {name} is registered twice")
        FORMATS[name] = Format(name, label, parse)
        return parse

    return add


def get_format(name: str) -> Format:
    return FORMATS[name]


from . import asterisk_csv  # noqa: E402  (registers itself)
