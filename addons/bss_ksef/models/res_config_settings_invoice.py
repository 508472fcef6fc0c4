from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"  # pylint: disable=consider-merging-classes-inherited

    bss_ksef_line_notes = fields.Boolean(related="company_id.bss_ksef_line_notes", readonly=False)
    bss_ksef_settlement = fields.Boolean(related="company_id.bss_ksef_settlement", readonly=False)
    bss_ksef_provider_code = fields.Char(related="company_id.bss_ksef_provider_code", readonly=False)
    bss_ksef_payment_address = fields.Char(related="company_id.bss_ksef_payment_address", readonly=False)
    bss_ksef_attachment = fields.Boolean(related="company_id.bss_ksef_attachment", readonly=False)
    bss_ksef_attachment_consent = fields.Boolean(related="company_id.bss_ksef_attachment_consent")
    bss_ksef_attachment_until = fields.Datetime(related="company_id.bss_ksef_attachment_until")

    def action_bss_ksef_ask_attachments(self):
        self.ensure_one()
        return self.company_id.action_bss_ksef_ask_attachments()
