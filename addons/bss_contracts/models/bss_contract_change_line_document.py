from odoo import models


class BssContractChangeLine(models.Model):
    _inherit = "bss.contract.change.line"  # pylint: disable=consider-merging-classes-inherited

    def _bss_after_text(self):
        """What the service is from the day of the change on, in words."""
        self.ensure_one()
        if self.action == "remove":
            return self.env._("ends on %(day)s", day=self.change_id._bss_day(self.service_id.date_end))
        if self.action == "relocate":
            return self._bss_place().complete_name
        if self.action == "number":
            return self.new_identifier
        return self.product_id.name
