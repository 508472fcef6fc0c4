from odoo import models
from odoo.addons.bss_catalog import polish_day


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def _action_done(self, feedback=False, attachment_ids=None):
        actions = self._bss_dunning_actions()
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        listed = actions.filtered(lambda action: "open" in action.call_ids.mapped("state"))
        listed._bss_called(feedback or "")
        others = actions - listed
        if others:
            others._bss_done(polish_day.today(), feedback or self.env._("The call was made."))
            others.case_id._bss_replan()
        return result

    def unlink(self):
        actions = self._bss_dunning_actions()
        result = super().unlink()
        actions._bss_fail(self.env._("The call was deleted before it was made."))
        return result

    def _bss_dunning_actions(self):
        mine = self.filtered(lambda activity: activity.res_model == "bss.dunning.case")
        if not mine:
            return self.env["bss.dunning.action"].sudo()
        return (
            self.env["bss.dunning.action"].sudo().search([("activity_id", "in", mine.ids), ("state", "=", "planned")])
        )
