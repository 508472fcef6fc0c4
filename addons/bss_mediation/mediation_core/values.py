"""What goes into a parser and what comes out of it."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from .mapping import Mapping

# The one shape every format delivers; instants are UTC without a zone, numbers are E.164 digits without plus.
# Never null: line_no, dedupe_key, usage_kind, started_at, units, raw.
EVENT_SCHEMA: dict[str, pl.DataType] = {
    "line_no": pl.Int64(),
    "dedupe_key": pl.String(),
    "usage_kind": pl.String(),  # voice, sms, mms, data, premium, content
    "direction": pl.String(),  # out, in; null when the record does not say
    "a_number": pl.String(),
    "b_number": pl.String(),
    "account_code": pl.String(),
    "login": pl.String(),
    "imsi": pl.String(),
    "charged_number": pl.String(),  # who pays when it is not the caller: the forwarder of a forwarded leg
    "network": pl.String(),  # visited network when roaming: MCC and MNC as digits, or TADIG code
    "service_code": pl.String(),  # "apn:internet", "rg:100", "vod:<id>", "premium:<id>"
    "session_key": pl.String(),  # shared by the records of one session
    "started_at": pl.Datetime("us"),
    "answered_at": pl.Datetime("us"),
    "duration_s": pl.Int64(),
    "units": pl.Int64(),  # seconds (voice, premium), messages, bytes up and down (data), 1 (content)
    "volume_up": pl.Int64(),  # bytes
    "volume_down": pl.Int64(),
    "cost_micro": pl.Int64(),  # charge of the upstream supplier in 1e-6 of cost_currency
    "cost_currency": pl.String(),
    "raw": pl.String(),
}

# One record of a session that becomes an event only together with others.
LEG_SCHEMA: dict[str, pl.DataType] = {
    "line_no": pl.Int64(),
    "leg_key": pl.String(),  # identity of this record
    "pair_key": pl.String(),  # identity of the dialog or session
    "role": pl.String(),  # start, interim, stop, reset; invite, bye, missed
    "at": pl.Datetime("us"),
    "sequence": pl.Int64(),
    **{name: kind for name, kind in EVENT_SCHEMA.items() if name != "line_no"},
}

# Codes that say "this is not a file of this format" rather than "this record is odd".
STRUCTURAL_CODES = frozenset({"INVALID_FORMAT", "TOO_FEW_COLUMNS", "UNKNOWN_COLUMN", "UNREADABLE_DATE"})


def row_key(fields: Sequence[str]) -> str:
    """Identity of a record without identifiers of its own; independent of quoting and line ends."""
    return text_key("\x1f".join(fields))


def text_key(text: str) -> str:
    """:func:`row_key` of fields that are joined already."""
    return "h:" + hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def empty_events() -> pl.DataFrame:
    return pl.DataFrame(schema=EVENT_SCHEMA)


def empty_legs() -> pl.DataFrame:
    return pl.DataFrame(schema=LEG_SCHEMA)


def as_events(frame: pl.DataFrame) -> pl.DataFrame:
    """``frame`` in the shape of ``EVENT_SCHEMA``: columns it lacks are null, others than those are dropped."""
    return _shaped(frame, EVENT_SCHEMA)


def as_legs(frame: pl.DataFrame) -> pl.DataFrame:
    """``frame`` in the shape of ``LEG_SCHEMA``."""
    return _shaped(frame, LEG_SCHEMA)


def _shaped(frame: pl.DataFrame, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in schema.items()
    )


@dataclass(frozen=True)
class NumberingProfile:
    """How numbers look at one source; the defaults are Poland's plan (nine digits, no trunk prefix)."""

    country_code: str = "48"
    national_length: int = 9
    international_prefix: str = "00"
    trunk_prefix: str = ""
    short_length: int = 6


