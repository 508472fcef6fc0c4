"""Table A of api.nbp.pl: rates of one currency over a span of days, with the answers of its manual to wrong questions.

Written apart from the product: what it checks, it checks on its own.
"""

from __future__ import annotations

import json
import re
from collections import deque
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from ..local_server import LocalServer

LONGEST_DAYS = 93
FIRST_TABLE = date(2002, 1, 2)
_PATH = re.compile(r"/api/exchangerates/rates/a/([a-z]{3})/(\d{4}-\d{2}-\d{2})/(\d{4}-\d{2}-\d{2})/?")
_NO_DATA = "404 NotFound - Not Found - Brak danych"
_NO_PAGE = "404 NotFound"
_TOO_LONG = "400 BadRequest - Przekroczony limit 93 dni / Limit of 93 days has been exceeded"
_BAD_SPAN = "400 BadRequest - Błędny zakres dat / Invalid date range"


class NbpSimulator(LocalServer):
    """``rates`` by code and day; ``faults`` are taken one per question: an HTTP status, ``"drop"`` (the connection is
    closed without an answer) or bytes that are answered instead.
    """

    def __init__(self, rates: dict[str, dict[date, Decimal]] | None = None) -> None:
        super().__init__()
        self.rates = rates or {}
        self.faults: deque[int | str | bytes] = deque()
        self.asked: list[tuple[str, date, date]] = []

    def answer(self, target: str, accept: str) -> tuple[int, str]:
        """(status, text) of a question."""
        address = urlsplit(target)
        found = _PATH.fullmatch(address.path)
        if not found:
            return 404, _NO_PAGE
        wanted = parse_qs(address.query).get("format", ["json" if "json" in accept or "*/*" in accept else ""])
        if wanted != ["json"]:
            return 400, "400 BadRequest"
        code = found[1].upper()
        try:
            first, last = date.fromisoformat(found[2]), date.fromisoformat(found[3])
        except ValueError:
            return 404, _NO_PAGE
        if last < first or first < FIRST_TABLE:
            return 400, _BAD_SPAN
        if (last - first).days + 1 > LONGEST_DAYS:
            return 400, _TOO_LONG
        self.asked.append((code, first, last))
        tables = {day: mid for day, mid in self.rates.get(code, {}).items() if first <= day <= last}
        return (200, self._told(code, tables)) if tables else (404, _NO_DATA)

    @staticmethod
    def _told(code: str, tables: dict[date, Decimal]) -> str:
        rows = ", ".join(
            f'{{"no": "{number:03d}/A/NBP/{day.year}", "effectiveDate": "{day}", "mid": {tables[day]}}}'
            for number, day in enumerate(sorted(tables), 1)
        )
        return f'{{"table": "A", "currency": "euro", "code": {json.dumps(code)}, "rates": [{rows}]}}'


class _Handler(BaseHTTPRequestHandler):
    owner: ClassVar[NbpSimulator]
    timeout = 5

    def do_GET(self) -> None:
        fault = self.owner.faults.popleft() if self.owner.faults else None
        if fault == "drop":
            self.close_connection = True
            return
        if isinstance(fault, int):
            self._send(fault, b"fault", "text/plain")
        elif isinstance(fault, bytes):
            self._send(200, fault, "application/json; charset=utf-8")
        else:
            status, text = self.owner.answer(self.path, self.headers.get("Accept", "*/*"))
            kind = "application/json" if status == 200 else "text/plain"
            self._send(status, text.encode(), f"{kind}; charset=utf-8")

    def do_POST(self) -> None:
        self._send(405, b"405 MethodNotAllowed", "text/plain")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Silence: tests look at what was asked."""


NbpSimulator.handler = _Handler
