from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..adapters import decimal


class ProductPricelist(models.Model):
    _inherit = "product.pricelist"

    bss_price_kind = fields.Selection(
        [("net", "Net"), ("gross", "Gross")],
        string="Prices are",
        required=True,
        default="net",
        help="Gross: the prices of this list include VAT. What the list does not price itself goes out from the net "
        "list price of the offering with its VAT added.",
    )

    def _compute_price_rule(self, products, quantity, *, compute_price=True, **kwargs):
        """A gross list gives a gross price also where no rule of it fits."""
        results = super()._compute_price_rule(products, quantity, compute_price=compute_price, **kwargs)
        if not compute_price or self.bss_price_kind != "gross":
            return results
        for product in products:
            price, rule = results[product.id]
            if not rule:
                results[product.id] = (float(product._bss_gross_of(decimal(price))), rule)
        return results

    @api.constrains("bss_price_kind")
    def _check_bss_price_kind(self):
        self.item_ids._check_bss_base_kind()
        based = self.env["product.pricelist.item"].search([("base_pricelist_id", "in", self.ids)])
        based._check_bss_base_kind()


class ProductPricelistItem(models.Model):
    _inherit = "product.pricelist.item"

    def _compute_base_price(self, product, quantity, uom, date, currency, **kwargs):
        """List prices and costs are net: a gross list goes out from them with VAT added."""
        price = super()._compute_base_price(product, quantity, uom, date, currency, **kwargs)
        if self.pricelist_id.bss_price_kind == "gross" and self.base != "pricelist":
            price = float(product._bss_gross_of(decimal(price)))
        return price

    @api.constrains("base", "base_pricelist_id", "pricelist_id", "compute_price")
    def _check_bss_base_kind(self):
        for item in self.filtered(lambda one: one.base == "pricelist" and one.compute_price != "fixed"):
            if item.base_pricelist_id and item.base_pricelist_id.bss_price_kind != item.pricelist_id.bss_price_kind:
                raise ValidationError(
                    self.env._(
                        "Price list %(list)s cannot go out from %(base)s: one has net prices, the other gross ones.",
                        list=item.pricelist_id.name,
                        base=item.base_pricelist_id.name,
                    )
                )
