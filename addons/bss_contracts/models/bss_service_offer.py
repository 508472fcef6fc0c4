from odoo import api, fields, models

from ..billing_core import round_half_up
from .bss_charge_recurring import NetAmounts


class BssContract(models.Model):
    _inherit = "bss.contract"  # pylint: disable=consider-merging-classes-inherited

    sale_order_id = fields.Many2one(
        "sale.order",
        string="Offer",
        readonly=True,
        copy=False,
        check_company=True,
        ondelete="restrict",
        help="The accepted offer that the contract comes from.",
    )

    _offer_once = models.UniqueIndex("(sale_order_id)", "This offer has a contract already.")

    def action_view_offer(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": self.sale_order_id.id,
            "view_mode": "form",
        }


class BssService(models.Model):
    _inherit = "bss.service"  # pylint: disable=consider-merging-classes-inherited

    sale_line_id = fields.Many2one(
        "sale.order.line", string="Offer Line", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    promised_promotion_ids = fields.Many2many(
        "bss.promotion",
        "bss_service_promised_promotion_rel",
        "service_id",
        "promotion_id",
        string="Promotions at Activation",
        copy=False,
        check_company=True,
        help="Granted when the service becomes active; their first month begins on that day.",
    )

    def _bss_keep_exact_price(self, price):
        """A price finer than a grosz lives in the first version; the service itself shows it rounded."""
        self.ensure_one()
        if round(price, 2) != price:
            self._bss_set_version(self._bss_first_day(), {"price_unit": price})

    def _bss_promised_promotions(self):
        return super()._bss_promised_promotions() | self.promised_promotion_ids

    def _bss_apply_order(self, action, day, *args, **kwargs):
        waiting = action == "activate" and self.state == "pending"
        result = super()._bss_apply_order(action, day, *args, **kwargs)
        if waiting and self.state == "active":
            self.sudo()._bss_keep_promises(day)
        return result

    def _bss_charge_fee(self, moment, day):
        # what an accepted offer asks for at the activation is what it says, no more and no less
        if moment == "activation" and self.sale_line_id:
            return self.env["bss.charge"]
        return super()._bss_charge_fee(moment, day)

    def _bss_keep_promises(self, day):
        """Grant what was promised from the day of activation and charge the one-off lines of the offer."""
        self.ensure_one()
        for promotion in self.promised_promotion_ids.filtered(lambda one: one.target == "recurring"):
            self._bss_grant(promotion, day)
        self.promised_promotion_ids = False
        order = self.contract_id.sale_order_id
        if order:
            order.order_line._bss_charge_one_off(day, self.contract_id)


class BssCharge(models.Model):
    _inherit = "bss.charge"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_price_vals(self, product, amount, price_kind):
        """Amounts of a charge of one piece for ``amount`` (Decimal), net or gross; VAT is taken out of a gross one."""
        gross = price_kind == "gross"
        net = NetAmounts(self.env, self.env.company).of_gross(product.id, amount) if gross else round_half_up(amount)
        return {
            "quantity": 1.0,
            "price_unit": float(net),
            "amount": float(net),
            "amount_gross": float(amount) if gross else False,
        }


class BssPromotion(models.Model):
    _inherit = "bss.promotion"  # pylint: disable=consider-merging-classes-inherited

    def _bss_grant_counts(self):
        """What is promised counts as granted: the last grant is not sold twice."""
        counts = super()._bss_grant_counts()
        groups = (
            self.env["bss.service"]
            .sudo()
            ._read_group(
                [("promised_promotion_ids", "in", self._origin.ids), ("state", "!=", "terminated")],
                ["promised_promotion_ids"],
                ["__count"],
            )
        )
        for promotion, count in groups:
            if promotion.id in self._origin.ids:
                counts[promotion.id] = counts.get(promotion.id, 0) + count
        return counts
