"""A statement as a workbook: real numbers and dates, sums as formulas."""

import io
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from .statement import Movement, Statement
from .words import words

MONEY = "#,##0.00"
DAY = "yyyy-mm-dd"
BOLD = Font(bold=True)
HEAD = PatternFill("solid", fgColor="FFDCE9EE")
LATE = PatternFill("solid", fgColor="FFF8D7DA")
LINE = Border(top=Side(style="thin"))
COLUMNS = (
    ("date", 12),
    ("kind", 24),
    ("document", 26),
    ("account", 16),
    ("issued", 12),
    ("due", 12),
    ("debit", 15),
    ("credit", 15),
    ("balance", 15),
    ("open", 15),
    ("overdue_days", 11),
    ("settled_with", 50),
)
DEBIT, CREDIT, BALANCE, OPEN = "G", "H", "I", "J"
LINK_COLUMNS = (("document", 26), ("kind", 24), ("settled_with", 26), ("settled_on", 14), ("amount", 15))


def write_workbook(statement: Statement, lang: str, head: list[tuple[str, str]], currency: str) -> bytes:
    """Bytes of an XLSX file.

    :param head: pairs of label and text above the table, such as the customer and his account
    """
    say = words(lang)
    book = Workbook()
    sheet: Any = book.active
    sheet.title = say["ledger"]
    _head(sheet, statement, say, head, currency)
    first = sheet.max_row + 2
    _titles(sheet, first, COLUMNS, say)
    last = _rows(sheet, first + 1, statement, say)
    _totals(sheet, first + 1, last, statement, say)
    sheet.freeze_panes = sheet.cell(first + 1, 1)
    sheet.auto_filter.ref = f"A{first}:{get_column_letter(len(COLUMNS))}{max(last, first)}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{first}:{first}"
    _links(book.create_sheet(say["links"]), statement, say)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _head(sheet: Any, statement: Statement, say: dict[str, str], head: list[tuple[str, str]], currency: str) -> None:
    _put(sheet, 1, 1, say["title_" + statement.kind], font=Font(bold=True, size=14))
    row = 1
    for label, text in [*head, (say["currency"], currency)]:
        row += 1
        _put(sheet, row, 1, label, font=BOLD)
        _put(sheet, row, 3, text)
    if statement.kind == "movements" and statement.date_from:
        row += 1
        _put(sheet, row, 1, say["period"], font=BOLD)
        _put(sheet, row, 3, statement.date_from, DAY)
        sheet.cell(row, 3).alignment = Alignment(horizontal="left")
    row += 1
    _put(sheet, row, 1, say["as_of"], font=BOLD)
    _put(sheet, row, 3, statement.as_of, DAY)
    sheet.cell(row, 3).alignment = Alignment(horizontal="left")


def _titles(sheet: Any, row: int, columns: tuple[tuple[str, int], ...], say: dict[str, str]) -> None:
    for place, (key, width) in enumerate(columns, start=1):
        _put(sheet, row, place, say[key], font=BOLD)
        cell = sheet.cell(row, place)
        cell.fill = HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        sheet.column_dimensions[get_column_letter(place)].width = width


def _rows(sheet: Any, row: int, statement: Statement, say: dict[str, str]) -> int:
    """Write the opening balance and the movements; return the last row."""
    if statement.kind == "movements":
        _put(sheet, row, 2, say["opening"], font=BOLD)
        _put(sheet, row, 9, statement.opening, MONEY, BOLD)
        _put(sheet, row, 10, statement.opening_open, MONEY)
        row += 1
    for one in statement.movements:
        _movement(sheet, row, one, statement.kind == "movements", say)
        row += 1
    return row - 1


def _movement(sheet: Any, row: int, one: Movement, with_balance: bool, say: dict[str, str]) -> None:
    links = ", ".join(
        f"{link.number or say['another_account']} ({str(link.amount).replace('.', say['decimal_point'])})"
        for link in one.links
    )
    values = (
        (one.day, DAY),
        (say["kind_" + one.kind], None),
        (one.number, None),
        (one.account, None),
        (one.issued, DAY),
        (one.due, DAY),
        (one.debit or None, MONEY),
        (one.credit or None, MONEY),
        (one.balance if with_balance else None, MONEY),
        (one.amount_open or None, MONEY),
        (one.overdue_days or None, "0"),
        (links, None),
    )
    for place, (value, style) in enumerate(values, start=1):
        _put(sheet, row, place, value, style)
    if one.overdue_days:
        for place in (6, 10, 11):
            sheet.cell(row, place).fill = LATE


def _totals(sheet: Any, first: int, last: int, statement: Statement, say: dict[str, str]) -> None:
    """Sums of the columns; the closing balance as opening balance plus debits less credits."""
    row = last + 1
    _put(sheet, row, 2, say["total"], font=BOLD)
    for letter in (DEBIT, CREDIT, OPEN):
        formula = f"=SUM({letter}{first}:{letter}{last})" if last >= first else "=0"
        _put(sheet, row, ord(letter) - 64, formula, MONEY, BOLD)
    if statement.kind == "movements":
        _put(sheet, row + 1, 2, say["closing"], font=BOLD)
        _put(sheet, row + 1, 9, f"={BALANCE}{first}+{DEBIT}{row}-{CREDIT}{row}", MONEY, BOLD)
    for place in range(1, len(COLUMNS) + 1):
        sheet.cell(row, place).border = LINE


def _links(sheet: Any, statement: Statement, say: dict[str, str]) -> None:
    _titles(sheet, 1, LINK_COLUMNS, say)
    sheet.freeze_panes = "A2"
    row = 1
    for one in statement.movements:
        for link in one.links:
            row += 1
            number = link.number or say["another_account"]
            values = (
                (one.number, None),
                (say["kind_" + one.kind], None),
                (number, None),
                (link.day, DAY),
                (link.amount, MONEY),
            )
            for place, (value, style) in enumerate(values, start=1):
                _put(sheet, row, place, value, style)


def _put(sheet: Any, row: int, column: int, value: Any, style: str | None = None, font: Font | None = None) -> None:
    cell = sheet.cell(row, column)
    formula = style == MONEY and isinstance(value, str)
    if isinstance(value, str) and not formula:
        # a number that begins with "=" is a text, not a formula
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value) or None
        if cell.value is not None:
            cell.data_type = "s"
    else:
        cell.value = value
    if style:
        cell.number_format = style
    if font:
        cell.font = font
