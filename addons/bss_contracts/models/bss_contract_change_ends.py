"""Services that end or disappear through a contract change, and how that is taken back."""

from odoo import models
from odoo.fields import Date

from ..enact import enact


class BssContractChange(models.Model):
    _inherit = "bss.contract.change"  # pylint: disable=consider-merging-classes-inherited

    def _bss_end_services(self, services, last):
        """Charge ``services`` up to ``last`` only; what they were is remembered for undoing.

        Those that end by then anyway are left alone: neither their end nor their claw-back is of this change.
        """
        services = services._bss_not_ended(last)
        before = {
            str(one.id): {
                "date_end": Date.to_string(one.date_end) or False,
                "state": one.state,
                "date_start": Date.to_string(one.date_start) or False,
                "identifiers": {
                    str(number.id): Date.to_string(number.date_end) or False for number in one.identifier_ids
                },
            }
            for one in services
        }
        self._bss_remember(ends={**(self.undo_data or {}).get("ends", {}), **before})
        services._bss_stop(last)
        return services

    def _bss_ended(self):
        """Services whose end is of this change."""
        return self.env["bss.service"].browse(int(key) for key in (self.undo_data or {}).get("ends") or {})

    def _bss_restore_ends(self):
        """Services ended by this change go on as before."""
        for key, before in ((self.undo_data or {}).get("ends") or {}).items():
            service = self.env["bss.service"].browse(int(key)).exists()
            if not service:
                continue
            for number, last in before["identifiers"].items():
                enact(self.env["bss.service.identifier"].browse(int(number)).exists(), {"date_end": last})
            vals = {"date_end": before["date_end"]}
            cancelled = service.state == "terminated" and before["state"] == "pending"
            if service.state == "terminated" and before["state"] != "terminated":
                vals["state"] = before["state"]
            if cancelled:
                vals["date_start"] = before["date_start"]
            enact(service, vals)
            service._bss_follow_parts()
            if cancelled and self.contract_id.state in ("active", "suspended"):
                day = Date.to_date(before["date_start"]) or self.contract_id.date_start
                self.env["bss.service.order"]._bss_request(
                    service, "activate", self._bss_order_reason(), valid_from=day
                )

    def _bss_take_back_charges(self):
        """Charges of this change leave billing; one that is on an invoice is given back by a corrective one."""
        self.ensure_one()
        charges = self.charge_ids.filtered(lambda charge: charge.kind != "correction")
        charges.filtered(lambda charge: charge.state == "pending").action_cancel()
        # less what a corrective invoice made by hand has given back already
        standing = {charge: charge._bss_still_standing() for charge in charges if charge.state == "billed"}
        self.env["bss.charge"]._bss_add(
            [
                {
                    **self._bss_charge_vals(charge.service_id, charge.product_id, -net),
                    "kind": "correction",
                    "name": self.env._("Correction: %(name)s", name=charge.name),
                    "price_kind": charge.price_kind,
                    "amount_gross": -gross if charge.price_kind == "gross" else 0.0,
                    "tax_ids": [(6, 0, charge.tax_ids.ids)],
                    "date_start": charge.date_start,
                    "date_end": charge.date_end,
                    "identity_key": f"undo:{self.id}:{charge.id}",
                    "origin_charge_id": charge.id,
                }
                for charge, (net, gross) in standing.items()
                if net or gross
            ]
        )

    def _bss_charge_vals(self, service, product, amount):
        return {
            "account_id": self.account_id.id,
            "contract_id": self.contract_id.id,
            "service_id": service.id,
            "product_id": product.id,
            "quantity": 1.0,
            "price_unit": amount,
            "amount": amount,
            "change_id": self.id,
        }
