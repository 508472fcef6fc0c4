from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"  # pylint: disable=consider-merging-classes-inherited

    bss_contact_hour_from = fields.Integer(related="company_id.bss_contact_hour_from", readonly=False)
    bss_contact_hour_to = fields.Integer(related="company_id.bss_contact_hour_to", readonly=False)
    bss_contact_working_days = fields.Boolean(related="company_id.bss_contact_working_days", readonly=False)
    bss_contact_sms_day = fields.Integer(related="company_id.bss_contact_sms_day", readonly=False)
    bss_contact_attempts_day = fields.Integer(related="company_id.bss_contact_attempts_day", readonly=False)
    bss_contact_week = fields.Integer(related="company_id.bss_contact_week", readonly=False)
    bss_contact_letters = fields.Boolean(related="company_id.bss_contact_letters", readonly=False)
    bss_contact_third_parties = fields.Boolean(related="company_id.bss_contact_third_parties", readonly=False)
    bss_call_attempts = fields.Integer(related="company_id.bss_call_attempts", readonly=False)
    bss_call_retry_hours = fields.Integer(related="company_id.bss_call_retry_hours", readonly=False)
    bss_call_minute_price = fields.Float(related="company_id.bss_call_minute_price", readonly=False)
