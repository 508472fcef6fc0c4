"""Files and messages exchanged with a dialer: calls out, results in. Columns belong to a version and never move.

Version 1, calls: ``CALL_COLUMNS``. Version 1, results: ``contact.results.FIELDS``; in CSV the header names the columns,
in JSON each result is an object.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from .contact.results import FIELDS, Fault

VERSION = 1
CALL_COLUMNS = (
    "version",
    "call_id",
    "attempt",
    "case",
    "account",
    "name",
    "phone_1",
    "phone_2",
    "phone_3",
    "language",
    "amount",
    "currency",
    "oldest_due",
    "days_overdue",
    "stage",
    "last_contact",
    "not_before",
    "hour_from",
    "hour_to",
    "script",
)
REQUIRED = ("call_id", "attempt", "called_at", "result")
MAX_LINES = 200_000
# a spreadsheet takes a text that begins so for a formula
_FORMULA = ("=", "@", "\t", "\r", "+", "-")
_FREE_TEXTS = ("name", "stage", "script", "case", "account")


@dataclass(frozen=True)
class PlannedCall:
    """What a dialer is told about one call; ``attempt`` is the number to send back with the result."""

    call_id: int
    attempt: int
    case: str
    account: str
    name: str
    phones: tuple[str, ...]
    language: str
    amount: Decimal
    currency: str
    oldest_due: date | None
    days_overdue: int
    stage: str
    last_contact: date | None
    not_before: datetime | None
    hour_from: int
    hour_to: int
    script: str


@dataclass(frozen=True)
class Line:
    """One line of a file of results: its number as an editor shows it, its values, or the fault of the line itself."""

    number: int
    values: Mapping[str, object]
    fault: Fault | None = None


def call_row(call: PlannedCall) -> dict[str, Any]:
    """Values of ``CALL_COLUMNS``; empty ones are None."""
    phones = [*call.phones[:3], None, None, None]
    return {
        "version": VERSION,
        "call_id": call.call_id,
        "attempt": call.attempt,
        "case": call.case,
        "account": call.account,
        "name": call.name,
        "phone_1": phones[0],
        "phone_2": phones[1],
        "phone_3": phones[2],
        "language": call.language,
        "amount": f"{call.amount:.2f}",
        "currency": call.currency,
        "oldest_due": call.oldest_due.isoformat() if call.oldest_due else None,
        "days_overdue": call.days_overdue,
        "stage": call.stage,
        "last_contact": call.last_contact.isoformat() if call.last_contact else None,
        "not_before": call.not_before.isoformat(timespec="minutes") if call.not_before else None,
        "hour_from": call.hour_from,
        "hour_to": call.hour_to,
        "script": call.script,
    }


def write_csv(calls: Iterable[PlannedCall]) -> bytes:
    """Semicolons and a byte order mark, as spreadsheets in Poland open it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(CALL_COLUMNS)
    for call in calls:
        row = call_row(call)
        writer.writerow([_cell(name, row[name]) for name in CALL_COLUMNS])
    return out.getvalue().encode("utf-8-sig")


def _cell(name: str, value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if name in _FREE_TEXTS and text.startswith(_FORMULA) else text


def write_json(calls: Iterable[PlannedCall]) -> bytes:
    data = {"version": VERSION, "calls": [call_row(call) for call in calls]}
    return json.dumps(data, ensure_ascii=False, indent=1).encode()


def read_results(content: bytes) -> list[Line] | Fault:
    """Lines of a file of results, JSON or CSV in any usual encoding; a fault when it is none at all."""
    text = _decode(content)
    if text is None or not text.strip():
        return Fault("", "EMPTY" if not content.strip() else "ENCODING")
    return _read_json(text) if text.lstrip()[:1] in "[{" else _read_csv(text)


def results_of(data: object) -> list[Line] | Fault:
    """Lines of a message that is JSON already."""
    if isinstance(data, dict):
        if data.get("version", VERSION) != VERSION:
            return Fault("version", "UNKNOWN", str(data.get("version"))[:20])
        data = data.get("results")
    if not isinstance(data, list):
        return Fault("results", "MISSING")
    if len(data) > MAX_LINES:
        return Fault("results", "TOO_MANY", str(len(data)))
    return [
        Line(number, one) if isinstance(one, dict) else Line(number, {}, Fault("", "NO_OBJECT", str(one)[:80]))
        for number, one in enumerate(data, 1)
    ]


def _decode(content: bytes) -> str | None:
    """Text of a file: by its mark, else UTF-8, else the code page of Polish Windows."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: Sequence[str] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1250")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _read_json(text: str) -> list[Line] | Fault:
    try:
        data = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        return Fault("", "NO_JSON")
    return results_of(data)


def _read_csv(text: str) -> list[Line] | Fault:
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(";,\t|", key=first.count)
    rows = _rows(text, delimiter)
    header = next(rows, None)
    names = [name.strip().lower().replace(" ", "_") for name in header[1]] if header else []
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        return Fault(missing[0], "NO_COLUMN", first[:80])
    lines: list[Line] = []
    for number, cells in rows:
        if len(lines) >= MAX_LINES:
            return Fault("", "TOO_MANY", str(MAX_LINES))
        if any(cell.strip() for cell in cells):
            lines.append(_line(number, names, cells))
    return lines


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(number of the line, cells); a file that cannot be cut into cells gives the cells it can."""
    reader = csv.reader(io.StringIO(text.lstrip("\r\n"), newline=""), delimiter=delimiter)
    while True:
        start = reader.line_num + 1
        try:
            yield start, next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield start, ["\0"]


def _line(number: int, names: list[str], cells: list[str]) -> Line:
    values = {name: cell for name, cell in zip(names, cells, strict=False) if name in FIELDS}
    if len(cells) != len(names):
        text = f"{len(cells)}/{len(names)}"
        return Line(number, values, Fault("", "COLUMNS", text))
    return Line(number, values)
