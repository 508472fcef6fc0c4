"""Finished sessions on disk, so that a simulator with a state folder survives a restart.

Sessions that were still open or in processing when the simulator stopped are forgotten (21173).
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from .sessions import Invoice, Session

MOMENTS = ("created", "updated", "valid_until", "closed")


def save(folder: Path, session: Session) -> None:
    """Write one session, without key material."""
    bare = replace(session, key=None, wrapped_key=b"", vector=b"", parts=[], folder=None)
    raw = asdict(bare)
    for name in ("key", "wrapped_key", "vector", "parts", "folder", "opened_at"):
        del raw[name]
    raw["pages"] = [name for name, _ in session.pages]
    target = folder / "sessions" / f"{session.reference}.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(raw, default=str, ensure_ascii=False), encoding="utf-8")


def load(folder: Path) -> dict[str, Session]:
    """Read all sessions."""
    found = {}
    for path in sorted((folder / "sessions").glob("*.json")):
        session = _session(folder, json.loads(path.read_text(encoding="utf-8")))
        found[session.reference] = session
    return found


def _session(folder: Path, raw: dict[str, Any]) -> Session:
    for name in MOMENTS:
        raw[name] = datetime.fromisoformat(raw[name]) if raw[name] else None
    raw["context"] = tuple(raw["context"])
    raw["pages"] = [(name, folder / "upo" / f"{name}.xml") for name in raw["pages"]]
    raw["invoices"] = [
        Invoice(**{**row, "invoicing_date": datetime.fromisoformat(row["invoicing_date"])}) for row in raw["invoices"]
    ]
    return Session(key=None, wrapped_key=b"", vector=b"", **raw)
