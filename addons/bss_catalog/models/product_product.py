from datetime import datetime, time
from decimal import Decimal

from odoo import models

from ..adapters import decimal
from ..catalog_core import round_half_up


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _bss_price_on(self, day, pricelist=None, quantity=1.0):
        """Price of one unit on ``day`` and what it is: ``(Decimal, "net" | "gross")``.

        The rules of ``pricelist`` are asked by Odoo's own engine for that date and quantity; without one the list
        price counts. An offering with tiers has net prices whatever the list: the answer is the amount of
        ``quantity`` units divided by it, to six places (UserError when the tiers do not price the quantity).
        A bundle costs what its usual parts sum to. The currency is that of the price list, else that of the offering.
        """
        self.ensure_one()
        if self.bss_is_bundle:
            parts = self.product_tmpl_id._bss_bundle_parts(None, day, pricelist)
            price = sum((round_half_up(count * price, 2) for _product, count, price in parts), Decimal(0))
            return price, pricelist.bss_price_kind if pricelist else "net"
        return self._bss_own_price_on(day, pricelist, quantity)

    def _bss_own_price_on(self, day, pricelist=None, quantity=1.0):
        """As ``_bss_price_on``, of a bundle its own price without looking at the parts."""
        self.ensure_one()
        if self.bss_price_model and self.bss_price_model != "flat":
            return self.product_tmpl_id._bss_average_price(decimal(quantity)), "net"
        if not pricelist:
            return decimal(self.lst_price), "net"
        # noon: a rule valid on a day is met whatever the time zone in which its hours were written
        price = pricelist._get_product_price(self, quantity or 1.0, date=datetime.combine(day, time(12)))
        return decimal(price), pricelist.bss_price_kind

    def _bss_with_later_versions(self):
        """These offerings and every later version of them, archived ones too."""
        every = self.with_context(active_test=False)
        found, newest = every, every.product_tmpl_id
        while newest := newest.bss_next_ids - found.product_tmpl_id:
            found |= newest.product_variant_ids
        return found.with_env(self.env)

    def _bss_gross_of(self, net):
        return self.product_tmpl_id._bss_gross_of(net)
