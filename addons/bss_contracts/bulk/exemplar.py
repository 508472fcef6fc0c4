"""Rows of real invoices as templates: made by the ORM, read by COPY, rolled back."""

import copy
import io
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from ..bulk_core import Number, RowTemplate
from .eligibility import database_reason
from .format import LINE, MOVE, TAX, TERM, line_values, move_values, tax_values, term_values
from .vals import move_vals

KINDS_AT_ONCE = 60
TABLES = ("account_move", "account_move_line")
TAX_RELATION = ("account_move_line_account_tax_rel", "account_move_line_id", "account_tax_id")
TAG_RELATION = ("account_account_tag_account_move_line_rel", "account_move_line_id", "account_account_tag_id")
# said by us although an exemplar says otherwise: its number follows nothing, what it prints is its own
FORCED = {"made_sequence_gap": "f", "bss_document_data": r"\N"}


class RefusedError(Exception):
    """Invoices of a shape cannot be written as rows; the text says why."""


class _Undo(Exception):
    pass


@dataclass(frozen=True, slots=True)
class LineKind:
    """Row of a line and what hangs on it."""

    template: RowTemplate
    tax_ids: tuple
    tag_ids: tuple
    is_storno: bool


@dataclass(slots=True)
class Exemplar:
    """Templates of one shape: ``lines`` by (product, taxes, sign), ``taxes`` by tax."""

    move: RowTemplate
    lines: dict
    taxes: dict
    term: LineKind


@contextmanager
def undone(env):
    """Everything written inside is rolled back, also what was to happen at the commit."""
    env.flush_all()
    postcommit = env.cr.postcommit
    functions, data = list(postcommit._funcs), copy.deepcopy(postcommit.data)
    try:
        with suppress(_Undo), env.cr.savepoint():
            yield
            raise _Undo
    finally:
        postcommit.clear()
        postcommit._funcs.extend(functions)
        postcommit.data.update(data)
        env.invalidate_all(flush=False)


def kind_of(line):
    """What decides the row of a line beside its own values."""
    product = line.quantity * line.price_unit
    return line.product_id, line.tax_ids, (product > 0) - (product < 0)


def build(setting, readies):
    """Exemplar of the shape that these belong to; RefusedError says why there is none."""
    env = setting.env
    first = readies[0].request
    second = next((one.request for one in readies if one.request.partner_id != first.partner_id), None)
    if second is None:
        raise RefusedError(env._("There is no second customer of this kind to compare with."))
    kinds = {}
    for ready in readies:
        for line in ready.request.lines:
            kinds.setdefault(kind_of(line), line)
    names = list(kinds)
    found = None
    for start in range(0, len(names), KINDS_AT_ONCE):
        some = {name: kinds[name] for name in names[start : start + KINDS_AT_ONCE]}
        requests = [_with_kinds(setting, request, some) for request in (first, second)]
        part = _build_pair(setting, requests)
        if found is None:
            found = part
        else:
            found.lines.update(part.lines)
            found.taxes.update(part.taxes)
    return found


def _with_kinds(setting, request, kinds):
    """The request with one line more of each of the kinds, so much of each tax that an invoice comes out."""
    lines = [*(line for line in request.lines if kind_of(line) in kinds), *kinds.values()]
    for _round in range(8):
        amounts = setting.amounts(lines)
        short = {one.tax_id for one in amounts.taxes if one.amount <= 0}
        if not short and amounts.untaxed > 0:
            break
        place = next(
            (
                index
                for index, line in enumerate(lines)
                if kind_of(line)[2] > 0 and line.discount < 100 and (not short or short & set(line.tax_ids))
            ),
            None,
        )
        if place is None:
            break
        lines[place] = replace(lines[place], quantity=lines[place].quantity * 100)
    return replace(request, lines=tuple(lines))


def _build_pair(setting, requests):
    env = setting.env
    with undone(env):
        moves, numbers = _make(setting, requests)
        pictures = [picture(env, move.id) for move in moves]
        tables = database_reason(env, moves.ids, moves.line_ids.ids)
    if tables:
        raise RefusedError(env._("Invoices leave traces in %(tables)s.", tables=", ".join(tables)))
    exemplar = _templates(env, requests[0], pictures[0])
    for request, number, seen in zip(requests, numbers, pictures, strict=True):
        problem = _differences(setting, exemplar, request, number, seen)
        if problem:
            raise RefusedError(
                env._("Invoices differ in ways that are not known: %(columns)s", columns="; ".join(problem[:6]))
            )
    return exemplar


def _make(setting, requests):
    """Posted invoices of the requests under numbers that nobody else uses."""
    env = setting.env
    env.cr.execute("SELECT nextval('account_move_id_seq') FROM generate_series(1, %s)", (len(requests),))
    free = [row[0] for row in env.cr.fetchall()]
    code, year = setting.journal.code or "X", setting.run.date_invoice.year
    numbers = [Number(f"{code}/{year}/", 900_000_000 + number % 99_999_999, "", 9) for number in free]
    vals = [move_vals(setting.run, request, number.text()) for request, number in zip(requests, numbers, strict=True)]
    moves = env["account.move"].create(vals)
    moves._post(soft=False)
    env.flush_all()
    return moves, numbers


