"""Faults on order: what a test wants to go wrong, where, and how often.

The places and their effects are taken from public reports on the real system: answers 500/502 or time-outs after the
request was in fact accepted, sessions stuck in processing, status 430 for sound tar.gz archives, status 550, a session
not found right after it was opened, key rotation in mid-cycle.
"""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass
from typing import Any

#: Short names of the operations a fault can sit on.
PLACES = {
    "challenge": "POST /auth/challenge",
    "token_login": "POST /auth/ksef-token",
    "xades_login": "POST /auth/xades-signature",
    "login_status": "GET /auth/{referenceNumber}",
    "redeem": "POST /auth/token/redeem",
    "refresh": "POST /auth/token/refresh",
    "keys": "GET /security/public-key-certificates",
    "open": "POST /sessions/batch",
    "close": "POST /sessions/batch/{referenceNumber}/close",
    "online_open": "POST /sessions/online",
    "send": "POST /sessions/online/{referenceNumber}/invoices",
    "online_close": "POST /sessions/online/{referenceNumber}/close",
    "status": "GET /sessions/{referenceNumber}",
    "sessions": "GET /sessions",
    "invoices": "GET /sessions/{referenceNumber}/invoices",
    "failed": "GET /sessions/{referenceNumber}/invoices/failed",
    "invoice_status": "GET /sessions/{referenceNumber}/invoices/{invoiceReferenceNumber}",
    "upo": "GET /sessions/{referenceNumber}/upo/{upoReferenceNumber}",
    "metadata": "POST /invoices/query/metadata",
    "download": "GET /invoices/ksef/{ksefNumber}",
    "upload": "PUT /storage part",
    "upo_link": "GET /storage upo",
}
#: ``<status>_before``: refused untouched; ``<status>_after``: done, but the answer is an error.
#: ``timeout_*``/``drop_*``: no answer at all, after ``seconds`` or at once.
HTTP_EFFECTS = tuple(
    f"{what}_{when}" for what in ("500", "502", "503", "504", "timeout", "drop") for when in ("before", "after")
) + ("429", "21173")
#: Something happens to the system just before the request is handled: keys are replaced (so that a key fetched earlier
#: gives 21470), access or refresh tokens expire.
SYSTEM_EFFECTS = ("rotate_keys", "expire_access", "expire_refresh")
#: Effects on the asynchronous processing of a session or of single invoices.
PROCESSING_EFFECTS = ("stuck", "430_tar_gz", "500", "invoice_550", "invoice_500")


@dataclass
class Fault:
    """One ordered fault; ``times`` counts down, -1 means always."""

    on: str
    effect: str
    times: int = 1
    seconds: float = 30.0
    retry_after: int | None = None

    def __post_init__(self) -> None:
        allowed = PROCESSING_EFFECTS if self.on == "processing" else HTTP_EFFECTS + SYSTEM_EFFECTS
        if self.on not in (*PLACES, "processing") or self.effect not in allowed:
            raise ValueError(f"unknown fault {self.on}:{self.effect}")

    @classmethod
    def parse(cls, text: str) -> Fault:
        """Read ``place:effect`` or ``place:effect*times``."""
        on, _, rest = text.partition(":")
        effect, _, times = rest.partition("*")
        return cls(on, effect, int(times or 1))


class Faults:
    """The list of ordered faults."""

    def __init__(self, ordered: list[Fault | str] | None = None) -> None:
        self._lock = threading.Lock()
        self._ordered = [Fault.parse(f) if isinstance(f, str) else f for f in ordered or []]

    def add(self, fault: Fault | str) -> None:
        """Order one more fault."""
        with self._lock:
            self._ordered.append(Fault.parse(fault) if isinstance(fault, str) else fault)

    def clear(self) -> None:
        """Cancel all of them."""
        with self._lock:
            self._ordered.clear()

    def take(self, on: str, *effects: str) -> Fault | None:
        """Consume the first fault of a place (and of one of the effects, when named)."""
        with self._lock:
            for fault in self._ordered:
                if fault.on == on and fault.times != 0 and (not effects or fault.effect in effects):
                    fault.times -= fault.times > 0
                    return fault
        return None

    def listing(self) -> list[dict[str, Any]]:
        """Faults that can still happen."""
        with self._lock:
            return [asdict(fault) for fault in self._ordered if fault.times != 0]
