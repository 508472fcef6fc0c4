from odoo import fields, models
from odoo.tools import SQL

from .bss_payment_match import CHANNELS, REASONS

AGES = [
    ("0-1", "0–1 days"),
    ("2-7", "2–7 days"),
    ("8-30", "8–30 days"),
    ("over-30", "Over 30 days"),
]


class BssPaymentReport(models.Model):
    """Money in and what waits, one row per payment; ages are those of today.

    A daily sum that a mass-payment report explains is left out, its payments are counted one by one. What the bank
    took back counts against the day on which it did.
    """

    _name = "bss.payment.report"
    _description = "Payment Statistics"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "match_id"

    match_id = fields.Many2one("bss.payment.match", string="Payment", readonly=True)
    import_id = fields.Many2one("bss.bank.import", string="Bank File", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    journal_id = fields.Many2one("account.journal", string="Bank Journal", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    account_id = fields.Many2one("bss.account", string="Billing Account", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    date = fields.Date(readonly=True)
    amount = fields.Monetary(readonly=True)
    payer_name = fields.Char(readonly=True)
    title = fields.Char(readonly=True)
    channel = fields.Selection(CHANNELS, readonly=True)
    reason = fields.Selection(REASONS, readonly=True)
    state = fields.Selection(
        [
            ("unallocated", "Unallocated"),
            ("proposed", "Proposed"),
            ("booked", "Booked"),
            ("rejected", "Not a payment"),
        ],
        readonly=True,
    )
    is_waiting = fields.Boolean(string="To Decide", readonly=True)
    is_automatic = fields.Boolean(string="Booked Without a Clerk", readonly=True)
    age = fields.Selection(AGES, string="Waiting For", readonly=True)
    age_days = fields.Integer(string="Days Waiting", readonly=True, aggregator="avg")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT payment.id,
                   payment.id AS match_id,
                   payment.import_id,
                   payment.company_id,
                   payment.journal_id,
                   payment.currency_id,
                   payment.account_id,
                   payment.partner_id,
                   payment.date,
                   payment.amount,
                   payment.payer_name,
                   payment.title,
                   payment.channel,
                   payment.reason,
                   payment.state,
                   payment.state IN ('proposed', 'unallocated') AS is_waiting,
                   payment.state = 'booked' AND payment.decided_by_id IS NULL AS is_automatic,
                   CASE WHEN payment.state NOT IN ('proposed', 'unallocated') THEN NULL
                        WHEN payment.date >= %(today)s - 1 THEN '0-1'
                        WHEN payment.date >= %(today)s - 7 THEN '2-7'
                        WHEN payment.date >= %(today)s - 30 THEN '8-30'
                        ELSE 'over-30' END AS age,
                   CASE WHEN payment.state IN ('proposed', 'unallocated')
                        THEN greatest(%(today)s - payment.date, 0) END AS age_days
              FROM bss_payment_match payment
             WHERE payment.amount <> 0
               AND payment.reason NOT IN ('REPORT_SUM', 'REVERSAL_OF_DEBIT')
            """,
            today=fields.Date.context_today(self),
        )

    def action_open_payment(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "bss.payment.match",
            "res_id": self.match_id.id,
            "view_mode": "form",
        }
