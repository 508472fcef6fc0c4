from odoo import models

from .bss_charge_recurring import NetAmounts


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _bss_price_as(self, price, kind, wanted):
        """``price`` (Decimal), which is ``kind``, as a ``wanted`` one: "net" or "gross", by the offering's taxes."""
        self.ensure_one()
        if kind == wanted:
            return price
        if wanted == "gross":
            return self._bss_gross_of(price)
        return NetAmounts(self.env, self.company_id or self.env.company).of_gross(self.id, price)
