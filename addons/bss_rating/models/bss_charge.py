from odoo import api, models
from odoo.tools import SQL


class BssCharge(models.Model):
    _inherit = "bss.charge"

    @api.ondelete(at_uninstall=False)
    def _unlink_free_events(self):
        """Events of a deleted charge wait for another one; no foreign key does it."""
        usage = self.filtered(lambda charge: charge.kind == "usage")
        if usage:
            self.env.cr.execute(
                SQL("UPDATE bss_usage_event SET charge_id = NULL WHERE charge_id IN %s", tuple(usage.ids))
            )
            self.env["bss.usage.event"].invalidate_model(["charge_id"])

    def action_view_events(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_mediation.action_bss_usage_event")
        action["domain"] = [("charge_id", "=", self.id)]
        action["context"] = {}
        return action
