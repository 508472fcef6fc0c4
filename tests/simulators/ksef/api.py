"""The API under ``/v2``: routing, checks common to all operations, and the table of handlers.

Every request is matched against the OpenAPI document: its path, method, path and query parameters, JSON body (unknown
fields are refused), bearer token, permissions and limit group come from there. Operations of the document that are not
simulated answer 501 and say so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from .auth import Login, Principal
from .crypto import sha256_base64
from .errors import ApiError, bad_request, unauthorized
from .limits import too_many
from .spec import Operation

if TYPE_CHECKING:
    from .simulator import KsefSimulator

LOGIN_KINDS = {
    "GET /auth/{referenceNumber}": "operation",
    "POST /auth/token/redeem": "operation",
    "POST /auth/token/refresh": "refresh",
}


@dataclass
class Request:
    """One HTTP request."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    ip: str


@dataclass
class Response:
    """One HTTP answer."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Call:
    """A request that passed the common checks."""

    request: Request
    path: dict[str, str]
    query: dict[str, Any]
    json: Any
    principal: Principal | None
    login: Login | None

    @property
    def caller(self) -> Principal:
        """Principal of a protected operation."""
        assert self.principal is not None
        return self.principal

    @property
    def features(self) -> str:
        """Value of ``X-KSeF-Feature``."""
        return self.request.headers.get("X-KSeF-Feature", "")


Handler = Callable[[Call], Response]


class Api:
    """Dispatcher."""

    def __init__(self, simulator: KsefSimulator) -> None:
        self.sim = simulator
        self.handlers = self._table()
        known = {f"{operation.method} {operation.path}" for operation in simulator.spec.operations}
        assert set(self.handlers) <= known, "handler for an operation that the document does not have"

    def operation(self, request: Request) -> tuple[str, Operation | None, dict[str, str]]:
        """Name, operation and path parameters of a request."""
        operation, path, known = self.sim.spec.find(request.method, request.path)
        if operation is None:
            if known:
                raise ApiError(405, title="Method Not Allowed", detail="Metoda nie jest obsługiwana.")
            raise ApiError(404, title="Not Found", detail="Nie ma takiego zasobu.")
        return f"{operation.method} {operation.path}", operation, path

    def handle(self, request: Request, name: str, operation: Operation, path: dict[str, str]) -> Response:
        """Check and execute."""
        principal = login = None
        header = request.headers.get("Authorization")
        if name in LOGIN_KINDS:
            login = self.sim.auth.bearer(header, LOGIN_KINDS[name])
        elif operation.secured:
            if header is None:
                raise unauthorized()
            principal = self.sim.auth.principal(header, request.ip, operation.permissions)
        context = principal.login.context if principal else ""
        self.sim.limits.check(context, request.ip, operation.limit_group)
        handler = self.handlers.get(name)
        if handler is None:
            raise ApiError(501, title="Not Implemented", detail=f"The simulator does not offer {name}.")
        query = self._query(operation, request, path)
        return handler(Call(request, path, query, self._json(operation, request), principal, login))

    def _query(self, operation: Operation, request: Request, path: dict[str, str]) -> dict[str, Any]:
        """Path, query and header parameters, converted and validated."""
        given = parse_qs(request.query, keep_blank_values=True)
        found: dict[str, Any] = {}
        problems: list[str] = []
        for parameter in operation.parameters:
            name, place = parameter["name"], parameter["in"]
            if place == "path":
                problems += self.sim.spec.problems(parameter["schema"], path[name], name)
                continue
            raw: Any = request.headers.get(name) if place == "header" else given.get(name)
            if raw is None:
                if parameter.get("required"):
                    problems.append(f"{name}: required parameter is missing")
                continue
            value = self._convert(parameter["schema"], raw)
            problems += self.sim.spec.problems(parameter["schema"], value, name)
            found[name] = value
        if problems:
            raise bad_request(21405, *problems)
        return found

    def _convert(self, schema: dict[str, Any], raw: Any) -> Any:
        kind = schema.get("type")
        if kind == "array":
            return raw
        text = raw[-1] if isinstance(raw, list) else raw
        if kind == "integer" and re.fullmatch(r"-?\d{1,9}", text):
            return int(text)
        if kind == "boolean" and text.lower() in ("true", "false"):
            return text.lower() == "true"
        return text

    def _json(self, operation: Operation, request: Request) -> Any:
        if operation.body_schema is None:
            return None
        kind = request.headers.get("Content-Type", "").split(";")[0].strip().lower()
        if kind != "application/json":
            raise ApiError(415, title="Unsupported Media Type", detail="Wymagany typ treści application/json.")
        try:
            value = json.loads(request.body.decode("utf-8"))
        except (UnicodeDecodeError, ValueError) as error:
            raise bad_request(21001, "Treść żądania nie jest poprawnym dokumentem JSON.") from error
        _check_part_count(value)
        problems = self.sim.spec.problems(operation.body_schema, value)
        if problems:
            raise bad_request(21405, *problems)
        return value

    # -- handlers -------------------------------------------------------------------------------------------------
    def _table(self) -> dict[str, Handler]:
        sim = self.sim
        auth, sessions, queries = sim.auth, sim.sessions, sim.queries
        return {
            "GET /security/public-key-certificates": lambda c: ok(sim.keys.published()),
            "POST /auth/challenge": lambda c: ok(auth.challenge(c.request.ip)),
            "POST /auth/ksef-token": lambda c: ok(auth.start_token_login(c.json), 202),
            "POST /auth/xades-signature": self._xades,
            "GET /auth/{referenceNumber}": lambda c: ok(auth.status(_login(c), c.path["referenceNumber"])),
            "POST /auth/token/redeem": lambda c: ok(auth.redeem(_login(c))),
            "POST /auth/token/refresh": lambda c: ok(auth.refresh(_login(c))),
            "GET /auth/sessions": lambda c: ok(auth.sessions(c.caller)),
            "DELETE /auth/sessions/current": _void(lambda c: auth.revoke(c.caller, None)),
            "DELETE /auth/sessions/{referenceNumber}": _void(
                lambda c: auth.revoke(c.caller, c.path["referenceNumber"])
            ),
            "POST /sessions/batch": lambda c: ok(sessions.open_batch(c.caller, c.json, c.features), 201),
            "POST /sessions/batch/{referenceNumber}/close": _void(
                lambda c: sessions.close_batch(c.caller, c.path["referenceNumber"])
            ),
            "POST /sessions/online": lambda c: ok(sessions.open_online(c.caller, c.json, c.features), 201),
            "POST /sessions/online/{referenceNumber}/invoices": lambda c: ok(
                sessions.send(c.caller, c.path["referenceNumber"], c.json), 202
            ),
            "POST /sessions/online/{referenceNumber}/close": _void(
                lambda c: sessions.close_online(c.caller, c.path["referenceNumber"])
            ),
            "GET /sessions": lambda c: ok(sessions.query(c.caller, c.query)),
            "GET /sessions/{referenceNumber}": lambda c: ok(sessions.status(c.caller, c.path["referenceNumber"])),
            "GET /sessions/{referenceNumber}/invoices": lambda c: ok(
                sessions.listing(c.caller, c.path["referenceNumber"], c.query, False)
            ),
            "GET /sessions/{referenceNumber}/invoices/failed": lambda c: ok(
                sessions.listing(c.caller, c.path["referenceNumber"], c.query, True)
            ),
            "GET /sessions/{referenceNumber}/invoices/{invoiceReferenceNumber}": lambda c: ok(
                sessions.invoice_status(c.caller, c.path["referenceNumber"], c.path["invoiceReferenceNumber"])
            ),
            "GET /sessions/{referenceNumber}/upo/{upoReferenceNumber}": lambda c: xml(
                sessions.session_upo(self._session(c), c.path["upoReferenceNumber"])
            ),
            "GET /sessions/{referenceNumber}/invoices/{invoiceReferenceNumber}/upo": lambda c: xml(
                sessions.upo_by_reference(self._session(c), c.path["invoiceReferenceNumber"])
            ),
            "GET /sessions/{referenceNumber}/invoices/ksef/{ksefNumber}/upo": lambda c: xml(
                sessions.invoice_upo(self._session(c), sim.register.get(c.path["ksefNumber"]))
            ),
            "GET /invoices/ksef/{ksefNumber}": lambda c: xml(queries.download(c.caller, c.path["ksefNumber"])[0]),
            "POST /invoices/query/metadata": lambda c: ok(queries.metadata(c.caller, c.json, c.query)),
            "POST /invoices/exports": lambda c: ok(sim.exports.start(c.caller, c.json), 201),
            "GET /invoices/exports/{referenceNumber}": lambda c: ok(
                sim.exports.status(c.caller, c.path["referenceNumber"])
            ),
            "GET /permissions/attachments/status": lambda c: ok(
                {"isAttachmentAllowed": c.caller.nip in sim.attachment_nips}
            ),
            "GET /limits/context": lambda c: ok(queries.context_limits()),
            "GET /rate-limits": lambda c: ok(sim.limits.effective()),
            "POST /testdata/rate-limits": _void(lambda c: sim.limits.set_own(c.json["rateLimits"]), 200),
            "DELETE /testdata/rate-limits": _void(lambda c: sim.limits.set_own(None), 200),
            "POST /testdata/rate-limits/production": _void(lambda c: sim.limits.use_production(), 200),
            "POST /testdata/attachment": _void(lambda c: sim.attachment_nips.add(c.json["nip"]), 200),
            "POST /testdata/attachment/revoke": _void(lambda c: sim.attachment_nips.discard(c.json["nip"]), 200),
        }

    def _session(self, call: Call) -> Any:
        return self.sim.sessions.find(call.path["referenceNumber"], call.caller)

    def _xades(self, call: Call) -> Response:
        kind = call.request.headers.get("Content-Type", "").split(";")[0].strip().lower()
        if kind != "application/xml":
            raise ApiError(415, title="Unsupported Media Type", detail="Wymagany typ treści application/xml.")
        verify_chain = bool(call.query.get("verifyCertificateChain"))
        return ok(self.sim.auth.start_xades_login(call.request.body, verify_chain), 202)


def _check_part_count(value: Any) -> None:
    """More than fifty parts have a code of their own (21161)."""
    parts = value.get("batchFile", {}) if isinstance(value, dict) else {}
    parts = parts.get("fileParts") if isinstance(parts, dict) else None
    if isinstance(parts, list) and len(parts) > 50:
        raise bad_request(21161, f"Liczba części {len(parts)} przekracza dozwolone 50.")


def _login(call: Call) -> Login:
    assert call.login is not None
    return call.login


def ok(value: Any, status: int = 200) -> Response:
    """JSON answer; None becomes an empty body."""
    if value is None:
        return Response(status)
    return Response(status, json.dumps(value, ensure_ascii=False).encode("utf-8"))


def _void(work: Callable[[Call], None], status: int = 204) -> Handler:
    """Handler with an empty answer."""

    def handler(call: Call) -> Response:
        work(call)
        return Response(status, content_type="")

    return handler


def xml(content: bytes) -> Response:
    """XML document with its hash in ``x-ms-meta-hash``."""
    return Response(200, content, "application/xml", {"x-ms-meta-hash": sha256_base64(content)})


def fault_error(effect: str, retry_after: int | None) -> ApiError:
    """Answer of an ordered fault."""
    if effect == "429":
        return too_many(retry_after or 1, "żądań (symulacja)")
    if effect == "21173":
        return bad_request(21173, "Sesja o podanym numerze referencyjnym nie została znaleziona.")
    status = int(effect.split("_")[0])
    error = ApiError(status, title="Internal Server Error", detail="Błąd symulowany.")
    if retry_after is not None:
        error.headers["Retry-After"] = str(retry_after)
    return error
