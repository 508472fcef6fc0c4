from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..catalog_core import micro_from_decimal, micro_to_decimal

PRICE_FIELDS = frozenset(
    {
        "plan_id",
        "zone_id",
        "usage_kind",
        "price_micro",
        "price_display",
        "connect_fee_micro",
        "connect_fee_display",
        "increment_first_s",
        "increment_next_s",
        "data_block_bytes",
        "min_charge_micro",
        "min_charge_display",
    }
)


class BssRate(models.Model):
    _name = "bss.rate"
    _description = "Rate of a zone in a rate plan"
    _order = "plan_id, usage_kind desc, zone_id, id"
    _check_company_auto = True

    plan_id = fields.Many2one("bss.rate.plan", required=True, ondelete="cascade", index=True, check_company=True)
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="plan_id.currency_id")
    zone_id = fields.Many2one("bss.rate.zone", required=True, ondelete="restrict", index=True, check_company=True)
    zone_kind = fields.Selection(related="zone_id.kind", string="Kind of zone", store=True)
    plan_state = fields.Selection(related="plan_id.state", string="State of the plan")
    usage_kind = fields.Selection(
        [("voice", "Voice"), ("sms", "SMS"), ("data", "Data")],
        string="Usage",
        required=True,
        default="voice",
    )
    # Exact prices in millionths of the currency; the *_display fields show and take them.
    price_micro = fields.Integer(
        string="Price (millionths)",
        help="Net price per minute, SMS or megabyte (1,000,000 bytes) in millionths of the currency.",
    )
    connect_fee_micro = fields.Integer(string="Connection fee (millionths)")
    min_charge_micro = fields.Integer(string="Minimum charge (millionths)")
    price_display = fields.Float(
        string="Price",
        digits=(16, 6),
        min_display_digits=2,
        compute="_compute_displays",
        inverse="_inverse_price_display",
        help="Net price per minute, SMS or megabyte.",
    )
    connect_fee_display = fields.Float(
        string="Connection fee",
        digits=(16, 6),
        min_display_digits=2,
        compute="_compute_displays",
        inverse="_inverse_connect_fee_display",
    )
    min_charge_display = fields.Float(
        string="Minimum charge",
        digits=(16, 6),
        min_display_digits=2,
        compute="_compute_displays",
        inverse="_inverse_min_charge_display",
    )
    increment_first_s = fields.Integer(
        string="First increment (s)", default=1, required=True, help="Seconds charged at once at the answer."
    )
    increment_next_s = fields.Integer(
        string="Next increments (s)", default=1, required=True, help="Seconds charged in each further step."
    )
    data_block_bytes = fields.Integer(
        string="Data block (bytes)", default=102400, help="Started blocks of data are charged whole."
    )
    price_per = fields.Char(string="Per", compute="_compute_price_per")

    _zone_uniq = models.Constraint(
        "unique(plan_id, zone_id, usage_kind)", "The zone is priced already for this kind of usage."
    )
    _positive = models.Constraint(
        "CHECK(price_micro >= 0 AND connect_fee_micro >= 0 AND min_charge_micro >= 0)",
        "Prices are not negative.",
    )
    _increments = models.Constraint(
        "CHECK(increment_first_s > 0 AND increment_next_s > 0 AND data_block_bytes > 0)",
        "Charging increments must be at least one second and data blocks at least one byte.",
    )

    @api.depends("price_micro", "connect_fee_micro", "min_charge_micro")
    def _compute_displays(self):
        for rate in self:
            rate.price_display = float(micro_to_decimal(rate.price_micro))
            rate.connect_fee_display = float(micro_to_decimal(rate.connect_fee_micro))
            rate.min_charge_display = float(micro_to_decimal(rate.min_charge_micro))

    def _inverse_price_display(self):
        for rate in self:
            rate.price_micro = self._bss_micro(rate.price_display)

    def _inverse_connect_fee_display(self):
        for rate in self:
            rate.connect_fee_micro = self._bss_micro(rate.connect_fee_display)

    def _inverse_min_charge_display(self):
        for rate in self:
            rate.min_charge_micro = self._bss_micro(rate.min_charge_display)

    @api.model
    def _bss_micro(self, shown):
        """The web client sends floats: their shortest decimal form is what was typed."""
        return micro_from_decimal(Decimal(repr(shown)))

    @api.depends("usage_kind")
    def _compute_price_per(self):
        per = {"voice": self.env._("min"), "sms": self.env._("SMS"), "data": self.env._("MB")}
        for rate in self:
            rate.price_per = per.get(rate.usage_kind, "")

    @api.depends("plan_id", "zone_id", "usage_kind")
    def _compute_display_name(self):
        for rate in self:
            rate.display_name = " / ".join(filter(None, (rate.plan_id.code, rate.zone_id.code, rate.usage_kind)))

    # --- an active plan is frozen: a change of price is a new version

    @api.model_create_multi
    def create(self, vals_list):
        rates = super().create(vals_list)
        rates._bss_check_plan_open()
        return rates

    def write(self, vals):
        if PRICE_FIELDS & vals.keys():
            self._bss_check_plan_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_in_open_plan(self):
        self._bss_check_plan_open()

    def _bss_check_plan_open(self):
        closed = self.plan_id.filtered(lambda plan: plan.state != "draft")
        if closed:
            raise UserError(
                self.env._(
                    "Rate plan %(plan)s is not a draft: make a new version to change its prices.",
                    plan=closed[0].display_name,
                )
            )
