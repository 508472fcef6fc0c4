from odoo import fields, models
from odoo.addons.bss_catalog import polish_day


class BssEndWizard(models.TransientModel):
    _name = "bss.end.wizard"
    _description = "Terminate Services"

    service_ids = fields.Many2many("bss.service", string="Services")
    date_end = fields.Date(
        string="Last Day", required=True, default=polish_day.today, help="Last day of service, included."
    )
    reason = fields.Char()

    def action_end(self):
        self.ensure_one()
        reason = self.reason or self.env._("Terminated by %(user)s", user=self.env.user.name)
        self.service_ids._bss_end(self.date_end, reason)
        return {"type": "ir.actions.act_window_close"}
