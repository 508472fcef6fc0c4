"""How a user describes his own file: plain data that a screen edits and a source keeps as JSON.

A mapping says how a record is found (``kind`` and what belongs to it) and where each column of an event comes from. A *source* is

- csv: a column by its name in the first line, or by its number from 1;
- fixed: a slice of the line, ``14:28`` (from 0, end not included);
- json: a path of keys with dots, numbers for places in lists (``call.legs.0.from``);
- xml: a path of elements below the record (``basic/caller``), ``@name`` for an attribute.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

KINDS = ("csv", "fixed", "json", "xml")
USAGE_KINDS = ("voice", "sms", "mms", "data", "premium", "content")
NUMBERS = ("a_number", "b_number", "charged_number")
INSTANTS = ("started_at", "answered_at", "ended_at")
LENGTHS = ("duration_s",)
COUNTS = ("units", "volume_up", "volume_down")
AMOUNTS = ("cost_micro",)
TEXTS = (
    "usage_kind",
    "direction",
    "account_code",
    "login",
    "imsi",
    "network",
    "service_code",
    "session_key",
    "cost_currency",
)
TARGETS = NUMBERS + INSTANTS + LENGTHS + COUNTS + AMOUNTS + TEXTS
IDENTIFIERS = ("a_number", "account_code", "login", "imsi", "charged_number")
EPOCHS = {"epoch": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}
# How a length of time may be written other than as a number of some unit.
CLOCKS = ("hh:mm:ss", "hhmmss", "hhmmsscc", "1h2m3s")
UNITS: dict[str, Fraction] = {
    "s": Fraction(1),
    "ms": Fraction(1, 1_000),
    "us": Fraction(1, 1_000_000),
    "min": Fraction(60),
    "h": Fraction(3_600),
    "B": Fraction(1),
    "kB": Fraction(1_000),
    "KiB": Fraction(1_024),
    "MB": Fraction(1_000_000),
    "MiB": Fraction(1_048_576),
    "GB": Fraction(10**9),
    "GiB": Fraction(2**30),
}
OPERATORS = ("is", "is_not", "matches", "not_matches", "empty", "filled")
ACTIONS = ("ignore", "keep")
CONTROLS = ("sequence", "rows", "units", "amount")
RECORDS = ("header", "trailer")
ROUNDINGS = ("up", "half", "down")


@dataclass(frozen=True)
class Column:
    """Where a column of the event comes from: text of ``source`` (or ``constant``), then ``pattern``, ``values``, type."""

    target: str
    source: str = ""
    constant: str = ""
    default: str = ""  # where the text is empty
    pattern: str = ""  # regular expression; its first group is kept, else what it matches
    values: MappingOf[str, str] = field(default_factory=dict)  # text to text; others stay as they are
    layout: str = "%Y-%m-%d %H:%M:%S"  # instants: layout by strftime signs, "iso", or one of EPOCHS
    timezone: str = ""  # instants: else the zone of the source
    unit: str = ""  # lengths, volumes, amounts: one of UNITS or CLOCKS, or a decimal factor such as 0.001
    rounding: str = "up"
    second: str = ""  # read after ``source``, with a space between: date and time of day in columns of their own

    @property
    def places(self) -> tuple[str, ...]:
        """What is read of a record."""
        return tuple(place for place in (self.source, self.second) if place)


@dataclass(frozen=True)
class Filter:
    """Which records count: those are ignored that one ``ignore`` fits, or that a ``keep`` does not fit."""

    source: str
    operator: str = "is"
    value: str = ""  # several texts of "is" and "is_not" are separated by |
    action: str = "ignore"


@dataclass(frozen=True)
class RecordType:
    """How header, records and trailer are told apart; no ``detail`` means all that is neither of the others."""

    source: str
    detail: str = ""
    header: str = ""
    trailer: str = ""


@dataclass(frozen=True)
class ControlField:
    """A figure that header or trailer declare; ``units`` and ``amount`` are compared with a sum over all records.

    The sum is of ``detail`` in ``detail_unit``; without it of the source of ``duration_s`` (units) or ``cost_micro`` (amount).
    """

    kind: str
    record: str
    source: str
    unit: str = ""
    detail: str = ""
    detail_unit: str = ""


@dataclass(frozen=True)
class Mapping:
    kind: str = "csv"
    columns: tuple[Column, ...] = ()
    filters: tuple[Filter, ...] = ()
    key: tuple[str, ...] = ()  # sources that make the identity of a record; else the hash of its fields
    usage_kind: str = "voice"  # where no column gives it
    decimal: str = "."  # sign of decimals in numbers
    delimiter: str = ","
    quote: str = '"'
    header: bool = False  # csv: the first line has the names
    skip_lines: int = 0
    comment: str = ""  # csv, fixed: lines that begin so are passed over
    record: str = ""  # xml: path of the record from the root
    record_type: RecordType | None = None
    controls: tuple[ControlField, ...] = ()

    def column(self, target: str) -> Column | None:
        return next((column for column in self.columns if column.target == target), None)

    def sources(self) -> list[str]:
        """Every source that is read of a record, once."""
        found = [place for column in self.columns for place in column.places]
        found += [one.source for one in self.filters]
        found += self.key
        found += [one.detail for one in self.controls]
        if self.record_type:
            found.append(self.record_type.source)
        return list(dict.fromkeys(source for source in found if source))

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; entries with their default value are left out."""
        return _plain(self)


def _plain(entry: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in dataclasses.fields(entry):
        value = getattr(entry, one.name)
        if one.default is not dataclasses.MISSING and value == one.default:
            continue
        if dataclasses.is_dataclass(value):
            found[one.name] = _plain(value)
        elif isinstance(value, tuple):
            if value:
                found[one.name] = [_plain(part) if dataclasses.is_dataclass(part) else part for part in value]
        elif isinstance(value, MappingOf):
            if value:
                found[one.name] = dict(value)
        else:
            found[one.name] = value
    return found
