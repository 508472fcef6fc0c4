"""Trees of rows multiplied in the database: many customers as copies of a few that Odoo has made.

Every column of a copy is that of its model, ids and foreign keys to copied rows are new, and what must differ (names,
numbers, addresses) is given as SQL. Thousands of rows a second, where the ORM makes some dozens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Table:
    """Rows of ``name`` whose ``column`` points to a copied row of ``parent`` (not given: the roots).

    :param values: SQL by column; it may use ``source`` (the copied row), ``copy.id`` (the new id), ``copy.k`` (the
        running number of the root, from 1) and ``fact`` (the row of :func:`multiply`'s table of facts with that ``k``).
    :param where: condition on ``source``.
    """

    name: str
    parent: str = ""
    column: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    where: str = "true"


def multiply(cr: Any, roots: Sequence[int], count: int, tables: Sequence[Table], facts: str) -> None:
    """Make ``count`` copies of the trees below ``roots`` (rows of the first table), in turn.

    :param tables: parents before their children.
    :param facts: name of a table with a column ``k`` that holds what differs, one row for each copy.
    """
    cr.execute(
        """CREATE TEMP TABLE copy_of (origin text, source_id int, k int, id int, PRIMARY KEY (origin, source_id, k))
           ON COMMIT DROP"""
    )
    first = tables[0].name
    for table in tables:
        if table.name == first:
            origin = "SELECT (%(roots)s::int[])[1 + (k - 1) %% %(trees)s] AS id, k FROM generate_series(1, %(count)s) k"
        else:
            origin = f"""SELECT source.id, parent.k FROM {table.name} source
                           JOIN copy_of parent ON parent.origin = '{table.parent}'
                            AND parent.source_id = source.{table.column}
                          WHERE {table.where} ORDER BY parent.k, source.id"""
        cr.execute(
            f"""INSERT INTO copy_of SELECT '{table.name}', found.id, found.k,
                       nextval(pg_get_serial_sequence('{table.name}', 'id')) FROM ({origin}) found""",
            {"roots": list(roots), "trees": len(roots), "count": count},
        )
    cr.execute("ANALYZE copy_of")
    names = {table.name for table in tables}
    for table in tables:
        _insert(cr, table, names, facts)
        cr.execute(f"ANALYZE {table.name}")
    cr.execute("DROP TABLE copy_of")


def _insert(cr: Any, table: Table, copied: set[str], facts: str) -> None:
    cr.execute(
        """SELECT attribute.attname, target.relname
             FROM pg_attribute attribute
        LEFT JOIN pg_constraint fk ON fk.conrelid = attribute.attrelid AND fk.contype = 'f'
              AND fk.conkey = ARRAY[attribute.attnum]
        LEFT JOIN pg_class target ON target.oid = fk.confrelid
            WHERE attribute.attrelid = %s::regclass AND attribute.attnum > 0 AND NOT attribute.attisdropped
         ORDER BY attribute.attnum""",
        (table.name,),
    )
    picked = {}
    for column, target in cr.fetchall():
        value = f'source."{column}"'
        if column == "id":
            value = "copy.id"
        elif column in table.values:
            value = table.values[column]
        elif target in copied:
            # what the model has in common with others, as its catalogue, is not copied
            value = f"""COALESCE((SELECT other.id FROM copy_of other WHERE other.origin = '{target}'
                          AND other.source_id = source."{column}" AND other.k = copy.k), source."{column}")"""
        picked[column] = value
    unknown = set(table.values) - set(picked)
    assert not unknown, f"{table.name} has no {', '.join(sorted(unknown))}"
    cr.execute(
        f"""INSERT INTO {table.name} ({", ".join(f'"{column}"' for column in picked)})
            SELECT {", ".join(picked.values())}
              FROM copy_of copy
              JOIN {table.name} source ON source.id = copy.source_id
              JOIN {facts} fact ON fact.k = copy.k
             WHERE copy.origin = '{table.name}' ORDER BY copy.id"""
    )
