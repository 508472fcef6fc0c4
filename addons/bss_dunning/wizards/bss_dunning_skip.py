from odoo import fields, models


class BssDunningSkip(models.TransientModel):
    _name = "bss.dunning.skip"
    _description = "Skip Dunning Actions"

    action_ids = fields.Many2many("bss.dunning.action", string="Actions", required=True)
    reason = fields.Char(required=True)

    def action_skip(self):
        self.ensure_one()
        self.action_ids._bss_skip(self.reason)
        return {"type": "ir.actions.act_window_close"}
