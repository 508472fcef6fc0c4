from odoo import models


class BssDunningCaseLetter(models.Model):
    _inherit = "bss.dunning.case"  # pylint: disable=consider-merging-classes-inherited

    def action_write_letter(self):
        """A letter now, in words that may be changed."""
        return self.env["bss.dunning.letter"]._bss_open(self.account_id)
