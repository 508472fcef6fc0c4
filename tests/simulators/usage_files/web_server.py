"""A web server with a JSON list of files, a bearer token and faults that a test puts in its way."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler

from ..local_server import LocalServer


@dataclass
class ListedFile:
    content: bytes
    modified: str = "2026-11-20T10:00:00+00:00"


class WebServer(LocalServer):
    """``files`` by name; ``faults`` are HTTP statuses that the next requests get; ``listing`` replaces the whole list."""

    def __init__(self, token: str = "") -> None:
        super().__init__()
        self.token = token
        self.files: dict[str, ListedFile] = {}
        self.faults: deque[int] = deque()
        self.listing: bytes | None = None
        self.asked: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        return f"{self.address}/list"

    def list(self) -> bytes:
        if self.listing is not None:
            return self.listing
        return json.dumps(
            [
                {"name": name, "url": f"files/{name}", "size": len(file.content), "modified": file.modified}
                for name, file in self.files.items()
            ]
        ).encode()


class _Handler(BaseHTTPRequestHandler):
    owner: WebServer

    def do_GET(self) -> None:
        if self._refused():
            return
        name = self.path.rpartition("/")[2]
        if self.path == "/list":
            self._answer(200, self.owner.list())
        elif name in self.owner.files:
            self._answer(200, self.owner.files[name].content)
        else:
            self._answer(404)

    def do_DELETE(self) -> None:
        if self._refused():
            return
        known = self.owner.files.pop(self.path.rpartition("/")[2], None)
        self._answer(204 if known else 404)

    def _refused(self) -> bool:
        self.owner.asked.append((self.command, self.path))
        if self.owner.faults:
            self._answer(self.owner.faults.popleft())
            return True
        if self.owner.token and self.headers.get("Authorization") != f"Bearer {self.owner.token}":
            self._answer(401)
            return True
        return False

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Quiet."""


WebServer.handler = _Handler
