"""Events of RADIUS sessions as text: what a session came to is written under its last record, so that it can be replayed alone."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import polars as pl

from ..values import Chunk, as_events, empty_legs

_NAMES = ("Session-Start", "Session-Seconds", "Session-Up", "Session-Down", "Session-Closed", "Session-Key")
_KEPT = re.compile(r"\n\t(Session-(?:Start|Seconds|Up|Down)) = (-?[0-9]{1,18})(?=\n|$)")
_KEY = re.compile(r"\n\tSession-Key = ([^\n]{1,400})(?:\n|$)")
WITHOUT_STOP = "without stop"


@dataclass(frozen=True)
class Kept:
    """What a session or a part of it came to; the start in microseconds UTC."""

    started_at: int
    seconds: int
    up: int
    down: int
    key: str


def with_result(raw: str, kept: Kept, *, closed: bool) -> str:
    """The last record of an event with what it came to; ``closed``: the session ended without a Stop."""
    values = (kept.started_at, kept.seconds, kept.up, kept.down, WITHOUT_STOP if closed else "", kept.key)
    lines = [f"\t{name} = {value}" for name, value in zip(_NAMES, values, strict=True) if value != ""]
    return raw + "\n" + "\n".join(lines)


def kept_event(raw: str) -> Kept | None:
    """What :func:`with_result` wrote; None when the text is a mere record."""
    numbers, key = dict(_KEPT.findall(raw)), _KEY.search(raw)
    if key is None or len(numbers) < 4:
        return None
    start, seconds, up, down = (int(numbers[name]) for name in _NAMES[:4])
    if min(seconds, up, down) < 0 or abs(start) > 2**58:
        return None
    return Kept(start, seconds, up, down, key[1])


def as_kept(chunk: Chunk, kept: Kept) -> Chunk:
    """The one leg of a chunk as the event that was kept with it."""
    start = pl.lit(kept.started_at, pl.Int64).cast(pl.Datetime("us"))
    voice = pl.col("usage_kind") == "voice"
    event = chunk.legs.with_columns(
        dedupe_key=pl.lit(kept.key),
        started_at=start,
        answered_at=pl.when(voice).then(start),
        duration_s=pl.lit(kept.seconds, pl.Int64),
        units=pl.when(voice).then(pl.lit(kept.seconds)).otherwise(pl.lit(kept.up + kept.down)),
        volume_up=pl.when(~voice).then(pl.lit(kept.up, pl.Int64)),
        volume_down=pl.when(~voice).then(pl.lit(kept.down, pl.Int64)),
    )
    return replace(chunk, events=as_events(event), legs=empty_legs())
