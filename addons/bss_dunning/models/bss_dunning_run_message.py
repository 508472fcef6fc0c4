"""Each run tries messages about promises and plans again that did not go out before."""

from odoo import models


class BssDunningRunMessage(models.Model):
    _inherit = "bss.dunning.run"  # pylint: disable=consider-merging-classes-inherited

    def _bss_before_planning(self):
        result = super()._bss_before_planning()
        self.env["bss.dunning.action"]._bss_retry_messages(self.company_id, self.as_of)
        return result
