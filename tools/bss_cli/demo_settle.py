"""Invoices of earlier months paid at once: one bank entry as an earlier system would hand it over.

Odoo makes the entry and reconciles the first invoice; the lines of all others are copies of that one, in SQL, because
statement lines booked one by one take hours for a base of tens of thousands.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from .demo_bank import DUE_DAYS

PAID_AFTER = timedelta(days=DUE_DAYS - 2)
# in the order in which the rows need each other
PAY = """
CREATE TEMP TABLE demo_paid ON COMMIT DROP AS
SELECT line.id AS debit_id, line.move_id, line.partner_id, line.bss_account_id, line.amount_residual AS amount,
       nextval('account_move_line_id_seq')::int AS credit_id, nextval('account_full_reconcile_id_seq')::int AS full_id
  FROM account_move_line line
  JOIN account_move move ON move.id = line.move_id
  JOIN account_account ledger ON ledger.id = line.account_id AND ledger.account_type = 'asset_receivable'
 WHERE move.id = ANY(%(moves)s) AND line.amount_residual > 0
 ORDER BY move.id;
INSERT INTO account_full_reconcile (id, create_uid, write_uid, create_date, write_date)
SELECT full_id, %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC' FROM demo_paid;
"""
CREDIT = {
    "id": "paid.credit_id",
    "partner_id": "paid.partner_id",
    "bss_account_id": "paid.bss_account_id",
    "credit": "paid.amount",
    "balance": "-paid.amount",
    "amount_currency": "-paid.amount",
    "full_reconcile_id": "paid.full_id",
    "matching_number": "paid.full_id::text",
}
PARTIAL = {
    "id": "nextval('account_partial_reconcile_id_seq')",
    "debit_move_id": "paid.debit_id",
    "credit_move_id": "paid.credit_id",
    "full_reconcile_id": "paid.full_id",
    "amount": "paid.amount",
    "debit_amount_currency": "paid.amount",
    "credit_amount_currency": "paid.amount",
}
CLOSE = """
UPDATE account_move_line line
   SET amount_residual = 0, amount_residual_currency = 0, reconciled = true, full_reconcile_id = paid.full_id,
       matching_number = paid.full_id::text
  FROM demo_paid paid WHERE line.id = paid.debit_id;
UPDATE account_move move
   SET amount_residual = 0, amount_residual_signed = 0, payment_state = 'paid'
  FROM demo_paid paid WHERE move.id = paid.move_id;
UPDATE account_move_line
   SET debit = debit + paid.amount, balance = balance + paid.amount, amount_currency = amount_currency + paid.amount
  FROM (SELECT coalesce(sum(amount), 0) AS amount FROM demo_paid) paid WHERE id = %(bank)s;
UPDATE account_move
   SET amount_total = amount_total + paid.amount, amount_total_signed = amount_total_signed + paid.amount,
       amount_total_in_currency_signed = amount_total_in_currency_signed + paid.amount
  FROM (SELECT coalesce(sum(amount), 0) AS amount FROM demo_paid) paid WHERE id = %(entry)s;
"""


def pay(env: Any, journal: Any, invoices: Any) -> Any:
    """Pay these open invoices of one day in full; returns the bank entry.

    :param journal: bank journal.
    """
    first, others = invoices[0], invoices[1:]
    due = first.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
    amount = due.amount_residual
    ours = {"name": "Wpłaty od klientów", "partner_id": False}
    entry = env["account.move"].create(
        {
            "move_type": "entry",
            "journal_id": journal.id,
            "date": first.invoice_date + PAID_AFTER,
            "ref": "Wyciąg zbiorczy",
            "line_ids": [
                (0, 0, {**ours, "account_id": journal.default_account_id.id, "debit": amount}),
                (
                    0,
                    0,
                    {
                        **ours,
                        "account_id": due.account_id.id,
                        "partner_id": due.partner_id.id,
                        "bss_account_id": first.bss_account_id.id,
                        "credit": amount,
                    },
                ),
            ],
        }
    )
    entry.action_post()
    bank, credit = entry.line_ids.sorted("credit")
    (due | credit).reconcile()
    env.flush_all()
    partial = credit.matched_debit_ids
    params = {"moves": others.ids, "uid": env.uid, "bank": bank.id, "entry": entry.id}
    env.cr.execute(PAY, params)
    _copy(env.cr, "account_move_line", credit.id, CREDIT)
    _copy(env.cr, "account_partial_reconcile", partial.id, PARTIAL)
    env.cr.execute(CLOSE, params)
    env.cr.execute("DROP TABLE demo_paid")
    env.invalidate_all()
    return entry


def _copy(cr: Any, table: str, source: int, values: dict[str, str]) -> None:
    """One copy of a row for each invoice paid."""
    cr.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", (table,))
    columns = [row[0] for row in cr.fetchall()]
    picked = ", ".join(values.get(column, f'source."{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    cr.execute(
        f"INSERT INTO {table} ({names}) SELECT {picked} FROM {table} source, demo_paid paid WHERE source.id = {source}"
    )
