"""The register of accepted invoices: what the tax office would hold.

Uniqueness is seller NIP + RodzajFaktury + P_2 (faktury/weryfikacja-faktury.md, "Unikalność faktury"). Rows are in SQLite
and bytes in one append-only file, so that runs of hundreds of thousands of invoices do not live in memory. A row counts
once its session is final (``flush``); what a killed simulator did not finish is rolled back when it starts again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .database import Database
from .numbers import stamp

MOMENTS = ("invoicing_date", "acquisition_date", "storage_date")
PAGE = 1000
TABLE = """
CREATE TABLE IF NOT EXISTS accepted (
    place INTEGER PRIMARY KEY,
    ksef_number TEXT NOT NULL UNIQUE, reference TEXT NOT NULL, session TEXT NOT NULL, nip TEXT NOT NULL,
    number TEXT NOT NULL, kind TEXT NOT NULL, issue_date TEXT NOT NULL, invoicing_date TEXT NOT NULL,
    acquisition_date TEXT NOT NULL, storage_date TEXT NOT NULL, mode TEXT NOT NULL, hash TEXT NOT NULL,
    offset INTEGER NOT NULL, size INTEGER NOT NULL, facts TEXT NOT NULL, corrected_hash TEXT,
    UNIQUE (nip, kind, number)
);
CREATE INDEX IF NOT EXISTS accepted_hash ON accepted (hash);
CREATE INDEX IF NOT EXISTS accepted_corrected ON accepted (corrected_hash) WHERE corrected_hash IS NOT NULL;
CREATE INDEX IF NOT EXISTS accepted_storage ON accepted (storage_date, place);
"""


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


NAMES = [item.name for item in fields(Accepted)]
COLUMNS = ", ".join(NAMES)
INSERT = f"INSERT INTO accepted ({COLUMNS}) VALUES ({', '.join('?' * len(NAMES))})"
SELECT = f"SELECT {COLUMNS}, place FROM accepted"


class Register:
    """All accepted invoices, by KSeF number and by identity."""

    def __init__(self, folder: Path, database: Database) -> None:
        self._base = database
        database.script(TABLE)
        self._blob = (folder / "invoices.bin").open("a+b")
        self._end = self._blob.seek(0, 2)

    def __len__(self) -> int:
        return int(self._base.all("SELECT count(*) FROM accepted")[0][0])

    def __iter__(self) -> Iterator[Accepted]:
        place = 0
        while page := self._base.all(f"{SELECT} WHERE place > ? ORDER BY place LIMIT {PAGE}", place):
            yield from map(_read, page)
            place = page[-1][-1]

    def between(self, moment: str, start: str, end: str, *, descending: bool = False) -> Iterator[Accepted]:
        """In the order of one of the moments (or of ``issue_date``), both ends included."""
        assert moment in (*MOMENTS, "issue_date")
        way, beyond = ("DESC", "<") if descending else ("ASC", ">")
        last: tuple[Any, ...] = ("9999" if descending else "", 0)
        query = (
            f"{SELECT} WHERE {moment} BETWEEN ? AND ? AND ({moment}, place) {beyond} (?, ?)"
            f" ORDER BY {moment} {way}, place {way} LIMIT {PAGE}"
        )
        while page := self._base.all(query, start, end, *last):
            yield from map(_read, page)
            last = page[-1][NAMES.index(moment)], page[-1][-1]

    def _one(self, condition: str, *values: str) -> Accepted | None:
        found = self._base.all(f"{SELECT} WHERE {condition} LIMIT 1", *values)
        return _read(found[0]) if found else None

    def find(self, key: tuple[str, str, str]) -> Accepted | None:
        """Original of a would-be duplicate."""
        return self._one("nip = ? AND kind = ? AND number = ?", *key)

    def get(self, ksef_number: str) -> Accepted | None:
        """By KSeF number."""
        return self._one("ksef_number = ?", ksef_number)

    def correction_of(self, digest: str) -> Accepted | None:
        """Accepted technical correction of a rejected invoice (offline/korekta-techniczna.md)."""
        return self._one("corrected_hash = ?", digest)

    def with_hash(self, digest: str) -> Accepted | None:
        """The accepted invoice of these bytes."""
        return self._one("hash = ?", digest)

    def add(self, entry: Accepted, content: bytes) -> Accepted | None:
        """Store an invoice; returns the original instead when its identity is taken."""
        with self._base.lock:
            original = self.find(entry.key)
            if original is not None:
                return original
            entry.offset, entry.size = self._end, len(content)
            self._blob.write(content)
            self._end += len(content)
            values = [getattr(entry, name) for name in NAMES]
            self._base.do(INSERT, *map(_column, values))
        return None

    def content(self, entry: Accepted) -> bytes:
        """The exact bytes that were accepted."""
        with self._base.lock:
            self._blob.flush()
            self._blob.seek(entry.offset)
            return self._blob.read(entry.size)

    def flush(self) -> None:
        """Make everything durable (called when a session is final): the bytes first."""
        with self._base.lock:
            self._blob.flush()
            self._base.commit()

    def close(self) -> None:
        """Close the file of bytes."""
        self.flush()
        self._blob.close()


def instant(moment: datetime) -> str:
    """A moment as the register sorts it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _column(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


def _read(row: tuple[Any, ...]) -> Accepted:
    values = dict(zip(NAMES, row, strict=False))
    for name in MOMENTS:
        values[name] = datetime.fromisoformat(values[name])
    return Accepted(**{**values, "facts": json.loads(values["facts"])})
