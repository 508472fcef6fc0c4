"""Asynchronous processing of closed sessions by a worker thread.

Sources: sesja-wsadowa.md step 6; faktury/weryfikacja-faktury.md; status tables of OpenAPI 2.9.0.
"""

from __future__ import annotations

import base64
import hashlib
import heapq
import itertools
import shutil
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from . import archive, invoices, upo
from .crypto import DecryptionError, decrypt, decrypt_stream, sha256_base64
from .invoices import Rejection
from .numbers import WARSAW, reference_number
from .register import Accepted
from .sessions import Invoice, Session

if TYPE_CHECKING:
    from .simulator import KsefSimulator


class SessionFailure(Exception):
    """The whole session ends with this status."""

    def __init__(self, code: int, *details: str) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


class Processing:
    """Queue and worker."""

    def __init__(self, simulator: KsefSimulator, delay: float) -> None:
        self.sim = simulator
        self.delay = delay
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()
        self._signal = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="ksef-sim-worker", daemon=True)

    def start(self) -> None:
        """Start the worker."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the running job and stop."""
        with self._signal:
            self._stopped = True
            self._signal.notify_all()
        self._thread.join(timeout=30)

    def later(self, job: Callable[[], None], delay: float | None = None) -> None:
        """Queue a job."""
        with self._signal:
            due = time.monotonic() + (self.delay if delay is None else delay)
            heapq.heappush(self._queue, (due, next(self._count), job))
            self._signal.notify_all()

    def _run(self) -> None:
        while True:
            with self._signal:
                while not self._stopped and (not self._queue or self._queue[0][0] > time.monotonic()):
                    self._signal.wait(self._queue[0][0] - time.monotonic() if self._queue else None)
                if self._stopped:
                    return
                job = heapq.heappop(self._queue)[2]
            job()

    # -- batch ----------------------------------------------------------------------------------------------------
    def submit(self, session: Session) -> None:
        """Queue a closed batch session, unless it is ordered to get stuck."""
        if self.sim.faults.take("processing", "stuck"):
            session.stuck = True
            return
        self.later(lambda: self._process(session))

    def release(self) -> int:
        """Let stuck sessions go on; returns their number."""
        stuck = [session for session in self.sim.sessions.all.values() if session.stuck]
        for session in stuck:
            session.stuck = False
            if session.kind == "batch":
                self.later(lambda session=session: self._process(session), 0)  # type: ignore[misc]
            else:
                self.later(lambda session=session: self._finish_online(session), 0)  # type: ignore[misc]
        return len(stuck)

    def _process(self, session: Session) -> None:
        try:
            self._run_batch(session)
        except SessionFailure as failure:
            for invoice in session.invoices:
                if invoice.code < 200:
                    _set(invoice, 405, "Przetwarzanie anulowane z powodu błędu sesji")
            session.set(failure.code, *failure.details)
        except Exception as error:  # noqa: BLE001  # a fault of the simulator becomes status 500, as in the real system
            session.set(500, type(error).__name__)
            self.sim.log_failure(session.reference, error)
        finally:
            if session.folder is not None:
                shutil.rmtree(session.folder, ignore_errors=True)
            self.sim.touch(session)
            self.sim.keep(session)

    def _run_batch(self, session: Session) -> None:
        if self.sim.faults.take("processing", "500"):
            raise SessionFailure(500)
        path = self._assemble(session)
        files = self._unpack(session, path)
        if not files:
            raise SessionFailure(440, "Nie przesłano faktur")
        # Row numbers follow no order of the archive (seen on the real system): sort by hash.
        files.sort(key=lambda item: item[1])
        now = session.created
        session.invoices = [
            Invoice(
                index, reference_number("EE", now), digest, now, file_name=name, offline=session.offline, code=150,
                description="Trwa przetwarzanie",
            )
            for index, (name, digest, _, _) in enumerate(files, start=1)
        ]  # fmt: skip
        session.counted = True
        assert session.folder is not None
        with (session.folder / "plain").open("rb") as plain:
            for invoice, (_, _, offset, size) in zip(session.invoices, files, strict=True):
                plain.seek(offset)
                self._accept(session, invoice, plain.read(size), None)
        self._conclude(session)

    def _assemble(self, session: Session) -> Path:
        """Verify and decrypt all parts, join them, verify the whole."""
        assert session.folder is not None and session.key is not None
        for part in session.parts:
            assert part.path is not None
            if _hash_file(part.path) != part.hash:
                raise SessionFailure(405, f"Skrót części {part.ordinal} nie zgadza się z zadeklarowanym.")
        key = session.key.unwrap(session.wrapped_key)
        if key is None or len(key) != 32:
            raise SessionFailure(415)
        target = session.folder / "archive"
        with target.open("wb") as joined:
            for part in session.parts:
                assert part.path is not None
                start = joined.tell()
                try:
                    with part.path.open("rb") as source:
                        decrypt_stream(source, joined, key, session.vector)
                except DecryptionError as error:
                    raise SessionFailure(435, f"Część {part.ordinal}.") from error
                if joined.tell() - start > 100_000_000:
                    raise SessionFailure(405, f"Część {part.ordinal} przekracza 100 MB przed zaszyfrowaniem.")
                part.path.unlink()
        if target.stat().st_size != session.file_size or _hash_file(target) != session.file_hash:
            raise SessionFailure(405, "Rozmiar lub skrót paczki nie zgadza się z zadeklarowanym.")
        return target

    def _unpack(self, session: Session, path: Path) -> list[tuple[str, str, int, int]]:
        """Write all invoices into one plain file; returns (name, hash, offset, size) of each."""
        if session.compression == "TarGz" and self.sim.faults.take("processing", "430_tar_gz"):
            raise SessionFailure(430)
        assert session.folder is not None
        found: list[tuple[str, str, int, int]] = []
        try:
            with (session.folder / "plain").open("wb") as plain:
                for name, content in archive.read(path, session.compression):
                    found.append((name, sha256_base64(content), plain.tell(), len(content)))
                    plain.write(content)
                    if len(found) > self.sim.max_invoices:
                        raise SessionFailure(420)
        except archive.ArchiveError as error:
            raise SessionFailure(430, str(error)) from error
        return found

    # -- online ---------------------------------------------------------------------------------------------------
    def submit_online(
        self, session: Session, invoice: Invoice, encrypted: bytes, size: int, corrected: str | None
    ) -> None:
        """Queue one invoice of an online session."""

        def job() -> None:
            try:
                self._accept_encrypted(session, invoice, encrypted, size, corrected)
            except Exception as error:  # noqa: BLE001  # as above
                _set(invoice, 500, "Nieznany błąd (500)")
                self.sim.log_failure(invoice.reference, error)
            self.sim.touch(session)

        self.later(job)

    def _accept_encrypted(
        self, session: Session, invoice: Invoice, encrypted: bytes, size: int, corrected: str | None
    ) -> None:
        assert session.key is not None
        key = session.key.unwrap(session.wrapped_key)
        if key is None or len(key) != 32:
            session.set(415)
            _set(invoice, 405, "Przetwarzanie anulowane z powodu błędu sesji")
            return
        try:
            content = decrypt(encrypted, key, session.vector)
        except DecryptionError:
            _set(invoice, 435, Rejection.descriptions[435])
            return
        if len(content) != size:
            detail = f"Rozmiar przesłanego pliku faktury nie zgadza się z zadeklarowaną wartością: {size}."
            _set(invoice, 430, Rejection.descriptions[430], detail)
        elif sha256_base64(content) != invoice.hash:
            detail = "Skrót przesłanego pliku faktury nie zgadza się z zadeklarowaną wartością."
            _set(invoice, 430, Rejection.descriptions[430], detail)
        else:
            self._accept(session, invoice, content, corrected)

    def close_online(self, session: Session) -> None:
        """Close and queue the confirmation."""
        session.closed = self.sim.now()
        if not session.invoices:
            session.set(440, "Nie przesłano faktur")
            self.sim.touch(session)
            return
        session.set(170)
        self.sim.touch(session)
        if self.sim.faults.take("processing", "stuck"):
            session.stuck = True
            return
        self.later(lambda: self._finish_online(session))

    def _finish_online(self, session: Session) -> None:
        # Jobs run in the order of their due times, so every invoice was judged before this.
        if session.code != 415:
            self._conclude(session)
        self.sim.touch(session)
        self.sim.keep(session)

    # -- both -----------------------------------------------------------------------------------------------------
    def _accept(self, session: Session, invoice: Invoice, content: bytes, corrected: str | None) -> None:
        """Judge one invoice and give it its number."""
        _set(invoice, 150, "Trwa przetwarzanie")
        try:
            self._judge(session, invoice, content, corrected)
        except Rejection as rejection:
            _set(invoice, rejection.code, rejection.description, *rejection.details)
            invoice.extensions = rejection.extensions

    def _judge(self, session: Session, invoice: Invoice, content: bytes, corrected: str | None) -> None:
        if self.sim.faults.take("processing", "invoice_550"):
            raise Rejection(550, "Przetwarzanie zostało przerwane z przyczyn wewnętrznych systemu. Spróbuj ponownie")
        if self.sim.faults.take("processing", "invoice_500"):
            raise Rejection(500)
        facts = invoices.examine(content, check_sums=session.check_sums)
        invoice.number = facts.number
        received = invoice.invoicing_date.astimezone(WARSAW).date()
        invoices.check_issue_date(facts, received)
        if facts.nip != session.nip:
            raise Rejection(410, "NIP sprzedawcy (Podmiot1) jest inny niż kontekst uwierzytelnienia.")
        if facts.attachment and (
            session.nip not in self.sim.attachment_nips or (session.kind == "online" and not corrected)
        ):
            raise Rejection(415)
        acquired = max(self.sim.now(), invoice.invoicing_date)
        entry = Accepted(
            ksef_number=self.sim.numbers.issue(facts.nip, received),
            reference=invoice.reference,
            session=session.reference,
            nip=facts.nip,
            number=facts.number,
            kind=facts.kind,
            issue_date=facts.issue_date.isoformat(),
            invoicing_date=invoice.invoicing_date,
            acquisition_date=acquired,
            storage_date=acquired + timedelta(seconds=max(self.sim.storage_delay, 0.001)),
            mode=invoices.mode(facts, received, invoice.offline),
            hash=invoice.hash,
            offset=0,
            size=0,
            facts=facts.row(),
            corrected_hash=corrected,
        )
        original = self.sim.register.add(entry, content)
        if original is not None:
            raise Rejection(
                440,
                f"Duplikat faktury. Faktura o numerze KSeF: {original.ksef_number} została już prawidłowo przesłana "
                f"do systemu w sesji: {original.session}",
                originalSessionReferenceNumber=original.session,
                originalKsefNumber=original.ksef_number,
            )
        invoice.ksef_number, invoice.mode = entry.ksef_number, entry.mode
        _set(invoice, 200, "Sukces")

    def _conclude(self, session: Session) -> None:
        """Final status and confirmation pages."""
        good = [self.sim.register.get(i.ksef_number) for i in session.invoices if i.code == 200 and i.ksef_number]
        accepted = [entry for entry in good if entry is not None]
        if not accepted:
            session.set(445)
            return
        size = self.sim.upo_page_size
        pages = [accepted[start : start + size] for start in range(0, len(accepted), size)]
        made: list[tuple[str, Path]] = []
        for index, documents in enumerate(pages):
            first = index * size + 1
            content = upo.build(
                documents,
                **self.sim.sessions.upo_arguments(session),
                signed_at=self.sim.now(),
                # The schema calls the end of the range exclusive, the official sample prints it inclusive.
                page=(index + 1, len(pages), first, first + len(documents) - 1, len(accepted)),
            )
            name = reference_number("EU", self.sim.now())
            path = self.sim.folder / "upo" / f"{name}.xml"
            path.write_bytes(content)
            made.append((name, path))
        session.pages = made
        self.sim.register.flush()
        session.set(200)


def _set(invoice: Invoice, code: int, description: str, *details: str) -> None:
    invoice.description, invoice.details = description, list(details)
    invoice.code = code


def _hash_file(path: Path) -> str:
    with path.open("rb") as source:
        return base64.b64encode(hashlib.file_digest(source, "sha256").digest()).decode("ascii")
