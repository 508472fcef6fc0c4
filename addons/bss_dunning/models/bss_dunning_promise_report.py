from odoo import fields, models
from odoo.tools import SQL


class BssDunningPromiseReport(models.Model):
    """One row per promise that was not taken back; rates look at decided ones."""

    _name = "bss.dunning.promise.report"
    _description = "Promises Kept"
    _auto = False
    _order = "date_made desc, id desc"
    _rec_name = "promise_id"
    _depends = {
        "bss.dunning.promise": [
            "account_id",
            "amount",
            "amount_paid",
            "case_id",
            "channel",
            "company_id",
            "date",
            "date_decided",
            "date_made",
            "partner_id",
            "state",
            "user_id",
        ],
        "bss.dunning.case": ["customer_kind", "stage_id", "strategy_id"],
    }

    promise_id = fields.Many2one("bss.dunning.promise", readonly=True)
    case_id = fields.Many2one("bss.dunning.case", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    account_id = fields.Many2one("bss.account", string="Billing Account", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    customer_kind = fields.Selection(
        selection=lambda self: self.env["res.partner"]._fields["bss_customer_kind"]._description_selection(self.env),
        readonly=True,
    )
    strategy_id = fields.Many2one("bss.dunning.strategy", readonly=True)
    stage_id = fields.Many2one("bss.dunning.stage", readonly=True)
    user_id = fields.Many2one("res.users", string="Recorded By", readonly=True)
    channel = fields.Selection(
        selection=lambda self: self.env["bss.dunning.promise"]._fields["channel"]._description_selection(self.env),
        string="Made By",
        readonly=True,
    )
    state = fields.Selection([("open", "Open"), ("kept", "Kept"), ("broken", "Broken")], readonly=True)
    date_made = fields.Date(string="Made On", readonly=True)
    date = fields.Date(string="Promised Day", readonly=True)
    days = fields.Integer(string="Days Granted", readonly=True, aggregator="avg")
    amount = fields.Monetary(string="Promised", readonly=True)
    amount_paid = fields.Monetary(string="Paid in Time", readonly=True)
    kept = fields.Integer(readonly=True)
    decided = fields.Integer(readonly=True)
    kept_rate = fields.Float(string="Kept %", readonly=True, aggregator="avg", digits=(16, 2))
    paid_rate = fields.Float(string="Paid of Promised %", readonly=True, aggregator="avg", digits=(16, 2))

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT promise.id,
                   promise.id AS promise_id,
                   promise.case_id,
                   promise.company_id,
                   company.currency_id,
                   promise.account_id,
                   promise.partner_id,
                   dunning.customer_kind,
                   dunning.strategy_id,
                   dunning.stage_id,
                   promise.user_id,
                   promise.channel,
                   promise.state,
                   promise.date_made,
                   promise.date,
                   promise.date - promise.date_made AS days,
                   promise.amount,
                   COALESCE(promise.amount_paid, 0) AS amount_paid,
                   (promise.state = 'kept')::int AS kept,
                   (promise.state <> 'open')::int AS decided,
                   CASE promise.state WHEN 'kept' THEN 100.0 WHEN 'broken' THEN 0.0 END AS kept_rate,
                   CASE WHEN promise.state <> 'open'
                        THEN 100.0 * COALESCE(promise.amount_paid, 0) / NULLIF(promise.amount, 0) END AS paid_rate
              FROM bss_dunning_promise promise
              JOIN res_company company ON company.id = promise.company_id
              JOIN bss_dunning_case dunning ON dunning.id = promise.case_id
             WHERE promise.state <> 'cancelled'
            """
        )

    def action_open_case(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "bss.dunning.case",
            "res_id": self.case_id.id,
            "view_mode": "form",
        }
