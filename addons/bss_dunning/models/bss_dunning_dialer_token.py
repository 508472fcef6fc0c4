import hashlib
import secrets

from odoo import api, fields, models


class BssDunningDialerToken(models.Model):
    """Key with which a dialer talks to us; only its digest is kept."""

    _name = "bss.dunning.dialer.token"
    _description = "Key of a Dialer"
    _order = "id desc"

    name = fields.Char(string="Dialer", required=True)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    active = fields.Boolean(default=True)
    digest = fields.Char(readonly=True, copy=False, groups="base.group_system")
    date_end = fields.Date(string="Valid Until", help="Empty: until it is archived.")
    last_used_at = fields.Datetime(readonly=True, copy=False)

    _digest_unique = models.UniqueIndex("(digest)", "This key exists already.")

    def action_new_key(self):
        """Make a key and show it once; the one before it no longer works."""
        self.ensure_one()
        self.check_access("write")
        key = secrets.token_urlsafe(32)
        self.sudo().digest = self._bss_digest(key)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Key of a Dialer"),
            "res_model": "bss.dunning.dialer.key",
            "view_mode": "form",
            "target": "new",
            "context": {"default_name": self.name, "default_key": key},
        }

    @api.model
    def _bss_digest(self, key):
        return hashlib.sha256(key.encode()).hexdigest()

    @api.model
    def _bss_of_key(self, key):
        """The dialer of a key that is valid today; empty for any other. The key is random: its digest may be looked up."""
        if not key or len(key) > 200:
            return self.browse()
        token = self.sudo().search([("digest", "=", self._bss_digest(key))], limit=1)
        if token.date_end and token.date_end < fields.Date.context_today(token):
            return self.browse()
        return token

    def _bss_touch(self):
        """Remember that the key is in use, at most once a minute: requests side by side do not wait for each other."""
        now = fields.Datetime.now()
        if self.last_used_at and (now - self.last_used_at).total_seconds() < 60:
            return
        if self.try_lock_for_update():
            self.last_used_at = now
