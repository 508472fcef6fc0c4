"""Steps that are recorded as done on a day that is over: payments may have come after them already."""

from odoo import models
from odoo.addons.bss_catalog import polish_day


class BssDunningActionRecount(models.Model):
    _inherit = "bss.dunning.action"  # pylint: disable=consider-merging-classes-inherited

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") == "done":
            # after a step of today no payment can have come yet: what comes marks its account itself
            late = self.filtered(lambda action: action.date_done and action.date_done < polish_day.today())
            if late:
                self.env["bss.dunning.recount"].sudo()._bss_mark(late.account_id.ids)
        return result
