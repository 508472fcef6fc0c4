"""Rate plans to Excel workbooks and back, with every fault named by sheet, row and column.

The reader goes through the rows once and keeps only the rows it understood; a file that would unpack to more than ``MAX_UNPACKED``
bytes is not opened at all.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from .increments import ChainProblem, parse_chain
from .prefixes import RangeProblem, expand_range
from .rate_sheet import (
    BANDS,
    BASIS_WORDS,
    COLUMNS,
    RATES,
    REQUIRED,
    ROUNDING_WORDS,
    SHEETS,
    TIER_WORDS,
    USAGE_WORDS,
    ZONE_WORDS,
    ZONES,
    BandRow,
    CellError,
    PlanBook,
    RateRow,
    ZoneRow,
    value_of,
)
from .rate_xlsx_cells import (
    Fault,
    date_of,
    micro_of,
    minute_of,
    multiplier_of,
    text_of,
    tick_of,
    tiers_of,
    whole_of,
)
from .time_bands import DAY_TYPES, Band, parse_months
from .zone_codes import check_code, make_code, split_code

MAX_BYTES = 20 * 2**20
MAX_UNPACKED = 200 * 2**20
MAX_PARTS = 500
MAX_ROWS = 100_000
MAX_COLUMNS = 40
MAX_ERRORS = 1_000
HEADER_WITHIN = 20
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]+\d+:[A-Z]+\d+)"')
LONGEST_MERGED = 80
CHUNK = 2**20

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Known:
    """Codes of the zones and time bands that exist already."""

    zones: frozenset[str] = frozenset()
    bands: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ReadBook:
    """What was understood, and every error; with errors the book is not to be used."""

    book: PlanBook
    errors: tuple[CellError, ...]
    titles: dict[str, str] = field(default_factory=dict)  # kind of sheet: its name in the file


def read_book(content: bytes, known: Known | None = None) -> ReadBook:
    """Read a workbook with sheets Rates, Zones and Bands, named in English or Polish; only Rates must be there.

    :param known: with it, zones and bands that are neither known nor in the workbook are errors.
    """
    refused = refusal(content)
    if refused:
        return ReadBook(PlanBook(), (refused,))
    try:
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    except (InvalidFileException, KeyError, ValueError, OSError, zipfile.BadZipFile, SyntaxError):
        return ReadBook(PlanBook(), (_file_error("NOT_XLSX"),))
    try:
        return _Reader(workbook, content, known).read()
    except (KeyError, ValueError, SyntaxError, zipfile.BadZipFile):
        return ReadBook(PlanBook(), (_file_error("DAMAGED"),))
    finally:
        workbook.close()


def _file_error(code: str, **params: str) -> CellError:
    return CellError("", 0, "", "", code, params)


def refusal(content: bytes) -> CellError | None:
    """Why the file is not even opened: no workbook, too large, packed to burst, or with entities of XML."""
    if content.startswith(OLD_EXCEL):
        return _file_error("OLD_EXCEL")
    if len(content) > MAX_BYTES:
        return _file_error("FILE_TOO_LARGE", most=str(MAX_BYTES // 2**20))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                return _file_error("UNPACKS_TOO_LARGE", most=str(MAX_UNPACKED // 2**20))
            names = {part.filename for part in parts}
            if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
                return _file_error("NOT_XLSX")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as stream:
                        if b"<!DOCTYPE" in stream.read(4096).replace(b"\x00", b""):
                            return _file_error("NOT_XLSX")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError):
        return _file_error("NOT_XLSX")
    return None


class _Line:
    """One row of a sheet: cells by the key of their column, faults go to the reader."""

    def __init__(self, sheet: "_Sheet", number: int, cells: dict[str, tuple[int, Any, bool]]) -> None:
        self.sheet, self.number, self.cells = sheet, number, cells
        self.is_good = True

    def fail(self, key: str, code: str, **params: str) -> None:
        self.is_good = False
        position, value, _formula = self.cells.get(key, (0, None, False))
        header = self.sheet.headers.get(key, key)
        self.sheet.errors.append(
            CellError(self.sheet.title, self.number, header, text_of(value)[:200], code, params, position)
        )

    def raw(self, key: str) -> Any:
        return self.cells.get(key, (0, None, False))[1]

    def text(self, key: str) -> str:
        return text_of(self.raw(key))

    def needed(self, key: str) -> str:
        text = self.text(key)
        if not text:
            self.fail(key, "EMPTY")
        return text

    def read(self, key: str, reader: Callable[[Any], T | Fault], default: T) -> T:
        """Value of a cell, ``default`` where it is empty or wrong."""
        if not self.text(key):
            return default
        found = reader(self.raw(key))
        if isinstance(found, Fault):
            self.fail(key, found.code, **found.params)
            return default
        return found

    def word(self, key: str, words: dict[str, tuple[str, ...]], default: str) -> str:
        text = self.text(key)
        if not text:
            return default
        found = value_of(words, text)
        if found is None:
            self.fail(
                key, "UNKNOWN_WORD", words=", ".join(sorted({name for names in words.values() for name in names[:2]}))
            )
            return default
        return found


class _Sheet:
    def __init__(self, worksheet: Any, kind: str, errors: list[CellError]) -> None:
        self.worksheet, self.kind, self.errors = worksheet, kind, errors
        self.title: str = worksheet.title
        self.headers: dict[str, str] = {}
        self.columns: dict[int, str] = {}

    def lines(self) -> Iterator[_Line]:
        """Rows below the header that are not empty and hold no formula."""
        self.worksheet.reset_dimensions()
        for number, row in enumerate(self.worksheet.iter_rows(max_col=MAX_COLUMNS), start=1):
            if number > MAX_ROWS:
                self._fail(number, "TOO_MANY_ROWS", most=str(MAX_ROWS))
                return
            cells = [
                (place, cell.value, cell.data_type == "f")
                for place, cell in enumerate(row, 1)
                if cell.value is not None
            ]
            if not any(text_of(value) for _place, value, _formula in cells):
                continue
            if not self.columns:
                if not self._header(number, cells):
                    return
                continue
            line = _Line(self, number, {self.columns[cell[0]]: cell for cell in cells if cell[0] in self.columns})
            for key, (_place, _value, formula) in line.cells.items():
                if formula:
                    line.fail(key, "FORMULA")
            if line.is_good:
                yield line
        if not self.columns:
            self._fail(1, "NO_HEADER", columns=self._names(REQUIRED[self.kind]))

    def _header(self, number: int, cells: Sequence[tuple[int, Any, bool]]) -> bool:
        known = {name.casefold(): key for key, names in COLUMNS[self.kind].items() for name in (*names, key)}
        found = {place: known.get(" ".join(text_of(value).split()).casefold(), "") for place, value, _formula in cells}
        if number > HEADER_WITHIN or not any(found.values()):
            self._fail(number, "NO_HEADER", columns=self._names(REQUIRED[self.kind]))
            return False
        before = len(self.errors)
        for place, value, _formula in cells:
            text = text_of(value)
            if text and not found[place]:
                self._fail(number, "UNKNOWN_COLUMN", column=text, value=text, position=place)
            elif found[place] in self.headers:
                self._fail(number, "COLUMN_TWICE", column=text, value=text, position=place)
            elif text:
                self.columns[place], self.headers[found[place]] = found[place], text
        for key in REQUIRED[self.kind]:
            if key not in self.headers:
                self._fail(number, "NO_COLUMN", column=self._names((key,)))
        return len(self.errors) == before

    def refuse(self, row: int, key: str, value: str, code: str, **params: str) -> None:
        """An error in a row that was read already."""
        position = next((place for place, name in self.columns.items() if name == key), 0)
        self._fail(row, code, self.headers.get(key, self._names((key,))), value, position, **params)

    def _names(self, keys: Sequence[str]) -> str:
        return ", ".join(" / ".join(dict.fromkeys(COLUMNS[self.kind][key][:2])) for key in keys)

    def _fail(self, row: int, code: str, column: str = "", value: str = "", position: int = 0, **params: str) -> None:
        self.errors.append(CellError(self.title, row, column, value[:200], code, params, position))


class _Reader:
    def __init__(self, workbook: Any, content: bytes, known: Known | None) -> None:
        self.workbook, self.content, self.known = workbook, content, known
        self.errors: list[CellError] = []

    def read(self) -> ReadBook:
        sheets = self._sheets()
        if RATES not in sheets:
            return ReadBook(PlanBook(), (_file_error("NO_RATES_SHEET", names=" / ".join(SHEETS[RATES])),))
        self._merged(sheets)
        book = PlanBook(
            rates=self._rates(sheets[RATES]),
            zones=self._zones(sheets[ZONES]) if ZONES in sheets else (),
            bands=self._bands(sheets[BANDS]) if BANDS in sheets else (),
        )
        if self.known is not None:
            self._references(book, self.known, sheets)
        return ReadBook(book, tuple(self.errors[:MAX_ERRORS]), {kind: sheet.title for kind, sheet in sheets.items()})

    def _references(self, book: PlanBook, known: Known, sheets: dict[str, "_Sheet"]) -> None:
        zones = known.zones | {zone.code for zone in book.zones}
        bands = known.bands | {row.band.code for row in book.bands}
        for rate in book.rates:
            if rate.zone not in zones:
                sheets[RATES].refuse(rate.row, "zone", rate.zone, "UNKNOWN_ZONE")
            if rate.band and rate.band not in bands:
                sheets[RATES].refuse(rate.row, "band", rate.band, "UNKNOWN_BAND")
        for zone in book.zones:
            if zone.code not in known.zones and not zone.kind:
                sheets[ZONES].refuse(zone.row, "kind", "", "NEW_ZONE_KIND", zone=zone.code)

    def _sheets(self) -> dict[str, _Sheet]:
        kinds = {name.casefold(): kind for kind, names in SHEETS.items() for name in names}
        found: dict[str, _Sheet] = {}
        for worksheet in self.workbook.worksheets:
            kind = kinds.get(worksheet.title.strip().casefold())
            if kind and kind not in found:
                found[kind] = _Sheet(worksheet, kind, self.errors)
        return found

    def _merged(self, sheets: dict[str, _Sheet]) -> None:
        """Merged cells hide values; the row-by-row reader of the library does not tell of them."""
        with zipfile.ZipFile(io.BytesIO(self.content)) as archive:
            for sheet in sheets.values():
                with archive.open(sheet.worksheet._worksheet_path) as stream:
                    data = b""
                    while chunk := stream.read(CHUNK):
                        data += chunk
                        done = max(0, len(data) - LONGEST_MERGED)
                        for found in MERGED.finditer(data):
                            cells, done = found.group(1).decode(), max(done, found.end())
                            row = int(re.sub(r"\D", "", cells.partition(":")[0]))
                            self.errors.append(CellError(sheet.title, row, "", cells, "MERGED", {"cells": cells}))
                        data = data[done:]

    # --- rates

    def _rates(self, sheet: _Sheet) -> tuple[RateRow, ...]:
        rows: list[RateRow] = []
        seen: dict[tuple[str, str, str], int] = {}
        for line in sheet.lines():
            row = _rate(line)
            if line.is_good and row.key in seen:
                line.fail("zone", "DUPLICATE_RATE", row=str(seen[row.key]))
            if line.is_good:
                seen[row.key] = line.number
                rows.append(row)
        if not rows and not self.errors:
            self.errors.append(CellError(sheet.title, 0, "", "", "NO_ROWS"))
        return tuple(rows)

    # --- zones

    def _zones(self, sheet: _Sheet) -> tuple[ZoneRow, ...]:
        zones: dict[str, ZoneRow] = {}
        prefixes: dict[str, list[tuple[str, str]]] = {}
        codes: dict[str, list[str]] = {}
        taken: dict[str, tuple[str, int]] = {}
        for line in sheet.lines():
            code, kind = line.needed("zone"), line.word("kind", ZONE_WORDS, "")
            row = ZoneRow(code, line.text("zone_name"), kind, row=line.number)
            first = zones.setdefault(code, row)
            for key, mine, other in (("zone_name", row.name, first.name), ("kind", row.kind, first.kind)):
                if mine and mine != other:
                    line.fail(key, "ZONE_DIFFERS", row=str(first.row))
            for prefix in _prefixes(line):
                if prefix in taken:
                    other_zone, other_row = taken[prefix]
                    code_of_fault = "PREFIX_TWICE" if other_zone == code else "PREFIX_IN_ZONES"
                    line.fail("prefix", code_of_fault, prefix=prefix, zone=other_zone, row=str(other_row))
                    continue
                taken[prefix] = (code, line.number)
                prefixes.setdefault(code, []).append((prefix, line.text("note")))
            for usage in _codes(line):
                if taken.setdefault(usage, (code, line.number))[0] != code:
                    line.fail("codes", "CODE_IN_ZONES", text=usage, zone=taken[usage][0], row=str(taken[usage][1]))
                else:
                    codes.setdefault(code, []).append(usage)
        told = "codes" in sheet.headers
        return tuple(
            ZoneRow(
                zone.code,
                zone.name,
                zone.kind,
                tuple(sorted(prefixes.get(code, ()))),
                tuple(sorted(set(codes.get(code, ())))) if told else None,
                zone.row,
            )
            for code, zone in zones.items()
        )

    # --- bands

    def _bands(self, sheet: _Sheet) -> tuple[BandRow, ...]:
        rows: dict[str, BandRow] = {}
        for line in sheet.lines():
            row = _band(line)
            if line.is_good and row.band.code in rows:
                line.fail("band", "BAND_TWICE", row=str(rows[row.band.code].row))
            if line.is_good:
                rows[row.band.code] = row
        return tuple(rows.values())


def _rate(line: _Line) -> RateRow:
    kind = line.word("usage_kind", USAGE_WORDS, "voice") if line.needed("usage_kind") else "voice"
    line.needed("price")
    return RateRow(
        zone=line.needed("zone"),
        usage_kind=kind,
        price_micro=line.read("price", micro_of, 0),
        band=line.text("band"),
        connect_fee_micro=line.read("connect_fee", micro_of, 0),
        chain=_chain(line),
        data_block_bytes=line.read("data_block", lambda value: whole_of(value, 1), 102_400),
        min_charge_micro=line.read("min_charge", micro_of, 0),
        max_charge_micro=line.read("max_charge", micro_of, 0),
        decimals=line.read("decimals", lambda value: whole_of(value, 0, 4), 4),
        basis=line.word("basis", BASIS_WORDS, "unit"),
        tier_model=line.word("tier_model", TIER_WORDS, "flat"),
        tiers=line.read("tiers", tiers_of, ()),
        multiplier_micro=line.read("markup", multiplier_of, 1_000_000),
        rounding=line.word("rounding", ROUNDING_WORDS, "event"),
        step_bytes=line.read("size_step", whole_of, 0),
        zone_name=line.text("zone_name"),
        row=line.number,
    )


def _chain(line: _Line) -> tuple[int, ...]:
    text = line.text("chain")
    if not text:
        return (1, 1)
    chain = parse_chain(text)
    if isinstance(chain, ChainProblem):
        # Excel turns 1/1 and 30/6 into dates when the cell is not text
        line.fail("chain", "CHAIN_AS_DATE" if hasattr(line.raw("chain"), "year") else chain.code, **chain.params)
        return (1, 1)
    return chain


def _prefixes(line: _Line) -> tuple[str, ...]:
    """Prefixes of a cell: one, several with spaces or commas between them, or ranges 48600-48609."""
    found: list[str] = []
    text = re.sub(r"\s*[-–]\s*", "-", line.text("prefix"))
    for part in re.split(r"[\s,;]+", text):
        if not part:
            continue
        prefixes = expand_range(part.removeprefix("+"))
        if isinstance(prefixes, RangeProblem):
            line.fail("prefix", prefixes.code, **prefixes.params)
        else:
            found += prefixes
    return tuple(found)


def _codes(line: _Line) -> tuple[str, ...]:
    """Zone codes of a cell, with spaces or commas between them."""
    found = []
    for part in re.split(r"[\s,;]+", line.text("codes")):
        if part:
            kind, value = split_code(part)
            problem = check_code(kind, value)
            if problem:
                line.fail("codes", problem.code, **problem.params)
            found.append(make_code(kind, value))
    return tuple(found)


def _band(line: _Line) -> BandRow:
    months = parse_months(line.text("months"))
    if months is None:
        line.fail("months", "NOT_MONTHS")
    days = frozenset(day for day in DAY_TYPES if line.read(day, tick_of, False))
    start, end = line.read("from", minute_of, 0), line.read("to", minute_of, 0)
    code = line.needed("band")
    if line.is_good and not days:
        line.fail("band", "BAND_WITHOUT_DAYS")
    if line.is_good and start >= end:
        line.fail("to", "BAND_WITHOUT_TIME")
    band = Band(
        code,
        days,
        start,
        end,
        months or frozenset(),
        line.read("first", date_of, None),
        line.read("last", date_of, None),
        line.read("weight", lambda value: whole_of(value, -1000, 1000), 10),
    )
    if line.is_good and band.date_start and band.date_end and band.date_end < band.date_start:
        line.fail("last", "BAND_DATES")
    return BandRow(line.text("name") or code, band, line.number)


def cell_name(error: CellError) -> str:
    """ "C14", or "14" for a whole row."""
    return f"{get_column_letter(error.position)}{error.row}" if error.position else str(error.row or "")
