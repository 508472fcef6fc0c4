from odoo import api, fields, models
from odoo.exceptions import ValidationError


class BssBundleLine(models.Model):
    _name = "bss.bundle.line"
    _description = "Part of a bundle"
    _order = "bundle_id, sequence, id"
    _check_company_auto = True

    bundle_id = fields.Many2one("product.template", required=True, ondelete="cascade", index=True, check_company=True)
    company_id = fields.Many2one(related="bundle_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    product_id = fields.Many2one(
        "product.product",
        string="Offering",
        required=True,
        ondelete="restrict",
        index=True,
        check_company=True,
        domain="[('bss_is_offering', '=', True), ('bss_is_bundle', '=', False)]",
    )
    is_optional = fields.Boolean(string="Optional")
    quantity_min = fields.Integer(string="Least", default=1)
    quantity_max = fields.Integer(string="Most", default=1)
    quantity_default = fields.Integer(string="Usual", default=1)
    discount_percent = fields.Float(string="Discount (%)", digits=(5, 2))
    list_price = fields.Float(related="product_id.lst_price", string="List price")
    price_in_bundle = fields.Monetary(compute="_compute_price_in_bundle", string="Price in the bundle")
    currency_id = fields.Many2one(related="product_id.currency_id")

    _quantities = models.Constraint(
        "CHECK(quantity_min >= 0 AND quantity_min <= quantity_default AND quantity_default <= quantity_max)",
        "Quantities of a bundle part: least ≤ usual ≤ most.",
    )
    _discount = models.Constraint(
        "CHECK(discount_percent >= 0 AND discount_percent <= 100)", "The discount is between 0 and 100 %."
    )

    @api.depends("product_id", "product_id.lst_price", "discount_percent", "quantity_default")
    def _compute_price_in_bundle(self):
        for line in self:
            price = line.product_id.lst_price * (1 - line.discount_percent / 100)
            currency = line.currency_id or self.env.company.currency_id
            line.price_in_bundle = currency.round(price) * line.quantity_default

    @api.constrains("product_id", "bundle_id")
    def _check_no_nesting(self):
        for line in self:
            if line.product_id.bss_is_bundle:
                raise ValidationError(
                    self.env._(
                        "%(name)s is a bundle itself: a bundle has plain offerings only.", name=line.product_id.name
                    )
                )

    @api.constrains("is_optional", "quantity_min")
    def _check_optional(self):
        for line in self:
            if not line.is_optional and line.quantity_min < 1:
                raise ValidationError(
                    self.env._("%(name)s is not optional: its least quantity is one.", name=line.product_id.name)
                )
