"""Whether a mapping can be used, and what is wrong with it: every faulty entry by its name."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from zoneinfo import available_timezones

import polars as pl

from .mapping import (
    ACTIONS,
    CLOCKS,
    CONTROLS,
    EPOCHS,
    IDENTIFIERS,
    INSTANTS,
    KINDS,
    LENGTHS,
    OPERATORS,
    RECORDS,
    ROUNDINGS,
    TARGETS,
    UNITS,
    USAGE_KINDS,
    Column,
    ControlField,
    Filter,
    Mapping,
    RecordType,
)

_SLICE = re.compile(r"([0-9]{1,5}):([0-9]{1,5})")
_DECIMAL = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


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
    named += [(f"columns[{n}].second", one.second) for n, one in enumerate(mapping.columns)]
    named += [(f"filters[{n}].source", one.source) for n, one in enumerate(mapping.filters)]
    named += [(f"key[{n}]", one) for n, one in enumerate(mapping.key)]
    named += [(f"controls[{n}].source", one.source) for n, one in enumerate(mapping.controls)]
    named += [(f"controls[{n}].detail", one.detail) for n, one in enumerate(mapping.controls) if one.detail]
    if mapping.record_type:
        named.append(("record_type.source", mapping.record_type.source))
    return [(entry, source) for entry, source in named if source or not entry.startswith("columns")]
