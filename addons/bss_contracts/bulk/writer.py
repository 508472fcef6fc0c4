"""Posted invoices as rows: four COPY statements for thousands of them."""

import io
import logging
import random
from contextlib import closing

from odoo.tools import SQL
from psycopg2 import OperationalError

from .. import garbage
from ..report.invoice_ahead import Coming
from .exemplar import TAG_RELATION, TAX_RELATION, kind_of
from .format import line_values, move_values, tax_values, term_values
from .verify import NUMBERING, CanaryDifferenceError, canonical, differences, twins

_logger = logging.getLogger(__name__)

# may be set by what runs after posting, and is compared after it
LATER = ("bss_document_data",)


class Rows:
    """Lines of text for COPY by table, and the columns of the two tables of records."""

    def __init__(self):
        self.moves, self.lines, self.taxes, self.tags = [], [], [], []


def reserve_ids(env, table, count):
    """``count`` new ids of a table, ascending."""
    # looked up once: as a part of the query it would be looked up for each id
    [(sequence,)] = env.execute_query(SQL("SELECT pg_get_serial_sequence(%s, 'id')", table))
    env.cr.execute(SQL("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", sequence, count))
    return [row[0] for row in env.cr.fetchall()]


def count_lines(ready):
    """Rows of account_move_line of one invoice: products, taxes, receivable."""
    return len(ready.request.lines) + len(ready.amounts.taxes) + 1


def format_rows(setting, readies, number, move_ids, line_ids, stamp, documents=None):
    """Rows of posted invoices numbered from ``number`` on.

    :param move_ids, line_ids: reserved; as many as needed
    :param stamp: instant of creation as text of PostgreSQL, UTC
    :param documents: {move id: text of what it prints}
    """
    documents = documents or {}
    rows = Rows()
    digits, partners = setting.digits, setting.partners
    free_ids = iter(line_ids)
    for offset, ready in enumerate(readies):
        request, amounts, exemplar = ready.request, ready.amounts, ready.shape.exemplar
        _check_sums(request, amounts)
        move_id, name, partner = move_ids[offset], number.text(offset), partners[request.partner_id]
        rows.moves.append(
            exemplar.move.format(
                *move_values(
                    request,
                    partner,
                    amounts,
                    move_id,
                    name,
                    number.sequence_number + offset,
                    number.prefix,
                    stamp,
                    documents.get(move_id),
                )
            )
        )
        common = (move_id, name, partner.commercial_id, request.account_id, stamp)
        for line, net, subtotal, total in zip(
            request.lines, amounts.nets, amounts.subtotals, amounts.totals, strict=True
        ):
            kind, line_id = exemplar.lines[kind_of(line)], next(free_ids)
            _append(
                rows,
                kind,
                line_id,
                line_values(line_id, common, line, net, subtotal, total, kind.is_storno, digits),
            )
        for tax in amounts.taxes:
            line_id = next(free_ids)
            _append(rows, exemplar.taxes[tax.tax_id], line_id, tax_values(line_id, common, tax))
        line_id = next(free_ids)
        _append(rows, exemplar.term, line_id, term_values(line_id, common, amounts))
    return rows


def _append(rows, kind, line_id, values):
    rows.lines.append(kind.template.format(*values))
    for tax_id in kind.tax_ids:
        rows.taxes.append(f"{line_id}\t{tax_id}")
    for tag_id in kind.tag_ids:
        rows.tags.append(f"{line_id}\t{tag_id}")


def _check_sums(request, amounts):
    """The ORM checks the balance of every entry; here nobody else does."""
    tax = sum([one.amount for one in amounts.taxes])
    if sum(amounts.nets) != amounts.untaxed or tax != amounts.tax or amounts.untaxed + tax != amounts.total:
        raise AssertionError(f"item {request.item_id}: the amounts do not add up: {amounts}")


def copy_rows(cr, table, columns, lines):
    """COPY lines of text into a table."""
    if lines:
        names = ", ".join(f'"{column}"' for column in columns)
        with closing(io.StringIO("\n".join(lines))) as text:
            cr.copy_expert(f"COPY {table} ({names}) FROM STDIN", text)


