"""Lists of places as operators keep them: CSV files of any code page, separator and order of columns.

A row names a place from the town down to the premises, with what is there: technologies and speeds, network node and
port, coordinates. With a column of competitors a row is an offer of a competitor at that place.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .address import fold
from .location_row import ALIASES, COLUMNS, FileProblem

#: columns of the error list: they may stay in a corrected file
_IGNORED = frozenset({"reason", "powod", "line", "wiersz", "linia", "lp"})
_DELIMITERS = ";,\t|"
# Polish letters that the two old code pages write differently
_ONLY_1250 = (0x8C, 0x8F, 0x9C, 0x9F, 0xA5, 0xB9)
_ONLY_LATIN2 = (0xA1, 0xA6, 0xAC, 0xB1, 0xB6, 0xBC)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_ARCHIVES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True, slots=True)
class Table:
    """A file whose head was understood; ``columns`` has one key (or None = left out) for each cell of a row."""

    text: str
    encoding: str
    delimiter: str
    columns: tuple[str | None, ...]
    unknown: tuple[str, ...] = field(default=())

    @property
    def has_competitors(self) -> bool:
        return "competitor" in self.columns


def read_table(data: bytes, ignore_unknown: bool = False) -> Table | FileProblem:
    """Understand code page, separator and head of ``data``."""
    decoded = _decode(data)
    if isinstance(decoded, FileProblem):
        return decoded
    text, encoding = decoded
    head = next((line for line in text.splitlines() if line.strip()), "")
    if not head:
        return FileProblem("EMPTY")
    delimiter = max(_DELIMITERS, key=lambda one: (_known_cells(head, one), head.count(one)))
    cells = _cells(head, delimiter)
    columns = tuple(_column(cell) for cell in cells)
    unknown = tuple(cell.strip() for cell, key in zip(cells, columns, strict=True) if key is None and _named(cell))
    return _head_problem(columns, unknown, ignore_unknown) or Table(text, encoding, delimiter, columns, unknown)


def read_rows(table: Table) -> Iterator[tuple[int, Mapping[str, str], int]]:
    """Rows of the table: (line of the file, {column: text without outer blanks}, cells beyond the head)."""
    reader = csv.reader(io.StringIO(table.text, newline=""), delimiter=table.delimiter)
    head_seen = False
    line = 1
    try:
        for cells in reader:
            at, line = line, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not head_seen:
                head_seen = True
                continue
            values = {
                key: " ".join(cell.split()) for key, cell in zip(table.columns, cells, strict=False) if key is not None
            }
            beyond = sum(1 for cell in cells[len(table.columns) :] if cell.strip())
            yield at, values, beyond
    except csv.Error:
        # a cell longer than the reader takes: most often a quotation mark that is never closed
        yield line, {}, -1


def _head_problem(
    columns: tuple[str | None, ...], unknown: tuple[str, ...], ignore_unknown: bool
) -> FileProblem | None:
    known = [key for key in columns if key]
    if not known:
        return FileProblem("NO_HEAD", {"known": _examples()})
    twice = sorted({key for key in known if known.count(key) > 1})
    if twice:
        return FileProblem("COLUMN_TWICE", {"column": ", ".join(twice)})
    if unknown and not ignore_unknown:
        return FileProblem("UNKNOWN_COLUMN", {"column": ", ".join(unknown), "known": _examples()})
    if "town" not in known:
        return FileProblem("COLUMN_MISSING", {"column": COLUMNS["town"][0]})
    return None


def _decode(data: bytes) -> tuple[str, str] | FileProblem:
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        return FileProblem("EMPTY")
    if data.startswith(_ARCHIVES):
        return FileProblem("SPREADSHEET")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _checked(data, "utf-16")
    if b"\x00" in data:
        return FileProblem("BINARY")
    found = _checked(data, "utf-8-sig")
    if not isinstance(found, FileProblem):
        return found
    first = _polish_code_page(data)
    found = _checked(data, first)
    if isinstance(found, FileProblem):
        return _checked(data, "iso8859-2" if first == "cp1250" else "cp1250")
    return found


def _polish_code_page(data: bytes) -> str:
    counts = [data.count(bytes((code,))) for code in (*_ONLY_1250, *_ONLY_LATIN2)]
    half = len(_ONLY_1250)
    return "iso8859-2" if sum(counts[half:]) > sum(counts[:half]) else "cp1250"


def _checked(data: bytes, encoding: str) -> tuple[str, str] | FileProblem:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return FileProblem("UNREADABLE")
    if _CONTROL.search(text):
        return FileProblem("BINARY")
    return text, encoding.removesuffix("-sig")


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter))


def _known_cells(line: str, delimiter: str) -> int:
    return sum(1 for cell in _cells(line, delimiter) if _column(cell))


def _plain(cell: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", fold(cell))


def _column(cell: str) -> str | None:
    return ALIASES.get(_plain(cell))


def _named(cell: str) -> bool:
    return bool(cell.strip()) and _plain(cell) not in _IGNORED


def _examples() -> str:
    return ", ".join(names[0] for names in COLUMNS.values())
