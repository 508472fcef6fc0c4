from odoo import api, fields, models

from ..adapters import decimal
from .bss_offering_allowance import UNIT_FACTORS


class BssPromotionStep(models.Model):
    _name = "bss.promotion.step"
    _description = "Step of a promotion"
    _order = "promotion_id, month_from, id"
    _check_company_auto = True

    promotion_id = fields.Many2one("bss.promotion", required=True, ondelete="cascade", index=True, check_company=True)
    company_id = fields.Many2one(related="promotion_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="promotion_id.currency_id")
    month_from = fields.Integer(string="From month", required=True, default=1)
    month_to = fields.Integer(string="To month", help="Last month of the step; 0: to the end of the contract.")
    kind = fields.Selection(
        [
            ("percent", "Percent off"),
            ("amount", "Amount off"),
            ("fixed", "Fixed price"),
            ("free", "Free of charge"),
            ("units", "Free units"),
        ],
        required=True,
        default="percent",
    )
    value = fields.Float(
        digits=(16, 6),
        help="Percent, amount off or price of a whole period; in the terms (net or gross) of the price it changes.",
    )
    unit = fields.Selection([("s", "Minutes"), ("sms", "SMS"), ("byte", "GB")])
    quantity = fields.Float(digits=(20, 0), help="Whole units (seconds, messages, bytes) given each month.")
    quantity_display = fields.Float(
        string="Free units",
        digits=(16, 3),
        compute="_compute_quantity_display",
        inverse="_inverse_quantity_display",
        help="Minutes, messages or gigabytes given each month.",
    )

    _months = models.Constraint(
        "CHECK(month_from >= 1 AND (month_to = 0 OR month_to >= month_from))",
        "A step begins in month 1 or later and does not end before it begins.",
    )
    _value = models.Constraint("CHECK(value >= 0 AND quantity >= 0)", "Values of a step are not negative.")
    _percent = models.Constraint("CHECK(kind != 'percent' OR value <= 100)", "A step takes off 100 % at most.")
    _units = models.Constraint(
        "CHECK(kind != 'units' OR (unit IS NOT NULL AND quantity > 0))",
        "Free units need a unit and a quantity.",
    )

    @api.depends("quantity", "unit")
    def _compute_quantity_display(self):
        for step in self:
            step.quantity_display = step.quantity / UNIT_FACTORS[step.unit or "s"]

    @api.onchange("quantity_display", "unit")
    def _inverse_quantity_display(self):
        for step in self:
            step.quantity = round(step.quantity_display * UNIT_FACTORS[step.unit or "s"])

    @api.model_create_multi
    def create(self, vals_list):
        steps = super().create(vals_list)
        steps.promotion_id._bss_refuse_frozen()
        return steps

    def write(self, vals):
        self.promotion_id._bss_refuse_frozen()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_draft(self):
        self.promotion_id._bss_refuse_frozen()

    def _bss_words(self):
        """The step in words: "months 1–3: 1.00 zł"."""
        self.ensure_one()
        words = self.env["bss.price.words"]
        currency = self.currency_id or self.env.company.currency_id
        value = decimal(self.value)
        text = {
            "percent": lambda: self.env._("−%(percent)s %%", percent=f"{value.normalize():f}"),
            "amount": lambda: self.env._("−%(amount)s", amount=words._bss_money(value, currency)),
            "fixed": lambda: words._bss_money(value, currency),
            "free": lambda: self.env._("free"),
            "units": lambda: words._bss_quantity(self.unit or "sms", decimal(self.quantity)),
        }[self.kind or "percent"]()
        if self.promotion_id.target == "activation":
            return text
        return f"{words._bss_months(self.month_from, self.month_to or None)}: {text}"
