"""Manifest of a print batch: one entry per letter and the sums, as CSV and as XML, written line by line.

Files of 50,000 letters are streamed: nothing here holds more than one entry.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

NAMESPACE = "urn:bss:print-batch:1"


@dataclass(frozen=True)
class Entry:
    """One letter of a batch."""

    doc_id: int
    number: str
    file: str
    page_from: int
    pages: int
    sheets: int
    duplex: bool
    envelope: str
    franking: str
    name: str
    name2: str
    street: str
    post_code: str
    city: str
    country: str
    inserts: str
    barcode: str
    postage: Decimal
    sha256: str


@dataclass(frozen=True)
class File:
    """One merged PDF of a batch."""

    name: str
    letters: int
    pages: int
    sha256: str


@dataclass
class Totals:
    """Sums over entries; they stand in the manifest and are compared with the batch."""

    letters: int = 0
    pages: int = 0
    sheets: int = 0
    postage: Decimal = Decimal("0.00")

    def add(self, entry: Entry) -> None:
        self.letters += 1
        self.pages += entry.pages
        self.sheets += entry.sheets
        self.postage += entry.postage


COLUMNS = tuple(field.name for field in fields(Entry))


def barcode(doc_id: int) -> str:
    """``BSS`` + ten digits + check digit (modulo 10, weights 3 and 1 as in EAN)."""
    digits = f"{doc_id:010d}"
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return f"BSS{digits}{-total % 10}"


def csv_lines(entries: Iterable[Entry], totals: Totals) -> Iterator[str]:
    """Semicolon separated text; the last line carries the sums under ``TOTAL``."""
    yield _csv_line(COLUMNS)
    for entry in entries:
        totals.add(entry)
        yield _csv_line(_cell(getattr(entry, name)) for name in COLUMNS)
    sums = dict.fromkeys(COLUMNS, "")
    sums |= {
        "doc_id": "TOTAL",
        "number": str(totals.letters),
        "pages": str(totals.pages),
        "sheets": str(totals.sheets),
        "postage": str(totals.postage),
    }
    yield _csv_line(sums[name] for name in COLUMNS)


def xml_lines(batch: str, day: str, files: Iterable[File], entries: Iterable[Entry], totals: Totals) -> Iterator[str]:
    """The same as XML: files, letters, sums."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<printBatch xmlns="{NAMESPACE}" number={quoteattr(batch)} date={quoteattr(day)}>\n  <files>\n'
    for file in files:
        yield f"    <file{_attributes(file)}/>\n"
    yield "  </files>\n  <letters>\n"
    for entry in entries:
        totals.add(entry)
        yield _letter(entry)
    yield "  </letters>\n"
    yield (
        f'  <totals letters="{totals.letters}" pages="{totals.pages}" sheets="{totals.sheets}"'
        f' postage="{totals.postage}"/>\n</printBatch>\n'
    )


ADDRESS = ("name", "name2", "street", "post_code", "city", "country")


def _letter(entry: Entry) -> str:
    own = "".join(f" {name}={quoteattr(_cell(getattr(entry, name)))}" for name in COLUMNS if name not in ADDRESS)
    address = "".join(f"<{name}>{escape(getattr(entry, name))}</{name}>" for name in ADDRESS if getattr(entry, name))
    return f"    <letter{own}><address>{address}</address></letter>\n"


def _attributes(record: File) -> str:
    return "".join(f" {field.name}={quoteattr(_cell(getattr(record, field.name)))}" for field in fields(record))


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)


def _csv_line(cells: Iterable[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";", lineterminator="\r\n").writerow(_harmless(str(cell)) for cell in cells)
    return buffer.getvalue()


def _harmless(text: str) -> str:
    """A spreadsheet must not take a customer's name for a formula."""
    return f"'{text}" if text[:1] in ("=", "@", "+", "-", "\t") else text
