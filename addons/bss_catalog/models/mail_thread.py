from odoo import models


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def _creation_message(self):
        """Odoo's "%s created" has one gender in languages that have three; a colon fits them all."""
        if not self._name.startswith("bss."):
            return super()._creation_message()
        name = self.env["ir.model"]._get(self._name).name
        return self.env._("Created: %(document)s", document=name)
