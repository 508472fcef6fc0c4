from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..adapters import bundle_parts
from ..catalog_core.bundles import BundleProblem


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
        domain="[('bss_is_offering', '=', True), ('bss_is_bundle', '=', False),"
        " ('bss_offering_kind', '=', 'recurring'), ('bss_price_model', '=', 'flat')]",
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
        "CHECK(quantity_min >= 0 AND quantity_max >= 1 AND quantity_min <= quantity_max"
        " AND quantity_default <= quantity_max"
        " AND (quantity_default >= quantity_min OR (is_optional AND quantity_default = 0)))",
        "Quantities of a bundle part: least ≤ usual ≤ most; the usual one of an optional part may be zero.",
    )
    _discount = models.Constraint(
        "CHECK(discount_percent >= 0 AND discount_percent <= 100)", "The discount is between 0 and 100 %."
    )

    @api.depends(
        "product_id.lst_price",
        "discount_percent",
        "quantity_default",
        "quantity_min",
        "is_optional",
        "bundle_id.bss_bundle_price",
    )
    def _compute_price_in_bundle(self):
        """Share of the part; of an option that is not usual: what it costs when the customer takes it."""
        for bundle, lines in self.grouped("bundle_id").items():
            parts = bundle_parts(bundle)
            for key, line in enumerate(bundle.bss_bundle_line_ids):
                if line not in lines:
                    continue
                quantity = line.quantity_default or max(line.quantity_min, 1)
                shares = bundle._bss_bundle_shares(parts, {key: quantity})
                found = () if isinstance(shares, BundleProblem) else [one for one in shares if one.key == key]
                line.price_in_bundle = float(found[0].amount) if found else 0
            # a line that is just being added is not in the bundle yet
            for line in lines - bundle.bss_bundle_line_ids:
                line.price_in_bundle = 0

    @api.constrains("product_id", "bundle_id")
    def _check_no_nesting(self):
        for line in self:
            if line.product_id.product_tmpl_id == line.bundle_id:
                raise ValidationError(
                    self.env._("Bundle %(name)s cannot be a part of itself.", name=line.bundle_id.name)
                )
            if line.product_id.bss_is_bundle:
                raise ValidationError(
                    self.env._(
                        "%(name)s is a bundle itself: a bundle has plain offerings only.", name=line.product_id.name
                    )
                )

    @api.constrains("product_id", "bundle_id")
    def _check_part(self):
        for line in self:
            product = line.product_id
            if not product.bss_is_offering or product.bss_offering_kind != "recurring":
                raise ValidationError(
                    self.env._("%(name)s is no recurring offering: it cannot be a part.", name=product.name)
                )
            if product.bss_price_model != "flat" or product.bss_minimum_amount:
                raise ValidationError(
                    self.env._(
                        "%(name)s has tiers or a minimum of its own: the price of a bundle cannot be spread over it.",
                        name=product.name,
                    )
                )

    @api.constrains("is_optional", "quantity_min")
    def _check_optional(self):
        for line in self:
            if not line.is_optional and line.quantity_min < 1:
                raise ValidationError(
                    self.env._("%(name)s is not optional: its least quantity is one.", name=line.product_id.name)
                )
