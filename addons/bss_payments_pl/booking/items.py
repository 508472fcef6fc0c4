"""Open items of billing accounts, locked until the end of the transaction."""

from odoo.tools import SQL

from ..bank_core.allocation import OpenItem
from .facts import payees

#: joins as ``late`` the invoice of the same account whose delay an interest note is for: the note bears its number
DEBT_OF_NOTE = """
    LEFT JOIN LATERAL (
              SELECT debt.id
                FROM account_move debt
               WHERE move.bss_settlement_kind = 'interest_note'
                 AND debt.bss_account_id = line.bss_account_id
                 AND debt.name = move.ref
                 AND debt.move_type = 'out_invoice'
                 AND debt.state = 'posted'
            ORDER BY debt.id
               LIMIT 1) late ON TRUE
"""
#: whether a journal item is disputed: *No Follow-Up*, which Odoo sets by itself on all of a general journal's items
DISPUTED = """
    (COALESCE(line.no_followup, FALSE)
     AND line.journal_id NOT IN (SELECT journal.id FROM account_journal journal WHERE journal.type = 'general'))
"""
#: what the search and the lock below read
READ = (
    "account_id",
    "amount_residual",
    "bss_account_id",
    "company_id",
    "date",
    "date_maturity",
    "journal_id",
    "move_id",
    "no_followup",
    "parent_state",
    "reconciled",
)
READ_OF_MOVE = ("bss_account_id", "bss_settlement_kind", "move_type", "name", "ref", "state")


def open_items(env, account_ids):
    """{account id: [OpenItem, …]}, the longest overdue first.

    The items are locked in the order of their ids: whoever else wants to pay them waits, and then finds them
    changed. All items of an account are on one ledger account, that of its oldest debt: a payment is one
    receivable, and nothing else can be reconciled with it.

    Interest is what accounting calls an interest note (*Kind in Settlements* of the entry). One whose reference is
    the number of an invoice of the account belongs to that debt, any other is a debt of its own.
    """
    ids = sorted(set(account_ids))
    result = {account_id: [] for account_id in ids}
    if not ids:
        return result
    env["account.move.line"].flush_model(READ)
    env["account.move"].flush_model(READ_OF_MOVE)
    env.cr.execute(
        SQL(
            """
            WITH open AS MATERIALIZED (
                SELECT line.id
                  FROM account_move_line line
                  JOIN account_account ledger ON ledger.id = line.account_id
                 WHERE line.bss_account_id = ANY(%s)
                   AND line.parent_state = 'posted'
                   AND line.reconciled IS NOT TRUE
                   AND line.amount_residual != 0
                   AND ledger.account_type = 'asset_receivable'
              ORDER BY line.id)
            SELECT line.id, line.move_id, line.bss_account_id, line.account_id, round(line.amount_residual * 100)::bigint,
                   COALESCE(line.date_maturity, line.date), %s,
                   COALESCE(move.bss_settlement_kind = 'interest_note', FALSE), late.id
              FROM account_move_line line
              JOIN open ON open.id = line.id
              JOIN account_move move ON move.id = line.move_id
                   %s
          ORDER BY line.id
               FOR NO KEY UPDATE OF line
            """,
            ids,
            SQL(DISPUTED),
            SQL(DEBT_OF_NOTE),
        )
    )
    rows = sorted(env.cr.fetchall(), key=lambda row: (row[5], row[0]))
    ledger_of = {account_id: payee.ledger_id for account_id, payee in payees(env, ids).items()}
    for line_id, move_id, account_id, ledger_id, residual, due, disputed, is_interest, late_id in rows:
        if ledger_of[account_id] == ledger_id:
            result[account_id].append(
                OpenItem(
                    id=line_id,
                    document_id=late_id or move_id,
                    residual=residual,
                    due=due.toordinal(),
                    kind="interest" if is_interest and residual > 0 else "principal",
                    is_disputed=disputed,
                    note_id=move_id if late_id else None,
                )
            )
    return result
