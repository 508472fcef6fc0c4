from odoo import models
from odoo.exceptions import UserError


class BssContractChangeLine(models.Model):
    _inherit = "bss.contract.change.line"  # pylint: disable=consider-merging-classes-inherited

    def _bss_place(self):
        return self.location_id or self.change_id.location_id

    def _bss_check_place(self):
        place, facts = self._bss_place(), self._bss_facts_before()
        if not place:
            raise UserError(self.env._("Say where %(service)s moves.", service=self.service_id.display_name))
        if place == facts["location"]:
            raise UserError(
                self.env._(
                    "%(service)s is at %(place)s already.",
                    service=self.service_id.display_name,
                    place=place.complete_name,
                )
            )
        self.change_id._bss_check_reached(facts["product"], place, self._bss_day())
