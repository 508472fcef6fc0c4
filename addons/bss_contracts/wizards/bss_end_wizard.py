from odoo import fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError


class BssEndWizard(models.TransientModel):
    """Services that were agreed but never activated; running ones end by a change of their contract."""

    _name = "bss.end.wizard"
    _description = "Cancel Services"

    service_ids = fields.Many2many("bss.service", string="Services")
    reason = fields.Char()

    def action_end(self):
        self.ensure_one()
        running = self.service_ids._bss_without_heads()._bss_will_run()
        if running:
            raise UserError(
                self.env._(
                    "%(services)s: already running, and ended by an annex or a termination.",
                    services=", ".join(running.mapped("display_name")),
                )
            )
        reason = self.reason or self.env._("Terminated by %(user)s", user=self.env.user.name)
        self.service_ids._bss_end(polish_day.today(), reason)
        self.service_ids.contract_id._bss_move_on()
        return {"type": "ir.actions.act_window_close"}
