"""What KSeF has of ours, many at once: an export of metadata (no invoices), and the search by invoice number.

An export is asked for, prepared by KSeF, then downloaded from ready-made links in encrypted parts. One export lists up
to 10,000 invoices; a longer list goes on in the next one. Source: pobieranie-faktur.md, OpenAPI 2.9.0.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import secrets
import tarfile
import zlib
from dataclasses import dataclass, field
from datetime import datetime

from ksef_client.services.crypto import decrypt_aes_cbc_pkcs7

from ..qr import sha256_base64
from . import keys
from .gate import Gate, Json
from .result import Failure, Fault

_METADATA = "_metadata.json"
_PATIENCE = 120.0  # seconds to wait for one export before the caller is asked to come back
_LONGEST_PAUSE = 10.0
_COME_BACK = 60.0
_MAX_PAGES = 50
_MAX_LISTING = 200_000_000  # bytes unpacked; ten thousand rows are about 10 MB
_RUNNING, _READY = 100, 200


@dataclass(frozen=True)
class Known:
    """An invoice of ours that KSeF has."""

    sha256: str
    ksef_number: str
    invoice_number: str
    mode: str  # Online or Offline
    numbered_at: datetime | None


@dataclass(frozen=True)
class Secret:
    key: bytes = field(repr=False)
    vector: bytes = field(repr=False)


@dataclass(frozen=True)
class Part:
    ordinal: int
    method: str
    url: str = field(repr=False)
    sha256: str  # of the encrypted bytes


@dataclass(frozen=True)
class Ready:
    parts: tuple[Part, ...]
    truncated: bool
    last: datetime | None  # permanent storage of the last invoice in it; the next export begins there


def known_since(gate: Gate, token: str, since: datetime, until: datetime) -> tuple[Known, ...] | Failure:
    """All invoices sold by the context that KSeF stored between `since` and `until` (aware), by exports of metadata."""
    found: dict[str, Known] = {}
    for _page in range(_MAX_PAGES):
        page = _page_of(gate, token, since, until)
        if isinstance(page, Failure):
            return page
        ready, rows = page
        found.update((row.ksef_number, row) for row in rows)
        if not ready.truncated:
            return tuple(found.values())
        if ready.last is None or ready.last <= since:
            return Failure(Fault.BROKEN, "a truncated export does not say where to go on")
        since = ready.last
    return Failure(Fault.BROKEN, "the exports do not come to an end")


def by_invoice_number(
    gate: Gate, token: str, invoice_number: str, since: datetime, until: datetime
) -> tuple[Known, ...] | Failure:
    """Invoices of the context under this number of its own, received between `since` and `until`."""
    payload = {**_filters(since, until, "Invoicing"), "invoiceNumber": invoice_number}
    answer = gate.ask(
        "POST", "/invoices/query/metadata", token=token, json=payload, params={"pageSize": 10, "pageOffset": 0}
    )
    return answer if isinstance(answer, Failure) else _rows(answer.json)


def _page_of(gate: Gate, token: str, since: datetime, until: datetime) -> tuple[Ready, tuple[Known, ...]] | Failure:
    secret = Secret(secrets.token_bytes(32), secrets.token_bytes(16))
    reference = start(gate, token, secret, since, until)
    if isinstance(reference, Failure):
        return reference
    ready = _wait(gate, token, reference)
    if isinstance(ready, Failure):
        return ready
    rows = download(gate, ready, secret)
    return rows if isinstance(rows, Failure) else (ready, rows)


def start(gate: Gate, token: str, secret: Secret, since: datetime, until: datetime) -> str | Failure:
    """Reference of a new export. A start whose answer was lost only costs one of the exports of the hour."""
    failure = Failure(Fault.BROKEN, "not tried")
    for _again in range(2):
        key = _wrapping_key(gate)
        if isinstance(key, Failure):
            return key
        payload = {
            "onlyMetadata": True,
            "compressionType": "TarGz",
            "filters": _filters(since, until, "PermanentStorage"),
            "encryption": {
                "encryptedSymmetricKey": keys.wrap(key, secret.key),
                "initializationVector": base64.b64encode(secret.vector).decode("ascii"),
                "publicKeyId": key.key_id,
            },
        }
        answer = gate.ask("POST", "/invoices/exports", token=token, json=payload)
        if not isinstance(answer, Failure):
            try:
                return str(answer.json["referenceNumber"])
            except (TypeError, KeyError) as exc:
                return Failure(Fault.BROKEN, f"answer outside the contract: {exc!r}")
        failure = answer
        if failure.code != keys.WRONG_KEY_CODE:
            break
    return failure


def poll(gate: Gate, token: str, reference: str) -> Ready | None | Failure:
    """The export when it is ready, None while KSeF prepares it."""
    answer = gate.ask("GET", f"/invoices/exports/{reference}", token=token)
    if isinstance(answer, Failure):
        return answer
    try:
        status = answer.json["status"]
        code = int(status["code"])
        if code == _RUNNING:
            return None
        if code != _READY:
            return Failure(Fault.REFUSED, str(status["description"]), answer.status, code)
        return _ready(answer.json["package"])
    except (TypeError, KeyError, ValueError) as exc:
        return Failure(Fault.BROKEN, f"answer outside the contract: {exc!r}", answer.status)


def download(gate: Gate, ready: Ready, secret: Secret) -> tuple[Known, ...] | Failure:
    """Rows of a ready export: its parts checked, decrypted, put together and read."""
    plain = io.BytesIO()
    for part in sorted(ready.parts, key=lambda item: item.ordinal):
        answer = gate.raw(part.method, part.url)
        if isinstance(answer, Failure):
            return answer
        if sha256_base64(answer.body) != part.sha256:
            return Failure(Fault.BROKEN, f"part {part.ordinal} of the export is damaged")
        try:
            plain.write(decrypt_aes_cbc_pkcs7(answer.body, secret.key, secret.vector))
        except ValueError as exc:
            return Failure(Fault.BROKEN, f"part {part.ordinal} of the export: {exc}")
    return _rows(_listing(plain.getvalue()))


def _wait(gate: Gate, token: str, reference: str) -> Ready | Failure:
    pause, slept = 0.5, 0.0
    while slept < _PATIENCE:
        ready = poll(gate, token, reference)
        if ready is not None:
            return ready
        gate.sleep(pause)
        slept += pause
        pause = min(pause * 2, _LONGEST_PAUSE)
    return Failure(Fault.LIMITED, "the export is not ready yet", retry_after=_COME_BACK)


def _wrapping_key(gate: Gate) -> keys.PublicKey | Failure:
    found = keys.fetch(gate)
    return found if isinstance(found, Failure) else keys.choose(found, keys.SYMMETRIC_KEY, gate.now())


def _filters(since: datetime, until: datetime, kind: str) -> dict[str, Json]:
    span = {"dateType": kind, "from": since.isoformat(), "to": until.isoformat()}
    return {"subjectType": "Subject1", "dateRange": span}


def _ready(package: Json) -> Ready:
    last = package.get("lastPermanentStorageDate")
    return Ready(
        tuple(
            Part(int(row["ordinalNumber"]), str(row["method"]), str(row["url"]), str(row["encryptedPartHash"]))
            for row in package["parts"]
        ),
        bool(package["isTruncated"]),
        datetime.fromisoformat(last) if last else None,
    )


def _listing(archive: bytes) -> Json:
    """What the archive lists; None when it is none, or unpacks to more than any list of metadata can be."""
    try:
        with gzip.open(io.BytesIO(archive)) as packed:
            plain = packed.read(_MAX_LISTING + 1)
        if len(plain) > _MAX_LISTING:
            return None
        with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as tar:
            member = tar.extractfile(_METADATA)
            return json.load(member) if member else None
    except (tarfile.TarError, KeyError, OSError, EOFError, zlib.error, ValueError):
        return None


def _rows(listing: Json) -> tuple[Known, ...] | Failure:
    try:
        return tuple(
            Known(
                str(row["invoiceHash"]),
                str(row["ksefNumber"]),
                str(row["invoiceNumber"]),
                str(row.get("invoicingMode") or ""),
                datetime.fromisoformat(row["acquisitionDate"]) if row.get("acquisitionDate") else None,
            )
            for row in listing["invoices"]
        )
    except (TypeError, KeyError, ValueError) as exc:
        return Failure(Fault.BROKEN, f"metadata outside the contract: {exc!r}")
