"""Acknowledgement file of a print house: CSV lines into facts; a bad line is told and does not stop the others.

Columns by name, in any order: ``doc_id``, ``sent_date``, ``tracking_no``, ``delivered_date``, ``return_reason``,
``return_date``. Separator semicolon or comma; days as 2026-11-23 or 23.11.2026.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import date
from typing import Any

COLUMNS = ("doc_id", "sent_date", "tracking_no", "delivered_date", "return_reason", "return_date")
ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
POLISH = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
# What print houses and the post write, and what it means to us
RETURN_REASONS = {
    "unknown": ("unknown", "adresat nieznany", "nieznany", "address unknown"),
    "moved": ("moved", "wyprowadził się", "adresat wyprowadził się", "wyprowadzil sie"),
    "bad_address": ("bad_address", "zły adres", "adres niepełny", "niepełny adres", "brak adresu"),
    "unclaimed": ("unclaimed", "nie podjęto w terminie", "niepodjęta w terminie", "zwrot nie podjęto w terminie"),
    "refused": ("refused", "odmowa", "odmowa przyjęcia", "odmówiono przyjęcia"),
    "deceased": ("deceased", "zmarł", "adresat zmarł", "adresat nie żyje"),
    "other": ("other", "inne", "inna"),
}
_REASON_OF = {word: code for code, words in RETURN_REASONS.items() for word in words}


@dataclass(frozen=True)
class AckRow:
    """What the print house says about one letter."""

    line: int
    doc_id: int
    sent: date | None
    tracking: str
    delivered: date | None
    reason: str
    returned: date | None


@dataclass(frozen=True)
class AckError:
    """What is wrong with one field of one line; ``code`` is worded by the caller."""

    line: int
    field: str
    code: str
    value: str = ""


@dataclass(frozen=True)
class Ack:
    """A whole file."""

    rows: tuple[AckRow, ...]
    errors: tuple[AckError, ...]


def parse(content: bytes, today: date) -> Ack:
    """Rows and errors of a file; days after ``today`` are errors."""
    text = _decode(content)
    if "\0" in text:  # a picture, a PDF, a workbook: nothing in it can be told or kept as words
        return Ack((), (AckError(1, "", "NO_TEXT"),))
    lines = text.splitlines()
    if not lines or not lines[0].strip():
        return Ack((), (AckError(1, "", "EMPTY_FILE"),))
    delimiter = ";" if lines[0].count(";") >= lines[0].count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[AckRow] = []
    errors: list[AckError] = []
    try:
        head = [name.strip().lower() for name in next(reader)]
        if "doc_id" not in head:
            return Ack((), (AckError(1, "doc_id", "NO_COLUMN", ", ".join(head)[:80]),))
        _read_rows(reader, head, today, rows, errors)
    except csv.Error as error:  # a field without end: what follows it cannot be told apart
        errors.append(AckError(reader.line_num, "", "BAD_LINE", str(error)[:80]))
    return Ack(tuple(rows), tuple(errors))


def _read_rows(reader: Any, head: list[str], today: date, rows: list[AckRow], errors: list[AckError]) -> None:
    seen: set[int] = set()
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        row, bad = _row(reader.line_num, head, cells, today)
        errors += bad
        if row is None:
            continue
        if row.doc_id in seen:
            errors.append(AckError(row.line, "doc_id", "TWICE", str(row.doc_id)))
            continue
        seen.add(row.doc_id)
        rows.append(row)


def _row(line: int, head: list[str], cells: list[str], today: date) -> tuple[AckRow | None, list[AckError]]:
    if len(cells) > len(head):
        return None, [AckError(line, "", "TOO_MANY_FIELDS", str(len(cells)))]
    values = {name: cell.strip() for name, cell in zip(head, cells, strict=False)}
    errors: list[AckError] = []
    doc_id = values.get("doc_id", "")
    if not (doc_id.isascii() and doc_id.isdigit() and len(doc_id) <= 10 and 0 < int(doc_id) < 2**31):
        errors.append(AckError(line, "doc_id", "BAD_NUMBER", doc_id[:80]))
    days = {}
    for name in ("sent_date", "delivered_date", "return_date"):
        days[name] = _day(values.get(name, ""), line, name, today, errors)
    reason = _reason(values.get("return_reason", ""), line, errors)
    errors += _contradictions(line, days, reason, errors)
    if errors:
        return None, errors
    row = AckRow(
        line,
        int(doc_id),
        days["sent_date"],
        values.get("tracking_no", ""),
        days["delivered_date"],
        reason,
        days["return_date"],
    )
    return row, []


def _contradictions(line: int, days: dict[str, date | None], reason: str, known: list[AckError]) -> list[AckError]:
    if known:
        return []
    sent, delivered, returned = days["sent_date"], days["delivered_date"], days["return_date"]
    if delivered and reason:
        return [AckError(line, "return_reason", "DELIVERED_AND_RETURNED", reason)]
    if not (sent or delivered or reason):
        return [AckError(line, "sent_date", "NOTHING_SAID")]
    if returned and not reason:
        return [AckError(line, "return_reason", "NO_REASON", returned.isoformat())]
    if reason == "refused" and not returned:
        return [AckError(line, "return_date", "NO_DAY_OF_REFUSAL")]
    for name in ("delivered_date", "return_date"):
        day = days[name]
        if sent and day and day < sent:
            return [AckError(line, name, "BEFORE_SENT", day.isoformat())]
    return []


def _day(text: str, line: int, name: str, today: date, errors: list[AckError]) -> date | None:
    if not text:
        return None
    day = _read_day(text)
    if day is None:
        errors.append(AckError(line, name, "BAD_DATE", text[:40]))
    elif day > today:
        errors.append(AckError(line, name, "FUTURE", text[:40]))
    return day


def _read_day(text: str) -> date | None:
    iso, polish = ISO.fullmatch(text), POLISH.fullmatch(text)
    if iso:
        parts = [int(part) for part in iso.groups()]
    elif polish:
        parts = [int(part) for part in reversed(polish.groups())]
    else:
        return None
    try:
        return date(*parts)
    except ValueError:
        return None


def _reason(text: str, line: int, errors: list[AckError]) -> str:
    if not text:
        return ""
    code = _REASON_OF.get(" ".join(text.lower().split()))
    if code is None:
        errors.append(AckError(line, "return_reason", "UNKNOWN_REASON", text[:40]))
        return ""
    return code


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1250", errors="replace")
