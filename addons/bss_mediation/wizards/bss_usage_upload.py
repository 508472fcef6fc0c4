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
        refused = []
        # one of several files that is refused (it was received before) does not stop the others
        for attachment in self.attachment_ids:
            content = attachment.raw or b""
            if not content:
                refused.append(self.env._("File %(name)s is empty (0 bytes).", name=attachment.name))
                continue
            try:
                with self.env.cr.savepoint():
                    files |= files._bss_receive(self.source_id, attachment.name, content)
            except UserError as error:
                refused.append(str(error))
        if not files:
            raise UserError("\n".join(refused))
        files.action_load()
        self.attachment_ids.sudo().unlink()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_mediation.action_bss_usage_file")
        if len(files) == 1:
            action |= {"res_id": files.id, "view_mode": "form", "views": [(False, "form")]}
        else:
            action["domain"] = [("id", "in", files.ids)]
        if not refused:
            return action
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "title": self.env._(
                    "Files received: %(taken)s, refused: %(refused)s", taken=len(files), refused=len(refused)
                ),
                "message": "\n".join(refused),
                "sticky": True,
                "next": action,
            },
        }
