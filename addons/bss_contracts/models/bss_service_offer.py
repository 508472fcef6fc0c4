from decimal import ROUND_DOWN, Decimal

from odoo import api, fields, models

from ..adapters import decimal
from ..billing_core import round_half_up
from ..price_sides import PriceSides
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

    def _bss_offered_fee(self, fee):
        """(price before promotions, price, "net" or "gross") of the activation fee in the accepted offer."""
        self.ensure_one()
        order = self.contract_id.sale_order_id.sudo()
        lines = order.order_line.filtered(lambda one: one.product_id == fee)
        for line in lines.filtered("bss_promotion_ids"):
            if line._bss_fee_service(self.contract_id) == self:
                amount = line._bss_price() * decimal(line.product_uom_qty)
                (row,) = line.bss_promotion_ids._bss_prices_by_month(amount, 1)
                return row.list_price, row.price, line.bss_price_kind
        return Decimal(0), Decimal(0), "net"

    # -- prices in words ----------------------------------------------------------------------------

    def _bss_agreed(self):
        """(amount of a whole period: Decimal, promotions) as agreed for the first day of the service."""
        self.ensure_one()
        facts = self._bss_as_of(self._bss_first_day())
        amount = facts["product"].product_tmpl_id._bss_amount_of(
            facts["quantity"], facts["price_unit"], facts["price_kind"]
        )
        granted = self.sudo().promotion_grant_ids.promotion_id | self.sudo().promised_promotion_ids
        return amount, granted.filtered(lambda promotion: promotion.target == "recurring")

    def _bss_price_row(self):
        """What a printed contract says of the price, month by month (keys as in ``sale.order.line._bss_price_row``)."""
        facts = self._bss_as_of(self._bss_first_day())
        amount, promotions = self._bss_agreed()
        row = {
            "name": facts["product"].with_env(self.env).name,
            "bundle": self.parent_id.product_id.name or "",
            "quantity": facts["quantity"],
            "list_price": facts["price_unit"],
            "is_gross": facts["price_kind"] == "gross",
            "promotions": promotions.with_env(self.env(su=True)).mapped("name"),
            "recurring": True,
            "runs": promotions.with_env(self.env)._bss_price_runs(amount, self.contract_id.term_months),
        }
        return PriceSides(self.env, self.company_id, self.partner_id).row(row, facts["product"])

    def _bss_relief_at_signing(self):
        """Relief granted for the whole term of the contract by these services and the fees of the offer, rounded down.

        :return: list of {"amount": Decimal, "is_gross": bool}, nothing when there is none
        """
        sums = {}
        for service in self:
            months = service.contract_id.term_months
            amount, promotions = service._bss_agreed()
            table = promotions._bss_prices_by_month(amount, months) if months and promotions else ()
            key = service._bss_as_of(service._bss_first_day())["price_kind"] == "gross"
            sums[key] = sums.get(key, 0) + sum((row.list_price - row.price for row in table), Decimal(0))
        for line in self.contract_id.sale_order_id.sudo().order_line:
            if (
                line.bss_promotion_ids
                and line.product_id.bss_offering_kind == "one_off"
                and self.contract_id.term_months
            ):
                (row,) = line.bss_promotion_ids._bss_prices_by_month(
                    line._bss_price() * decimal(line.product_uom_qty), 1
                )
                key = line.bss_price_kind == "gross"
                sums[key] = sums.get(key, 0) + row.list_price - row.price
        return [
            {"amount": amount.quantize(Decimal("0.01"), ROUND_DOWN), "is_gross": key}
            for key, amount in sums.items()
            if amount >= Decimal("0.01")
        ]


class BssCharge(models.Model):
    _inherit = "bss.charge"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_price_vals(self, product, amount, price_kind, company):
        """Amounts of a charge of one piece for ``amount`` (Decimal), net or gross.

        VAT of ``company`` is taken out of a gross amount; the invoice keeps that amount to the grosz.
        """
        gross = price_kind == "gross"
        net = NetAmounts(self.env, company).of_gross(product.id, amount) if gross else round_half_up(amount)
        return {
            "quantity": 1.0,
            "price_unit": float(net),
            "amount": float(net),
            "price_kind": price_kind,
            "amount_gross": float(amount) if gross else False,
        }


class BssPromotion(models.Model):
    _inherit = "bss.promotion"  # pylint: disable=consider-merging-classes-inherited

    def _bss_price_runs(self, amount, term_months, recurring=True):
        """Runs of equal prices of a service with these promotions: [{"months": in words, "price": Decimal}].

        :param amount: list price of a whole period for all units
        :param term_months: months shown at least; what follows the last step goes on
        """
        months = 1
        if recurring:
            last = max((step.month_to or step.month_from for step in self.sudo().step_ids), default=0)
            months = max(last + 1, term_months, 1)
        runs = []
        for row in self.sudo()._bss_prices_by_month(amount, months):
            price = round_half_up(row.price)
            if runs and runs[-1][2] == price:
                runs[-1][1] = row.month
            else:
                runs.append([row.month, row.month, price])
        if recurring:
            runs[-1][1] = None
        words = self.env["bss.price.words"]
        return [
            {"months": words._bss_months(first, last) if recurring else "", "price": price}
            for first, last, price in runs
        ]

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
