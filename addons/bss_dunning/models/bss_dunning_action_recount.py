"""Steps that are recorded as done on another day than they are counted for: payments may have come after them already."""

from odoo import models
from odoo.addons.bss_catalog import polish_day


class BssDunningActionRecount(models.Model):
    _inherit = "bss.dunning.action"  # pylint: disable=consider-merging-classes-inherited

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") == "done":
            # after a step of today no payment can have come yet: what comes marks its account itself; what came after
            # an earlier day, on which it was not taken after all, is to be forgotten
            today = polish_day.today()
            stale = self.filtered(lambda action: action.date_done and (action.date_done < today or action.recovered))
            if stale:
                self.env["bss.dunning.recount"].sudo()._bss_mark(stale.account_id.ids)
        return result
