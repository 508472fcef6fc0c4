"""Reading call records beside a bare csv.reader over the same bytes, and loading them beside COPY of the finished rows."""

from __future__ import annotations

import csv
import io
import time
from datetime import date

from mediation_core import SourceProfile, get_format
from mediation_core.generator import generate_master_csv

from . import mediation_e2e, mediation_formats
from .figures import Figure

ROWS = 100_000
NUMBERS = [f"48501{n:06}" for n in range(2_000)]


def _seconds_of_parser(data: bytes) -> float:
    start = time.perf_counter()
    rows = sum(chunk.rows for chunk in get_format("asterisk_csv").parse(io.BytesIO(data), SourceProfile(), 50_000))
    assert rows == ROWS
    return time.perf_counter() - start


def _seconds_of_csv_reader(data: bytes) -> float:
    start = time.perf_counter()
    for _row in csv.reader(io.StringIO(data.decode())):
        pass
    return time.perf_counter() - start


def run() -> list[Figure]:
    data = generate_master_csv(NUMBERS, ROWS, date(2026, 10, 1), date(2026, 10, 31), 1)
    bare = ROWS / min(_seconds_of_csv_reader(data) for _round in range(3))
    parsed = ROWS / min(_seconds_of_parser(data) for _round in range(3))
    return [
        Figure("mediation_parse_rows_per_s", parsed, "rows/s"),
        Figure.against("mediation_parse_vs_csv_reader", parsed, "rows/s", bare),
        *mediation_formats.figures(),
        *mediation_e2e.figures(),
    ]
