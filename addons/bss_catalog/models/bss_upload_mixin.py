from odoo import fields, models
from odoo.exceptions import UserError


class BssUploadMixin(models.AbstractModel):
    """Dialogue that takes several files at once; the model it is mixed into says what becomes of one."""

    _name = "bss.upload.mixin"
    _description = "Upload of Files"

    #: model of the records that files become, and the action that shows them
    _bss_upload_model = ""
    _bss_upload_action = ""

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    attachment_ids = fields.Many2many("ir.attachment", string="Files", required=True)

    def _bss_take_file(self, attachment):
        """The record made of one file.

        :raises UserError: why the file is refused
        """
        raise NotImplementedError

    def _bss_take_files(self, attachments):
        """Take files in their order; one that is refused (it was received before) does not stop the others.

        :return: (records made of the files, [why a file was refused])
        :raises UserError: there is no file, or all are refused
        """
        self.ensure_one()
        if not attachments:
            raise UserError(self.env._("Choose at least one file."))
        taken = self.env[self._bss_upload_model]
        refused = []
        for attachment in attachments:
            try:
                with self.env.cr.savepoint():
                    taken |= self._bss_take_file(attachment)
            except UserError as error:
                refused.append(str(error))
        if not taken:
            raise UserError("\n".join(refused))
        return taken, refused

    def _bss_show_taken(self, taken, refused):
        """Action that shows the records made of the files, behind a warning that names the refused ones."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(self._bss_upload_action)
        if len(taken) == 1:
            action |= {"res_id": taken.id, "view_mode": "form", "views": [(False, "form")]}
        else:
            action["domain"] = [("id", "in", taken.ids)]
        if not refused:
            return action
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "title": self.env._(
                    "Files received: %(taken)s, refused: %(refused)s", taken=len(taken), refused=len(refused)
                ),
                "message": "\n".join(refused),
                "sticky": True,
                "next": action,
            },
        }