@dataclass(frozen=True)
class SourceProfile:
    """What a parser must know about the system that wrote the file.

    ``encoding`` is a Python codec name, or "auto": UTF-8, else windows-1250, else ISO-8859-2, told line by line.
    ``options`` are values of the format's own options, as text. ``mapping`` is for the formats that a user describes.
    """

    timezone: str = "Europe/Warsaw"
    numbering: NumberingProfile = dataclasses.field(default_factory=NumberingProfile)
    max_duration_s: int = 7 * 86_400
    first_year: int = 2000
    last_year: int = 2099
    encoding: str = "auto"
    options: MappingOf[str, str] = dataclasses.field(default_factory=dict)
    mapping: Mapping | None = None


@dataclass(frozen=True)
class Problem:
    """A row that cannot become an event: where, which field, which value, and why as a code with parameters."""

    line_no: int
    code: str
    field: str
    value: str
    raw: str
    dedupe_key: str
    params: dict[str, str | int] = dataclasses.field(default_factory=dict)
    a_number: str | None = None
    b_number: str | None = None
    started_at: datetime | None = None


@dataclass(frozen=True)
class FileProblem:
    """Why the whole file is refused: TRUNCATED, AUDIT_MISMATCH, NOT_THIS_FORMAT, UNREADABLE_ENCODING, TOO_LARGE."""

    code: str
    params: dict[str, str | int] = dataclasses.field(default_factory=dict)
    line_no: int | None = None


@dataclass(frozen=True)
class NameParts:
    """What the name of a file says by the rules of its format; ``is_test``: its content is not to be billed."""

    sender: str
    recipient: str
    sequence: int
    is_test: bool = False


@dataclass(frozen=True)
class Control:
    """What the header or trailer of a file declares; null where it does not say.

    ``units`` are in the units of the events (seconds for calls), ``amount_micro`` in 1e-6 of ``currency``,
    ``created_at`` UTC without zone. ``is_notification``: an empty file that takes a sequence number (TAP).
    ``warnings``: what the file says of itself that does not refuse it: LOST_RECORDS (``indicator``), ABNORMAL_CLOSURE (``reason``).
    """

    sequence: int | None = None
    rows: int | None = None
    units: int | None = None
    amount_micro: int | None = None
    currency: str | None = None
    created_at: datetime | None = None
    sender: str = ""
    recipient: str = ""
    is_notification: bool = False
    warnings: tuple[FileProblem, ...] = ()


@dataclass(frozen=True)
class Chunk:
    """A bounded piece of a file: ``rows = events + legs + problems + ignored``.

    A chunk with ``file_problem`` is the last one: the caller gives up the file, whatever came before.
    """

    rows: int
    ignored: int
    events: pl.DataFrame
    problems: list[Problem]
    bytes_read: int
    legs: pl.DataFrame = dataclasses.field(default_factory=empty_legs)
    control: Control | None = None
    file_problem: FileProblem | None = None


@dataclass(frozen=True)
class Paired:
    """What became of legs; every leg is in exactly one of ``used``, ``legs_left`` and ``problems``.

    ``events``: ``EVENT_SCHEMA`` and ``file_id`` (file and line of the leg that the event is counted by);
    ``legs_left``: ``LEG_SCHEMA`` and ``file_id``, still waiting; ``used``: ``file_id``, ``line_no``, ``leg_key``.
    ``problems`` have the ``file_id`` in their ``params``. Rows of the role ``base`` in ``legs_left`` are memory of what was billed of a
    session (:mod:`.formats.radius_sessions`): they were in ``used`` before, wait for nothing and are in no sum; the caller keeps
    them and hands them in again with the waiting legs of their ``pair_key``.
    """

    events: pl.DataFrame
    legs_left: pl.DataFrame
    used: pl.DataFrame
    problems: list[Problem]


def empty_chunk(bytes_read: int, *, control: Control | None = None, file_problem: FileProblem | None = None) -> Chunk:
    """A chunk without rows, to carry what is known of the file as a whole."""
    return Chunk(0, 0, empty_events(), [], bytes_read, control=control, file_problem=file_problem)
