"""The register of accepted invoices: what the tax office would hold.

Uniqueness is seller NIP + RodzajFaktury + P_2 (faktury/weryfikacja-faktury.md, "Unikalność faktury"). Bytes are kept
in one append-only file, so that runs of hundreds of thousands of invoices do not live in memory.
"""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from .numbers import stamp


@dataclass(slots=True)
class Accepted:
    """One accepted invoice."""

    ksef_number: str
    reference: str
    session: str
    nip: str
    number: str
    kind: str
    issue_date: str
    invoicing_date: datetime
    acquisition_date: datetime
    storage_date: datetime
    mode: str
    hash: str
    offset: int
    size: int
    facts: dict[str, Any] = field(default_factory=dict)
    corrected_hash: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What must be unique."""
        return self.nip, self.kind, self.number

    def row(self) -> dict[str, Any]:
        """Row of ``GET /_sim/register``."""
        return {
            "ksefNumber": self.ksef_number,
            "referenceNumber": self.reference,
            "sessionReferenceNumber": self.session,
            "sellerNip": self.nip,
            "invoiceNumber": self.number,
            "invoiceType": self.kind,
            "issueDate": self.issue_date,
            "invoicingDate": stamp(self.invoicing_date),
            "acquisitionDate": stamp(self.acquisition_date),
            "permanentStorageDate": stamp(self.storage_date),
            "invoicingMode": self.mode,
            "invoiceHash": self.hash,
            "size": self.size,
            "hashOfCorrectedInvoice": self.corrected_hash,
            **self.facts,
        }


class Register:
    """All accepted invoices, by KSeF number and by identity."""

    def __init__(self, folder: Path, *, keep: bool) -> None:
        self.folder = folder
        self.keep = keep
        self._lock = threading.Lock()
        self._by_number: dict[str, Accepted] = {}
        self._by_key: dict[tuple[str, str, str], Accepted] = {}
        self._by_corrected: dict[str, Accepted] = {}
        self._hashes: set[str] = set()
        self._blob = (folder / "invoices.bin").open("a+b")
        self._journal = (folder / "register.jsonl").open("a+", encoding="utf-8") if keep else None
        if self._journal is not None:
            self._load()

    def __len__(self) -> int:
        return len(self._by_number)

    def __iter__(self) -> Any:
        return iter(list(self._by_number.values()))

    def find(self, key: tuple[str, str, str]) -> Accepted | None:
        """Original of a would-be duplicate."""
        return self._by_key.get(key)

    def get(self, ksef_number: str) -> Accepted | None:
        """By KSeF number."""
        return self._by_number.get(ksef_number)

    def correction_of(self, digest: str) -> Accepted | None:
        """Accepted technical correction of a rejected invoice (offline/korekta-techniczna.md)."""
        return self._by_corrected.get(digest)

    def has_hash(self, digest: str) -> bool:
        """Whether an invoice with this hash was accepted."""
        return digest in self._hashes

    def add(self, entry: Accepted, content: bytes) -> Accepted | None:
        """Store an invoice; returns the original instead when its identity is taken."""
        with self._lock:
            original = self._by_key.get(entry.key)
            if original is not None:
                return original
            self._blob.seek(0, 2)
            entry.offset, entry.size = self._blob.tell(), len(content)
            self._blob.write(content)
            self._index(entry)
            if self._journal is not None:
                self._journal.write(json.dumps(asdict(entry), default=str, ensure_ascii=False) + "\n")
        return None

    def content(self, entry: Accepted) -> bytes:
        """The exact bytes that were accepted."""
        with self._lock:
            self._blob.flush()
            self._blob.seek(entry.offset)
            return self._blob.read(entry.size)

    def flush(self) -> None:
        """Make everything durable (called when a session is final)."""
        with self._lock:
            self._blob.flush()
            if self._journal is not None:
                self._journal.flush()

    def close(self) -> None:
        """Close the files."""
        self.flush()
        self._blob.close()
        if self._journal is not None:
            self._journal.close()

    def _index(self, entry: Accepted) -> None:
        self._by_number[entry.ksef_number] = entry
        self._by_key[entry.key] = entry
        self._hashes.add(entry.hash)
        if entry.corrected_hash:
            self._by_corrected[entry.corrected_hash] = entry

    def _load(self) -> None:
        """Read the journal; what a killed simulator did not finish writing is left out."""
        assert self._journal is not None
        self._journal.seek(0)
        self._blob.seek(0, 2)
        stored, good = self._blob.tell(), 0
        for line in self._journal.readlines():
            raw = json.loads(line) if line.endswith("\n") else None
            if raw is None or raw["offset"] + raw["size"] > stored:
                break
            for name in ("invoicing_date", "acquisition_date", "storage_date"):
                raw[name] = datetime.fromisoformat(raw[name])
            self._index(Accepted(**raw))
            good += len(line.encode("utf-8"))
        self._journal.truncate(good)
