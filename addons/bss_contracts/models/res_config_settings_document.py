from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"  # pylint: disable=consider-merging-classes-inherited

    bss_contract_clauses = fields.Html(related="company_id.bss_contract_clauses", readonly=False)
    bss_offer_clauses = fields.Html(related="company_id.bss_offer_clauses", readonly=False)
    bss_accessibility = fields.Html(related="company_id.bss_accessibility", readonly=False)
    bss_invoice_engine = fields.Selection(related="company_id.bss_invoice_engine", readonly=False, required=True)
    bss_invoice_message = fields.Text(related="company_id.bss_invoice_message", readonly=False)
    bss_deposit_account_id = fields.Many2one(related="company_id.bss_deposit_account_id", readonly=False)
    bss_deposit_journal_id = fields.Many2one(related="company_id.bss_deposit_journal_id", readonly=False)
    bss_device_return_days = fields.Integer(related="company_id.bss_device_return_days", readonly=False)
