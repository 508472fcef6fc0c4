"""Counts and lengths of the attachment: data of tables is never cut, so too much of it is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..problems import Problem
from .attachment import COLUMN_KINDS, Block, Table
from .check_money import too_many
from .model import Invoice
from .text import is_blank

_CELL = 256
_COLUMNS = 20


def attachment(invoice: Invoice) -> Iterator[Problem]:
    if invoice.attachment is None:
        return
    blocks = invoice.attachment.blocks
    if not blocks:
        yield Problem("missing", "Zalacznik/BlokDanych")
    yield from too_many(blocks, 1000, "Zalacznik/BlokDanych")
    for number, block in enumerate(blocks, 1):
        yield from _block(block, f"Zalacznik/BlokDanych[{number}]")


def _block(block: Block, element: str) -> Iterator[Problem]:
    if not block.meta:
        yield Problem("missing", f"{element}/MetaDane")
    yield from too_many(block.meta, 1000, f"{element}/MetaDane")
    yield from _pairs(block.meta, f"{element}/MetaDane")
    yield from too_many(block.paragraphs, 10, f"{element}/Tekst/Akapit")
    yield from _lengths(block.paragraphs, 512, f"{element}/Tekst/Akapit")
    yield from too_many(block.tables, 1000, f"{element}/Tabela")
    for number, table in enumerate(block.tables, 1):
        yield from _table(table, f"{element}/Tabela[{number}]")


def _table(table: Table, element: str) -> Iterator[Problem]:
    yield from too_many(table.meta, 1000, f"{element}/TMetaDane")
    yield from _pairs(table.meta, f"{element}/TMetaDane")
    if not table.columns:
        yield Problem("missing", f"{element}/TNaglowek/Kol")
    if not table.rows:
        yield Problem("missing", f"{element}/Wiersz")
    yield from too_many(table.columns, _COLUMNS, f"{element}/TNaglowek/Kol")
    yield from too_many(table.rows, 1000, f"{element}/Wiersz")
    for column in table.columns:
        if column.kind not in COLUMN_KINDS:
            yield Problem("column_kind", f"{element}/TNaglowek/Kol", {"value": column.kind})
    for number, row in enumerate((*table.rows, table.sums), 1):
        where = f"{element}/Wiersz[{number}]" if number <= len(table.rows) else f"{element}/Suma"
        yield from _row(row, len(table.columns), where)


def _row(row: tuple[str, ...], columns: int, element: str) -> Iterator[Problem]:
    if len(row) > columns:
        yield Problem("row_too_wide", element, {"count": str(len(row)), "limit": str(columns)})
    if not row and "Wiersz" in element:
        yield Problem("missing", element)
    yield from _lengths(row, _CELL, element)


def _pairs(pairs: tuple[tuple[str, str], ...], element: str) -> Iterator[Problem]:
    for key, value in pairs:
        if is_blank(key) or is_blank(value):
            yield Problem("missing", element)
        yield from _lengths((key, value), _CELL, element)


def _lengths(texts: Iterable[str], limit: int, element: str) -> Iterator[Problem]:
    for text in texts:
        if len(text) > limit:
            yield Problem("too_long", element, {"limit": str(limit)})
            return
