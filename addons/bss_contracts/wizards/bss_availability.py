"""From the availability screen to a quotation."""

from odoo import api, models
from odoo.exceptions import UserError


class BssAvailability(models.TransientModel):
    _inherit = "bss.availability"

    @api.onchange("partner_id")
    def _onchange_partner_pricelist(self):
        """Who has one billing account is shown the prices of its list."""
        accounts = self.env["bss.account"].search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("state", "=", "active"),
            ]
        )
        if len(accounts) == 1:
            self.pricelist_id = accounts.pricelist_id

    def action_make_offer(self):
        """Quotation of the chosen offerings at the prices and with the promotions of the asked day."""
        self.ensure_one()
        order = self.env["sale.order"]._bss_from_availability(self._bss_offer_data())
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": order.id,
            "view_mode": "form",
        }

    def _bss_offer_data(self):
        """What ``sale.order._bss_from_availability`` takes; asked anew, so that nothing old is offered."""
        self.ensure_one()
        if not self.partner_id:
            raise UserError(self.env._("Choose the customer of the offer."))
        chosen = self._bss_chosen()
        optional = {
            (line.bundle_id.id, line.bundle_line_id.id): line.quantity for line, _offer in chosen if line.bundle_id
        }
        lines = []
        for line, offer in chosen:
            if line.bundle_id:
                continue
            plain = [self._bss_line(offer), *self._bss_fee_lines(offer, 1)]
            parts = self._bss_bundle_lines(line, offer, optional) if offer.parts else plain
            lines += [{**one, "quantity": one["quantity"] * line.quantity} for one in parts]
        return {
            "location": self.location_id,
            "partner": self.partner_id,
            "day": self.day,
            "term_months": self.term_months,
            "pricelist": self.pricelist_id,
            "customer_kind": self.customer_kind,
            "lines": [one for one in lines if not one["is_fee"]] + self._bss_joined_fees(lines),
        }

    def _bss_line(self, offer, **vals):
        return {
            "product_id": offer.product_id,
            "quantity": 1.0,
            "price_unit": float(offer.price),
            "price_kind": offer.price_kind,
            "promotion_ids": list(offer.promotion_ids),
            "bundle_product_id": False,
            "is_fee": False,
            **vals,
        }

    def _bss_bundle_lines(self, line, offer, optional):
        """A line for every part, at its share of the price of this very choice, and the fees.

        :param optional: {(bundle, bundle line): quantity for each bundle} of the chosen optional parts
        """
        bundle = line.product_id
        rows = {row.id: row for row in bundle.bss_bundle_line_ids}
        choice = {row.id: optional.get((bundle.id, row.id), 0) for row in rows.values() if row.is_optional}
        priced = bundle.product_tmpl_id._bss_bundle_parts(choice, self.day, self.pricelist_id or None)
        taken = [part for part in offer.parts if not part.optional or choice.get(part.key)]
        lines = []
        for part, (product, quantity, price) in zip(taken, priced, strict=True):
            if part.product_id != product.id:
                raise UserError(self.env._("Bundle %(name)s was changed meanwhile: look again.", name=bundle.name))
            lines.append(
                self._bss_line(part, quantity=float(quantity), price_unit=float(price), bundle_product_id=bundle.id)
            )
            lines += self._bss_fee_lines(part, quantity)
        return lines + self._bss_fee_lines(offer, 1)

    def _bss_fee_lines(self, offer, quantity):
        return [self._bss_line(offer.fee, quantity=float(quantity), is_fee=True)] if offer.fee is not None else []

    def _bss_joined_fees(self, lines):
        """Equal fees on one line."""
        joined = {}
        for line in (one for one in lines if one["is_fee"]):
            key = (line["product_id"], line["price_unit"], line["price_kind"], tuple(line["promotion_ids"]))
            known = joined.setdefault(key, {**line, "quantity": 0.0})
            known["quantity"] += line["quantity"]
        return list(joined.values())
