"""Rows of this addon's own models: the values of an ORM ``create``, written as text of COPY."""

import json

from odoo.addons.bss_contracts.bulk.writer import copy_rows, reserve_ids
from odoo.addons.bss_contracts.bulk_core import NULL, RowTemplate, copy_token, date_token, id_token


def _text(value):
    return NULL if value is None or value is False else copy_token(value)


def _json(value):
    return copy_token(json.dumps(value)) if value else NULL


TOKENS = {
    "char": _text,
    "text": _text,
    "selection": lambda value: copy_token(value) if value else NULL,
    "integer": lambda value: str(int(value or 0)),
    "monetary": lambda value: f"{value or 0.0:.2f}",
    "float": lambda value: repr(value or 0.0),
    "boolean": lambda value: "t" if value else "f",
    "date": lambda value: date_token(value or None),
    "many2one": lambda value: id_token(value or None),
    "json": _json,
}


class UnknownValueError(Exception):
    """A value that no row of the table can hold; its name is the text."""


class Inserter:
    """Rows of one model: columns named in ``keys`` vary, all others are as in the row that the ORM made."""

    def __init__(self, model, tokens, keys):
        """:param tokens: {column: token} of a row of the table that the ORM made"""
        self.table, self.keys = model._table, tuple(keys)
        fields = model._fields
        unknown = [key for key in self.keys if key not in tokens or key not in fields or fields[key].type not in TOKENS]
        if unknown:
            raise UnknownValueError(f"{model._name}.{unknown[0]}")
        self.converters = tuple(TOKENS[fields[key].type] for key in self.keys)
        varying = {"id": 0, **{key: place for place, key in enumerate(self.keys, 1)}}
        self.template = RowTemplate(list(tokens), list(tokens.values()), varying)
        self.lines, self.waiting = [], []

    def add(self, record_id, vals):
        """:raises UnknownValueError: other values than the keys say"""
        if len(vals) != len(self.keys):
            raise UnknownValueError(f"{self.table}: {sorted(set(vals) ^ set(self.keys))}")
        values = [convert(vals[key]) for key, convert in zip(self.keys, self.converters, strict=True)]
        self.lines.append(self.template.format(record_id, *values))

    def add_waiting(self, env):
        """Give ids to the values that wait for them."""
        if self.waiting:
            for record_id, vals in zip(reserve_ids(env, self.table, len(self.waiting)), self.waiting, strict=True):
                self.add(record_id, vals)
            self.waiting = []

    def insert(self, cr):
        copy_rows(cr, self.table, self.template.columns, self.lines)
