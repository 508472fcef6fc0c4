"""A workbook of figures: one sheet, a heading, rows that may be very many."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

MONEY = "#,##0.00"
BOLD = Font(bold=True)
TEXT_WIDTH, MONEY_WIDTH = 28, 14
MAX_TEXT = 32000


def write_figures(
    titles: Mapping[str, str], rows: Iterable[Mapping[str, Any]], states: Mapping[str, str] | None = None
) -> bytes:
    """A workbook with a column for each of ``titles``; rows are written as they come, so they may be a generator.

    Values of ``amount_*`` are decimals as text; ``states``: words for the values of ``state``.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for number, key in enumerate(titles, 1):
        width = MONEY_WIDTH if _is_money(key) else TEXT_WIDTH
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.append([_heading(sheet, title) for title in titles.values()])
    for row in rows:
        sheet.append([_cell(sheet, key, row[key], states or {}) for key in titles])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _is_money(key: str) -> bool:
    return key.startswith("amount_")


def _heading(sheet: Any, title: str) -> Any:
    cell = WriteOnlyCell(sheet, title)
    cell.font = BOLD
    return cell


def _cell(sheet: Any, key: str, value: Any, states: Mapping[str, str]) -> Any:
    if _is_money(key):
        cell = WriteOnlyCell(sheet, Decimal(value))
        cell.number_format = MONEY
        return cell
    if not isinstance(value, str):
        return value
    text = states.get(value, value) if key == "state" else value
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text)[:MAX_TEXT])
    # a name that begins with "=" is a name
    cell.data_type = "s"
    return cell
