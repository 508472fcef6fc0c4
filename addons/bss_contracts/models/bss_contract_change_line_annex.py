from odoo import models
from odoo.fields import Command, Date

from ..enact import enact


class BssContractChangeLine(models.Model):
    _inherit = "bss.contract.change.line"  # pylint: disable=consider-merging-classes-inherited

    def _bss_enter_add(self):
        vals = {
            "contract_id": self.change_id.contract_id.id,
            "product_id": self.product_id.id,
            "quantity": self.quantity,
            "price_unit": self.price_unit,
            "price_kind": self.price_kind,
            "location_id": self._bss_place_then().id,
            "date_start": self._bss_day(),
        }
        service = self.env["bss.service"].create(vals)
        # with its service the line stays what was agreed: nothing of it is proposed anew
        agreed = {name: self[name] for name in ("quantity", "price_unit", "price_kind")}
        self.sudo().write({"service_id": service.id, "product_id": self.product_id.id, **agreed})
        if service.child_ids:
            service._bss_spread_price(vals["price_unit"])
        if self.new_identifier:
            target = service.child_ids.filtered(lambda one: one.service_type in ("mobile", "voip"))[:1] or service
            target.new_identifier = self.new_identifier
        self._bss_promise()

    def _bss_place_then(self):
        """Where the service is from the day of the change on."""
        if self.action == "add":
            return self.location_id or self._bss_usual_place()
        return self.service_id._bss_as_of(self._bss_day())["location"]

    def _bss_usual_place(self):
        """Place of the contract's services, when it is one."""
        places = self.change_id.contract_id.service_ids.filtered(lambda one: one.state != "terminated").location_id
        return places if len(places) == 1 else places.browse()

    def _bss_enter_remove(self):
        self.change_id._bss_end_services(self.service_id, Date.subtract(self._bss_day(), days=1))

    def _bss_enter_change(self):
        self.service_id._bss_set_version(
            self._bss_day(),
            {
                "product_id": self.product_id,
                "price_unit": self.price_unit,
                "price_kind": self.price_kind,
                "quantity": self.quantity,
            },
            self.change_id,
        )
        self._bss_grant()

    def _bss_enter_price(self):
        if self.service_id.child_ids:
            self.service_id._bss_spread_price(self.price_unit, self._bss_day(), self.change_id)
        else:
            vals = {"price_unit": self.price_unit, "price_kind": self.price_kind}
            self.service_id._bss_set_version(self._bss_day(), vals, self.change_id)
        self._bss_grant()

    def _bss_grant(self):
        for service, promotions in self._bss_promotions_of_services():
            for promotion in promotions:
                service._bss_grant(promotion, self._bss_day(), self.change_id)

    def _bss_promise(self):
        """The first month of a promotion begins with the service, whenever the network activates it."""
        for service, promotions in self._bss_promotions_of_services():
            enact(service, {"promised_promotion_ids": [Command.link(one.id) for one in promotions]})

    def _bss_promotions_of_services(self):
        """[(service, those of the promotions that are for it)]; those of a bundle belong to its parts."""
        return [
            (
                service,
                self.promotion_ids.filtered(
                    lambda one, service=service: (
                        not one.product_ids or service.product_id in one._bss_offerings() or not service.parent_id
                    )
                ),
            )
            for service in self.service_id._bss_without_heads()
        ]
