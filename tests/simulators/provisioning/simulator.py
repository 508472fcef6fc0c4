"""The network: one HTTP server, a register of the orders it took, faults that a test puts in its way."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from http.server import BaseHTTPRequestHandler
from typing import Any

from ..local_server import LocalServer
from .checks import faults_of

MAX_BODY = 1_000_000


@dataclass(frozen=True)
class Received:
    """One order that the network took."""

    key: str
    body: dict[str, Any]
    reference: str


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any
    headers: tuple[tuple[str, str], ...] = ()


class NetworkSimulator(LocalServer):
    """``mode``: ``done`` answers at once, ``accepted`` reports later.

    ``faults`` are taken one per request before anything else: an HTTP status, ``"hang"`` (no answer in time),
    ``"drop"`` (takes the order, then closes the connection without a word), ``"garbage"`` (takes it, answers no JSON).
    """

    def __init__(self, token: str, mode: str = "done", hang_s: float = 2.0) -> None:
        super().__init__()
        self.token = token
        self.mode = mode
        self.hang_s = hang_s
        self.effective: date | None = None
        self.faults: deque[int | str] = deque()
        self.received: list[Received] = []
        self.requests = 0
        self.refused: list[list[str]] = []
        self.refusal: str | None = None
        self._bodies: dict[str, bytes] = {}
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"{self.address}/api"

    # -- orders --------------------------------------------------------------------------------------

    def states(self) -> list[tuple[str, str]]:
        """(action, service id) in the order in which they were taken."""
        return [(one.body["action"], one.body["service"]["id"]) for one in self.received]

    def handle(self, method: str, path: str, headers: Callable[[str], str | None], body: bytes) -> Reply:
        """Answer to one request."""
        with self._lock:
            self.requests += 1
            if headers("Authorization") != f"Bearer {self.token}":
                return Reply(401, {"text": "bad token"})
            if (method, path) == ("GET", "/api/health"):
                return Reply(200, {"status": "ok"})
            if (method, path) != ("POST", "/api/orders"):
                return Reply(404, {"text": "no such path"})
            return self._order(headers, body)

    def _order(self, headers: Callable[[str], str | None], body: bytes) -> Reply:
        if headers("Content-Type") != "application/json":
            return Reply(415, {"text": "application/json is expected"})
        try:
            order = json.loads(body)
        except ValueError:
            return Reply(400, {"text": "no JSON"})
        faults = faults_of(order)
        key = headers("Idempotency-Key")
        if not faults and key != order["idempotency_key"]:
            faults.append("Idempotency-Key differs from the body")
        if faults:
            self.refused.append(faults)
            return Reply(422, {"text": "; ".join(faults)})
        if self.refusal:
            return Reply(422, {"text": self.refusal})
        return self._take(str(key), order, body)

    def _take(self, key: str, order: dict[str, Any], body: bytes) -> Reply:
        known = self._bodies.get(key)
        if known is not None and json.loads(known) != order:
            return Reply(409, {"text": "this key carried another order"})
        if known is None:
            self._bodies[key] = body
            self.received.append(Received(key, order, f"NET-{len(self.received) + 1}"))
        reference = next(one.reference for one in self.received if one.key == key)
        if self.mode == "accepted":
            return Reply(202, {"state": "accepted", "reference": reference})
        day = self.effective or date.fromisoformat(order["valid_from"])
        return Reply(200, {"state": "done", "reference": reference, "effective_date": day.isoformat()})


class _Handler(BaseHTTPRequestHandler):
    owner: NetworkSimulator
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(min(length, MAX_BODY))
        fault = self.owner.faults.popleft() if self.command == "POST" and self.owner.faults else None
        if fault == "hang":
            time.sleep(self.owner.hang_s)
        if isinstance(fault, int):
            headers = (("Retry-After", "1"),) if fault == 429 else ()
            self._send(Reply(fault, {"text": "fault"}, headers))
            return
        reply = self.owner.handle(self.command, self.path, self.headers.get, body)
        if fault == "drop":
            self.close_connection = True
            self.connection.close()
        elif fault == "garbage":
            self._send(Reply(200, None), b"<html>welcome</html>")
        else:
            self._send(reply)

    def _send(self, reply: Reply, raw: bytes | None = None) -> None:
        data = json.dumps(reply.body).encode() if raw is None else raw
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        try:
            self.wfile.write(data)
        except OSError:
            self.close_connection = True  # the client did not wait


NetworkSimulator.handler = _Handler
