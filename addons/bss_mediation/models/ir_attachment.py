from odoo import models
from odoo.exceptions import AccessError
from odoo.fields import Domain

MODEL = "bss.usage.file"


class IrAttachment(models.Model):
    """The content of usage files is read by the download of the file alone, which asks for the right and writes it down.

    Nobody else gets it, system administrators included: by a call of ``read`` it would leave without a trace.
    """

    _inherit = "ir.attachment"

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su:
            return result
        secret = self.sudo().filtered(lambda one: one.res_model == MODEL).sudo(False)
        if not secret:
            return result
        forbidden = secret | result[0] if result else secret
        return forbidden, lambda: AccessError(self.env._("The content of usage files is read by their download only."))

    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not (self.env.su or bypass_access):
            domain = Domain(domain) & Domain("res_model", "!=", MODEL)
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)
