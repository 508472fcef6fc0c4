from odoo import api, fields, models

UNIT_FACTORS = {"s": 60, "sms": 1, "byte": 1_000_000_000}


class BssOfferingAllowance(models.Model):
    _name = "bss.offering.allowance"
    _description = "Free units of an offering"
    _order = "template_id, priority, id"
    _check_company_auto = True

    template_id = fields.Many2one(
        "product.template", string="Offering", required=True, ondelete="cascade", index=True, check_company=True
    )
    company_id = fields.Many2one(related="template_id.company_id", store=True, index=True)
    name = fields.Char(required=True, translate=True)
    unit = fields.Selection([("s", "Seconds"), ("sms", "SMS"), ("byte", "Bytes")], required=True, default="s")
    quantity = fields.Float(
        digits=(20, 0), required=True, help="Whole units (seconds, messages, bytes) given each month."
    )
    quantity_display = fields.Float(
        string="Amount",
        digits=(16, 3),
        compute="_compute_quantity_display",
        inverse="_inverse_quantity_display",
        help="Minutes, messages or gigabytes given each month.",
    )
    unit_display = fields.Char(string="Unit shown", compute="_compute_unit_display")
    zone_ids = fields.Many2many(
        "bss.rate.zone", string="Zones", check_company=True, help="Empty: usage of every zone may use it."
    )
    priority = fields.Integer(default=10, help="The lowest number is used first.")

    _positive = models.Constraint("CHECK(quantity > 0)", "An allowance gives at least one unit.")

    @api.depends("quantity", "unit")
    def _compute_quantity_display(self):
        for allowance in self:
            allowance.quantity_display = allowance.quantity / UNIT_FACTORS[allowance.unit or "s"]

    @api.onchange("quantity_display", "unit")
    def _inverse_quantity_display(self):
        for allowance in self:
            allowance.quantity = round(allowance.quantity_display * UNIT_FACTORS[allowance.unit or "s"])

    @api.depends("unit")
    def _compute_unit_display(self):
        shown = {"s": self.env._("min"), "sms": self.env._("SMS"), "byte": self.env._("GB")}
        for allowance in self:
            allowance.unit_display = shown.get(allowance.unit, "")
