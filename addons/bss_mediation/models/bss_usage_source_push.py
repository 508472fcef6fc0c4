import hashlib
import secrets

from odoo import fields, models
from odoo.exceptions import AccessError


class BssUsageSource(models.Model):
    _inherit = "bss.usage.source"  # pylint: disable=consider-merging-classes-inherited

    # Only the hash is kept: whoever reads the database cannot send files.
    push_token_hash = fields.Char(groups="base.group_system", copy=False)
    has_push_token = fields.Boolean(string="Files May Be Sent In", compute="_compute_has_push_token")
    push_url = fields.Char(string="Address for Sending", compute="_compute_push_url")

    def _compute_has_push_token(self):
        for source in self:
            source.has_push_token = bool(source.sudo().push_token_hash)

    def _compute_push_url(self):
        for source in self:
            source.push_url = f"{source.get_base_url()}/bss/usage/{source.code}"

    def action_new_push_token(self):
        """Make a token, show it once, and forget the one before."""
        self.ensure_one()
        self._bss_check_push_right()
        token = secrets.token_urlsafe(32)
        self.sudo().push_token_hash = hashlib.sha256(token.encode()).hexdigest()
        self.message_post(body=self.env._("A new token for sending files was made."))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Token of %(name)s: it is shown only now", name=self.code),
                "message": token,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_remove_push_token(self):
        self._bss_check_push_right()
        self.sudo().push_token_hash = False
        return True

    def _bss_check_push_right(self):
        if not self.env.user.has_group("base.group_system"):
            raise AccessError(self.env._("Tokens are made by a system administrator."))
