from odoo import models
from odoo.fields import Date


class BssContractChangeLine(models.Model):
    _inherit = "bss.contract.change.line"  # pylint: disable=consider-merging-classes-inherited

    def _bss_enter_add(self):
        vals = {
            "contract_id": self.change_id.contract_id.id,
            "product_id": self.product_id.id,
            "quantity": self.quantity,
            "price_unit": self.price_unit,
            "price_kind": self.price_kind,
            "location_id": self.location_id.id or self._bss_usual_place().id,
            "date_start": self._bss_day(),
        }
        service = self.env["bss.service"].create(vals)
        self.sudo().service_id = service
        if service.child_ids:
            service._bss_spread_price(self.price_unit)
        if self.new_identifier:
            target = service.child_ids.filtered(lambda one: one.service_type in ("mobile", "voip"))[:1] or service
            target.new_identifier = self.new_identifier
        self._bss_grant()

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
            self.service_id._bss_set_version(self._bss_day(), {"price_unit": self.price_unit}, self.change_id)
        self._bss_grant()

    def _bss_grant(self):
        for promotion in self.promotion_ids:
            for service in self.service_id._bss_without_heads():
                if not promotion.product_ids or service.product_id in promotion.product_ids or not service.parent_id:
                    service._bss_grant(promotion, self._bss_day(), self.change_id)
