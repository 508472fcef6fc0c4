"""Batch session: open, close, ask, read results. One method per call of the API, results as values."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Final

from .. import fa3, number
from . import keys, upo
from .gate import Gate, Json
from .package import Package
from .result import Failure, Fault

FORM_CODE: Final = {"systemCode": fa3.SYSTEM_CODE, "schemaVersion": fa3.SCHEMA_VERSION, "value": fa3.FORM_VALUE}
_PAGE = 1000
ALREADY_CLOSED_CODES = frozenset({21180})


@dataclass(frozen=True)
class UploadSlot:
    ordinal: int
    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Opened:
    reference: str
    slots: tuple[UploadSlot, ...]


@dataclass(frozen=True)
class UpoPage:
    reference: str
    url: str = field(repr=False)


@dataclass(frozen=True)
class Status:
    code: int
    text: str
    details: tuple[str, ...]
    created_at: datetime | None
    total: int
    accepted: int
    failed: int
    upo_pages: tuple[UpoPage, ...]


@dataclass(frozen=True)
class InvoiceResult:
    sha256: str
    code: int
    text: str
    details: tuple[str, ...]
    extensions: Mapping[str, str]
    reference: str
    file_name: str
    ksef_number: str
    numbered_at: datetime | None
    mode: str  # Online or Offline


@dataclass(frozen=True)
class KnownInvoice:
    """What KSeF says about an invoice it has."""

    sha256: str
    mode: str


@dataclass(frozen=True)
class SessionRow:
    reference: str
    code: int
    created_at: datetime
    total: int


def open_batch(
    gate: Gate, token: str, package: Package, wrapped_key: str, iv: bytes, key_id: str, offline: bool = False
) -> Opened | Failure:
    """Declares the package. `Fault.LOST` means the session may exist: never open another for the same documents."""
    payload = {
        "formCode": FORM_CODE,
        "batchFile": {
            "fileSize": package.size,
            "fileHash": package.sha256,
            "compressionType": package.compression.value,
            "fileParts": [
                {"ordinalNumber": part.ordinal, "fileSize": part.size, "fileHash": part.sha256}
                for part in package.parts
            ],
        },
        "encryption": encryption(wrapped_key, iv, key_id),
        "offlineMode": offline,
    }
    answer = gate.change("POST", "/sessions/batch", token=token, json=payload)
    if isinstance(answer, Failure):
        return answer
    try:
        slots = tuple(
            UploadSlot(int(row["ordinalNumber"]), row["method"], row["url"], _headers(row["headers"]))
            for row in answer.json["partUploadRequests"]
        )
        return Opened(str(answer.json["referenceNumber"]), slots)
    except (TypeError, KeyError, ValueError) as exc:
        # it was opened, only we cannot use it
        return Failure(Fault.LOST, f"answer outside the contract: {exc!r}", answer.status)


def encryption(wrapped_key: str, iv: bytes, key_id: str) -> Json:
    """How the opening call of either kind of session tells the key."""
    return {
        "encryptedSymmetricKey": wrapped_key,
        "initializationVector": base64.b64encode(iv).decode("ascii"),
        "publicKeyId": key_id,
    }


def _headers(given: Mapping[str, str | None] | None) -> dict[str, str]:
    return {name: value for name, value in (given or {}).items() if value is not None}


def close(gate: Gate, token: str, reference: str) -> None | Failure:
    """Starts processing. A session that is closed already counts as closed."""
    answer = gate.change("POST", f"/sessions/batch/{reference}/close", token=token)
    if isinstance(answer, Failure) and answer.code not in ALREADY_CLOSED_CODES:
        return answer
    return None


def status(gate: Gate, token: str, reference: str) -> Status | Failure:
    answer = gate.ask("GET", f"/sessions/{reference}", token=token)
    if isinstance(answer, Failure):
        return answer
    try:
        return _status(answer.json)
    except (TypeError, KeyError, ValueError) as exc:
        return Failure(Fault.BROKEN, f"answer outside the contract: {exc!r}", answer.status)


def _status(body: Json) -> Status:
    state = body["status"]
    pages = (body.get("upo") or {}).get("pages") or ()
    created = body.get("dateCreated")
    return Status(
        int(state["code"]),
        str(state["description"]),
        tuple(str(item) for item in state.get("details") or ()),
        datetime.fromisoformat(created) if created else None,
        int(body.get("invoiceCount") or 0),
        int(body.get("successfulInvoiceCount") or 0),
        int(body.get("failedInvoiceCount") or 0),
        tuple(UpoPage(page["referenceNumber"], page["downloadUrl"]) for page in pages),
    )


def failed_invoices(gate: Gate, token: str, reference: str) -> tuple[InvoiceResult, ...] | Failure:
    return _listed(gate, token, f"/sessions/{reference}/invoices/failed")


def all_invoices(gate: Gate, token: str, reference: str) -> tuple[InvoiceResult, ...] | Failure:
    return _listed(gate, token, f"/sessions/{reference}/invoices")


def _listed(gate: Gate, token: str, path: str) -> tuple[InvoiceResult, ...] | Failure:
    found: list[InvoiceResult] = []
    for page in _pages(gate, token, path, {"pageSize": _PAGE}):
        if isinstance(page, Failure):
            return page
        try:
            found.extend(_invoice(row) for row in page["invoices"])
        except (TypeError, KeyError, ValueError) as exc:
            return Failure(Fault.BROKEN, f"answer outside the contract: {exc!r}")
    return tuple(found)


def _pages(gate: Gate, token: str, path: str, params: Mapping[str, str | int]) -> Iterator[Json | Failure]:
    headers: dict[str, str] = {}
    while True:
        answer = gate.ask("GET", path, token=token, headers=headers, params=params)
        if isinstance(answer, Failure):
            yield answer
            return
        yield answer.json
        after = (answer.json or {}).get("continuationToken")
        if not after:
            return
        headers = {"x-continuation-token": str(after)}


def _invoice(row: Json) -> InvoiceResult:
    state = row["status"]
    moment = row.get("acquisitionDate")
    extensions = state.get("extensions") or {}
    return InvoiceResult(
        str(row["invoiceHash"]),
        int(state["code"]),
        str(state["description"]),
        tuple(str(item) for item in state.get("details") or ()),
        {str(name): str(value) for name, value in extensions.items() if value is not None},
        str(row["referenceNumber"]),
        str(row.get("invoiceFileName") or ""),
        str(row.get("ksefNumber") or ""),
        datetime.fromisoformat(moment) if moment else None,
        str(row.get("invoicingMode") or ""),
    )


def upo_page(gate: Gate, token: str, reference: str, page: UpoPage) -> bytes | Failure:
    """Bytes of one UPO page: from its link (no token, no limit), else from the API.

    A link that has expired may answer with anything; only what can be read as a UPO counts.
    """
    answer = gate.raw("GET", page.url)
    if isinstance(answer, Failure) or not upo.is_readable(answer.body):
        answer = gate.ask(
            "GET", f"/sessions/{reference}/upo/{page.reference}", token=token, headers={"Accept": "application/xml"}
        )
    return answer if isinstance(answer, Failure) else answer.body


def batch_sessions_since(gate: Gate, token: str, moment: datetime) -> tuple[SessionRow, ...] | Failure:
    """Batch sessions of this context created at or after `moment`, to find one whose opening answer was lost."""
    params: dict[str, str | int] = {
        "sessionType": "Batch",
        "pageSize": _PAGE,
        "dateCreatedFrom": moment.isoformat(timespec="seconds"),
    }
    found: list[SessionRow] = []
    for page in _pages(gate, token, "/sessions", params):
        if isinstance(page, Failure):
            return page
        try:
            found.extend(
                SessionRow(
                    str(row["referenceNumber"]),
                    int(row["status"]["code"]),
                    datetime.fromisoformat(row["dateCreated"]),
                    int(row["totalInvoiceCount"]),
                )
                for row in page["sessions"]
            )
        except (TypeError, KeyError, ValueError) as exc:
            return Failure(Fault.BROKEN, f"answer outside the contract: {exc!r}")
    return tuple(found)


def invoice_of_number(gate: Gate, token: str, ksef_number: str) -> KnownInvoice | None | Failure:
    """Our own invoice that carries `ksef_number` (settles a duplicate); None when KSeF does not show it."""
    parts = number.parse(ksef_number)
    if parts is None:
        return None
    received = datetime.combine(parts.received, time.min, UTC)
    payload = {
        "subjectType": "Subject1",
        "ksefNumber": ksef_number,
        "dateRange": {
            "dateType": "Invoicing",
            "from": (received - timedelta(days=1)).isoformat(),
            "to": (received + timedelta(days=2)).isoformat(),
        },
    }
    answer = gate.ask(
        "POST", "/invoices/query/metadata", token=token, json=payload, params={"pageSize": 10, "pageOffset": 0}
    )
    if isinstance(answer, Failure):
        return answer
    try:
        found = [
            KnownInvoice(str(row["invoiceHash"]), str(row.get("invoicingMode") or ""))
            for row in answer.json["invoices"]
            if row["ksefNumber"] == ksef_number
        ]
    except (TypeError, KeyError) as exc:
        return Failure(Fault.BROKEN, f"answer outside the contract: {exc!r}")
    return found[0] if found else None


def fresh_key(gate: Gate) -> keys.PublicKey | Failure:
    """The Ministry's key for wrapping session keys, valid now."""
    found = keys.fetch(gate)
    return found if isinstance(found, Failure) else keys.choose(found, keys.SYMMETRIC_KEY, gate.now())
