from odoo import fields, models
from odoo.addons.bss_catalog import polish_day


class BssDunningNoteCancel(models.TransientModel):
    _name = "bss.dunning.note.cancel"
    _description = "Cancel Notes"

    note_ids = fields.Many2many("bss.dunning.note", required=True)
    reason = fields.Char(required=True)
    date = fields.Date(string="Day of the Reversal", required=True, default=polish_day.today)

    def action_cancel_notes(self):
        self.note_ids._bss_cancel(self.reason, self.date)
