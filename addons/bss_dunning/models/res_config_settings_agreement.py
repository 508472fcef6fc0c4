from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"  # pylint: disable=consider-merging-classes-inherited

    bss_promise_percent = fields.Float(related="company_id.bss_promise_percent", readonly=False)
    bss_promise_grace_days = fields.Integer(related="company_id.bss_promise_grace_days", readonly=False)
    bss_promise_max_days = fields.Integer(related="company_id.bss_promise_max_days", readonly=False)
    bss_promise_max_open = fields.Integer(related="company_id.bss_promise_max_open", readonly=False)
    bss_promise_min_percent = fields.Float(related="company_id.bss_promise_min_percent", readonly=False)
    bss_promise_broken_days = fields.Integer(related="company_id.bss_promise_broken_days", readonly=False)
    bss_promise_max_broken = fields.Integer(related="company_id.bss_promise_max_broken", readonly=False)
    bss_promise_remind_days = fields.Integer(related="company_id.bss_promise_remind_days", readonly=False)
    bss_promise_remind_text = fields.Text(related="company_id.bss_promise_remind_text", readonly=False)
    bss_promise_broken_channel = fields.Selection(
        related="company_id.bss_promise_broken_channel", readonly=False, required=True
    )
    bss_promise_broken_text = fields.Text(related="company_id.bss_promise_broken_text", readonly=False)
    bss_instalment_max = fields.Integer(related="company_id.bss_instalment_max", readonly=False)
    bss_instalment_min_amount = fields.Monetary(
        related="company_id.bss_instalment_min_amount", readonly=False, currency_field="currency_id"
    )
    bss_instalment_grace_days = fields.Integer(related="company_id.bss_instalment_grace_days", readonly=False)
    bss_instalment_broken_channel = fields.Selection(
        related="company_id.bss_instalment_broken_channel", readonly=False, required=True
    )
    bss_instalment_broken_text = fields.Text(related="company_id.bss_instalment_broken_text", readonly=False)
    bss_portal_debt = fields.Boolean(related="company_id.bss_portal_debt", readonly=False)
    bss_portal_promise = fields.Boolean(related="company_id.bss_portal_promise", readonly=False)
    bss_portal_complaint = fields.Boolean(related="company_id.bss_portal_complaint", readonly=False)
