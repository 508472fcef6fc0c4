"""HTTP: API under ``/v2``, storage under ``/storage``, administration under ``/_sim``, QR verification under ``/invoice``.

Absolute-form request targets are accepted, so the server also works as the proxy of a client that refuses loopback
addresses in pre-signed links.
"""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .api import Request, Response, fault_error, ok, xml
from .crypto import sha256_base64
from .errors import ApiError
from .faults import PLACES, SYSTEM_EFFECTS, Fault
from .sessions import MAX_PART, PADDING, receive_part

if TYPE_CHECKING:
    from .simulator import KsefSimulator

PLACE_OF = {operation: place for place, operation in PLACES.items()}
MAX_JSON = 16_000_000
PART = re.compile(r"^/storage/00/([0-9a-z-]{36})/batch-parts/(\d+)$")
SESSION_UPO = re.compile(r"^/storage/01/([0-9a-z-]{36})/session-upo/([0-9A-Z-]{36})\.xml$")
EXPORT = re.compile(r"^/storage/02/([0-9a-z-]{36})/package-parts/(\d+)$")
INVOICE_UPO = re.compile(r"^/storage/01/([0-9a-z-]{36})/invoice-upo/upo_([0-9A-Z-]{35})\.xml$")
QR = re.compile(r"^/invoice/(\d{10})/(\d\d-\d\d-\d{4})/([A-Za-z0-9_-]{43})$")


class NoAnswer(Exception):
    """Close the connection without a word."""


class HttpServer(ThreadingHTTPServer):
    """Server bound to one simulator."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], simulator: KsefSimulator) -> None:
        self.simulator = simulator
        super().__init__(address, HttpHandler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Broken connections are no news."""


class HttpHandler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: HttpServer

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""

    def version_string(self) -> str:
        """Server header."""
        return "ksef-simulator"

    def _serve(self) -> None:
        sim = self.server.simulator
        target = urlsplit(self.path)
        try:
            body = self._read_body(target.path)
            request = Request(self.command, target.path, target.query, self.headers, body, self.client_address[0])
            response = _answer(sim, request)
        except NoAnswer:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        except ApiError as error:
            self.close_connection = True
            response = render(error, target.path, self.headers.get("X-Error-Format"))
        warning = self.headers.get("X-Test-System-Warning") or sim.system_warning
        if warning:
            response.headers["X-System-Warning"] = warning.encode("ascii", "ignore").decode()
        sim.note(self.command, target.path, response.status)
        for hear in sim.observers:
            hear(self.command, target.path, response)
        self._send(response)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _serve

    def _read_body(self, path: str) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            raise ApiError(411, title="Length Required", detail="Content-Length is required.")
        length = self.headers.get("Content-Length", "0")
        limit = MAX_PART + PADDING if path.startswith("/storage/") else MAX_JSON
        if not length.isdigit() or int(length) > limit:
            raise ApiError(413, title="Payload Too Large", detail="Treść żądania jest zbyt duża.")
        return self.rfile.read(int(length))

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        if response.status != 204:
            if response.body:
                self.send_header("Content-Type", f"{response.content_type}; charset=utf-8")
            self.send_header("Content-Length", str(len(response.body)))
        for name, value in response.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(response.body)


def render(error: ApiError, path: str, wanted: str | None) -> Response:
    """Error as HTTP."""
    body, kind = error.render(path, wanted == "problem-details")
    return Response(error.status, json.dumps(body, ensure_ascii=False).encode("utf-8"), kind, dict(error.headers))


def _answer(sim: KsefSimulator, request: Request) -> Response:
    try:
        if request.path.startswith("/v2/"):
            request.path = request.path.removeprefix("/v2").rstrip("/")
            return _api(sim, request)
        if request.path.startswith("/storage/"):
            return _storage(sim, request)
        if request.path.startswith("/_sim/"):
            return sim.admin.handle(request)
        if found := QR.match(request.path):
            entry = sim.queries.verify_qr(*found.groups())
            return ok(
                {"found": entry is not None, "ksefNumber": entry.ksef_number if entry else None}, 200 if entry else 404
            )
        raise ApiError(404, title="Not Found", detail="Nie ma takiego zasobu.")
    except ApiError as error:
        return render(error, request.path, request.headers.get("X-Error-Format"))


