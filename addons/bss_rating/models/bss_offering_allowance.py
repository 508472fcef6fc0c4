from odoo import api, models

from ..adapters import ALLOWANCE_AS_RATED


class BssOfferingAllowance(models.Model):
    _inherit = "bss.offering.allowance"

    @api.constrains("unit", "band_id", *ALLOWANCE_AS_RATED)
    def _check_ratable(self):
        self.template_id._bss_check_allowances_ratable()
