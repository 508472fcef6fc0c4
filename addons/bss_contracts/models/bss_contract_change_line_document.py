from odoo import models

from ..adapters import decimal
from ..price_sides import PriceSides


class BssContractChangeLine(models.Model):
    _inherit = "bss.contract.change.line"  # pylint: disable=consider-merging-classes-inherited

    def _bss_after_text(self):
        """What the service is from the day of the change on, in words."""
        self.ensure_one()
        if self.action == "remove":
            return self.env._("ends on %(day)s", day=self.change_id._bss_day(self.service_id.date_end))
        if self.action == "relocate":
            return self._bss_place().complete_name
        if self.action == "number":
            return self.new_identifier
        return self.product_id.name

    def _bss_price_sides(self):
        """(net, gross) of the prices before and after, of one unit, and the rate of VAT in words."""
        self.ensure_one()
        kept = self.kept_before or {}
        product = self.product_id or self.service_id.product_id
        before = product.browse(kept.get("product") or product.id)
        sides = PriceSides(self.env, self.company_id, self.change_id.account_id.partner_id)
        before_kind = kept.get("kind") or self.price_kind or self.service_id.price_kind
        return {
            "before": sides.both(before, decimal(self.price_before), before_kind == "gross"),
            "after": sides.both(product, decimal(self.price_unit), self.price_kind == "gross"),
            "vat": sides.vat(product),
        }


class BssService(models.Model):
    _inherit = "bss.service"  # pylint: disable=consider-merging-classes-inherited

    def _bss_price_sides(self):
        """(net, gross) of the price of one unit and the rate of VAT in words."""
        self.ensure_one()
        sides = PriceSides(self.env, self.company_id, self.partner_id)
        price = sides.both(self.product_id, decimal(self.price_unit), self.price_kind == "gross")
        return {"price": price, "vat": sides.vat(self.product_id)}


class BssCharge(models.Model):
    _inherit = "bss.charge"  # pylint: disable=consider-merging-classes-inherited

    def _bss_sides(self):
        """(net, gross) of the amount."""
        self.ensure_one()
        if self.price_kind == "gross" and self.amount_gross:
            return decimal(self.amount), decimal(self.amount_gross)
        sides = PriceSides(self.env, self.company_id, self.account_id.partner_id)
        return sides.both(self.product_id, decimal(self.amount), False)