def _api(sim: KsefSimulator, request: Request) -> Response:
    name, operation, path = sim.api.operation(request)
    assert operation is not None

    def work() -> Response:
        with sim.lock:
            return sim.api.handle(request, name, operation, path)

    return _with_fault(sim, PLACE_OF.get(name), work)


def _with_fault(sim: KsefSimulator, place: str | None, work: Callable[[], Response]) -> Response:
    """Do the work, unless an ordered fault says otherwise; "after" faults happen only when the work succeeded."""
    fault = sim.faults.take(place) if place else None
    if fault is None:
        return work()
    if fault.effect in SYSTEM_EFFECTS:
        sim.suffer(fault.effect)
        return work()
    if not fault.effect.endswith("_after"):
        _break(fault)
    response = work()
    if response.status < 300:
        _break(fault)
    return response


def _break(fault: Fault) -> None:
    if fault.effect.startswith("timeout"):
        time.sleep(fault.seconds)
        raise NoAnswer
    if fault.effect.startswith("drop"):
        raise NoAnswer
    raise fault_error(fault.effect, fault.retry_after)


# -- storage --------------------------------------------------------------------------------------------------------------
def _storage(sim: KsefSimulator, request: Request) -> Response:
    """Pre-signed addresses answer as the object storage behind the real system does (XML errors)."""
    right, place = ("w", "upload") if request.method == "PUT" else ("r", "upo_link")
    if request.method not in ("PUT", "GET"):
        return _storage_error(405, "UnsupportedHttpVerb")
    if request.headers.get("Authorization") is not None:
        # sesja-wsadowa.md step 5: the access token must not be sent here.
        return _storage_error(401, "InvalidAuthenticationInfo")
    refusal = sim.links.refusal(f"{request.path}?{request.query}", right)
    if refusal is not None:
        return _storage_error(*refusal)
    handler = _put_part if right == "w" else _get_upo
    return _with_fault(sim, place, lambda: handler(sim, request))


def _put_part(sim: KsefSimulator, request: Request) -> Response:
    found = PART.match(request.path)
    if found is None:
        return _storage_error(404, "ResourceNotFound")
    if request.headers.get("x-ms-blob-type") != "BlockBlob":
        return _storage_error(400, "MissingRequiredHeader")
    if request.headers.get("Content-Length") is None:
        return _storage_error(411, "MissingContentLengthHeader")
    with sim.lock:
        target = sim.sessions.part_target(*found.groups())
        if target is None or target[0].folder is None:
            return _storage_error(403, "AuthorizationFailure")
        receive_part(target[1], target[0].folder, request.body)
    return Response(201, content_type="")


def _get_upo(sim: KsefSimulator, request: Request) -> Response:
    with sim.lock:
        if found := SESSION_UPO.match(request.path):
            session = sim.sessions.find(found.group(1).upper())
            return xml(sim.sessions.session_upo(session, found.group(2)))
        if found := INVOICE_UPO.match(request.path):
            session = sim.sessions.find(found.group(1).upper())
            return xml(sim.sessions.invoice_upo(session, sim.register.get(found.group(2))))
        if found := EXPORT.match(request.path):
            content = sim.exports.part(found.group(1).upper(), int(found.group(2)))
            return Response(200, content, "application/octet-stream", {"x-ms-meta-hash": sha256_base64(content)})
    return _storage_error(404, "ResourceNotFound")


def _storage_error(status: int, code: str) -> Response:
    body = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>{code}</Message></Error>'
    return Response(status, body.encode(), "application/xml", {"x-ms-error-code": code})
