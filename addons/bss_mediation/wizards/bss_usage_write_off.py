from odoo import api, fields, models


class BssUsageWriteOff(models.TransientModel):
    _name = "bss.usage.write.off"
    _description = "Write off Suspended Usage"

    suspense_ids = fields.Many2many("bss.usage.suspense", string="Rows", required=True)
    row_count = fields.Integer(string="Number of Rows", compute="_compute_row_count")
    reason = fields.Char(required=True)

    @api.depends("suspense_ids")
    def _compute_row_count(self):
        for wizard in self:
            wizard.row_count = len(wizard.suspense_ids)

    def action_confirm(self):
        self.ensure_one()
        self.suspense_ids._bss_write_off(self.reason)
        return {"type": "ir.actions.act_window_close"}
