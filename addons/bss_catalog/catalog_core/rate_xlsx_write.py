"""Workbooks of rate plans: the plan itself, and the workbook a user sent with its errors marked."""

import io
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from .increments import format_chain
from .money import micro_to_decimal
from .rate_sheet import (
    BANDS,
    BASIS_WORDS,
    COLUMNS,
    LANGUAGES,
    RATES,
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
    word_of,
)
from .rate_xlsx import cell_name
from .rate_xlsx_cells import format_tiers, percent_of
from .time_bands import DAY_TYPES, clock, format_months

MONEY = "0.00####"
WIDE = frozenset(("zone_name", "name", "note", "kind", "usage_kind", "tier_model", "tiers"))
BOLD = Font(bold=True)
WRONG = PatternFill("solid", fgColor="FFF1AEB5")
# Above this size the sheets are not loaded again to be marked: the list of errors alone is given.
MAX_MARKED_BYTES = 3 * 2**20


def write_book(book: PlanBook, language: str) -> bytes:
    """The plan as a workbook with headers and words in ``language`` ("en" or "pl")."""
    workbook = Workbook(write_only=True)
    for kind, rows in (
        (RATES, (_rate(row, language) for row in book.rates)),
        (ZONES, _zones(book, language)),
        (BANDS, (_band(row) for row in book.bands)),
    ):
        _sheet(workbook, kind, rows, language)
    return _bytes(workbook)


def _sheet(workbook: Any, kind: str, rows: Iterator[dict[str, Any]], language: str) -> None:
    sheet = workbook.create_sheet(SHEETS[kind][LANGUAGES.index(language)])
    sheet.freeze_panes = "B2"
    for place, key in enumerate(COLUMNS[kind], start=1):
        sheet.column_dimensions[get_column_letter(place)].width = 30 if key in WIDE else 16
    sheet.append([_cell(sheet, names[LANGUAGES.index(language)], BOLD) for names in COLUMNS[kind].values()])
    for row in rows:
        sheet.append([_cell(sheet, row[key]) for key in COLUMNS[kind]])


def _cell(sheet: Any, value: Any, font: Font | None = None) -> Any:
    if isinstance(value, str):
        value = ILLEGAL_CHARACTERS_RE.sub("", value) or None
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        # a name that begins with "=" is a name, not a formula
        cell.data_type = "s"
        cell.number_format = "@"
    elif isinstance(value, Decimal):
        cell.number_format = MONEY
    if font:
        cell.font = font
    return cell


def _rate(row: RateRow, language: str) -> dict[str, Any]:
    return {
        "zone": row.zone,
        "zone_name": row.zone_name,
        "usage_kind": word_of(USAGE_WORDS, row.usage_kind, language),
        "band": row.band,
        "price": micro_to_decimal(row.price_micro),
        "connect_fee": micro_to_decimal(row.connect_fee_micro),
        "chain": format_chain(row.chain),
        "data_block": row.data_block_bytes,
        "min_charge": micro_to_decimal(row.min_charge_micro),
        "max_charge": micro_to_decimal(row.max_charge_micro),
        "decimals": row.decimals,
        "basis": word_of(BASIS_WORDS, row.basis, language),
        "tier_model": word_of(TIER_WORDS, row.tier_model, language),
        "tiers": format_tiers(row.tiers),
        "markup": percent_of(row.multiplier_micro) if row.basis == "upstream" else "",
        "rounding": word_of(ROUNDING_WORDS, row.rounding, language),
        "size_step": row.step_bytes or "",
    }


def _zones(book: PlanBook, language: str) -> Iterator[dict[str, Any]]:
    """One row per prefix; a zone without prefixes has one row too."""
    for zone in book.zones:
        for place, (prefix, note) in enumerate(zone.prefixes or (("", ""),)):
            yield {
                "codes": "" if place else ", ".join(zone.codes or ()),
                "zone": zone.code,
                "zone_name": zone.name,
                "kind": word_of(ZONE_WORDS, zone.kind, language) if zone.kind else "",
                "prefix": prefix,
                "note": note,
            }


def _band(row: BandRow) -> dict[str, Any]:
    band = row.band
    return {
        "band": band.code,
        "name": row.name,
        **{day: "x" if day in band.days else "" for day in DAY_TYPES},
        "from": clock(band.start_min),
        "to": clock(band.end_min),
        "months": format_months(band.months),
        "first": band.date_start.isoformat() if band.date_start else "",
        "last": band.date_end.isoformat() if band.date_end else "",
        "weight": band.weight,
    }


def mark_errors(content: bytes, errors: Sequence[tuple[CellError, str]], headers: Sequence[str]) -> bytes:
    """The workbook of the user with wrong cells coloured and commented, and a sheet that lists the errors.

    :param errors: each with its text in the user's language
    :param headers: name of the sheet of errors, then its columns sheet, cell, column, value, reason
    """
    workbook = load_workbook(io.BytesIO(content)) if len(content) <= MAX_MARKED_BYTES else Workbook()
    titles = set(workbook.sheetnames)
    for error, text in errors:
        if error.position and error.sheet in titles:
            cell = workbook[error.sheet].cell(error.row, error.position)
            cell.fill = WRONG
            cell.comment = Comment(text, "BSS")
    title, *columns = headers
    listing = workbook.create_sheet(title, 0)
    for place, width in enumerate((14, 10, 24, 30, 90), start=1):
        listing.column_dimensions[get_column_letter(place)].width = width
    for place, name in enumerate(columns, start=1):
        listing.cell(1, place, name).font = BOLD
    for row, (error, text) in enumerate(errors, start=2):
        for place, value in enumerate((error.sheet, cell_name(error), error.column, error.value, text), start=1):
            cell = listing.cell(row, place)
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
            cell.data_type = "s"
    workbook.active = 0
    return _bytes(workbook)


def _bytes(workbook: Any) -> bytes:
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()
