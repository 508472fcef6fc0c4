from odoo import models

from ..on_load import rater


class BssUsageSource(models.Model):
    _inherit = "bss.usage.source"

    def _bss_rater(self, whole=False):
        return rater(self.company_id, whole) or super()._bss_rater(whole)