@dataclass(frozen=True, slots=True)
class Picture:
    """What the database holds of one invoice, as tokens of COPY by column."""

    move: dict
    lines: list
    tax_ids: dict
    tag_ids: dict


def picture(env, move_id):
    """Rows of the invoice, its lines in order, and their taxes and tags: {line id: ids in order}."""
    [move] = read_rows(env, "account_move", "id", move_id)
    lines = sorted(read_rows(env, "account_move_line", "move_id", move_id), key=lambda row: int(row["id"]))
    relations = []
    for table, line_column, other in (TAX_RELATION, TAG_RELATION):
        env.cr.execute(
            f"""SELECT {line_column}, array_agg({other} ORDER BY {other}) FROM {table}
                 WHERE {line_column} = ANY(%s) GROUP BY 1""",  # names are constants above
            ([int(row["id"]) for row in lines],),
        )
        relations.append({line_id: tuple(ids) for line_id, ids in env.cr.fetchall()})
    return Picture(move, lines, *relations)


def read_rows(env, table, column, value):
    """[{column: token}] as COPY writes them."""
    out = io.StringIO()
    env.cr.copy_expert(f"COPY (SELECT * FROM {table} WHERE {column} = {int(value)}) TO STDOUT", out)
    columns = columns_of(env, table)
    return [dict(zip(columns, text.split("\t"), strict=True)) for text in out.getvalue().split("\n")[:-1]]


def columns_of(env, table):
    """Columns in the order of ``SELECT *``."""
    env.cr.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " ORDER BY attnum",
        (table,),
    )
    return [row[0] for row in env.cr.fetchall()]


def _kind(seen, row, varying):
    line_id = int(row["id"])
    return LineKind(
        RowTemplate(list(row), list(row.values()), varying),
        seen.tax_ids.get(line_id, ()),
        seen.tag_ids.get(line_id, ()),
        row.get("is_storno") == "t",
    )


def _templates(env, request, seen):
    move = {**seen.move, **{column: token for column, token in FORCED.items() if column in seen.move}}
    products = [row for row in seen.lines if row["display_type"] == "product"]
    lines = {kind_of(line): _kind(seen, row, LINE) for line, row in zip(request.lines, products, strict=True)}
    taxes = {int(row["tax_line_id"]): _kind(seen, row, TAX) for row in seen.lines if row["display_type"] == "tax"}
    terms = [row for row in seen.lines if row["display_type"] == "payment_term"]
    if len(terms) != 1 or len(products) + len(taxes) + 1 != len(seen.lines):
        raise RefusedError(env._("Invoices have lines other than products, taxes and one receivable."))
    return Exemplar(RowTemplate(list(move), list(move.values()), MOVE), lines, taxes, _kind(seen, terms[0], TERM))


def _differences(setting, exemplar, request, number, seen):
    """What the templates would write otherwise than the ORM wrote."""
    amounts = setting.amounts(request.lines)
    partner = setting.partners[request.partner_id]
    stamp = seen.move["create_date"]
    move_id = int(seen.move["id"])
    actual = {**seen.move, **{column: token for column, token in FORCED.items() if column in seen.move}}
    found = exemplar.move.differing(
        move_values(request, partner, amounts, move_id, number.text(), number.sequence_number, number.prefix, stamp),
        list(actual.values()),
    )
    products = [row for row in seen.lines if row["display_type"] == "product"]
    common = (move_id, number.text(), partner.commercial_id, request.account_id, stamp)
    for index, (line, row) in enumerate(zip(request.lines, products, strict=True)):
        kind = exemplar.lines[kind_of(line)]
        values = line_values(
            int(row["id"]),
            common,
            line,
            amounts.nets[index],
            amounts.subtotals[index],
            amounts.totals[index],
            kind.is_storno,
            setting.digits,
        )
        found += _line_differences(kind, values, row, seen)
    taxes = {int(row["tax_line_id"]): row for row in seen.lines if row["display_type"] == "tax"}
    if {one.tax_id for one in amounts.taxes} != set(taxes):
        return [*found, f"tax lines {sorted(taxes)}"]
    for tax in amounts.taxes:
        row, kind = taxes[tax.tax_id], exemplar.taxes[tax.tax_id]
        found += _line_differences(kind, tax_values(int(row["id"]), common, tax), row, seen)
    [row] = [row for row in seen.lines if row["display_type"] == "payment_term"]
    return found + _line_differences(exemplar.term, term_values(int(row["id"]), common, amounts), row, seen)


def _line_differences(kind, values, row, seen):
    line_id = int(row["id"])
    found = kind.template.differing(values, list(row.values()))
    if kind.tax_ids != seen.tax_ids.get(line_id, ()):
        found.append("tax_ids")
    if kind.tag_ids != seen.tag_ids.get(line_id, ()):
        found.append("tax_tag_ids")
    return [f"{row['display_type']} {text}" for text in found]
