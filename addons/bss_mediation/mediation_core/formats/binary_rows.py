"""From decoded binary records to chunks: rows as tuples, checks that all binary formats share."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import polars as pl

from ..columns import KEY_LENGTH
from ..values import Chunk, Control, FileProblem, Problem, SourceProfile, as_events, empty_events, text_key


class Row(NamedTuple):
    """An event; instants are microseconds since 1970 UTC."""

    dedupe_key: str
    usage_kind: str
    started_at: int
    units: int
    raw: str
    direction: str | None = None
    a_number: str | None = None
    b_number: str | None = None
    charged_number: str | None = None
    imsi: str | None = None
    network: str | None = None
    service_code: str | None = None
    session_key: str | None = None
    answered_at: int | None = None
    duration_s: int | None = None
    volume_up: int | None = None
    volume_down: int | None = None
    cost_micro: int | None = None
    cost_currency: str | None = None


_WHOLE = ("duration_s", "units", "volume_up", "volume_down", "cost_micro", "line_no")
_INSTANTS = ("started_at", "answered_at")
# A record longer than this cannot be read again from suspense; only its head is kept.
_LONGEST_KEPT, _HEAD_KEPT = 20_000, 1_000
# Characters kept of the rows of one chunk.
MOST_HELD = 16 << 20
# More than this is no duration and no volume, and its sums would leave 64 bits.
LARGEST = 2**53


class Unreadable(Exception):
    """A record that cannot become an event. Raised and caught inside the formats; never leaves a parser."""

    def __init__(self, code: str, name: str, value: str = "", **params: str | int) -> None:
        super().__init__(code)
        self.code, self.name, self.value, self.params = code, name, value, params


def malformed(what: str, value: str = "") -> Unreadable:
    return Unreadable("INVALID_FORMAT", "", value, detail=what)


def instant(micros: int) -> datetime | None:
    """UTC instant without zone; None beyond the calendar."""
    try:
        return datetime(1970, 1, 1) + timedelta(microseconds=micros)  # noqa: DTZ001  (instants are naive UTC here)
    except OverflowError:
        return None


def content_key(content: bytes) -> str:
    """Identity of a record by its octets."""
    return "h:" + hashlib.blake2b(content, digest_size=16).hexdigest()


def bounded_key(key: str) -> str:
    """An identity that fits into an index, whatever a record holds."""
    return key if len(key) <= KEY_LENGTH else text_key(key)


def hex_raw(content: bytes) -> str:
    """How a binary record is kept for replay."""
    return "hex:" + content.hex()


def from_hex_raw(raw: str) -> bytes | None:
    """The octets of :func:`hex_raw`; None when the text has been spoilt."""
    if not raw.startswith("hex:"):
        return None
    try:
        return bytes.fromhex(raw[4:])
    except ValueError:
        return None


@dataclass(frozen=True)
class Limits:
    """Bounds of the source profile as plain numbers."""

    first: int
    last: int
    max_duration_s: int

    @classmethod
    def of(cls, profile: SourceProfile) -> Limits:
        first = datetime(max(profile.first_year, 1), 1, 1, tzinfo=UTC)
        last = datetime(min(profile.last_year, 9998) + 1, 1, 1, tzinfo=UTC)
        return cls(int(first.timestamp()) * 1_000_000, int(last.timestamp()) * 1_000_000, profile.max_duration_s)

    def check(self, row: Row) -> None:
        """Raise :class:`Unreadable` when an instant, a duration or a volume is beyond sense."""
        if not self.first <= row.started_at < self.last:
            raise Unreadable("DATE_OUT_OF_RANGE", "started_at", str(row.started_at // 1_000_000))
        if row.usage_kind == "voice" and row.units > self.max_duration_s:
            raise Unreadable("DURATION_TOO_LONG", "duration", str(row.units))
        if row.units > LARGEST or (row.duration_s or 0) > LARGEST:
            raise Unreadable("NOT_A_NUMBER", "units", str(row.units))


@dataclass
class Batch:
    """Rows of one chunk while it is filled; a row is an event, a problem or ignored."""

    first_line: int = 1
    rows: list[Row] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ignored: int = 0
    line_no: int = 0
    held: int = 0

    def __post_init__(self) -> None:
        self.line_no = self.first_line

    def is_full(self, rows: int) -> bool:
        """Whether the chunk should be handed over: for its rows, or for what they hold."""
        return self.count >= rows or self.held > MOST_HELD

    @property
    def count(self) -> int:
        return self.line_no - self.first_line

    def add(self, row: Row) -> None:
        self.held += len(row.raw)
        self.rows.append(row)
        self.lines.append(self.line_no)
        self.line_no += 1

    def ignore(self) -> None:
        self.ignored += 1
        self.line_no += 1

    def refuse(self, error: Unreadable, content: bytes, raw: str | None = None) -> None:
        """Keep a record as a problem; of one that is absurdly long only the head is kept."""
        if raw is None or len(content) > _LONGEST_KEPT:
            raw = hex_raw(content if len(content) <= _LONGEST_KEPT else content[:_HEAD_KEPT])
        self.held += len(raw)
        self.problems.append(
            Problem(
                self.line_no,
                error.code,
                error.name,
                error.value[:200],
                raw,
                content_key(content),
                dict(error.params),
            )
        )
        self.line_no += 1

    def chunk(self, done: int, control: Control | None = None, file_problem: FileProblem | None = None) -> Chunk:
        """The chunk of what was added; the batch starts anew behind it."""
        found = Chunk(
            self.count,
            self.ignored,
            _frame(self.rows, self.lines),
            self.problems,
            done,
            control=control,
            file_problem=file_problem,
        )
        self.rows, self.lines, self.problems, self.ignored = [], [], [], 0
        self.first_line, self.held = self.line_no, 0
        return found


def _frame(rows: Sequence[Row], lines: Sequence[int]) -> pl.DataFrame:
    if not rows:
        return empty_events()
    columns = dict(zip(Row._fields, zip(*rows, strict=True), strict=True)) | {"line_no": tuple(lines)}
    series = [
        pl.Series(name, values, dtype=pl.Int64 if name in _WHOLE or name in _INSTANTS else pl.String)
        for name, values in columns.items()
    ]
    frame = pl.DataFrame(series).with_columns(pl.col(name).cast(pl.Datetime("us")) for name in _INSTANTS)
    return as_events(frame)
