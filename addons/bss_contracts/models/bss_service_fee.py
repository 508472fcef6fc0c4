"""One-off fees that an offering brings: when its service is activated and when it ends."""

from odoo import models

from .. import adapters
from ..billing_core import Period, round_half_up, segments


class BssService(models.Model):
    _inherit = "bss.service"  # pylint: disable=consider-merging-classes-inherited

    def _bss_apply_order(self, action, day, cause=None):
        before = self.state
        result = super()._bss_apply_order(action, day, cause)
        if before == "pending" and self.state == "active":
            self._bss_charge_fee("activation", self.date_start)
        elif before != "terminated" and self.state == "terminated" and self.date_start:
            self._bss_charge_fee("termination", self.date_end)
        return result

    def _bss_charge_fee(self, moment, day):
        """Charge the activation or termination fee of the offering; each service pays it once.

        A service handed over to another customer neither ends nor begins.
        """
        self.ensure_one()
        product = self.product_id[f"bss_{moment}_product_id"]
        handed_over = self.predecessor_id if moment == "activation" else self.successor_ids
        if not product or handed_over:
            return self.env["bss.charge"]
        price, kind = product._bss_price_on(day, self.account_id.pricelist_id)
        if moment == "activation":
            price = self._bss_promoted_fee(product, price, day)
        if not price:
            return self.env["bss.charge"]
        return self._bss_charge_once(product, day, price=float(price), reference=moment, price_kind=kind)

    def _bss_promoted_fee(self, product, price, day):
        """The fee after the promotions of activation fees granted to the service, to the grosz."""
        timeline = adapters.fee_timeline(self.env, self, product, price, day)
        (segment,) = segments(timeline, Period(day, day))
        return round_half_up(segment.price)
