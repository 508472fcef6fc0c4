"""Administration for tests under ``/_sim``: register, faults, tokens, keys, log of requests. Not part of the real API."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from .api import Request, Response, ok
from .errors import ApiError
from .faults import Fault

if TYPE_CHECKING:
    from .simulator import KsefSimulator


class Admin:
    """Endpoints without authentication; the server listens on loopback."""

    def __init__(self, simulator: KsefSimulator) -> None:
        self.sim = simulator

    def handle(self, request: Request) -> Response:
        """Dispatch."""
        name = f"{request.method} {request.path.removeprefix('/_sim/')}"
        try:
            body = json.loads(request.body) if request.body else {}
            handlers = {
                "GET health": lambda: {"status": "ok", "api": self.sim.spec.version},
                "GET register": lambda: self._register(request.query),
                "GET numbers": lambda: {entry.number: entry.ksef_number for entry in self.sim.register},
                "GET duplicates": lambda: self.sim.duplicates(),
                "GET requests": lambda: list(self.sim.requests),
                "DELETE requests": lambda: self.sim.requests.clear(),
                "GET faults": self.sim.faults.listing,
                "POST faults": lambda: self._fault(body),
                "DELETE faults": self._clear_faults,
                "POST release": lambda: {"released": self.sim.processing.release()},
                "POST tokens": lambda: {"token": self.sim.auth.add_token(body["nip"], body.get("token"))},
                "POST grants": lambda: self.sim.auth.grant(body["subject"], body["nip"]),
                "POST rotate-keys": lambda: self.sim.keys.rotate(emergency=body.get("emergency", True)),
                "POST expire": lambda: self.sim.auth.expire(body.get("kind", "access")),
                "POST limits": lambda: self._limits(body["mode"]),
            }
            if name not in handlers:
                raise ApiError(404, title="Not Found", detail=f"unknown administration request {name}")
            with self.sim.lock:
                return ok(handlers[name]())
        except (KeyError, TypeError, ValueError) as error:
            raise ApiError(400, title="Bad Request", detail=str(error)) from error

    def _register(self, query: str) -> dict[str, Any]:
        nip = parse_qs(query).get("nip", [None])[0]
        rows = [entry.row() for entry in self.sim.register if nip in (None, entry.nip)]
        return {"count": len(rows), "invoices": rows}

    def _fault(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        self.sim.faults.add(Fault(**body))
        return self.sim.faults.listing()

    def _clear_faults(self) -> dict[str, Any]:
        self.sim.faults.clear()
        return {"released": self.sim.processing.release()}

    def _limits(self, mode: str) -> None:
        if mode not in ("off", "test", "production"):
            raise ValueError(f"unknown limit mode {mode}")
        self.sim.limits.mode, self.sim.limits.own = mode, None
        self.sim.limits.forget()
