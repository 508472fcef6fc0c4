"""Which files of a listing are complete: a file that is still being written must not be read.

Rules (rating facts §3): ``at_once`` (the sender renames a finished file to its name), ``marker`` (an empty file with
another ending stands beside a finished one), ``stable`` (the size has not changed for some minutes).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Complete = Literal["at_once", "marker", "stable"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One file in a folder; ``modified_at`` is UTC without zone."""

    name: str
    size: int
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class Watched:
    """A size seen at an instant (UTC) for the first time."""

    size: int
    since: datetime


def ready(
    entries: Iterable[Entry],
    rule: Complete,
    *,
    marker: str = "",
    minutes: int = 0,
    watched: Mapping[str, Watched] | None = None,
    now: datetime,
) -> tuple[list[Entry], dict[str, Watched]]:
    """Complete files by name, and what to remember of the others until the next look.

    :param marker: ending of the marker file, e.g. ``.ok``; files with that ending are never data themselves
    :param minutes: how long a size must have stood still
    :param watched: what the last look gave back
    """
    listed = sorted(entries, key=lambda entry: entry.name)
    if rule == "at_once":
        return listed, {}
    if rule == "marker":
        names = {entry.name for entry in listed}
        data = [entry for entry in listed if not entry.name.endswith(marker)]
        return [entry for entry in data if entry.name + marker in names or _stem(entry.name) + marker in names], {}
    before, done, waiting = watched or {}, [], {}
    for entry in listed:
        known = before.get(entry.name)
        seen = known if known is not None and known.size == entry.size else Watched(entry.size, now)
        if now - seen.since >= timedelta(minutes=minutes) and known is not None:
            done.append(entry)
        else:
            waiting[entry.name] = seen
    return done, waiting


def _stem(name: str) -> str:
    """``CDR-1.csv`` may have the marker ``CDR-1.ok`` instead of ``CDR-1.csv.ok``."""
    return name.rpartition(".")[0] or name
