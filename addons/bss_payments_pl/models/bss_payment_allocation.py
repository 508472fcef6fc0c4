from odoo import api, fields, models
from odoo.tools import SQL

REASONS = [
    ("NAMED", "Named by the payer"),
    ("CREDIT_NOTE", "Credit set off"),
    ("INTEREST", "Interest first"),
    ("OLDEST", "Longest overdue"),
    ("DISPUTED", "Disputed, after all others"),
    ("MANUAL", "Chosen by hand"),
]


class BssPaymentAllocation(models.Model):
    """Log: which debt a payment was set against, how much of it and why. Written by booking, never changed."""

    _name = "bss.payment.allocation"
    _description = "Allocation of a Payment"
    _order = "match_id desc, sequence, id"
    _rec_name = "invoice_id"

    match_id = fields.Many2one("bss.payment.match", string="Payment", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="match_id.company_id", store=True, precompute=True)
    currency_id = fields.Many2one(related="match_id.currency_id")
    account_id = fields.Many2one(related="match_id.account_id", string="Billing Account")
    date = fields.Date(related="match_id.date")
    payer_name = fields.Char(related="match_id.payer_name")
    sequence = fields.Integer(help="Order in which the debts were settled.")
    move_line_id = fields.Many2one(
        "account.move.line", string="Journal Item", required=True, ondelete="cascade", index=True
    )
    invoice_id = fields.Many2one("account.move", string="Document", required=True, ondelete="cascade", index=True)
    date_due = fields.Date(related="move_line_id.date_maturity", string="Due Date")
    amount = fields.Monetary(help="Negative for a credit note or an earlier overpayment that was used up with it.")
    reason = fields.Selection(REASONS, required=True)

    @api.model
    def _bss_log_later(self, accounts):
        """Payments of the accounts that were set against debts after they were booked: an overpayment that paid the
        next invoice."""
        if not accounts:
            return
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT match.id, part.debit_move_id, debit.move_id,
                       CASE WHEN credit.currency_id = match.currency_id
                            THEN part.credit_amount_currency ELSE part.amount END,
                       row_number() OVER (PARTITION BY match.id ORDER BY part.id)
                       + COALESCE((SELECT max(sequence) FROM bss_payment_allocation own WHERE own.match_id = match.id), 0)
                  FROM account_move_line credit
                  JOIN bss_payment_match match ON match.statement_line_id = credit.statement_line_id
                  JOIN account_partial_reconcile part ON part.credit_move_id = credit.id
                  JOIN account_move_line debit ON debit.id = part.debit_move_id AND debit.statement_line_id IS NULL
                 WHERE credit.bss_account_id = ANY(%s)
                   AND match.state = 'booked'
                   AND NOT EXISTS (SELECT FROM bss_payment_allocation log
                                    WHERE log.match_id = match.id AND log.move_line_id = debit.id)
              ORDER BY part.id
                """,
                accounts.ids,
            )
        )
        names = ("match_id", "move_line_id", "invoice_id", "amount", "sequence")
        self.sudo().create([{**dict(zip(names, row, strict=True)), "reason": "OLDEST"} for row in rows])


class AccountMove(models.Model):
    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    bss_allocation_ids = fields.One2many("bss.payment.allocation", "invoice_id", string="Paid By")
