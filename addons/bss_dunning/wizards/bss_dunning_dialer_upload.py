import base64

from odoo import fields, models
from odoo.exceptions import UserError


class BssDunningDialerUpload(models.TransientModel):
    """Brings a file of results."""

    _name = "bss.dunning.dialer.upload"
    _description = "Import Results of a Dialer"

    batch_id = fields.Many2one("bss.dunning.dialer.batch")
    file = fields.Binary(required=True)
    file_name = fields.Char()

    def action_import(self):
        self.ensure_one()
        self.env["bss.dunning.dialer.file"].check_access("create")
        content = base64.b64decode(self.file or b"")
        if not content:
            raise UserError(self.env._("The file is empty."))
        company = self.batch_id.company_id or self.env.company
        name = self.file_name or self.env._("results")
        file = self.env["bss.dunning.dialer.file"]._bss_import(name, content, company, self.batch_id)
        return {
            "type": "ir.actions.act_window",
            "res_model": "bss.dunning.dialer.file",
            "res_id": file.id,
            "view_mode": "form",
        }
