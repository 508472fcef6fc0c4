from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    bss_allocation_order = fields.Selection(
        [("interest_first", "Interest first"), ("principal_first", "Principal first")],
        string="Order on a Debt",
        required=True,
        default="interest_first",
        help="What a payment settles first on the debt its payer names (art. 451 § 1 of the Civil Code). Debts that nobody "
        "named are settled by their due dates, the longest overdue first.",
    )
    bss_payer_history_months = fields.Integer(
        string="Age Limit of Payers' History",
        default=24,
        help="Months for which a payer's bank account speaks for the customers it paid for. 0: without limit.",
    )
    bss_learn_rules = fields.Boolean(
        string="Learn from Decisions",
        default=True,
        help="A payment booked by hand that nothing but the payer's bank account recognises makes a matching rule.",
    )
    bss_payment_thanks = fields.Selection(
        [("off", "Nothing"), ("email", "E-mail"), ("sms", "SMS")],
        string="Thank for Payments",
        required=True,
        default="off",
        help="Sent once for each booked payment, to customers who may be contacted that way.",
    )

    bss_payment_thanks_since = fields.Datetime(
        compute="_compute_bss_payment_thanks_since",
        store=True,
        string="Thanks Since",
        help="Payments booked before the setting was switched on are not thanked for.",
    )

    _payer_history_months_check = models.Constraint(
        "CHECK(bss_payer_history_months >= 0)", "The age limit of payers' history cannot be negative."
    )

    @api.depends("bss_payment_thanks")
    def _compute_bss_payment_thanks_since(self):
        for company in self:
            since = company.bss_payment_thanks_since or fields.Datetime.now()
            company.bss_payment_thanks_since = False if company.bss_payment_thanks == "off" else since

    def _bss_thanks_for_payments(self):
        return super()._bss_thanks_for_payments() or self.sudo().bss_payment_thanks != "off"
