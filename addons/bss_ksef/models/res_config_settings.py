from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    bss_ksef_enabled = fields.Boolean(related="company_id.bss_ksef_enabled", readonly=False)
    bss_ksef_environment = fields.Selection(related="company_id.bss_ksef_environment", readonly=False)
    bss_ksef_base_url = fields.Char(related="company_id.bss_ksef_base_url", readonly=False)
    bss_ksef_qr_base_url = fields.Char(related="company_id.bss_ksef_qr_base_url", readonly=False)
    bss_ksef_auth = fields.Selection(related="company_id.bss_ksef_auth", readonly=False)
    bss_ksef_certificate = fields.Binary(
        related="company_id.bss_ksef_certificate", readonly=False, groups="base.group_system"
    )
    bss_ksef_key = fields.Binary(related="company_id.bss_ksef_key", readonly=False, groups="base.group_system")
    bss_ksef_key_password = fields.Char(
        related="company_id.bss_ksef_key_password", readonly=False, groups="base.group_system"
    )
    bss_ksef_token = fields.Char(related="company_id.bss_ksef_token", readonly=False, groups="base.group_system")
    bss_ksef_certificate_until = fields.Datetime(related="company_id.bss_ksef_certificate_until")
    bss_ksef_include_consumers = fields.Boolean(related="company_id.bss_ksef_include_consumers", readonly=False)
    bss_ksef_auto_send = fields.Boolean(related="company_id.bss_ksef_auto_send", readonly=False)
    bss_ksef_send_late = fields.Boolean(related="company_id.bss_ksef_send_late", readonly=False)
    bss_ksef_batch_size = fields.Integer(related="company_id.bss_ksef_batch_size", readonly=False)
    bss_ksef_compression = fields.Selection(related="company_id.bss_ksef_compression", readonly=False)

    def action_bss_ksef_test_connection(self):
        self.ensure_one()
        failure = self.company_id._bss_ksef_test_connection()
        if failure:
            kind, message = "danger", self.company_id._bss_ksef_describe(failure)
        else:
            kind, message = "success", self.env._("Logged in to KSeF.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("KSeF connection"),
                "message": message,
                "type": kind,
                "sticky": bool(failure),
            },
        }
