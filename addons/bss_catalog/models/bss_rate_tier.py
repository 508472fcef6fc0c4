from odoo import api, fields, models

from ..catalog_core import micro_to_decimal


class BssRateTier(models.Model):
    _name = "bss.rate.tier"
    _description = "Tier of a rate"
    _order = "rate_id, quantity_from, id"
    _check_company_auto = True

    rate_id = fields.Many2one("bss.rate", required=True, ondelete="cascade", index=True, check_company=True)
    company_id = fields.Many2one(related="rate_id.company_id", store=True, index=True, precompute=True)
    quantity_from = fields.Integer(
        string="Above", help="Quantity used in the period, in the unit of the price (minutes, messages, megabytes)."
    )
    quantity_to = fields.Integer(string="Up to", help="0: without end.")
    price_micro = fields.Integer(string="Price (millionths)", aggregator=None)
    price_display = fields.Float(
        string="Price",
        digits=(16, 6),
        min_display_digits=2,
        compute="_compute_price_display",
        inverse="_inverse_price_display",
        aggregator=None,
        help="Per unit; per started package or for the whole range in models of that kind.",
    )
    package_size = fields.Integer(string="Package", help="Units in a package; used by the package model only.")

    @api.depends("price_micro")
    def _compute_price_display(self):
        for tier in self:
            tier.price_display = float(micro_to_decimal(tier.price_micro))

    def _inverse_price_display(self):
        for tier in self:
            tier.price_micro = self.env["bss.rate"]._bss_micro(tier.price_display)

    @api.model_create_multi
    def create(self, vals_list):
        tiers = super().create(vals_list)
        tiers.rate_id._bss_check_plan_open()
        return tiers

    def write(self, vals):
        self.rate_id._bss_check_plan_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_in_open_plan(self):
        self.rate_id._bss_check_plan_open()
