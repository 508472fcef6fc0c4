from decimal import Decimal

from odoo import api, fields, models


class BssService(models.Model):
    """Where the price of a new service comes from, and the parts of a bundle with their shares of its price."""

    _inherit = "bss.service"  # pylint: disable=consider-merging-classes-inherited

    bundle_choice = fields.Json(
        string="Chosen Parts",
        copy=False,
        help="{id of a part of the bundle: quantity}; parts not named come in their usual quantity.",
    )

    def _bss_list_price(self):
        """Price of the offering on the first day of the service: (Decimal, "net" | "gross")."""
        self.ensure_one()
        if not self.product_id:
            return Decimal(0), "net"
        pricelist = self.contract_id.account_id.pricelist_id
        return self.product_id._bss_price_on(self._bss_first_day(), pricelist, self.quantity or 1.0)

    @api.depends("product_id")
    def _compute_price_kind(self):
        for service in self:
            service.price_kind = service._bss_list_price()[1]

    def _bss_add_parts(self):
        """Services of the chosen parts of a bundle, each with its share of the bundle's price."""
        vals_list = []
        for head in self.filtered(lambda service: not service.child_ids):
            parts = head.product_id.product_tmpl_id._bss_bundle_parts(
                head.bundle_choice, head._bss_first_day(), head.account_id.pricelist_id
            )
            for product, quantity, price in parts:
                vals_list.append(
                    {
                        "contract_id": head.contract_id.id,
                        "parent_id": head.id,
                        "sequence": head.sequence,
                        "product_id": product.id,
                        "quantity": quantity * head.quantity,
                        "price_unit": float(price),
                        "price_kind": head.price_kind,
                        "location_id": head.location_id.id,
                        "date_start": head.date_start,
                    }
                )
        return self.create(vals_list)
