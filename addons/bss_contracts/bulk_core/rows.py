"""Rows of tables as text of PostgreSQL's COPY: the tokens of a real row with places for what varies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

NULL = r"\N"
# all that COPY escapes when it writes, so that a row of ours is letter by letter one of the database
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\b": "\\b", "\f": "\\f", "\v": "\\v"})


class RowTemplate:
    """Text of a row; ``format`` takes the varying values by position, several columns may show the same one."""

    __slots__ = ("columns", "format", "text", "tokens", "varying")

    def __init__(self, columns: Sequence[str], tokens: Sequence[str], varying: Mapping[str, int]) -> None:
        """:param varying: {column: position of its value}; columns that the table lacks are ignored"""
        self.columns, self.tokens = tuple(columns), tuple(tokens)
        self.varying = {column: place for column, place in varying.items() if column in self.columns}
        parts = [
            f"{{{self.varying[column]}}}" if column in self.varying else token.replace("{", "{{").replace("}", "}}")
            for column, token in zip(columns, tokens, strict=True)
        ]
        self.text = "\t".join(parts)
        self.format = self.text.format

    def token(self, column: str) -> str | None:
        """What every row of the template has in a column that does not vary; None without such a column."""
        return self.tokens[self.columns.index(column)] if column in self.columns else None

    def differing(self, values: Sequence[object], tokens: Sequence[str]) -> list[str]:
        """Columns in which the row made of ``values`` is not the row ``tokens``."""
        made = self.format(*values).split("\t")
        return [
            f"{column} ({ours} / {theirs})"
            for column, ours, theirs in zip(self.columns, made, tokens, strict=True)
            if ours != theirs
        ]


def copy_token(value: str | None) -> str:
    """Text as a field of COPY."""
    if value is None:
        return NULL
    # nearly every text is printable and without a backslash; to look costs a tenth of translating
    if value.isprintable() and "\\" not in value:
        return value
    return value.translate(_ESCAPES)


def json_token(text: str | None) -> str:
    """Text of JSON as a field of COPY: it has no control characters, only backslashes of its own."""
    return NULL if text is None else text.replace("\\", "\\\\")


def id_token(value: int | None) -> str:
    """Reference as a field of COPY; 0 and None are NULL."""
    return str(value) if value else NULL


@lru_cache(maxsize=4096)
def date_token(value: date | None) -> str:
    """Day as a field of COPY."""
    return value.isoformat() if value else NULL


def money_token(grosz: int) -> str:
    """Grosz as Odoo writes monetary columns: ``-1234`` is ``-12.34``."""
    if grosz < 0:
        return f"-{-grosz // 100}.{-grosz % 100:02d}"
    return f"{grosz // 100}.{grosz % 100:02d}"


@lru_cache(maxsize=4096)
def decimal_token(value: Decimal, digits: int) -> str:
    """Number as Odoo writes columns of a fixed precision."""
    return f"{value:.{digits}f}"
