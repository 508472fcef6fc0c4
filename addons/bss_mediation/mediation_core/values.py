"""What goes into a parser and what comes out of it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime

import polars as pl

# The one shape every format delivers; instants are UTC without a zone, numbers are E.164 digits without plus.
EVENT_SCHEMA: dict[str, pl.DataType] = {
    "line_no": pl.Int64(),
    "dedupe_key": pl.String(),
    "usage_kind": pl.String(),
    "a_number": pl.String(),
    "b_number": pl.String(),
    "account_code": pl.String(),
    "started_at": pl.Datetime("us"),
    "answered_at": pl.Datetime("us"),
    "duration_s": pl.Int64(),
    "units": pl.Int64(),
    "raw": pl.String(),
}

# Codes that say "this is not a file of this format" rather than "this record is odd".
STRUCTURAL_CODES = frozenset({"INVALID_FORMAT", "TOO_FEW_COLUMNS", "UNKNOWN_COLUMN", "UNREADABLE_DATE"})


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
    """What a parser must know about the system that wrote the file."""

    timezone: str = "Europe/Warsaw"
    numbering: NumberingProfile = dataclasses.field(default_factory=NumberingProfile)
    max_duration_s: int = 7 * 86_400
    first_year: int = 2000
    last_year: int = 2099


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
class Chunk:
    """A bounded piece of a file: ``rows = events + problems + ignored``."""

    rows: int
    ignored: int
    events: pl.DataFrame
    problems: list[Problem]
    bytes_read: int
