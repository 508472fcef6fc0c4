from odoo import api, fields, models

ACTIONS = [
    ("email", "E-mail"),
    ("sms", "SMS"),
    ("activity", "Activity"),
    ("order", "Service order"),
]
ORDERS = [("restrict", "Restrict"), ("suspend", "Suspend"), ("change", "Change"), ("message", "Message")]


class BssUsageThreshold(models.Model):
    """A part of an allowance or spending limit, and what happens when it is used."""

    _name = "bss.usage.threshold"
    _description = "Threshold of Usage"
    _order = "offering_allowance_id, limit_id, percent, id"

    offering_allowance_id = fields.Many2one(
        "bss.offering.allowance", string="Allowance", index="btree_not_null", ondelete="cascade"
    )
    limit_id = fields.Many2one(
        "bss.spending.limit", string="Spending Limit", index="btree_not_null", ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", compute="_compute_company_id", store=True, index=True)
    percent = fields.Integer(string="Used (%)", required=True, default=80, aggregator=None)
    action = fields.Selection(ACTIONS, required=True, default="email")
    mail_template_id = fields.Many2one(
        "mail.template",
        string="E-mail Template",
        domain="[('model', '=', 'bss.usage.notice')]",
        default=lambda self: self.env.ref("bss_rating.mail_template_usage_notice", raise_if_not_found=False),
    )
    sms_template_id = fields.Many2one(
        "sms.template",
        string="SMS Template",
        domain="[('model', '=', 'bss.usage.notice')]",
        default=lambda self: self.env.ref("bss_rating.sms_template_usage_notice", raise_if_not_found=False),
    )
    user_id = fields.Many2one("res.users", string="Who Acts", default=lambda self: self.env.user)
    order_action = fields.Selection(ORDERS, string="Order", default="restrict")
    text = fields.Char(translate=True, help="What the activity or the order says, e.g. which package to offer.")
    is_lifted = fields.Boolean(
        string="Lifted Afterwards", default=True, help="A restriction or suspension ends with the period."
    )

    _owner = models.Constraint(
        "CHECK((offering_allowance_id IS NULL) <> (limit_id IS NULL))",
        "A threshold is one of an allowance or of a spending limit.",
    )
    _percent = models.Constraint("CHECK(percent BETWEEN 1 AND 1000)", "A threshold lies between 1 and 1000 %.")

    @api.depends("offering_allowance_id.company_id", "limit_id.company_id")
    def _compute_company_id(self):
        for threshold in self:
            threshold.company_id = threshold.limit_id.company_id or threshold.offering_allowance_id.company_id

    @api.depends("offering_allowance_id", "limit_id", "percent")
    def _compute_display_name(self):
        for threshold in self:
            owner = threshold.offering_allowance_id.name or threshold.limit_id.name or ""
            threshold.display_name = f"{owner} {threshold.percent} %"


class BssOfferingAllowance(models.Model):
    _inherit = "bss.offering.allowance"

    threshold_ids = fields.One2many("bss.usage.threshold", "offering_allowance_id", string="Thresholds", copy=True)
