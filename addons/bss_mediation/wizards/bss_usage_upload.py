from odoo import api, fields, models
from odoo.exceptions import UserError


class BssUsageUpload(models.TransientModel):
    _name = "bss.usage.upload"
    _description = "Upload Usage Files"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    source_id = fields.Many2one(
        "bss.usage.source",
        required=True,
        default=lambda self: self._default_source_id(),
        domain="[('company_id', '=', company_id)]",
    )
    attachment_ids = fields.Many2many("ir.attachment", string="Files", required=True)

    @api.model
    def _default_source_id(self):
        sources = self.env["bss.usage.source"].search([("company_id", "=", self.env.company.id)], limit=2)
        return sources if len(sources) == 1 else sources.browse()

    def action_upload(self):
        self.ensure_one()
        if not self.attachment_ids:
            raise UserError(self.env._("Choose at least one file."))
        files = self.env["bss.usage.file"]
        for attachment in self.attachment_ids:
            files |= files._bss_receive(self.source_id, attachment.name, attachment.raw or b"")
        files.action_load()
        self.attachment_ids.sudo().unlink()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_mediation.action_bss_usage_file")
        if len(files) == 1:
            return {**action, "res_id": files.id, "view_mode": "form", "views": [(False, "form")]}
        return {**action, "domain": [("id", "in", files.ids)]}
