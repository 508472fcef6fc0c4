"""Finished sessions: the rows of their invoices in the database, themselves in a file of the state folder.

A simulator with a state folder knows them after a restart. Sessions that were still open or in processing when it
stopped are forgotten (21173).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any, overload

from .database import Database
from .sessions import Invoice, Session

MOMENTS = ("created", "updated", "valid_until", "closed")
TABLE = """
CREATE TABLE IF NOT EXISTS session_row (
    session TEXT NOT NULL, ordinal INTEGER NOT NULL, code INTEGER NOT NULL, reference TEXT NOT NULL, data TEXT NOT NULL,
    PRIMARY KEY (session, ordinal)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS session_row_reference ON session_row (session, reference);
CREATE INDEX IF NOT EXISTS session_row_failed ON session_row (session, ordinal) WHERE code > 200;
"""
FAILED = "code > 200"


class Rows(Sequence[Invoice]):
    """Invoices of a finished session, read when they are asked for."""

    def __init__(self, database: Database, session: str, condition: str = "1") -> None:
        self._base, self._session, self._condition = database, session, condition
        counted = f"SELECT count(*) FROM session_row WHERE session = ? AND {condition}"
        self._count = int(database.all(counted, session)[0][0])

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Invoice]:
        for start in range(0, self._count, 1000):
            yield from self[start : start + 1000]

    @overload
    def __getitem__(self, index: int) -> Invoice: ...
    @overload
    def __getitem__(self, index: slice) -> list[Invoice]: ...
    def __getitem__(self, index: int | slice) -> Invoice | list[Invoice]:
        if isinstance(index, int):
            return self[index : index + 1][0]
        start, stop, _step = index.indices(self._count)
        query = (
            f"SELECT data FROM session_row WHERE session = ? AND {self._condition} ORDER BY ordinal LIMIT ? OFFSET ?"
        )
        return [_invoice(data) for (data,) in self._base.all(query, self._session, max(stop - start, 0), start)]

    def failed(self) -> Rows:
        """Those without a number."""
        return Rows(self._base, self._session, FAILED)

    def by_reference(self, reference: str) -> Invoice | None:
        """One of them."""
        query = "SELECT data FROM session_row WHERE session = ? AND reference = ?"
        found = self._base.all(query, self._session, reference)
        return _invoice(found[0][0]) if found else None


class Store:
    """Finished sessions of one simulator."""

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder, self._base = folder, database
        database.script(TABLE)

    def put_away(self, session: Session) -> None:
        """Move the rows of a final session out of memory."""
        if isinstance(session.invoices, Rows):
            return
        rows = [
            (session.reference, invoice.ordinal, invoice.code, invoice.reference, _text(asdict(invoice)))
            for invoice in session.invoices
        ]
        self._base.many("INSERT INTO session_row VALUES (?, ?, ?, ?, ?)", rows)
        session.invoices = Rows(self._base, session.reference)

    def save(self, session: Session) -> None:
        """Write one session that was put away, without key material."""
        bare = replace(session, key=None, wrapped_key=b"", vector=b"", parts=[], folder=None, invoices=[])
        raw = asdict(bare)
        for name in ("key", "wrapped_key", "vector", "parts", "folder", "opened_at", "invoices"):
            del raw[name]
        raw["pages"] = [name for name, _ in session.pages]
        target = self._folder / "sessions" / f"{session.reference}.json"
        target.parent.mkdir(exist_ok=True)
        target.write_text(_text(raw), encoding="utf-8")

    def load(self) -> dict[str, Session]:
        """Read all sessions."""
        found = {}
        for path in sorted((self._folder / "sessions").glob("*.json")):
            raw = json.loads(path.read_text(encoding="utf-8"))
            for name in MOMENTS:
                raw[name] = datetime.fromisoformat(raw[name]) if raw[name] else None
            raw["context"] = tuple(raw["context"])
            raw["pages"] = [(name, self._folder / "upo" / f"{name}.xml") for name in raw["pages"]]
            raw["invoices"] = Rows(self._base, raw["reference"])
            session = Session(key=None, wrapped_key=b"", vector=b"", **raw)
            found[session.reference] = session
        return found


def _text(raw: dict[str, Any]) -> str:
    return json.dumps(raw, default=str, ensure_ascii=False)


def _invoice(data: str) -> Invoice:
    raw = json.loads(data)
    return Invoice(**{**raw, "invoicing_date": datetime.fromisoformat(raw["invoicing_date"])})
