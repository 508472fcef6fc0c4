from odoo import models
from odoo.exceptions import UserError

from ..enact import enact

PLACELESS = ("any", "mobile")  # served everywhere


class BssContractChange(models.Model):
    """Annex and price change: services are added, removed, changed."""

    _inherit = "bss.contract.change"  # pylint: disable=consider-merging-classes-inherited

    # -- refusals -----------------------------------------------------------------------------------

    def _bss_check_annex(self):
        if not self.line_ids:
            raise UserError(self.env._("Say what changes: add at least one line."))
        removed = self.line_ids.filtered(lambda line: line.action == "remove").service_id
        if not removed or any(line.action == "add" for line in self.line_ids):
            return
        staying = self.contract_id.service_ids._bss_without_heads() - removed._bss_without_heads()
        day = self.date_effective
        if not staying.filtered(lambda one: one.state != "terminated" and (not one.date_end or one.date_end >= day)):
            raise UserError(
                self.env._(
                    "This would remove the last service: terminate contract %(name)s instead.",
                    name=self.contract_id.name,
                )
            )

    def _bss_check_price(self):
        self._bss_check_annex()

    def _bss_check_available(self, product, place, day):
        """Refuse an offering that was not on sale at the signature, or whose technology is not at the place."""
        template, signed = product.product_tmpl_id, self.date_signed
        late = template.bss_date_end and signed > template.bss_date_end
        early = template.bss_date_start and signed < template.bss_date_start
        if template.bss_lifecycle != "on_sale" or late or early:
            raise UserError(
                self.env._(
                    "%(offering)s was not on sale on %(day)s.", offering=product.display_name, day=self._bss_day(signed)
                )
            )
        if place:
            self._bss_check_reached(product, place, day)

    def _bss_check_reached(self, product, place, day):
        """Refuse a place without the technology of the offering, or too slow for it."""
        wanted = product.bss_technology or "any"
        if wanted in PLACELESS:
            return
        present = place.sudo()._bss_technologies(day)
        technologies = dict(product.product_tmpl_id._fields["bss_technology"]._description_selection(self.env))
        if wanted not in present:
            raise UserError(
                self.env._(
                    "%(offering)s needs %(technology)s, which is not at %(place)s on %(day)s.",
                    offering=product.display_name,
                    technology=technologies.get(wanted, wanted),
                    place=place.complete_name,
                    day=self._bss_day(day),
                )
            )
        down = present[wanted][0]
        if down and product.bss_down_mbps > down:
            raise UserError(
                self.env._(
                    "%(offering)s needs %(wanted)s Mbit/s; at %(place)s there are %(present)s.",
                    offering=product.display_name,
                    wanted=product.bss_down_mbps,
                    place=place.complete_name,
                    present=down,
                )
            )

    # -- timelines ----------------------------------------------------------------------------------

    def _bss_enter_annex(self):
        self._bss_keep_before()
        self.line_ids._bss_end_promotions()
        for line in self.line_ids:
            getattr(line, f"_bss_enter_{line.action}")()
        self._bss_claw_back(self._bss_ended()._bss_will_run(), "customer")
        self._bss_services()._bss_recalculate()

    def _bss_enter_price(self):
        self._bss_enter_annex()

    def _bss_keep_before(self):
        for line in self.line_ids.sudo():
            line.kept_before = line._bss_before()

    def _bss_order_annex(self):
        day = self.date_effective
        added = self.line_ids.filtered(lambda line: line.action == "add").service_id
        changed = self.line_ids.filtered(
            lambda line: line.action == "change" and line.product_id.id != (line.kept_before or {}).get("product")
        )
        self._bss_request(added, "activate", day)
        self._bss_request(self._bss_ended(), "terminate", day)
        for line in changed:
            self._bss_request(
                line.service_id, "change", day, self.env._("New offering: %(name)s", name=line.product_id.display_name)
            )

    def _bss_request(self, services, action, day, text=None, planned=None):
        """Order ``action`` for ``day``; the orders made now are taken back with the change."""
        if not services:
            return
        orders = self.env["bss.service.order"]._bss_request(
            services, action, self._bss_order_reason(), valid_from=day, text=text, change=self, planned=planned
        )
        enact(orders.filtered(lambda order: not order.change_id and order.state != "done"), {"change_id": self.id})

    def _bss_order_reason(self):
        return self.env._(
            "%(change)s to contract %(contract)s", change=self.display_name, contract=self.contract_id.name
        )

    def _bss_take_back_annex(self):
        made = self._bss_made_services()
        (made.child_ids | made)._bss_discard()
        self._bss_restore_ends()

    def _bss_take_back_price(self):
        """The versions take themselves back."""
