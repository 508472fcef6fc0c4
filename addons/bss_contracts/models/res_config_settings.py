from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    bss_suspension_percent_request = fields.Float(related="company_id.bss_suspension_percent_request", readonly=False)
    bss_suspension_percent_debt = fields.Float(related="company_id.bss_suspension_percent_debt", readonly=False)
