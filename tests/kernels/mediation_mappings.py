"""What the tests of files that users describe have in common."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mediation_checks import read
from mediation_samples import DATA, mapped

from mediation_core import SourceProfile
from mediation_core.values import Chunk

WHOLESALE = (DATA / "fixed_width/ddb_hdr_cdr_trl.fwv").read_bytes()


def iso(text: str) -> datetime:
    return datetime.fromisoformat(text)


def one(line: str, profile: SourceProfile | None = None, **changes: Any) -> Chunk:
    """A line ``start;a;b;length;x;y`` read by a CSV mapping with changes (columns by target)."""
    columns = {
        "started_at": {"source": "1"},
        "a_number": {"source": "2"},
        "b_number": {"source": "3"},
        "duration_s": {"source": "4"},
    }
    columns |= changes.pop("columns", {})
    data = {
        "delimiter": ";",
        "columns": [{"target": target} | entry for target, entry in columns.items() if entry is not None],
    }
    return read("generic_csv", line.encode(), mapped(data | changes, profile))
