"""Payments written as rows: temporary tables and COPY for what is new, one UPDATE for what was there."""

from odoo.addons.bss_contracts import garbage
from odoo.addons.bss_contracts.bulk.writer import copy_rows
from odoo.tools import SQL
from psycopg2.extras import execute_values

from .rowset import PARTIAL_TABLE, RowSet

MOVE_TABLE, LINE_TABLE = "account_move", "account_move_line"
STATEMENT_LINE_TABLE = "account_bank_statement_line"


def write_rows(env, record, statement, rows, exemplar_of, series, known):
    """Write the rows; those of one call belong to one series of numbers or to several.

    :param exemplar_of: ``exemplar_of(row)`` gives the Exemplar of its shape
    :param series: [Series] that hold the days of all rows
    :param known: (payees, items, groups) of the rows
    :return: ([statement line ids], [match ids, 0 for none], RowSet)
    """
    with garbage.paused():
        found = RowSet(env, record, statement, *known)
        ids = found.reserve(rows)
        found.settle(rows, ids)
        numbers = _numbers(rows, ids, series)
        exemplars = []
        for row, own in zip(rows, ids, strict=True):
            exemplar = exemplar_of(row)
            exemplars.append(exemplar)
            found.add(row, own, exemplar, numbers[own.move])
        found.finish(exemplars)
        _insert(env, found)
    _update(env, found)
    _extend_statement(env, statement, found, rows)
    return [own.line for own in ids], [own.match for own in ids], found


def _numbers(rows, ids, series):
    """{entry id: Number}, in the order of the days as posting does it."""
    order = sorted(range(len(rows)), key=lambda place: (rows[place].tx.entry_date, ids[place].move))
    result, free = {}, {}
    for place in order:
        own = next(one for one in series if one.holds(rows[place].tx.entry_date))
        if own not in free:
            free[own] = own.after(own.last())
            own.forget()
        result[ids[place].move] = free[own]
        free[own] = free[own].after(1)
    return result


def _insert(env, found):
    cr = env.cr
    # plans of checking references that were made when a table was small read the whole of it for each row
    cr.execute("DISCARD PLANS")
    if found.full_ids:
        execute_values(
            cr._obj,
            "INSERT INTO account_full_reconcile (id, create_uid, create_date, write_uid, write_date) VALUES %s",
            [(full_id,) for full_id in found.full_ids],
            template=cr.mogrify("(%%s, %s, %s, %s, %s)", (env.uid, cr.now(), env.uid, cr.now())).decode(),
            page_size=1000,
        )
    statement_lines = [one for key, one in found.inserters.items() if key[0] == "line"]
    _insert_pairs(cr, found.moves.values(), statement_lines)
    for kind, lines in found.lines.values():
        copy_rows(cr, LINE_TABLE, kind.columns, lines)
    copy_rows(cr, PARTIAL_TABLE, found.partial_columns, found.partials)
    for name in ("match", "candidate", "allocation"):
        for key, inserter in found.inserters.items():
            if key[0] == name:
                inserter.insert(cr)
    relation = found.relation
    copy_rows(
        cr, relation.relation, (relation.column1, relation.column2), [f"{one}\t{other}" for one, other in found.named]
    )


def _insert_pairs(cr, moves, statement_lines):
    """Entries and statement lines refer to each other: both go in by one statement."""
    new_moves, new_lines = f"bss_new_{MOVE_TABLE}", f"bss_new_{STATEMENT_LINE_TABLE}"
    for table, new in ((MOVE_TABLE, new_moves), (STATEMENT_LINE_TABLE, new_lines)):
        cr.execute(
            SQL(
                "CREATE TEMPORARY TABLE IF NOT EXISTS %s (LIKE %s) ON COMMIT DROP",
                SQL.identifier(new),
                SQL.identifier(table),
            )
        )
        cr.execute(SQL("TRUNCATE %s", SQL.identifier(new)))
    for kind, lines in moves:
        copy_rows(cr, new_moves, kind.columns, lines)
    for inserter in statement_lines:
        copy_rows(cr, new_lines, inserter.template.columns, inserter.lines)
    cr.execute(
        SQL(
            "WITH entries AS (INSERT INTO %s SELECT * FROM %s) INSERT INTO %s SELECT * FROM %s",
            *map(SQL.identifier, (MOVE_TABLE, new_moves, STATEMENT_LINE_TABLE, new_lines)),
        )
    )


