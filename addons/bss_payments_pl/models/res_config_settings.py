from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    bss_allocation_order = fields.Selection(related="company_id.bss_allocation_order", readonly=False)
    bss_payer_history_months = fields.Integer(related="company_id.bss_payer_history_months", readonly=False)
    bss_learn_rules = fields.Boolean(related="company_id.bss_learn_rules", readonly=False)
    bss_payment_thanks = fields.Selection(related="company_id.bss_payment_thanks", readonly=False)
