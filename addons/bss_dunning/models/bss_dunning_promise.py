from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.tools import format_date, formatLang

CHANNELS = [
    ("phone", "Call"),
    ("portal", "Customer portal"),
    ("person", "In person"),
    ("email", "E-mail"),
    ("letter", "Letter"),
]


class BssDunningPromise(models.Model):
    """What a debtor promised: an amount until a day; kept or broken by the rule that held when it was made."""

    _name = "bss.dunning.promise"
    _inherit = ["bss.dunning.guard.mixin"]
    _description = "Promise to Pay"
    _order = "date desc, id desc"
    _check_company_auto = True

    hold_id = fields.Many2one(
        "bss.dunning.hold", required=True, index=True, ondelete="cascade", check_company=True, readonly=True
    )
    case_id = fields.Many2one(related="hold_id.case_id", store=True, index=True)
    account_id = fields.Many2one(related="hold_id.account_id", store=True, index=True, string="Billing Account")
    partner_id = fields.Many2one(related="account_id.partner_id", store=True, index=True, string="Customer")
    company_id = fields.Many2one(related="hold_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_made = fields.Date(string="Made On", required=True, default=polish_day.today, readonly=True, index=True)
    date = fields.Date(string="Promised Day", required=True, readonly=True, index=True)
    date_last = fields.Date(string="Last Day", required=True, readonly=True, help="The promised day with grace.")
    date_remind = fields.Date(string="Reminder On", readonly=True)
    reminded = fields.Boolean(readonly=True)
    amount = fields.Monetary(required=True, readonly=True)
    percent_kept = fields.Float(readonly=True, help="Percent of the amount that keeps the promise.")
    grace_days = fields.Integer(readonly=True)
    paid_before = fields.Monetary(readonly=True, help="Paid on the first day before the promise was made.")
    amount_paid = fields.Monetary(string="Paid in Time", readonly=True)
    channel = fields.Selection(CHANNELS, required=True, default="phone", readonly=True, string="Made By")
    note = fields.Text(readonly=True)
    overridden = fields.Boolean(
        string="In Spite of the Limits", readonly=True, help="A manager took it although the limits were against it."
    )
    user_id = fields.Many2one(
        "res.users", string="Recorded By", default=lambda self: self.env.user, readonly=True, ondelete="restrict"
    )
    state = fields.Selection(
        [("open", "Open"), ("kept", "Kept"), ("broken", "Broken"), ("cancelled", "Cancelled")],
        required=True,
        default="open",
        readonly=True,
        index=True,
    )
    date_decided = fields.Date(readonly=True)

    _open = models.Index("(account_id) WHERE state = 'open'")

    @api.depends("amount", "date", "currency_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for promise in self:
            amount = formatLang(self.env, promise.amount, currency_obj=promise.currency_id)
            promise.display_name = self.env._(
                "%(amount)s until %(day)s", amount=amount, day=format_date(self.env, promise.date) or ""
            )

    def _bss_guard_words(self):
        return self.env._("Promises are recorded from their case and decided by payments.")

    # Buttons

    def action_cancel(self):
        """The debtor took it back, or it was recorded by mistake: it counts neither as kept nor as broken."""
        self.check_access("write")
        self._bss_finish("cancelled", polish_day.today())

    def action_decide(self):
        """Look at the payments now."""
        self.check_access("write")
        self.sudo()._bss_decide(polish_day.today(), self.account_id)

    def _bss_finish(self, state, as_of):
        """State of the promises and of their holds; the cases go on where they were left."""
        waiting = self.sudo().filtered(lambda promise: promise.state == "open")
        waiting.write({"state": state, "date_decided": as_of})
        waiting.hold_id._bss_end({"cancelled": "released"}.get(state, state), as_of)
        return waiting
