"""A web server with a JSON list of files, a bearer token and faults that a test puts in its way."""

from __future__ import annotations

import json
import threading
from collections import deque
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType


@dataclass
class ListedFile:
    content: bytes
    modified: str = "2026-11-20T10:00:00+00:00"


class WebServer:
    """``files`` by name; ``faults`` are HTTP statuses that the next requests get; ``listing`` replaces the whole list."""

    def __init__(self, token: str = "") -> None:
        self.token = token
        self.files: dict[str, ListedFile] = {}
        self.faults: deque[int] = deque()
        self.listing: bytes | None = None
        self.asked: list[tuple[str, str]] = []
        self._server: ThreadingHTTPServer | None = None

    def __enter__(self) -> WebServer:
        web = self

        class Handler(_Handler):
            site = web

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_port}/list"

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
    site: WebServer

    def do_GET(self) -> None:
        if self._refused():
            return
        name = self.path.rpartition("/")[2]
        if self.path == "/list":
            self._answer(200, self.site.list())
        elif name in self.site.files:
            self._answer(200, self.site.files[name].content)
        else:
            self._answer(404)

    def do_DELETE(self) -> None:
        if self._refused():
            return
        known = self.site.files.pop(self.path.rpartition("/")[2], None)
        self._answer(204 if known else 404)

    def _refused(self) -> bool:
        self.site.asked.append((self.command, self.path))
        if self.site.faults:
            self._answer(self.site.faults.popleft())
            return True
        if self.site.token and self.headers.get("Authorization") != f"Bearer {self.site.token}":
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
