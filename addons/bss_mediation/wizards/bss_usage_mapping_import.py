import base64

from odoo import fields, models


class BssUsageMappingImport(models.TransientModel):
    _name = "bss.usage.mapping.import"
    _description = "Import a Mapping of Usage Files"

    file = fields.Binary(required=True, attachment=False)
    file_name = fields.Char()

    def action_import(self):
        self.ensure_one()
        name = self.file_name or "mapping.json"
        wizard = self.with_context(bin_size=False)
        mapping = self.env["bss.usage.mapping"]._bss_import(base64.b64decode(wizard.file), name)
        return {
            "type": "ir.actions.act_window",
            "res_model": mapping._name,
            "res_id": mapping.id,
            "view_mode": "form",
        }
