"""The simulator as one object: state, options, start and stop."""

from __future__ import annotations

import logging
import secrets
import shutil
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar

from . import spec
from .admin import Admin
from .api import Api, Response
from .auth import Authentication
from .crypto import KeyRing
from .database import Database
from .exports import Exports
from .faults import Fault, Faults
from .limits import RateLimits
from .links import Links
from .numbers import KsefNumbers
from .processing import Processing
from .queries import Queries
from .register import Register
from .server import HttpServer
from .sessions import Session, Sessions
from .store import Store

LOGGER = logging.getLogger(__name__)


class KsefSimulator:
    """A strict local stand-in for the KSeF 2.0 API over real HTTP.

    ``clock`` gives the business time (dates of sessions and invoices); logins, links and limits always use real time.
    ``storage_url`` is the public base of pre-signed links when it differs from the server's own address.
    """

    #: Told of every answer of every simulator of this process (method, path, answer), in the threads of the server.
    observers: ClassVar[list[Callable[[str, str, Response], None]]] = []

    def __init__(
        self,
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        state: Path | str | None = None,
        nips: Iterable[str] | None = None,
        tokens: dict[str, str] | None = None,
        delay: float = 0.05,
        auth_delay: float = 0.0,
        storage_delay: float = 0.0,
        access_seconds: float = 900,
        refresh_seconds: float = 7 * 24 * 3600,
        limits: str = "test",
        faults: list[Fault | str] | None = None,
        check_sums: bool = False,
        attachment_nips: Iterable[str] = (),
        max_invoices: int = 10_000,
        upo_page_size: int = 10_000,
        part_minutes: float = 20,
        export_part_size: int = 50_000_000,
        storage_url: str | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.lock = threading.RLock()
        self.spec = spec.load()
        self._temporary = state is None
        self.folder = Path(tempfile.mkdtemp(prefix="ksef-sim-")) if state is None else Path(state)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.work = self.folder / "work"
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir()
        self.now = clock or (lambda: datetime.now(UTC))
        self.delay = delay
        self.storage_delay = storage_delay
        self.check_sums = check_sums
        self.max_invoices = max_invoices
        self.upo_page_size = upo_page_size
        self.part_minutes = part_minutes
        self.attachment_nips = set(attachment_nips)
        self.system_warning = ""
        self.requests: deque[dict[str, Any]] = deque(maxlen=50_000)
        (self.folder / "upo").mkdir(exist_ok=True)

        self.keys = KeyRing(None if self._temporary else self.folder)
        self.numbers = KsefNumbers()
        self.database = Database(self.folder, durable=not self._temporary)
        self.register = Register(self.folder, self.database)
        self.store = Store(self.folder, self.database)
        self.links = Links(secrets.token_bytes(32))
        self.limits = RateLimits(self.spec, limits)
        self.faults = Faults(faults)
        self.auth = Authentication(
            self.keys,
            allowed_nips=frozenset(nips) if nips else None,
            access_seconds=access_seconds,
            refresh_seconds=refresh_seconds,
            delay=auth_delay,
            folder=None if self._temporary else self.folder,
        )
        for nip, token in (tokens or {}).items():
            self.auth.add_token(nip, token)
        self.sessions = Sessions(self)
        if not self._temporary:
            self.sessions.all.update(self.store.load())
        self.queries = Queries(self)
        self.processing = Processing(self, delay)
        self.exports = Exports(self, export_part_size)
        self.api = Api(self)
        self.admin = Admin(self)
        self._server = HttpServer((host, port), self)
        self._thread: threading.Thread | None = None
        self.links.base = (storage_url or self.url).rstrip("/")

    # -- life -----------------------------------------------------------------------------------------------------
    @property
    def url(self) -> str:
        """Address of the server."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    @property
    def base_url(self) -> str:
        """Address of the API, as a company setting."""
        return f"{self.url}/v2"

    def start(self) -> KsefSimulator:
        """Serve in the background."""
        self.processing.start()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="ksef-sim", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving; temporary state is removed."""
        self._server.shutdown()
        self._server.server_close()
        self.processing.stop()
        self.register.close()
        self.database.close()
        shutil.rmtree(self.work, ignore_errors=True)
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> KsefSimulator:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # -- for tests ------------------------------------------------------------------------------------------------
    def issue_token(self, nip: str, token: str | None = None) -> str:
        """Make a KSeF token for a tax number."""
        return self.auth.add_token(nip, token)

    def duplicates(self) -> list[str]:
        """Invoices that were sent although KSeF had them (440)."""
        with self.lock:
            return [
                invoice.file_name or invoice.reference
                for session in self.sessions.all.values()
                for invoice in session.failed()
                if invoice.code == 440
            ]

    def suffer(self, effect: str) -> None:
        """Replace the keys or let tokens expire (an ordered fault, or a test)."""
        with self.lock:
            if effect == "rotate_keys":
                self.keys.rotate()
            else:
                self.auth.expire(effect.removeprefix("expire_"))

    # -- for the parts --------------------------------------------------------------------------------------------
    def touch(self, session: Session) -> None:
        """Note activity in a session."""
        session.updated = self.now()

    def keep(self, session: Session) -> None:
        """Called when a session is final: a restart with the same state folder still knows it."""
        with self.lock:
            self.store.put_away(session)
        self.register.flush()
        if not self._temporary:
            self.store.save(session)

    def note(self, method: str, path: str, status: int) -> None:
        """Remember a request for tests: no headers, no bodies, no query."""
        if not path.startswith("/_sim/"):
            self.requests.append({"method": method, "path": path, "status": status})

    def log_failure(self, reference: str, error: Exception) -> None:
        """A fault of the simulator itself."""
        LOGGER.error("processing of %s failed: %s", reference, error, exc_info=error)
