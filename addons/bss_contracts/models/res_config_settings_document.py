from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    bss_contract_clauses = fields.Html(related="company_id.bss_contract_clauses", readonly=False)
    bss_offer_clauses = fields.Html(related="company_id.bss_offer_clauses", readonly=False)
