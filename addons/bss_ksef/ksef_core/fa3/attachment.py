"""Zalacznik: structured data of complex units, quantities and prices (art. 106gba); batch sessions only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

COLUMN_KINDS: Final = ("date", "datetime", "dec", "int", "time", "txt")


@dataclass(frozen=True)
class Column:
    name: str  # NKom, may be empty
    kind: str = "txt"  # Typ: one of COLUMN_KINDS


@dataclass(frozen=True)
class Table:
    """Tabela. A row may be shorter than the header (a heading inside the table); an empty cell is an empty text."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    sums: tuple[str, ...] = ()  # Suma
    caption: str = ""  # Opis
    meta: tuple[tuple[str, str], ...] = ()  # TMetaDane


@dataclass(frozen=True)
class Block:
    """BlokDanych. At least one pair in `meta` is mandatory."""

    header: str
    meta: tuple[tuple[str, str], ...]
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Attachment:
    blocks: tuple[Block, ...]
