from odoo import api, fields, models

UNIT_FACTORS = {"s": 60, "sms": 1, "mms": 1, "byte": 1_000_000_000, "micro": 1_000_000}


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
    unit = fields.Selection(
        [("s", "Seconds"), ("sms", "SMS"), ("mms", "MMS"), ("byte", "Bytes"), ("micro", "Money")],
        required=True,
        default="s",
    )
    quantity = fields.Float(
        digits=(20, 0),
        required=True,
        help="Whole units (seconds, messages, bytes, millionths of the currency) given each time.",
    )
    quantity_display = fields.Float(
        string="Amount",
        digits=(16, 3),
        compute="_compute_quantity_display",
        inverse="_inverse_quantity_display",
        help="Minutes, messages, gigabytes or money given each time.",
    )
    unit_display = fields.Char(string="Unit shown", compute="_compute_unit_display")
    zone_ids = fields.Many2many(
        "bss.rate.zone", string="Zones", check_company=True, help="Empty: usage of every zone may use it."
    )
    band_id = fields.Many2one(
        "bss.time.band",
        string="Time band",
        ondelete="restrict",
        check_company=True,
        help="Empty: at any time. The band of the answer decides.",
    )
    priority = fields.Integer(default=10, help="The lowest number is used first.")
    validity = fields.Selection(
        [
            ("month", "Calendar month"),
            ("cycle", "Month of the bill cycle"),
            ("days", "Number of days"),
            ("once", "Until used up"),
        ],
        required=True,
        default="month",
        help="How long the units last; those of months and days are given again and again, the others once.",
    )
    validity_days = fields.Integer(string="Days")
    rollover = fields.Selection(
        [("none", "Lost"), ("period", "Carried over one period"), ("capped", "Carried over up to a limit")],
        string="Units left over",
        required=True,
        default="none",
    )
    rollover_cap = fields.Float(
        string="Limit carried over", digits=(20, 0), help="Whole units, as the quantity; 0 is no limit of its own."
    )
    sharing = fields.Selection(
        [("service", "Service"), ("contract", "Contract"), ("account", "Billing account")],
        string="Used by",
        required=True,
        default="service",
    )
    proration = fields.Selection(
        [("none", "Whole"), ("round_up", "In proportion, rounded up"), ("exact", "In proportion, rounded down")],
        string="Partial period",
        required=True,
        default="none",
        help="What a service gets that does not serve its whole first or last period.",
    )

    _positive = models.Constraint("CHECK(quantity > 0)", "An allowance gives at least one unit.")
    _days = models.Constraint(
        "CHECK(validity <> 'days' OR COALESCE(validity_days, 0) > 0)", "An allowance of days lasts at least one day."
    )
    _cap = models.Constraint(
        "CHECK(rollover <> 'capped' OR COALESCE(rollover_cap, 0) > 0)",
        "Units are carried over up to a limit above zero.",
    )
    _once = models.Constraint(
        "CHECK(validity <> 'once' OR (rollover = 'none' AND proration = 'none'))",
        "An allowance given once is neither carried over nor given in proportion.",
    )

    @api.depends("quantity", "unit")
    def _compute_quantity_display(self):
        for allowance in self:
            allowance.quantity_display = allowance.quantity / UNIT_FACTORS[allowance.unit or "s"]

    @api.onchange("quantity_display", "unit")
    def _inverse_quantity_display(self):
        for allowance in self:
            allowance.quantity = round(allowance.quantity_display * UNIT_FACTORS[allowance.unit or "s"])

    @api.depends("unit", "template_id.currency_id")
    def _compute_unit_display(self):
        shown = {"s": self.env._("min"), "sms": self.env._("SMS"), "mms": self.env._("MMS"), "byte": self.env._("GB")}
        for allowance in self:
            currency = allowance.template_id.currency_id or self.env.company.currency_id
            allowance.unit_display = shown.get(allowance.unit) or (currency.name if allowance.unit else "")
