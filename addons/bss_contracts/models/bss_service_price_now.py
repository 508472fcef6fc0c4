"""What a customer pays today: list prices less promotions and suspensions, by the facts that billing uses."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day

from .. import adapters
from ..billing_core import Period, check, round_half_up, segments
from .bss_charge_recurring import NetAmounts


class BssService(models.Model):
    _inherit = "bss.service"  # pylint: disable=consider-merging-classes-inherited

    price_now = fields.Monetary(
        string="Pays Now",
        compute="_compute_price_now",
        help="Price of a whole period for all units today, with promotions and suspensions; of a service that has not "
        "begun, in its first month.",
    )

    @api.depends(
        "price_unit",
        "price_kind",
        "quantity",
        "state",
        "date_start",
        "date_end",
        "version_ids",
        "suspension_ids",
        "promotion_grant_ids",
        "promised_promotion_ids",
    )
    def _compute_price_now(self):
        prices = self._origin._bss_prices_on(polish_day.today())
        for service in self:
            service.price_now = float(round_half_up(prices.get(service._origin.id, Decimal(0))))

    def _bss_prices_on(self, day):
        """Exact price of a whole period on ``day``, of a service that begins later on its first day.

        :return: {service id: Decimal}, in the price kind of the service; 0 when it ended or has no price
        """
        heads = self.filtered("is_bundle")
        own = (self - heads) | heads.child_ids
        batch = adapters.fetch_batch(self.env, own.ids)
        prices = dict.fromkeys(self.ids, Decimal(0))
        for timeline in batch.timelines:
            if timeline.start and not check(timeline):
                first = max(day, timeline.start)
                prices[timeline.service_id] = sum(
                    (
                        Decimal(one.price.numerator) / one.price.denominator
                        for one in segments(timeline, Period(first, first))
                    ),
                    Decimal(0),
                )
        for service in own:
            if service.state == "pending" and not service.date_start and service.id not in batch.unpriced:
                amount, promotions = service._bss_agreed()
                prices[service.id] = promotions.sudo()._bss_prices_by_month(amount, 1)[0].price
        for head in heads:
            prices[head.id] = sum((prices.get(child.id, Decimal(0)) for child in head.child_ids), Decimal(0))
        return prices


class BssContract(models.Model):
    _inherit = "bss.contract"  # pylint: disable=consider-merging-classes-inherited

    amount_now = fields.Monetary(
        string="Net Now",
        compute="_compute_amount_now",
        help="What the services cost per period today, net, with promotions and suspensions.",
    )
    has_quantities = fields.Boolean(compute="_compute_has_quantities", help="Some service counts more than one unit.")

    @api.depends("service_ids.price_now")
    def _compute_amount_now(self):
        nets = {}
        for contract in self:
            net = nets.setdefault(contract.company_id, NetAmounts(self.env, contract.company_id))
            contract.amount_now = sum(
                float(net.of_gross(service.product_id.id, Decimal(repr(service.price_now))))
                if service.price_kind == "gross"
                else service.price_now
                for service in contract.service_ids
                if not service.is_bundle
            )

    @api.depends("service_ids.quantity")
    def _compute_has_quantities(self):
        for contract in self:
            contract.has_quantities = any(service.quantity != 1 for service in contract.service_ids)
