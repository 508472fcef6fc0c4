"""Many values as parameters of one statement.

A Python list becomes an expression of as many constants, which PostgreSQL takes longer to parse than to carry out. As the
text of an array it is one constant.
"""

from __future__ import annotations

from functools import lru_cache

from odoo.tools import SQL

# types whose text holds nothing that has a meaning in the text of an array
PLAIN = frozenset({"int", "bigint", "numeric", "date", "bool"})


def array(values, kind):
    """Values as an array of a PostgreSQL type: numbers, dates, truth values, texts, JSON that is written already."""
    text = str if kind in PLAIN else _quoted
    body = ",".join(["NULL" if value is None else text(value) for value in values])
    return SQL("%s::%s", f"{{{body}}}", SQL(f"{kind}[]"))


def ids(values):
    """Ids as an array."""
    return SQL("%s::int[]", f"{{{','.join(map(str, values))}}}")


def table(rows, alias, **columns):
    """``unnest`` of rows as a table: columns by name and type, in the order of the values."""
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = SQL(", ").join(array(column, kind) for column, kind in zip(values, columns.values(), strict=True))
    names = SQL(", ").join(SQL.identifier(name) for name in columns)
    return SQL("unnest(%s) AS %s(%s)", arrays, SQL.identifier(alias), names)


# few of them are many rows' codes and reasons
@lru_cache(maxsize=4096)
def _quoted(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