def _update(env, found):
    """Open items, their invoices, and matchings that now belong to a full reconciliation."""
    cr = env.cr
    stamp = (env.uid, cr.now())
    residuals = found.settlement.residuals
    matched = {line_id for pair in found.settlement.pairs for line_id in (pair.debit_id, pair.credit_id)}
    old = [line_id for line_id in found.group_of if line_id not in found.days]
    _update_items(cr, stamp, [(one, residuals[one], *found.group_of[one]) for one in sorted(old) if one in matched])
    _update_mates(cr, [(one, *found.group_of[one]) for one in sorted(old) if one not in matched])
    _update_partials(cr, [(part, full) for part, full in found.full_of_partial.items() if full], found.partial_ids)
    documents = {item.move_id: residuals[item.id] for item in found.items.values() if item.is_invoice}
    touched = {item.move_id for item in found.items.values() if item.id in found.group_of}
    _update_documents(cr, stamp, sorted((one, left) for one, left in documents.items() if one in touched))


def _update_items(cr, stamp, rows):
    """:param rows: [(item id, grosze left, full reconciliation or 0, matching number)]"""
    statement = """
        UPDATE account_move_line line
           SET amount_residual = round(source.residual / 100.0, 2),
               amount_residual_currency = round(source.residual / 100.0, 2),
               reconciled = source.residual = 0, full_reconcile_id = NULLIF(source.full_id, 0),
               matching_number = source.number, write_uid = %s, write_date = %s
          FROM (VALUES %%s) AS source (id, residual, full_id, number)
         WHERE line.id = source.id
        """
    _update_from(cr, cr.mogrify(statement, stamp).decode(), rows, "(%s::integer, %s::bigint, %s::integer, %s::text)")


def _update_mates(cr, rows):
    """Items that hang together with the matched ones: Odoo changes their number by SQL too, and nothing else.

    :param rows: [(item id, full reconciliation or 0, matching number)]
    """
    statement = """
        UPDATE account_move_line line
           SET full_reconcile_id = NULLIF(source.full_id, 0), matching_number = source.number
          FROM (VALUES %s) AS source (id, full_id, number)
         WHERE line.id = source.id
        """
    _update_from(cr, statement, rows, "(%s::integer, %s::integer, %s::text)")


def _update_partials(cr, full_of_partial, new_ids):
    """:param full_of_partial: [(matching id, full reconciliation)], the new ones have it already"""
    statement = """
        UPDATE account_partial_reconcile part
           SET full_reconcile_id = source.full_id
          FROM (VALUES %s) AS source (id, full_id)
         WHERE part.id = source.id
        """
    new = set(new_ids)
    _update_from(cr, statement, [pair for pair in full_of_partial if pair[0] not in new], "(%s::integer, %s::integer)")


def _update_documents(cr, stamp, rows):
    """:param rows: [(document id, grosze left)]"""
    statement = """
        UPDATE account_move move
           SET amount_residual = round(abs(source.residual) / 100.0, 2),
               amount_residual_signed = round(source.residual / 100.0, 2),
               payment_state = CASE WHEN source.residual = 0 THEN 'paid' ELSE 'partial' END,
               is_manually_modified = TRUE, write_uid = %s, write_date = %s
          FROM (VALUES %%s) AS source (id, residual)
         WHERE move.id = source.id
        """
    _update_from(cr, cr.mogrify(statement, stamp).decode(), rows, "(%s::integer, %s::bigint)")


def _update_from(cr, statement, rows, template):
    if rows:
        execute_values(cr._obj, statement, rows, template=template, page_size=1000)


def _extend_statement(env, statement, found, rows):
    """What Odoo derives from the lines of a statement; its first line was written by the ORM."""
    env.cr.execute(
        SQL(
            """
            UPDATE account_bank_statement
               SET first_line_index = LEAST(first_line_index, %(first)s), date = GREATEST(date, %(day)s),
                   balance_end = balance_end + %(sum)s,
                   is_complete = round(balance_end + %(sum)s, 2) = round(balance_end_real, 2),
                   write_uid = %(uid)s, write_date = %(now)s
             WHERE id = %(id)s
            """,
            first=found.first_index,
            day=max(row.tx.entry_date for row in rows),
            sum=sum(row.tx.amount for row in rows),
            uid=env.uid,
            now=env.cr.now(),
            id=statement.id,
        )
    )
