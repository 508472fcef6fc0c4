"""Mappings as records to mappings as the kernel reads them, and back."""

from odoo.fields import Command

from .mediation_core.mapping import Column, ControlField, Filter, Mapping, RecordType

TAB = "\\t"
# Fields of a record by the entry of the kernel, where they are called the same but for this.
COLUMN = {"default": "default_value", "target": "target", "source": "source", "second": "second_source"} | {
    name: name for name in ("constant", "pattern", "layout", "timezone", "unit", "rounding")
}
FILTER = {name: name for name in ("source", "operator", "value", "action")}
CONTROL = {name: name for name in ("kind", "record", "source", "unit", "detail", "detail_unit")}
RECORD_TYPE = {
    "source": "type_source",
    "detail": "type_detail",
    "header": "type_header",
    "trailer": "type_trailer",
}
PLAIN = ("kind", "usage_kind", "decimal", "skip_lines")


def kernel_mapping(record):
    """The mapping as it stands on the screen, faulty or not."""
    record_type = RecordType(**_texts(record, RECORD_TYPE)) if record.type_source else None
    return Mapping(
        columns=tuple(_column(line) for line in record.column_ids),
        filters=tuple(Filter(**_texts(line, FILTER)) for line in record.filter_ids),
        controls=tuple(ControlField(**_texts(line, CONTROL)) for line in record.control_ids),
        key=tuple(_lines(record.key_sources)),
        delimiter="\t" if record.delimiter == TAB else record.delimiter or "",
        quote=record.quote or "",
        header=record.has_header,
        comment=record.comment or "",
        record=record.record_path or "",
        record_type=record_type,
        **{name: record[name] for name in PLAIN},
    )


def mapping_values(mapping):
    """Values for a record, its lines included, of a kernel mapping."""
    record_type = mapping.record_type
    return {
        **{name: getattr(mapping, name) for name in PLAIN},
        "column_ids": [Command.clear()] + [Command.create(_column_values(line)) for line in _numbered(mapping.columns)],
        "filter_ids": [Command.clear()] + [Command.create(_values(one, FILTER)) for one in mapping.filters],
        "control_ids": [Command.clear()] + [Command.create(_values(one, CONTROL)) for one in mapping.controls],
        "key_sources": "\n".join(mapping.key) or False,
        "delimiter": TAB if mapping.delimiter == "\t" else mapping.delimiter or False,
        "quote": mapping.quote or False,
        "has_header": mapping.header,
        "comment": mapping.comment or False,
        "record_path": mapping.record or False,
        **(_values(record_type, RECORD_TYPE) if record_type else dict.fromkeys(RECORD_TYPE.values(), False)),
    }


def values_of_text(text):
    """Pairs ``written = meant`` of a text, one in a line; a line without ``=`` means itself."""
    pairs = {}
    for line in _lines(text):
        written, sign, meant = line.partition("=")
        pairs[written.strip()] = meant.strip() if sign else written.strip()
    return pairs


def text_of_values(values):
    return "\n".join(f"{written} = {meant}" for written, meant in values.items())


def _column(line):
    return Column(values=values_of_text(line.values_text), **_texts(line, COLUMN))


def _numbered(columns):
    return enumerate(columns, start=1)


def _column_values(numbered):
    place, column = numbered
    return {
        "sequence": place,
        "values_text": text_of_values(column.values) or False,
        **_values(column, COLUMN),
    }


def _texts(record, names):
    return {entry: record[field] or "" for entry, field in names.items()}


def _values(entry, names):
    return {field: getattr(entry, name) or False for name, field in names.items()}


def _lines(text):
    return [line.strip() for line in (text or "").splitlines() if line.strip()]