def write_rows(env, readies, rows):
    """The four tables, records before what refers to them."""
    exemplar = readies[0].shape.exemplar
    # the server keeps its plans of checking references: those from when a table was small read the whole of it for
    # each row; planned anew, after the thousands before them are there, they use the index
    env.cr.execute("DISCARD PLANS")
    copy_rows(env.cr, "account_move", exemplar.move.columns, rows.moves)
    copy_rows(env.cr, "account_move_line", exemplar.term.template.columns, rows.lines)
    for (table, *columns), lines in ((TAX_RELATION, rows.taxes), (TAG_RELATION, rows.tags)):
        copy_rows(env.cr, table, columns, lines)


def write_copy(env, part, first_number, canaries=1):
    """Write posted invoices of the ``part`` in its order, numbered from ``first_number`` without a gap.

    Everything is one part of the caller's transaction: no commit. Whoever calls owns the range of numbers.
    :param part: Prepared with ready requests of the tier "copy" only
    :param canaries: how many of the invoices are made by the ORM too, compared in every stored column, and undone
    :return: ids of the invoices, in the order of the part
    :raises CanaryDifferenceError: an invoice differs from the one of the ORM; roll back the savepoint around this
        call and take the next tier
    """
    readies, setting = part.ready, part.setting
    if not readies:
        return []
    env = setting.env
    env.flush_all()
    chosen = _canaries(readies, canaries)
    expected = twins(
        setting, [readies[index].request for index in chosen], [first_number.text(index) for index in chosen]
    )
    [(stamp,)] = env.execute_query(SQL("SELECT (now() AT TIME ZONE 'UTC')::text"))
    move_ids = reserve_ids(env, "account_move", len(readies))
    line_ids = reserve_ids(env, "account_move_line", sum(map(count_lines, readies)))
    with garbage.paused():
        coming = [Coming(move_id, first_number.text(place), readies[place]) for place, move_id in enumerate(move_ids)]
        documents = env["account.move"]._bss_bulk_documents(setting, coming)
        rows = format_rows(setting, readies, first_number, move_ids, line_ids, stamp, documents)
        write_rows(env, readies, rows)
    env.invalidate_all(flush=False)
    written = [canonical(env, move_ids[index]) for index in chosen]
    _compare(readies, chosen, written, expected, (*LATER, *NUMBERING))
    env["account.move"].browse(move_ids)._bss_bulk_after_post()
    _compare_later(env, readies, chosen, move_ids, expected)
    remember_customers(env, {partner_id for one in readies for partner_id in _customers(setting, one)})
    return move_ids


def _canaries(readies, count):
    """Places of invoices chosen at random, the first ones of their accounts: what later ones say of the balance
    follows from those before them, which a twin alone does not have."""
    first = {}
    for place, one in enumerate(readies):
        first.setdefault(one.request.account_id, place)
    return sorted(random.sample(list(first.values()), min(count, len(first))))


def _compare(readies, chosen, written, expected, ignore):
    for index, ours, theirs in zip(chosen, written, expected, strict=True):
        found = differences(_without(ours, ignore), _without(theirs, ignore))
        if found:
            raise CanaryDifferenceError(readies[index].request.item_id, found)


def _compare_later(env, readies, chosen, move_ids, expected):
    """Columns that are filled after posting; money paid meanwhile concerns only others."""
    env.flush_all()
    for index, theirs in zip(chosen, expected, strict=True):
        move, _lines = canonical(env, move_ids[index])
        found = [
            f"invoice {column}: {move[column]} / {theirs[0][column]}"
            for column in LATER
            if column in move and move[column] != theirs[0][column]
        ]
        if found:
            raise CanaryDifferenceError(readies[index].request.item_id, found)


def _without(invoice, columns):
    move, lines = invoice
    return {column: token for column, token in move.items() if column not in columns}, lines


def _customers(setting, ready):
    partner = setting.partners[ready.request.partner_id]
    return partner.id, partner.commercial_id


def remember_customers(env, partner_ids):
    """After the commit, in a transaction of its own: who was invoiced for the first time becomes a customer.

    Inside the transaction of the invoices it would fight with everyone who changes one of the customers.
    """
    ids = sorted(partner_ids)

    @env.cr.postcommit.add
    def mark_customers():
        try:
            with env.registry.cursor() as cr:
                cr.execute(
                    """
                    UPDATE res_partner SET customer_rank = 1
                     WHERE id IN (SELECT id FROM res_partner
                                   WHERE id = ANY(%s) AND COALESCE(customer_rank, 0) = 0
                                ORDER BY id FOR NO KEY UPDATE SKIP LOCKED)
                    """,
                    (ids,),
                )
        except OperationalError:
            # the invoices are committed; the next one of these customers marks them
            _logger.info("Customers could not be marked as such", exc_info=True)
