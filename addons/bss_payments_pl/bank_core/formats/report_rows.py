"""Rows of a report: cut into cells, and cells read as values."""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import BinaryIO, NamedTuple

from .. import nrb
from ..model import Problem, Severity, Transaction, Unreadable
from .pieces import joined
from .report_profile import Check, Column, Profile, date_pattern

#: characters; a longer row is no payment
MAX_ROW = 1 << 15
_SIGN = re.compile(r"^([+-]?)(.*?)([+-]?)$", re.DOTALL)
_AMOUNTS = {
    "minor": re.compile(r"^\d{1,15}$", re.ASCII),
    "comma": re.compile(r"^(?:\d{1,13}|\d{1,3}(?:[ .\u00a0]\d{3}){1,4})(?:,\d{1,2})?$", re.ASCII),
    "point": re.compile(r"^(?:\d{1,13}|\d{1,3}(?:[ ,\u00a0]\d{3}){1,4})(?:\.\d{1,2})?$", re.ASCII),
}
_CENT = Decimal("0.01")


class Row(NamedTuple):
    """One line of the file; ``is_long`` = the rest of it was left out."""

    line: int
    text: str
    is_long: bool


class Bad(Exception):
    def __init__(self, code: str, field: str, value: str = ""):
        super().__init__(code)
        self.code, self.field, self.value = code, field, value

    def problem(self, line: int) -> Problem:
        return Problem(self.code, Severity.ERROR, line, self.field, {"value": self.value[:80]})


def lines(stream: BinaryIO, profile: Profile, encoding: str, fixer: Callable[[str], str] | None) -> Iterator[Row]:
    """Rows that are not blank, without the first and last ones a profile leaves out.

    The stream stays open and is left where the reading ended.
    """
    text = io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline=None)
    held: deque[Row] = deque()
    try:
        for row in _all_lines(text):
            if row.line <= profile.skip_first or not row.text.strip("\x00\x1a \t"):
                continue
            held.append(row._replace(text=fixer(row.text)) if fixer else row)
            if len(held) > profile.skip_last:
                yield held.popleft()
    finally:
        # a reading that nobody finished ends when it is forgotten: the stream may be closed by then
        if not stream.closed:
            text.detach()


def _all_lines(text: io.TextIOWrapper) -> Iterator[Row]:
    number = 0
    while line := text.readline(MAX_ROW):
        number += 1
        is_long = len(line) >= MAX_ROW and not line.endswith("\n")
        rest = line
        while is_long and rest and not rest.endswith("\n"):
            rest = text.readline(MAX_ROW)
        yield Row(number, line.rstrip("\n"), is_long)


