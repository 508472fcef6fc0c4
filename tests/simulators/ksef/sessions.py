"""Batch and online sessions: opening, uploading, sending, closing, status, lists, UPO.

Sources: sesja-wsadowa.md, sesja-interaktywna.md, offline/korekta-techniczna.md,
faktury/sesje/sesja-sprawdzenie-stanu-i-pobranie-upo.md, OpenAPI tags "Wysyłka wsadowa", "Wysyłka interaktywna",
"Status wysyłki i UPO".
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import upo
from .auth import Principal
from .crypto import SYMMETRIC_USAGE, ServerKey, sha256_base64
from .errors import bad_request, forbidden
from .numbers import reference_number, stamp
from .register import Accepted

if TYPE_CHECKING:
    from .simulator import KsefSimulator

FORM_CODES = {("FA (3)", "1-0E", "FA")}
MAX_PART = 100_000_000
PADDING = 16
MAX_PARTS = 50
SESSION_LIFE = timedelta(hours=12)
COMMON_STATUS = {100: "InProgress", 150: "InProgress", 170: "InProgress", 200: "Succeeded", 440: "Cancelled"}
DESCRIPTIONS = {
    "batch": {
        100: "Sesja wsadowa rozpoczęta",
        150: "Trwa przetwarzanie",
        200: "Sesja wsadowa przetworzona pomyślnie",
        405: "Błąd weryfikacji poprawności dostarczonych elementów paczki",
        415: "Błąd odszyfrowania dostarczonego klucza",
        420: "Przekroczony limit faktur w sesji",
        430: "Błąd dekompresji pierwotnego archiwum",
        435: "Błąd odszyfrowania zaszyfrowanych części archiwum",
        440: "Sesja anulowana",
        445: "Błąd weryfikacji, brak poprawnych faktur",
        500: "Nieznany błąd (500)",
    },
    "online": {
        100: "Sesja interaktywna otwarta",
        170: "Sesja interaktywna zamknięta",
        200: "Sesja interaktywna przetworzona pomyślnie",
        415: "Błąd odszyfrowania dostarczonego klucza",
        440: "Sesja anulowana",
        445: "Błąd weryfikacji, brak poprawnych faktur",
        500: "Nieznany błąd (500)",
    },
}


@dataclass
class Part:
    """One declared part of a batch file."""

    ordinal: int
    size: int
    hash: str
    path: Path | None = None
    received: int = 0


@dataclass(slots=True)
class Invoice:
    """One invoice of a session as the status lists show it."""

    ordinal: int
    reference: str
    hash: str
    invoicing_date: datetime
    file_name: str | None = None
    number: str | None = None
    code: int = 100
    description: str = "Faktura przyjęta do dalszego przetwarzania"
    details: list[str] = field(default_factory=list)
    extensions: dict[str, str] = field(default_factory=dict)
    ksef_number: str | None = None
    mode: str | None = None
    offline: bool = False


@dataclass
class Session:
    """A batch or online session."""

    reference: str
    kind: str
    context: tuple[str, str]
    login_reference: str
    token_reference: str | None
    document_hash: str | None
    key: ServerKey | None
    wrapped_key: bytes
    vector: bytes
    created: datetime
    updated: datetime
    valid_until: datetime
    offline: bool = False
    check_sums: bool = False
    compression: str = "Zip"
    file_size: int = 0
    file_hash: str = ""
    parts: list[Part] = field(default_factory=list)
    code: int = 100
    details: list[str] = field(default_factory=list)
    invoices: Sequence[Invoice] = field(default_factory=list)
    counted: bool = False
    pages: list[tuple[str, Path]] = field(default_factory=list)
    part_minutes: float = 20
    opened_at: float = field(default_factory=time.monotonic)
    stuck: bool = False
    closed: datetime | None = None
    folder: Path | None = None

    @property
    def nip(self) -> str:
        """Tax number of the context."""
        return self.context[1][:10]

    @property
    def upload_until(self) -> datetime:
        """Every part may be sent for number of parts × 20 minutes ("Limit czasu na przesłanie partów")."""
        return self.created + timedelta(minutes=self.part_minutes * len(self.parts))

    @property
    def age(self) -> timedelta:
        """Age in real time, whatever the business clock says."""
        return timedelta(seconds=time.monotonic() - self.opened_at)

    @property
    def put_away(self) -> bool:
        """Whether the rows are no longer in memory (``store.Rows``): every one of them is judged then."""
        return not isinstance(self.invoices, list)

    def failed(self) -> Sequence[Invoice]:
        """Rows that got no number."""
        if isinstance(self.invoices, list):
            return [invoice for invoice in self.invoices if invoice.code > 200]
        return self.invoices.failed()  # type: ignore[attr-defined,no-any-return]  # ``store.Rows``

    def find(self, reference: str) -> Invoice | None:
        """The row of one invoice."""
        if isinstance(self.invoices, list):
            return next((invoice for invoice in self.invoices if invoice.reference == reference), None)
        return self.invoices.by_reference(reference)  # type: ignore[attr-defined,no-any-return]  # ``store.Rows``

    def set(self, code: int, *details: str) -> None:
        """Move to a status."""
        self.code, self.details = code, list(details)


class Sessions:
    """Endpoints of sessions; processing lives in ``processing``."""

    def __init__(self, simulator: KsefSimulator) -> None:
        self.sim = simulator
        self.all: dict[str, Session] = {}

    # -- helpers --------------------------------------------------------------------------------------------------
    def find(self, reference: str, principal: Principal | None = None) -> Session:
        """Session of the caller's context; 21173 or 403 otherwise."""
        session = self.all.get(reference)
        if session is None:
            raise bad_request(21173, f"Sesja o numerze referencyjnym {reference} nie została znaleziona.")
        if principal is not None and session.nip != principal.nip:
            raise forbidden("insufficient-resource-access", "Brak dostępu do wskazanego zasobu.")
        self._expire(session)
        return session

    def _expire(self, session: Session) -> None:
        """Batch uploads time out, online sessions close themselves after twelve hours."""
        if session.code != 100:
            return
        if session.kind == "batch" and session.age > session.upload_until - session.created:
            session.set(440, "Przekroczono czas wysyłki")
        elif session.kind == "online" and session.age > SESSION_LIFE:
            self.sim.processing.close_online(session)

    def _check_form(self, form: dict[str, str]) -> None:
        if (form["systemCode"], form["schemaVersion"], form["value"]) not in FORM_CODES:
            raise bad_request(21405, "Wskazany kod formularza nie jest wspierany.")

    def _check_encryption(self, encryption: dict[str, Any]) -> tuple[ServerKey, bytes, bytes]:
        key_id = encryption.get("publicKeyId")
        key = self.sim.keys.find(SYMMETRIC_USAGE, key_id)
        if key is None:
            raise bad_request(21470, f"Klucz o identyfikatorze {key_id} nie jest wspierany.")
        vector = base64.b64decode(encryption["initializationVector"])
        if len(vector) != 16:
            raise bad_request(21405, "encryption.initializationVector: wymagane 16 bajtów.")
        return key, base64.b64decode(encryption["encryptedSymmetricKey"]), vector

    def _begin(self, kind: str, principal: Principal, encryption: dict[str, Any], features: str) -> Session:
        key, wrapped, vector = self._check_encryption(encryption)
        now = self.sim.now()
        login = principal.login
        return Session(
            reference=reference_number("SB" if kind == "batch" else "SO", now),
            kind=kind,
            context=(login.context_type, login.context),
            login_reference=login.reference,
            token_reference=login.token_reference,
            document_hash=login.document_hash,
            key=key,
            wrapped_key=wrapped,
            vector=vector,
            created=now,
            updated=now,
            valid_until=now + SESSION_LIFE,
            part_minutes=self.sim.part_minutes,
            check_sums=self.sim.check_sums or "subject-identifier-validation" in features,
        )

    # -- batch ----------------------------------------------------------------------------------------------------
    def open_batch(self, principal: Principal, body: dict[str, Any], features: str) -> dict[str, Any]:
        """``POST /sessions/batch``."""
        self._check_form(body["formCode"])
        declared = body["batchFile"]
        parts = sorted(declared["fileParts"], key=lambda part: part["ordinalNumber"])
        if [part["ordinalNumber"] for part in parts] != list(range(1, len(parts) + 1)):
            raise bad_request(21405, "batchFile.fileParts: numery części muszą być kolejne, od 1.")
        for part in parts:
            if part["fileSize"] > MAX_PART + PADDING:
                ordinal = part["ordinalNumber"]
                raise bad_request(21157, f"Rozmiar części {ordinal} przekroczył dozwolony rozmiar 100MB.")
        session = self._begin("batch", principal, body["encryption"], features)
        session.offline = bool(body.get("offlineMode"))
        session.compression = declared.get("compressionType") or "Zip"
        session.file_size, session.file_hash = declared["fileSize"], declared["fileHash"]
        session.parts = [Part(p["ordinalNumber"], p["fileSize"], p["fileHash"]) for p in parts]
        session.folder = self.sim.work / session.reference
        session.folder.mkdir()
        self.all[session.reference] = session
        until = datetime.now(UTC) + (session.upload_until - session.created)
        return {
            "referenceNumber": session.reference,
            "partUploadRequests": [
                {
                    "ordinalNumber": part.ordinal,
                    "method": "PUT",
                    "url": self.sim.links.make(
                        f"/storage/00/{session.reference.lower()}/batch-parts/{part.ordinal}", "w", until
                    ),
                    "headers": {"x-ms-blob-type": "BlockBlob"},
                }
                for part in session.parts
            ],
        }

    def part_target(self, reference: str, ordinal: str) -> tuple[Session, Part] | None:
        """Where an uploaded part belongs; None when the session no longer takes parts."""
        session = self.all.get(reference.upper())
        if session is None or not ordinal.isdigit() or not 1 <= int(ordinal) <= len(session.parts):
            return None
        self._expire(session)
        return (session, session.parts[int(ordinal) - 1]) if session.code == 100 else None

    def close_batch(self, principal: Principal, reference: str) -> None:
        """``POST /sessions/batch/{referenceNumber}/close``."""
        session = self.find(reference, principal)
        if session.code == 440 and session.details == ["Przekroczono czas wysyłki"]:
            raise bad_request(21208, "Sesja anulowana, przekroczony czas wysyłki.")
        if session.kind != "batch" or session.code != 100:
            raise bad_request(21180, f"Status sesji {session.code} uniemożliwia jej zamknięcie.")
        for part in session.parts:
            if part.path is None:
                raise bad_request(21205, f"Nie przesłano zadeklarowanej '{part.ordinal}' części pliku.")
            if part.received != part.size:
                raise bad_request(
                    21157, f"Zadeklarowany rozmiar części '{part.ordinal}' nie zgadza się z rzeczywistym."
                )
        session.set(150)
        session.closed = self.sim.now()
        self.sim.touch(session)
        self.sim.processing.submit(session)

    # -- online ---------------------------------------------------------------------------------------------------
    def open_online(self, principal: Principal, body: dict[str, Any], features: str) -> dict[str, Any]:
        """``POST /sessions/online``."""
        self._check_form(body["formCode"])
        session = self._begin("online", principal, body["encryption"], features)
        self.all[session.reference] = session
        return {"referenceNumber": session.reference, "validUntil": stamp(session.valid_until)}

    def send(self, principal: Principal, reference: str, body: dict[str, Any]) -> dict[str, Any]:
        """``POST /sessions/online/{referenceNumber}/invoices``."""
        session = self.find(reference, principal)
        if session.kind != "online" or session.code != 100:
            raise bad_request(21180, f"Status sesji {session.code} uniemożliwia wysyłkę faktur.")
        if len(session.invoices) >= self.sim.max_invoices:
            limit = self.sim.max_invoices
            raise bad_request(21155, f"Sesja o numerze referencyjnym {reference} osiągnęła dozwolony limit {limit}.")
        encrypted = base64.b64decode(body["encryptedInvoiceContent"])
        if len(encrypted) != body["encryptedInvoiceSize"]:
            raise bad_request(21402, "Długość treści nie zgadza się z rozmiarem pliku.")
        if sha256_base64(encrypted) != body["encryptedInvoiceHash"]:
            raise bad_request(21403, "Skrót treści nie zgadza się ze skrótem pliku.")
        corrected = body.get("hashOfCorrectedInvoice")
        if corrected:
            self._check_technical_correction(corrected, bool(body.get("offlineMode")))
        now = self.sim.now()
        invoice = Invoice(len(session.invoices) + 1, reference_number("EE", now), body["invoiceHash"], now)
        invoice.offline = bool(body.get("offlineMode"))
        assert isinstance(session.invoices, list)  # the session is open
        session.invoices.append(invoice)
        self.sim.touch(session)
        self.sim.processing.submit_online(session, invoice, encrypted, body["invoiceSize"], corrected)
        return {"referenceNumber": invoice.reference}

    def _check_technical_correction(self, digest: str, offline: bool) -> None:
        if not offline:
            raise bad_request(21405, "hashOfCorrectedInvoice: korekta techniczna wymaga offlineMode = true.")
        if self.sim.register.correction_of(digest) is not None:
            raise bad_request(21166, "Faktura posiada już przetworzoną prawidłowo korektę techniczną.")
        if self.sim.register.with_hash(digest) is not None:
            raise bad_request(21167, "Nie można wysłać korekty technicznej do prawidłowo przetworzonej faktury.")

    def close_online(self, principal: Principal, reference: str) -> None:
        """``POST /sessions/online/{referenceNumber}/close``."""
        session = self.find(reference, principal)
        if session.kind != "online" or session.code != 100:
            raise bad_request(21180, f"Status sesji {session.code} uniemożliwia jej zamknięcie.")
        self.sim.processing.close_online(session)

    # -- status and lists -----------------------------------------------------------------------------------------
    def status(self, principal: Principal, reference: str) -> dict[str, Any]:
        """``GET /sessions/{referenceNumber}``."""
        session = self.find(reference, principal)
        answer: dict[str, Any] = {
            "status": _status(session.code, DESCRIPTIONS[session.kind][session.code], session.details),
            "dateCreated": stamp(session.created),
            "dateUpdated": stamp(session.updated),
        }
        if session.kind == "online":
            answer["validUntil"] = stamp(session.valid_until)
        if session.counted or session.kind == "online":
            failed = len(session.failed())
            waiting = 0 if session.put_away else sum(1 for invoice in session.invoices if invoice.code < 200)
            answer["invoiceCount"] = len(session.invoices)
            answer["successfulInvoiceCount"] = len(session.invoices) - failed - waiting
            answer["failedInvoiceCount"] = failed
        if session.pages and session.code == 200:
            until = datetime.now(UTC) + timedelta(days=3)
            answer["upo"] = {
                "pages": [
                    {
                        "referenceNumber": reference,
                        "downloadUrl": self.sim.links.make(
                            f"/storage/01/{session.reference.lower()}/session-upo/{reference}.xml", "r", until
                        ),
                        "downloadUrlExpirationDate": stamp(until),
                    }
                    for reference, _ in session.pages
                ]
            }
        return answer

    def listing(self, principal: Principal, reference: str, query: dict[str, Any], failed: bool) -> dict[str, Any]:
        """``GET …/invoices`` and ``GET …/invoices/failed``."""
        session = self.find(reference, principal)
        rows = session.failed() if failed else session.invoices
        mark = f"{reference}:{'failed' if failed else 'all'}"
        start = self.sim.links.read_cursor(query.get("x-continuation-token"), mark)
        size = query.get("pageSize", 10)
        page = rows[start : start + size]
        answer: dict[str, Any] = {"invoices": [self._invoice_row(session, invoice) for invoice in page]}
        if start + size < len(rows):
            answer["continuationToken"] = self.sim.links.make_cursor(start + size, mark)
        return answer

    def invoice_status(self, principal: Principal, reference: str, invoice_reference: str) -> dict[str, Any]:
        """``GET …/invoices/{invoiceReferenceNumber}``."""
        session = self.find(reference, principal)
        return self._invoice_row(session, self._invoice(session, invoice_reference))

    @staticmethod
    def _invoice(session: Session, reference: str) -> Invoice:
        found = session.find(reference)
        if found is not None:
            return found
        raise bad_request(21164, f"Faktura o numerze referencyjnym {reference} nie została znaleziona w sesji.")

    def _invoice_row(self, session: Session, invoice: Invoice) -> dict[str, Any]:
        row: dict[str, Any] = {
            "ordinalNumber": invoice.ordinal,
            "invoiceNumber": invoice.number,
            "ksefNumber": invoice.ksef_number,
            "referenceNumber": invoice.reference,
            "invoiceHash": invoice.hash,
            "invoiceFileName": invoice.file_name,
            "invoicingDate": stamp(invoice.invoicing_date),
            "invoicingMode": invoice.mode,
        }
        entry = self.sim.register.get(invoice.ksef_number) if invoice.ksef_number else None
        if entry is not None:
            until = datetime.now(UTC) + timedelta(days=3)
            row["acquisitionDate"] = stamp(entry.acquisition_date)
            if entry.storage_date <= self.sim.now():
                row["permanentStorageDate"] = stamp(entry.storage_date)
            path = f"/storage/01/{session.reference.lower()}/invoice-upo/upo_{entry.ksef_number}.xml"
            row["upoDownloadUrl"] = self.sim.links.make(path, "r", until)
            row["upoDownloadUrlExpirationDate"] = stamp(until)
        row["status"] = _status(invoice.code, invoice.description, invoice.details)
        if invoice.extensions:
            row["status"]["extensions"] = invoice.extensions
        return {name: value for name, value in row.items() if value is not None}

    def query(self, principal: Principal, query: dict[str, Any]) -> dict[str, Any]:
        """``GET /sessions``: newest first."""
        kind = query["sessionType"].lower()
        rows = [s for s in self.all.values() if s.kind == kind and s.nip == principal.nip]
        rows.sort(key=lambda session: session.created, reverse=True)
        rows = [session for session in rows if _wanted(session, query)]
        start = self.sim.links.read_cursor(query.get("x-continuation-token"), f"{principal.nip}:{kind}")
        size = query.get("pageSize", 10)
        items = []
        for session in rows[start : start + size]:
            status = self.status(principal, session.reference)
            status.pop("upo", None)
            counts = {"totalInvoiceCount": status.pop("invoiceCount", 0)}
            counts["successfulInvoiceCount"] = status.pop("successfulInvoiceCount", 0)
            counts["failedInvoiceCount"] = status.pop("failedInvoiceCount", 0)
            items.append({"referenceNumber": session.reference, **status, **counts})
        answer: dict[str, Any] = {"sessions": items}
        if start + size < len(rows):
            answer["continuationToken"] = self.sim.links.make_cursor(start + size, f"{principal.nip}:{kind}")
        return answer

    # -- UPO ------------------------------------------------------------------------------------------------------
    def session_upo(self, session: Session, reference: str) -> bytes:
        """Bytes of one UPO page."""
        for name, path in session.pages:
            if name == reference:
                return path.read_bytes()
        raise bad_request(
            21178, f"UPO o numerze referencyjnym {reference} dla sesji {session.reference} nie zostało znalezione."
        )

    def invoice_upo(self, session: Session, entry: Accepted | None) -> bytes:
        """UPO of one accepted invoice."""
        if entry is None or entry.session != session.reference:
            raise bad_request(21178, "UPO dla wskazanej faktury nie zostało znalezione.")
        return upo.build([entry], **self.upo_arguments(session), signed_at=entry.acquisition_date)

    def upo_by_reference(self, session: Session, invoice_reference: str) -> bytes:
        """UPO of one invoice named by its reference number."""
        number = self._invoice(session, invoice_reference).ksef_number
        return self.invoice_upo(session, self.sim.register.get(number) if number else None)

    def upo_arguments(self, session: Session) -> dict[str, Any]:
        """What all confirmations of a session have in common."""
        return {
            "session": session.reference,
            "context": session.context,
            "token_reference": session.token_reference,
            "document_hash": session.document_hash,
            "key": self.sim.keys.upo_key,
        }


def _wanted(session: Session, query: dict[str, Any]) -> bool:
    """Filters of ``GET /sessions``."""
    if query.get("referenceNumber") not in (None, session.reference):
        return False
    if query.get("statuses") and COMMON_STATUS.get(session.code, "Failed") not in query["statuses"]:
        return False
    moments = {"dateCreated": session.created, "dateClosed": session.closed, "dateModified": session.updated}
    for name, moment in moments.items():
        low, high = query.get(f"{name}From"), query.get(f"{name}To")
        if (low or high) and moment is None:
            return False
        if moment is not None and (
            (low and moment < datetime.fromisoformat(low)) or (high and moment > datetime.fromisoformat(high))
        ):
            return False
    return True


def _status(code: int, description: str, details: list[str]) -> dict[str, Any]:
    status: dict[str, Any] = {"code": code, "description": description}
    if details:
        status["details"] = details
    return status


def receive_part(part: Part, folder: Path, body: bytes) -> None:
    """Keep an uploaded part; sending it again replaces it."""
    target = folder / f"part-{part.ordinal}-{hashlib.sha256(body).hexdigest()[:12]}"
    target.write_bytes(body)
    part.path, part.received = target, len(body)
