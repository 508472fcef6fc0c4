"""How a user describes his own file: plain data that a screen edits and a source keeps as JSON.

A mapping says how a record is found (``kind`` and what belongs to it) and where each column of an event comes from. A *source* is

- csv: a column by its name in the first line, or by its number from 1;
- fixed: a slice of the line, ``14:28`` (from 0, end not included);
- json: a path of keys with dots, numbers for places in lists (``call.legs.0.from``);
- xml: a path of elements below the record (``basic/caller``), ``@name`` for an attribute.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any
from zoneinfo import available_timezones

import polars as pl

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
_SLICE = re.compile(r"([0-9]{1,5}):([0-9]{1,5})")
_DECIMAL = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


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
        found = [column.source for column in self.columns]
        found += [one.source for one in self.filters]
        found += self.key
        found += [one.detail for one in self.controls]
        if self.record_type:
            found.append(self.record_type.source)
        return list(dict.fromkeys(source for source in found if source))

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; entries with their default value are left out."""
        return _plain(self)


@dataclass(frozen=True)
class Fault:
    """What is wrong with a mapping: entry such as ``columns[2].layout``, code, and the faulty value."""

    entry: str
    code: str
    value: str = ""


class MappingError(ValueError):
    """A mapping that cannot be used; ``faults`` names every faulty entry."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{fault.entry}: {fault.code} {fault.value}".strip() for fault in faults))
        self.faults = faults


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


_PARTS: dict[str, type] = {"columns": Column, "filters": Filter, "controls": ControlField}


def from_dict(data: object) -> Mapping:
    """A mapping out of plain data.

    :raises MappingError: with every entry that is unknown, of a wrong type, or of a value that cannot be used.
    """
    faults: list[Fault] = []
    mapping: Mapping | None = _entry(Mapping, data, "", faults)
    if mapping and not faults:
        faults = check(mapping)
    if faults or mapping is None:
        raise MappingError(faults)
    return mapping


def _entry(kind: type, data: object, where: str, faults: list[Fault]) -> Any:
    if not isinstance(data, dict):
        faults.append(Fault(where or "mapping", "NOT_AN_OBJECT", str(data)[:60]))
        return None
    known = {one.name: one for one in dataclasses.fields(kind)}
    values: dict[str, Any] = {}
    for name, value in data.items():
        place = f"{where}.{name}" if where else str(name)
        if name not in known:
            faults.append(Fault(place, "UNKNOWN_ENTRY"))
        elif kind is Mapping and name in _PARTS:
            values[name] = _entries(_PARTS[name], value, place, faults)
        elif kind is Mapping and name == "record_type":
            values[name] = None if value is None else _entry(RecordType, value, place, faults)
        elif not _fits(str(known[name].type), value):
            faults.append(Fault(place, "WRONG_TYPE", str(value)[:60]))
        else:
            values[name] = tuple(value) if isinstance(value, list) else value
    missing = [
        name
        for name, one in known.items()
        if name not in data and one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING
    ]
    faults += [Fault(f"{where}.{name}" if where else name, "MISSING") for name in missing]
    return None if missing or faults else kind(**values)


def _entries(kind: type, data: object, where: str, faults: list[Fault]) -> tuple[Any, ...]:
    if not isinstance(data, list):
        faults.append(Fault(where, "NOT_A_LIST", str(data)[:60]))
        return ()
    return tuple(_entry(kind, one, f"{where}[{place}]", faults) for place, one in enumerate(data))


def _fits(kind: str, value: object) -> bool:
    if kind == "bool":
        return isinstance(value, bool)
    if kind == "int":
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1_000
    if kind.startswith("tuple"):
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    if kind.startswith("MappingOf"):
        return isinstance(value, dict) and all(isinstance(one, str) for pair in value.items() for one in pair)
    return isinstance(value, str) and len(value) <= 1_000 and "\x00" not in value


def check(mapping: Mapping) -> list[Fault]:
    """Every faulty entry of a mapping; none means it can read files."""
    faults: list[Fault] = []

    def choice(entry: str, value: str, choices: tuple[str, ...]) -> None:
        if value not in choices:
            faults.append(Fault(entry, "UNKNOWN_VALUE", value))

    choice("kind", mapping.kind, KINDS)
    choice("usage_kind", mapping.usage_kind, USAGE_KINDS)
    choice("decimal", mapping.decimal, (".", ","))
    if mapping.kind == "csv":
        faults += _sign("delimiter", mapping.delimiter, 1) + _sign("quote", mapping.quote, 0)
        if mapping.delimiter == mapping.quote:
            faults.append(Fault("quote", "UNKNOWN_VALUE", mapping.quote))
    if mapping.kind == "xml" and not mapping.record.strip("/"):
        faults.append(Fault("record", "MISSING"))
    for place, column in enumerate(mapping.columns):
        faults += _column_faults(f"columns[{place}]", column, mapping)
    targets = [column.target for column in mapping.columns]
    faults += [
        Fault(f"columns[{place}].target", "TWICE", target)
        for place, target in enumerate(targets)
        if target in targets[:place]
    ]
    if "started_at" not in targets:
        faults.append(Fault("columns", "MISSING", "started_at"))
    if not set(targets) & set(IDENTIFIERS):
        faults.append(Fault("columns", "MISSING", "a_number"))
    faults += _source_faults(mapping)
    for place, one in enumerate(mapping.filters):
        choice(f"filters[{place}].operator", one.operator, OPERATORS)
        choice(f"filters[{place}].action", one.action, ACTIONS)
        if one.operator in ("matches", "not_matches"):
            faults += _pattern(f"filters[{place}].value", one.value)
    for place, control in enumerate(mapping.controls):
        where = f"controls[{place}]"
        choice(f"{where}.kind", control.kind, CONTROLS)
        choice(f"{where}.record", control.record, RECORDS)
        faults += _unit(f"{where}.unit", control.unit) + _unit(f"{where}.detail_unit", control.detail_unit)
        if not mapping.record_type or not getattr(mapping.record_type, control.record, ""):
            faults.append(Fault("record_type", "MISSING", control.record))
        summed = {"units": "duration_s", "amount": "cost_micro"}.get(control.kind)
        if summed and not control.detail and not mapping.column(summed):
            faults.append(Fault(f"{where}.detail", "MISSING"))
    return faults


def _sign(entry: str, value: str, least: int) -> list[Fault]:
    fits = least <= len(value) <= 1 and value.isascii() and value not in ("\n", "\r", " ")
    return [] if fits else [Fault(entry, "UNKNOWN_VALUE", value)]


def _pattern(entry: str, value: str) -> list[Fault]:
    try:
        pl.Series(["x"]).str.extract(f"({value})")
    except (pl.exceptions.PolarsError, ValueError):
        return [Fault(entry, "BAD_PATTERN", value)]
    return []


def _unit(entry: str, value: str) -> list[Fault]:
    fits = not value or value in UNITS or value in CLOCKS or (_DECIMAL.fullmatch(value) and Fraction(value) > 0)
    return [] if fits else [Fault(entry, "UNKNOWN_VALUE", value)]


def _column_faults(where: str, column: Column, mapping: Mapping) -> list[Fault]:
    faults = []
    if column.target not in TARGETS:
        faults.append(Fault(f"{where}.target", "UNKNOWN_VALUE", column.target))
    if not column.source and (not column.constant or column.target == "started_at"):
        faults.append(Fault(f"{where}.source", "MISSING"))
    if column.pattern:
        faults += _pattern(f"{where}.pattern", column.pattern)
    if column.rounding not in ROUNDINGS:
        faults.append(Fault(f"{where}.rounding", "UNKNOWN_VALUE", column.rounding))
    faults += _unit(f"{where}.unit", column.unit)
    if column.unit in CLOCKS and column.target not in LENGTHS:
        faults.append(Fault(f"{where}.unit", "UNKNOWN_VALUE", column.unit))
    if column.target in INSTANTS:
        if column.timezone and column.timezone not in available_timezones():
            faults.append(Fault(f"{where}.timezone", "UNKNOWN_VALUE", column.timezone))
        if not _readable_layout(column.layout):
            faults.append(Fault(f"{where}.layout", "BAD_LAYOUT", column.layout))
    if column.target == "usage_kind" and column.constant and column.constant not in USAGE_KINDS:
        faults.append(Fault(f"{where}.constant", "UNKNOWN_VALUE", column.constant))
    return faults


def _readable_layout(layout: str) -> bool:
    """Whether a layout gives back an instant that was written by it, to the minute at least."""
    if layout == "iso" or layout in EPOCHS:
        return True
    instant = pl.Series([None, 1_791_993_480_000_000]).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    try:
        text = instant.dt.strftime(layout)
        read = text.str.to_datetime(layout, strict=False, time_unit="us")
    except (pl.exceptions.PolarsError, ValueError, TypeError):
        return False
    return bool(read.dt.replace_time_zone(None)[1] == instant.dt.replace_time_zone(None)[1])


def _source_faults(mapping: Mapping) -> list[Fault]:
    places = {source: entry for entry, source in _named_sources(mapping)}
    faults = []
    for source, entry in places.items():
        if mapping.kind == "fixed":
            match = _SLICE.fullmatch(source)
            if not match or int(match[1]) >= int(match[2]):
                faults.append(Fault(entry, "BAD_SLICE", source))
        elif mapping.kind == "csv" and not mapping.header and not (source.isdigit() and 1 <= int(source) <= 10_000):
            faults.append(Fault(entry, "BAD_NUMBER", source))
    return faults


def _named_sources(mapping: Mapping) -> list[tuple[str, str]]:
    named = [(f"columns[{n}].source", one.source) for n, one in enumerate(mapping.columns)]
    named += [(f"filters[{n}].source", one.source) for n, one in enumerate(mapping.filters)]
    named += [(f"key[{n}]", one) for n, one in enumerate(mapping.key)]
    named += [(f"controls[{n}].source", one.source) for n, one in enumerate(mapping.controls)]
    named += [(f"controls[{n}].detail", one.detail) for n, one in enumerate(mapping.controls) if one.detail]
    if mapping.record_type:
        named.append(("record_type.source", mapping.record_type.source))
    return [(entry, source) for entry, source in named if source or not entry.startswith("columns")]
