from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"  # pylint: disable=consider-merging-classes-inherited

    bss_company_currency_id = fields.Many2one(related="company_id.currency_id", string="Currency of the Company")
    bss_interest_rounding = fields.Selection(related="company_id.bss_interest_rounding", readonly=False, required=True)
    bss_interest_allocation = fields.Selection(
        related="company_id.bss_interest_allocation", readonly=False, required=True
    )
    bss_interest_scope = fields.Selection(related="company_id.bss_interest_scope", readonly=False, required=True)
    bss_interest_way = fields.Selection(related="company_id.bss_interest_way", readonly=False, required=True)
    bss_note_days = fields.Integer(related="company_id.bss_note_days", readonly=False)
    bss_note_min_amount = fields.Monetary(
        related="company_id.bss_note_min_amount", readonly=False, currency_field="bss_company_currency_id"
    )
    bss_note_journal_id = fields.Many2one(related="company_id.bss_note_journal_id", readonly=False)
    bss_interest_account_id = fields.Many2one(related="company_id.bss_interest_account_id", readonly=False)
    bss_compensation_account_id = fields.Many2one(related="company_id.bss_compensation_account_id", readonly=False)
    bss_interest_product_id = fields.Many2one(related="company_id.bss_interest_product_id", readonly=False)
    bss_interest_tax_id = fields.Many2one(related="company_id.bss_interest_tax_id", readonly=False)
    bss_writeoff_limit_collector = fields.Monetary(
        related="company_id.bss_writeoff_limit_collector", readonly=False, currency_field="bss_company_currency_id"
    )
    bss_writeoff_limit_manager = fields.Monetary(
        related="company_id.bss_writeoff_limit_manager", readonly=False, currency_field="bss_company_currency_id"
    )
    bss_writeoff_limit_days = fields.Integer(related="company_id.bss_writeoff_limit_days", readonly=False)
    bss_writeoff_two_people = fields.Boolean(related="company_id.bss_writeoff_two_people", readonly=False)
    bss_writeoff_journal_id = fields.Many2one(related="company_id.bss_writeoff_journal_id", readonly=False)
    bss_writeoff_account_id = fields.Many2one(related="company_id.bss_writeoff_account_id", readonly=False)
    bss_writeoff_interest_account_id = fields.Many2one(
        related="company_id.bss_writeoff_interest_account_id", readonly=False
    )
