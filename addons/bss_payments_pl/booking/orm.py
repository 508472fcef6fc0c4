"""Payments booked by the ORM: one create of all lines, one of all matches, one reconciliation."""

from collections import defaultdict

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
    plan = []
    for _match, line, parts in booked:
        amount = round(-line.amount_residual * 100)
        for debit_id, credit_id, settled in pairs(line.id, amount, parts, residuals):
            plan.append(lines.browse((debit_id, credit_id)))
            for line_id, change in ((debit_id, -settled), (credit_id, settled)):
                if line_id in residuals:
                    residuals[line_id] += change
    if not plan:
        return
    foreign = _all_if_foreign(booked, items)
    before = _partials(foreign)
    lines._reconcile_plan(plan)
    made = _by_item(_partials(foreign) - before)
    log = []
    for match, line, parts in booked:
        vals_list = log_vals(env, match, parts)
        log += _as_settled(vals_list, match.currency_id, line, made) if foreign else vals_list
    env["bss.payment.allocation"].sudo().create(log)


def _all_if_foreign(booked, items):
    """All items that are reconciled, when one of them is not in the currency of the books; empty otherwise."""
    lines = items.union(*(line.sudo() for _match, line, _parts in booked))
    return lines if any(line.currency_id != line.company_currency_id for line in lines) else lines.browse()


def _partials(lines):
    return lines.matched_debit_ids | lines.matched_credit_ids


def _by_item(partials):
    """{item id: [(id of the other item, matching), …]}"""
    found = defaultdict(list)
    for partial in partials:
        debit_id, credit_id = partial.debit_move_id.id, partial.credit_move_id.id
        found[debit_id].append((credit_id, partial))
        found[credit_id].append((debit_id, partial))
    return found


def _as_settled(vals_list, currency, line, made):
    """The log of one payment by what Odoo's matchings say: rates moved, the books said otherwise what is open.

    :param currency: of the payment
    :param made: the new matchings, see ``_by_item``
    """
    own = {line.id, *(vals["move_line_id"] for vals in vals_list)}
    settled = []
    for vals in vals_list:
        partials = [partial for other_id, partial in made[vals["move_line_id"]] if other_id in own]
        amount = currency.round(sum(_amount_in(currency, partial) for partial in partials))
        if amount:
            settled.append({**vals, "amount": -amount if vals["amount"] < 0 else amount})
    return settled


def _amount_in(currency, partial):
    if partial.credit_currency_id == currency:
        return partial.credit_amount_currency
    if partial.debit_currency_id == currency:
        return partial.debit_amount_currency
    return partial.amount


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
