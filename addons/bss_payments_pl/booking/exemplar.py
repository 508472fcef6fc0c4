"""Rows that the ORM wrote, as templates of those that follow: one payment of each shape is booked by it and stays."""

import io
from dataclasses import dataclass

from odoo.addons.bss_contracts.bulk.exemplar import columns_of
from odoo.addons.bss_contracts.bulk_core import RowTemplate

MOVE = (
    "id",
    "name",
    "sequence_prefix",
    "sequence_number",
    "date",
    "statement_line_id",
    "bss_account_id",
    "amount_total",
)
#: {column: the one of MOVE that it repeats}
MOVE_AGAIN = {"amount_total_signed": "amount_total", "amount_total_in_currency_signed": "amount_total"}
LINE = ("id", "move_id", "move_name", "date", "statement_line_id", "name", "partner_id", "bss_account_id", "account_id")
LINE += ("debit", "credit", "balance", "amount_residual", "reconciled", "full_reconcile_id", "matching_number")
LINE_AGAIN = {
    "amount_currency": "balance",
    "price_subtotal": "balance",
    "price_total": "balance",
    "amount_residual_currency": "amount_residual",
}
STATEMENT_LINE = ("id", "move_id", "internal_index", "amount_residual")
PARTIAL = ("id", "debit_move_id", "credit_move_id", "full_reconcile_id", "max_date", "amount")
PARTIAL_AGAIN = {"debit_amount_currency": "amount", "credit_amount_currency": "amount"}


@dataclass(slots=True)
class Exemplar:
    """Templates and tokens of one shape; what the shape does not have is None."""

    move: RowTemplate
    liquidity: RowTemplate
    counterpart: RowTemplate
    statement_line: dict
    match: dict | None
    candidate: dict | None
    allocation: dict | None
    partial: RowTemplate | None


def read_rows(env, table, column, ids):
    """[{column: token}] of the rows, by id, as COPY writes them."""
    if not ids:
        return []
    wanted = ",".join(str(int(one)) for one in ids)
    out = io.StringIO()
    # names are constants of this package
    env.cr.copy_expert(f"COPY (SELECT * FROM {table} WHERE {column} IN ({wanted}) ORDER BY id) TO STDOUT", out)
    columns = columns_of(env, table)
    return [dict(zip(columns, text.split("\t"), strict=True)) for text in out.getvalue().split("\n")[:-1]]


def template(tokens, names, again=None):
    """Template in which these columns vary, and those that repeat one of them."""
    places = {name: place for place, name in enumerate(names)}
    varying = {**places, **{column: places[name] for column, name in (again or {}).items()}}
    return RowTemplate(list(tokens), list(tokens.values()), varying)


def learn(env, line, match):
    """Exemplar of what the ORM wrote for a statement line and its match (which may be empty)."""
    [move] = read_rows(env, "account_move", "id", line.move_id.ids)
    liquidity, counterpart = read_rows(env, "account_move_line", "move_id", line.move_id.ids)
    [statement_line] = read_rows(env, "account_bank_statement_line", "id", line.ids)
    partials = read_rows(env, "account_partial_reconcile", "credit_move_id", [counterpart["id"]])
    matches = read_rows(env, "bss_payment_match", "id", match.ids)
    candidates = read_rows(env, "bss_payment_match_candidate", "match_id", match.ids)
    allocations = read_rows(env, "bss_payment_allocation", "match_id", match.ids)
    return Exemplar(
        template({**move, "made_sequence_gap": "f"}, MOVE, MOVE_AGAIN),
        template(liquidity, LINE, LINE_AGAIN),
        template(counterpart, LINE, LINE_AGAIN),
        statement_line,
        next(iter(matches), None),
        next(iter(candidates), None),
        next(iter(allocations), None),
        template(partials[0], PARTIAL, PARTIAL_AGAIN) if partials else None,
    )
