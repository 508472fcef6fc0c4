"""Payments booked by the ORM: one create of all lines, one of all matches, one reconciliation."""

from .. import adapters
from ..bank_core import matching
from ..bank_core.settling import pairs
from .facts import payees

#: entries made by Odoo's own recipe for statement lines are balanced and need no second look
LEAN = {
    "skip_account_move_synchronization": True,
    "skip_invoice_sync": True,
    "check_move_validity": False,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "tracking_disable": True,
}


def is_listed(row):
    """Whether a row becomes a payment: all money that comes in and its returns do, fees and other own debits do not."""
    return row.tx.amount > 0 or row.match.decision != matching.IGNORE or row.match.reason.startswith("REVERSAL")


def write_orm(env, record, statement, rows):
    """(statement lines, matches) of the rows, in their order."""
    found = payees(env, {row.account_id for row in rows if row.account_id})
    lines = _make_lines(env, statement, rows, found)
    listed = [(row, line) for row, line in zip(rows, lines, strict=True) if is_listed(row)]
    matches = env["bss.payment.match"].create([match_vals(record, row, line) for row, line in listed])
    settle(
        env,
        [
            (match, _receivable(line), row.parts)
            for (row, line), match in zip(listed, matches, strict=True)
            if row.account_id and row.parts
        ],
    )
    return lines, matches


def _make_lines(env, statement, rows, found):
    vals_list = []
    for row in rows:
        account = env["bss.account"].browse(row.account_id or False)
        payee = found.get(row.account_id)
        partner = env["res.partner"].browse(payee.partner_id if payee else False)
        counterpart = env["account.account"].browse(payee.ledger_id if payee else False)
        vals_list.append(
            adapters.statement_line_vals(row.tx, row.match, row.key, statement, partner, counterpart, account)
        )
    return env["account.bank.statement.line"].with_context(**LEAN).create(vals_list).with_env(env)


def match_vals(record, row, line):
    """Values of the match of a row; what the row says of the account goes before what the matcher thought."""
    vals = {**adapters.match_vals(row.tx, row.match, row.key, line, record.kind), "import_id": record.id}
    if row.account_id:
        vals |= {"account_id": row.account_id, "state": "booked"}
    elif vals["state"] == "booked":
        vals |= {"account_id": False, "state": "unallocated"}
    return vals


def _receivable(line):
    return line.move_id.line_ids.filtered(lambda item: item.account_id.account_type == "asset_receivable")


def settle(env, booked):
    """Reconcile payments with the parts they were allocated to, and keep the log of it.

    :param booked: [(match, its receivable item, parts), …], in the order in which they were allocated
    :raises odoo.addons.bss_payments_pl.bank_core.settling.SettlingError: the parts do not fit what is open
    """
    lines = env["account.move.line"].sudo()
    items = lines.browse(dict.fromkeys(part.item_id for _match, _line, parts in booked for part in parts))
    residuals = {item.id: round(item.amount_residual * 100) for item in items}
    plan, log = [], []
    for match, line, parts in booked:
        amount = round(-line.amount_residual * 100)
        for debit_id, credit_id, settled in pairs(line.id, amount, parts, residuals):
            plan.append(lines.browse((debit_id, credit_id)))
            for line_id, change in ((debit_id, -settled), (credit_id, settled)):
                if line_id in residuals:
                    residuals[line_id] += change
        log += log_vals(env, match, parts)
    if plan:
        lines._reconcile_plan(plan)
        env["bss.payment.allocation"].sudo().create(log)


def log_vals(env, match, parts):
    """Rows of the allocation log of one payment."""
    lines = env["account.move.line"].sudo().browse([part.item_id for part in parts])
    return [
        {
            "match_id": match.id,
            "move_line_id": part.item_id,
            "invoice_id": line.move_id.id,
            "amount": (1 if line.balance > 0 else -1) * abs(part.amount) / 100,
            "reason": part.reason,
            "sequence": place,
        }
        for place, (part, line) in enumerate(zip(parts, lines, strict=True), 1)
    ]