class Reader:
    """Reads the rows of one file by one checked profile."""

    def __init__(self, profile: Profile):
        self._profile = profile
        self._date = date_pattern(profile.date_format)
        self._columns = {field: profile.column(field) for field in {column.field for column in profile.columns}}

    def cells(self, row: Row) -> list[str]:
        """:raises Bad: the row cannot be cut into columns"""
        profile = self._profile
        if row.is_long:
            raise Bad("ROW_TOO_LONG", "", row.text[:40])
        if profile.layout == "fixed":
            return [row.text]
        if profile.layout == "pipe" or not profile.quote:
            return row.text.split(profile.separator)
        try:
            source = [row.text.replace("\x00", "")]
            return next(csv.reader(source, delimiter=profile.separator, quotechar=profile.quote, strict=True))
        except (csv.Error, StopIteration):
            raise Bad("ROW_QUOTES", "", row.text[:40]) from None

    def kind(self, cells: list[str]) -> str:
        """Type of the row, empty where the profile knows none."""
        record = self._profile.record
        try:
            return self._cell(cells, record, "record") if record else ""
        except Bad:
            return ""

    def is_payment(self, kind: str) -> bool:
        profile = self._profile
        if profile.payments:
            return kind in profile.payments
        return kind not in profile.ignored and all(kind != check.record for check in profile.checks)

    def amount(self, cells: list[str]) -> Decimal:
        """Signed amount of a payment.

        :raises Bad: it cannot be read
        """
        value = self._amount(self._one(cells, "amount"), "amount", self._profile.sign == "minus")
        if self._profile.sign == "mark":
            mark = self._one(cells, "mark").upper()
            if mark in (text.upper() for text in self._profile.debit_marks):
                return -value
            if mark not in (text.upper() for text in self._profile.credit_marks):
                raise Bad("MARK_UNREADABLE", "mark", mark)
        return value

    def announced(self, cells: list[str], check: Check) -> tuple[int | None, Decimal | None]:
        """Count and sum that a header or trailer announces.

        :raises Bad: they cannot be read
        """
        count = total = None
        if check.count:
            text = self._cell(cells, check.count, "count")
            if not (text.isascii() and text.isdigit()):
                raise Bad("COUNT_UNREADABLE", "count", text)
            count = int(text[-12:]) if len(text.lstrip("0")) <= 12 else -1
        if check.total:
            total = self._amount(self._cell(cells, check.total, "total"), "total", True)
        return count, total

    def transaction(self, row: Row, cells: list[str], position: int) -> Transaction | Unreadable:
        try:
            return self._transaction(row, cells, position)
        except Bad as bad:
            return Unreadable(row.line, position, bad.problem(row.line), row.text)

    def _transaction(self, row: Row, cells: list[str], position: int) -> Transaction:
        profile = self._profile
        problems: list[Problem] = []
        value = self.amount(cells)
        day = self._day(cells, "date")
        valued = self._day(cells, "value_date") if self._has(cells, "value_date") else day
        name, address = self._party(cells)
        number = " ".join(self._texts(cells, "transaction_id"))
        return Transaction(
            line=row.line,
            position=position,
            value_date=valued,
            entry_date=day,
            amount=value,
            # money in is what these reports are about: money out takes it back
            mark="C" if value >= 0 else "RC",
            funds_code="",
            type_code="MASS",
            owner_ref="" if profile.is_id_unique else number,
            bank_ref=number if profile.is_id_unique else "",
            supplement="",
            title=joined([part for text in self._texts(cells, "title") for part in self._parts(text)]),
            party_name=name,
            party_address=address,
            party_account=self._account(cells, row.line, problems),
            payer_key=self._payer_key(cells, row.line, problems),
            raw=row.text,
            problems=tuple(problems),
        )

    # --- cells

    def _cell(self, cells: list[str], column: Column, field: str) -> str:
        if self._profile.layout == "fixed":
            start = column.number - 1
            if start >= len(cells[0]):
                raise Bad("COLUMN_MISSING", field, str(column.number))
            return cells[0][start : start + column.width].strip()
        if column.number > len(cells):
            raise Bad("COLUMN_MISSING", field, str(column.number))
        return cells[column.number - 1].strip()

    def _one(self, cells: list[str], field: str) -> str:
        columns = self._columns.get(field, ())
        return self._cell(cells, columns[0], field) if columns else ""

    def _has(self, cells: list[str], field: str) -> bool:
        return bool(self._columns.get(field)) and bool(self._one(cells, field))

    def _texts(self, cells: list[str], field: str) -> list[str]:
        """Texts may be absent: a payment without a title is a payment."""
        found = []
        for column in self._columns.get(field, ()):
            try:
                found.append(self._cell(cells, column, field))
            except Bad:
                continue
        return [text for text in found if text]

    def _parts(self, text: str) -> list[str]:
        separator = self._profile.part_separator
        return [part for part in text.split(separator) if part.strip()] if separator else [text]

    # --- values

    def _amount(self, text: str, field: str, may_be_negative: bool) -> Decimal:
        match = _SIGN.match(text)
        before, digits, after = match.groups() if match else ("", "", "")
        form = self._profile.amount_format
        bad_sign = (before and after) or ("-" in (before, after) and not may_be_negative)
        if bad_sign or not _AMOUNTS[form].match(digits.strip()):
            raise Bad("AMOUNT_UNREADABLE", field, text)
        if form == "minor":
            value = Decimal(int(digits)).scaleb(-2)
        else:
            point = "," if form == "comma" else "."
            whole, _sep, part = digits.strip().partition(point)
            value = Decimal(f"{re.sub(r'[^0-9]', '', whole)}.{part or '0'}").quantize(_CENT)
        return -value if "-" in (before, after) else value

    def _day(self, cells: list[str], field: str) -> date:
        text = self._one(cells, field)
        match = self._date.match(text)
        if not match:
            raise Bad("DATE_UNREADABLE", field, text)
        year = int(match["YY"])
        try:
            return date(year if year > 99 else 2000 + year, int(match["MM"]), int(match["DD"]))
        except ValueError:
            raise Bad("DATE_UNREADABLE", field, text) from None

    def _party(self, cells: list[str]) -> tuple[str, str]:
        texts = self._texts(cells, "party_name")
        address = self._texts(cells, "party_address")
        limit = self._profile.name_parts
        if not limit:
            return joined([part for text in texts for part in self._parts(text)]), ", ".join(address)
        separator = self._profile.part_separator
        parts = [part for text in texts for part in (text.split(separator) if separator else [text])]
        name = joined([part for part in parts[:limit] if part.strip()])
        rest = [part.strip() for part in parts[limit:] if part.strip()]
        return name, ", ".join([*rest, *address])

    def _account(self, cells: list[str], line: int, problems: list[Problem]) -> str:
        text = next(iter(self._texts(cells, "party_account")), "")
        found = nrb.read(text)
        if found.code == "NRB_CHECK_DIGITS":
            problems.append(Problem(found.code, Severity.WARNING, line, "party_account", {"value": text[:40]}))
            return ""
        return found.nrb or nrb.normalise(text)

    def _payer_key(self, cells: list[str], line: int, problems: list[Problem]) -> str:
        text = next(iter(self._texts(cells, "payer_key")), "")
        profile = self._profile
        if not text or profile.key_kind == "text":
            return text
        if profile.key_kind == "nrb":
            found = nrb.read(text)
            if found.code:
                problems.append(Problem(found.code, Severity.WARNING, line, "payer_key", {"value": text[:40]}))
            return found.nrb
        digits = re.sub(r"[\s-]", "", text)
        if not (digits.isascii() and digits.isdigit()):
            params = {"value": text[:40]}
            problems.append(Problem("PAYER_KEY_UNREADABLE", Severity.WARNING, line, "payer_key", params))
            return ""
        return digits[-profile.key_digits :] if profile.key_digits else digits
