from odoo import models

from ..sms_api import SmsApiGateway


class ResCompany(models.Model):
    _inherit = "res.company"

    def _get_sms_api_class(self):
        self.ensure_one()
        if self.env["bss.sms.gateway"]._bss_of(self):
            return SmsApiGateway
        return super()._get_sms_api_class()
