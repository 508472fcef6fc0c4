from odoo import api, fields, models
from odoo.exceptions import UserError


class BssUsageUpload(models.TransientModel):
    _name = "bss.usage.upload"
    _description = "Upload Usage Files"
    _inherit = ["bss.upload.mixin"]
    _bss_upload_model = "bss.usage.file"
    _bss_upload_action = "bss_mediation.action_bss_usage_file"

    source_id = fields.Many2one(
        "bss.usage.source",
        required=True,
        default=lambda self: self._default_source_id(),
        domain="[('company_id', '=', company_id)]",
    )

    @api.model
    def _default_source_id(self):
        sources = self.env["bss.usage.source"].search([("company_id", "=", self.env.company.id)], limit=2)
        return sources if len(sources) == 1 else sources.browse()

    def action_upload(self):
        files, refused = self._bss_take_files(self.attachment_ids)
        files._bss_start()
        self.attachment_ids.unlink()
        return self._bss_show_taken(files, refused)

    def _bss_take_file(self, attachment):
        content = attachment.raw or b""
        if not content:
            raise UserError(self.env._("File %(name)s is empty (0 bytes).", name=attachment.name))
        return self.env["bss.usage.file"]._bss_receive(self.source_id, attachment.name, content)
