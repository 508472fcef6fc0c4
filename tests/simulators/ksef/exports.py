"""Export of invoice packages: start, status, encrypted parts behind pre-signed links.

Sources: OpenAPI tag "Pobieranie faktur" (``/invoices/exports``), pobieranie-faktur/pobieranie-faktur.md
(``{ksefNumber}.xml`` and ``_metadata.json``; the size limit of 1 GB is not simulated).
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import tarfile
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from .auth import Principal
from .crypto import SYMMETRIC_USAGE, ServerKey, encrypt, sha256_base64
from .errors import bad_request
from .numbers import reference_number, stamp
from .queries import OUTSIDE, Selection, metadata_row
from .register import Accepted

if TYPE_CHECKING:
    from .simulator import KsefSimulator

MAX_RUNNING = 10
LIFE = timedelta(days=7)
DESCRIPTIONS = {
    100: "Eksport faktur w toku",
    200: "Eksport faktur zakończony sukcesem",
    415: "Błąd odszyfrowania dostarczonego klucza",
    420: "Zakres filtrowania wykracza poza dostępny zakres danych",
}
LAST_FIELDS = {
    "Issue": ("lastIssueDate", lambda entry: entry.issue_date),
    "Invoicing": ("lastInvoicingDate", lambda entry: stamp(entry.invoicing_date)),
    "PermanentStorage": ("lastPermanentStorageDate", lambda entry: stamp(entry.storage_date)),
}


@dataclass
class Export:
    """One export."""

    reference: str
    nip: str
    request: dict[str, Any]
    key: ServerKey
    code: int = 100
    details: list[str] = field(default_factory=list)
    completed: datetime | None = None
    package: dict[str, Any] = field(default_factory=dict)
    plain: list[bytes] = field(default_factory=list)
    secret: list[bytes] = field(default_factory=list)


class Exports:
    """All exports."""

    def __init__(self, simulator: KsefSimulator, part_size: int) -> None:
        self.sim = simulator
        self.part_size = part_size
        self.all: dict[str, Export] = {}

    def start(self, principal: Principal, body: dict[str, Any]) -> dict[str, Any]:
        """``POST /invoices/exports``."""
        encryption = body["encryption"]
        key = self.sim.keys.find(SYMMETRIC_USAGE, encryption.get("publicKeyId"))
        if key is None:
            raise bad_request(21470, f"Klucz o identyfikatorze {encryption['publicKeyId']} nie jest wspierany.")
        if len(base64.b64decode(encryption["initializationVector"])) != 16:
            raise bad_request(21405, "encryption.initializationVector: wymagane 16 bajtów.")
        running = [e for e in self.all.values() if e.code == 100 and e.nip == principal.nip]
        if len(running) >= MAX_RUNNING:
            raise bad_request(
                21182,
                "Dla uwierzytelnionego podmiotu w bieżącym kontekście osiągnięto maksymalny limit "
                f"{MAX_RUNNING} równoczesnych eksportów faktur. Spróbuj ponownie później.",
            )
        self.sim.queries.select(principal.nip, body["filters"])  # refuses a wrong range at once
        export = Export(reference_number("EH", self.sim.now()), principal.nip, body, key)
        self.all[export.reference] = export
        self.sim.processing.later(lambda: self._run(export))
        return {"referenceNumber": export.reference}

    def _run(self, export: Export) -> None:
        encryption = export.request["encryption"]
        key = export.key.unwrap(base64.b64decode(encryption["encryptedSymmetricKey"]))
        if key is None or len(key) != 32:
            export.code = 415
            return
        found = self.sim.queries.select(export.nip, export.request["filters"])
        if found.outside:
            export.code, export.details = 420, [OUTSIDE]
            return
        compression = export.request.get("compressionType") or "Zip"
        archive = self._archive(found.rows, compression, bool(export.request.get("onlyMetadata")))
        size = self.part_size
        export.plain = [archive[start : start + size] for start in range(0, len(archive), size)]
        vector = base64.b64decode(encryption["initializationVector"])
        export.secret = [encrypt(part, key, vector) for part in export.plain]
        export.package = self._package(export, found, len(archive), compression)
        export.completed = datetime.now(UTC)
        export.code = 200

    def _archive(self, rows: list[Accepted], compression: str, only_metadata: bool) -> bytes:
        listing = {"invoices": [metadata_row(entry) for entry in rows]}
        files = {"_metadata.json": json.dumps(listing, ensure_ascii=False).encode("utf-8")}
        if not only_metadata:
            files.update({f"{entry.ksef_number}.xml": self.sim.register.content(entry) for entry in rows})
        target = io.BytesIO()
        if compression == "Zip":
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, content in files.items():
                    archive.writestr(name, content)
            return target.getvalue()
        with tarfile.open(fileobj=target, mode="w") as packed:
            for name, content in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                packed.addfile(info, io.BytesIO(content))
        return gzip.compress(target.getvalue())

    @staticmethod
    def _package(export: Export, found: Selection, size: int, compression: str) -> dict[str, Any]:
        package: dict[str, Any] = {
            "invoiceCount": len(found.rows),
            "size": size,
            "isTruncated": found.truncated,
            "compressionType": compression,
        }
        if found.truncated:
            name, read = LAST_FIELDS[export.request["filters"]["dateRange"]["dateType"]]
            package[name] = read(found.rows[-1])
        if found.high_water:
            package["permanentStorageHwmDate"] = stamp(found.high_water)
        return package

    def status(self, principal: Principal, reference: str) -> dict[str, Any]:
        """``GET /invoices/exports/{referenceNumber}``."""
        export = self.all.get(reference)
        if export is None or export.nip != principal.nip:
            raise bad_request(21405, f"Eksport o numerze referencyjnym {reference} nie został znaleziony.")
        status: dict[str, Any] = {"code": export.code, "description": DESCRIPTIONS[export.code]}
        if export.details:
            status["details"] = export.details
        answer: dict[str, Any] = {"status": status}
        if export.completed is not None:
            answer["completedDate"] = stamp(export.completed)
            answer["packageExpirationDate"] = stamp(export.completed + LIFE)
            answer["package"] = {**export.package, "parts": self._parts(export)}
        return answer

    def _parts(self, export: Export) -> list[dict[str, Any]]:
        until = datetime.now(UTC) + timedelta(hours=1)
        suffix = "zip" if export.package["compressionType"] == "Zip" else "tar.gz"
        path = f"/storage/02/{export.reference.lower()}/package-parts"
        return [
            {
                "ordinalNumber": number,
                "partName": f"{export.reference}-{number:03d}.{suffix}.aes",
                "method": "GET",
                "url": self.sim.links.make(f"{path}/{number}", "r", until),
                "partSize": len(plain),
                "partHash": sha256_base64(plain),
                "encryptedPartSize": len(secret),
                "encryptedPartHash": sha256_base64(secret),
                "expirationDate": stamp(until),
            }
            for number, (plain, secret) in enumerate(zip(export.plain, export.secret, strict=True), 1)
        ]

    def part(self, reference: str, number: int) -> bytes:
        """Encrypted bytes behind a link."""
        return self.all[reference].secret[number - 1]
