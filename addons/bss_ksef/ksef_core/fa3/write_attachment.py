"""Zalacznik."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from .attachment import Attachment, Block, Table
from .markup import Out, cell, section, words


def attachment(out: Out, attached: Attachment) -> None:
    with section(out, "Zalacznik"):
        for block in attached.blocks:
            with section(out, "BlokDanych"):
                _block(out, block)


def _block(out: Out, block: Block) -> None:
    words(out, "ZNaglowek", block.header, 512)
    for key, value in block.meta:
        with section(out, "MetaDane"):
            words(out, "ZKlucz", key, 256)
            words(out, "ZWartosc", value, 256)
    if block.paragraphs:
        with section(out, "Tekst"):
            for paragraph in block.paragraphs:
                words(out, "Akapit", paragraph, 512)
    for table in block.tables:
        with section(out, "Tabela"):
            _table(out, table)


def _table(out: Out, table: Table) -> None:
    for key, value in table.meta:
        with section(out, "TMetaDane"):
            words(out, "TKlucz", key, 256)
            words(out, "TWartosc", value, 256)
    words(out, "Opis", table.caption, 512)
    with section(out, "TNaglowek"):
        for column in table.columns:
            out.append(f"<Kol Typ={quoteattr(column.kind)}>")
            cell(out, "NKom", column.name, 256)
            out.append("</Kol>")
    for row in table.rows:
        with section(out, "Wiersz"):
            for value in row:
                cell(out, "WKom", value, 256)
    if table.sums:
        with section(out, "Suma"):
            for value in table.sums:
                cell(out, "SKom", value, 256)
