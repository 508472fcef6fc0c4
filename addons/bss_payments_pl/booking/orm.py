"""Payments booked by the ORM: one create of all lines, one of all matches, one reconciliation."""

from .. import adapters
from ..bank_core import matching
from ..bank_core.settling import pairs
from .facts import payees
from .items import open_items

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
    """Whether a row becomes a payment: money of customers does, fees and other own debits do not."""
    return row.match.decision != matching.IGNORE or row.match.reason.startswith("REVERSAL")


def write_orm(env, record, statement, rows):
    """(statement lines, matches) of the rows, in their order."""
    found = payees(env, {row.account_id for row in rows if row.account_id})
    lines = _make_lines(env, statement, rows, found)
    listed = [(row, line) for row, line in zip(rows, lines, strict=True) if is_listed(row)]
    matches = env["bss.payment.match"].create([match_vals(record, row, line) for row, line in listed])
    booked = [(row, match) for (row, _line), match in zip(listed, matches, strict=True) if row.account_id]
    settle(env, booked)
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


def settle(env, booked):
    """Reconcile payments with the parts they were allocated to and keep the log of it.

    :param booked: [(row or any other with ``parts``, match), …]
    """
    residuals = {
        item.id: item.residual
        for items in open_items(env, [match.account_id.id for _row, match in booked]).values()
        for item in items
    }
    plan, log = [], []
    for row, match in booked:
        if not row.parts:
            continue
        item = match._bss_receivable_items()
        amount = round(-item.amount_residual * 100)
        for debit_id, credit_id, settled in pairs(item.id, amount, row.parts, residuals):
            plan.append(env["account.move.line"].browse((debit_id, credit_id)))
            for line_id, sign in ((debit_id, 1), (credit_id, -1)):
                if line_id in residuals:
                    residuals[line_id] -= sign * settled
        log += log_vals(env, match, row.parts)
    if plan:
        env["account.move.line"].sudo()._reconcile_plan(plan)
        env["bss.payment.allocation"].sudo().create(log)


def log_vals(env, match, parts):
    """Rows of the allocation log of one payment."""
    lines = env["account.move.line"].browse([part.item_id for part in parts])
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
