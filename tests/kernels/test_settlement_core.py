"""Statements of settlements: sums, words and the workbook as a spreadsheet program reads it."""

import io
from datetime import date, datetime
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from settlement_core import Link, Movement, statement_of, words, write_workbook
from settlement_core.words import WORDS

D = Decimal
MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)


def movement(day, debit, credit, balance, amount_open, overdue=0, number="FV/1", **vals):
    return Movement(
        day=day,
        kind="invoice",
        number=number,
        issued=day,
        due=MAY if D(debit) else None,
        debit=D(debit),
        credit=D(credit),
        balance=D(balance),
        amount_open=D(amount_open),
        overdue_days=overdue,
        **vals,
    )


EARLIER = movement(date(2026, 2, 1), "10.00", "0", "10.00", "10.00", 14, number="FV/0")
HISTORY = (
    EARLIER,
    movement(MARCH, "100.10", "0", "110.10", "30.05", 12, links=(Link("BNK/7", APRIL, D("70.05")),)),
    movement(MARCH, "50.00", "0", "160.10", "0", number="FV/2", links=(Link("", APRIL, D("50.00")),)),
    movement(APRIL, "0", "120.05", "40.05", "0", number="=BNK/7"),
)


def test_sums_of_a_period():
    result = statement_of("movements", MARCH, MAY, HISTORY)
    assert (result.opening, result.debit, result.credit) == (D("10.00"), D("150.10"), D("120.05"))
    assert (result.closing, result.amount_open, result.overdue) == (D("40.05"), D("40.05"), D("40.05"))
    assert (result.opening_open, result.movements) == (D("10.00"), HISTORY[1:])


def test_sums_from_the_beginning():
    result = statement_of("movements", None, MAY, HISTORY)
    assert (result.opening, result.opening_open, result.debit, result.closing) == (0, 0, D("160.10"), D("40.05"))


@pytest.mark.parametrize("kind", ["open", "overdue", "confirmation"])
def test_open_items_keep_the_balance_of_all(kind):
    result = statement_of(kind, MARCH, MAY, HISTORY)
    assert [one.number for one in result.movements] == ["FV/0", "FV/1"]
    assert (result.closing, result.amount_open, result.opening) == (D("40.05"), D("40.05"), D("0.00"))


def test_a_balance_that_does_not_add_up_is_refused():
    with pytest.raises(ValueError, match="FV/2: balance 160.10, but the movements sum up to 60.00"):
        statement_of("movements", MARCH, MAY, (EARLIER, HISTORY[2]))


def sheet_of(statement, lang="pl"):
    book = load_workbook(io.BytesIO(write_workbook(statement, lang, [("Klient", "=Jan Kowalski")], "PLN")))
    return book, {
        cell.coordinate: cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value is not None
    }


def evaluate(formula, cells):
    """What a spreadsheet shows for the three shapes of formula that the workbook uses."""
    text = formula.value
    if text.startswith("=SUM("):
        first, last = text[5:-1].split(":")
        column = first[0]
        rows = range(int(first[1:]), int(last[1:]) + 1)
        return sum((D(str(cells[f"{column}{row}"].value)) for row in rows if f"{column}{row}" in cells), D(0))
    plus, minus = text[1:].split("-")
    one, two = plus.split("+")
    numbers = [cells[name] for name in (one, two, minus)]
    values = [evaluate(cell, cells) if cell.data_type == "f" else D(str(cell.value)) for cell in numbers]
    return values[0] + values[1] - values[2]


def test_workbook_has_numbers_dates_and_formulas():
    statement = statement_of("movements", MARCH, MAY, HISTORY)
    book, cells = sheet_of(statement)
    assert book.sheetnames == ["Rozrachunki", "Powiązania"]
    by_text = {cell.value: cell for cell in cells.values() if isinstance(cell.value, str)}
    assert by_text["=Jan Kowalski"].data_type == "s"
    assert by_text["=BNK/7"].data_type == "s"
    row = by_text["FV/1"].row
    assert cells[f"A{row}"].value == datetime(2026, 3, 1)  # noqa: DTZ001 - a spreadsheet knows no zone
    assert (cells[f"G{row}"].data_type, D(str(cells[f"G{row}"].value))) == ("n", D("100.1"))
    total = by_text["Razem"].row
    assert [cells[f"{column}{total}"].data_type for column in "GHJ"] == ["f", "f", "f"]
    assert evaluate(cells[f"G{total}"], cells) == D("150.10")
    assert evaluate(cells[f"H{total}"], cells) == D("120.05")
    assert evaluate(cells[f"J{total}"], cells) == D("40.05")
    assert evaluate(cells[f"I{total + 1}"], cells) == statement.closing
    links = [[cell.value for cell in row] for row in book.worksheets[1].iter_rows(min_row=2)]
    assert [(row[0], row[2], D(str(row[4]))) for row in links] == [
        ("FV/1", "BNK/7", D("70.05")),
        ("FV/2", "inne konto", D("50")),
    ]


def test_workbook_without_movements():
    _book, cells = sheet_of(statement_of("open", None, MAY, ()), "en")
    assert [cell.value for cell in cells.values() if cell.data_type == "f"] == ["=0", "=0", "=0"]


def test_both_languages_have_the_same_words():
    assert WORDS["pl"].keys() == WORDS["en"].keys()
    assert {"kind_invoice", "kind_payment", "title_movements"} < WORDS["pl"].keys()
    assert words("de") is WORDS["pl"]
