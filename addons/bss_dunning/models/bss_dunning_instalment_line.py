from odoo import api, fields, models


class BssDunningInstalmentLine(models.Model):
    """One instalment with its own due date; number 0 is the down payment."""

    _name = "bss.dunning.instalment.line"
    _inherit = ["bss.dunning.guard.mixin"]
    _description = "Instalment"
    _order = "date_due, number, id"
    _check_company_auto = True

    plan_id = fields.Many2one(
        "bss.dunning.instalment.plan",
        string="Instalment Plan",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        readonly=True,
    )
    partner_id = fields.Many2one(related="plan_id.partner_id", store=True, string="Customer")
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    number = fields.Integer(readonly=True)
    date_due = fields.Date(string="Due", required=True, readonly=True, index=True)
    amount = fields.Monetary(required=True, readonly=True)
    amount_paid = fields.Monetary(string="Paid", readonly=True)
    date_paid = fields.Date(readonly=True, help="Day on which the instalment was complete.")
    state = fields.Selection(
        [("open", "Open"), ("paid", "Paid"), ("late", "Late"), ("missed", "Missed")],
        required=True,
        default="open",
        readonly=True,
        index=True,
    )
    plan_state = fields.Selection(related="plan_id.state", store=True, string="State of the Plan")

    _number_unique = models.Constraint("UNIQUE(plan_id, number)", "The plan has an instalment with this number.")
    _amount_positive = models.Constraint("CHECK(amount > 0)", "An instalment has to be above zero.")

    @api.depends("plan_id.name", "number")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.plan_id.name}/{line.number}"

    def _bss_guard_words(self):
        return self.env._("Instalments follow from their plan and from payments.")
