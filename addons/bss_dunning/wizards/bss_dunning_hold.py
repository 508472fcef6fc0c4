from odoo import fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError


class BssDunningHold(models.TransientModel):
    _name = "bss.dunning.hold"
    _description = "Put Cases on Hold"

    case_ids = fields.Many2many("bss.dunning.case", string="Cases", required=True)
    hold_until = fields.Date(help="Last day of the hold; empty: until somebody releases it.")
    reason = fields.Char(required=True)

    def action_hold(self):
        self.ensure_one()
        if self.hold_until and self.hold_until < polish_day.today():
            raise UserError(self.env._("The hold would be over already: choose a later day."))
        self.case_ids._bss_hold(self.hold_until, self.reason)
        return {"type": "ir.actions.act_window_close"}
