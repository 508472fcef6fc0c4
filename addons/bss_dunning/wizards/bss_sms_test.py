from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..sms_core.gateways import Outcome


class BssSmsTest(models.TransientModel):
    _name = "bss.sms.test"
    _description = "Test SMS"

    gateway_id = fields.Many2one("bss.sms.gateway", required=True, ondelete="cascade")
    phone = fields.Char(required=True, default=lambda self: self.env.user.phone)
    text = fields.Text(required=True, default=lambda self: self.env._("Test message of the billing system."))
    size = fields.Char(string="Length and Cost", compute="_compute_size")

    @api.depends("text", "gateway_id")
    def _compute_size(self):
        for wizard in self:
            gateway = wizard.gateway_id
            wizard.size = gateway._bss_size_text(gateway._bss_text(wizard.text), gateway)

    def action_send(self):
        """Send at once and say what the operator answers."""
        self.ensure_one()
        gateway = self.gateway_id
        gateway.check_access("write")
        uuid = uuid4().hex
        answer = gateway.sudo()._bss_send([{"uuid": uuid, "number": self.phone, "body": self.text}])[uuid]
        if answer.outcome is not Outcome.ACCEPTED:
            raise UserError(
                self.env._(
                    "The message was not sent. %(reason)s", reason=gateway._bss_words(answer.problem, answer.text)
                )
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%(gateway)s took the message.", gateway=gateway.name),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
