from datetime import UTC

from odoo import api, fields, models

from ..ksef_core.transport import auth
from ..ksef_core.transport.result import Failure


class BssKsefAccess(models.Model):
    """Access tokens of a company, kept so that every job does not log in anew. Nobody but the server reads it."""

    _name = "bss.ksef.access"
    _description = "KSeF Access Tokens"
    _order = "company_id, environment"
    _rec_name = "company_id"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", index=True)
    environment = fields.Char(required=True)
    access_token = fields.Text(groups="base.group_system")
    access_until = fields.Datetime()
    refresh_token = fields.Text(groups="base.group_system")
    refresh_until = fields.Datetime()

    _one_per_environment = models.Constraint("UNIQUE(company_id, environment)", "One set of tokens per environment.")

    @api.model
    def _bss_token(self, gate, company, renew=False):
        """Text of a living access token, or a Failure: kept, else refreshed, else by a new login."""
        known = self.sudo().search(
            [("company_id", "=", company.id), ("environment", "=", company.bss_ksef_environment)], limit=1
        )
        tokens = known._bss_tokens() if known and not renew else None
        if tokens and tokens.access.lives(gate.now()):
            return tokens.access.text
        fresh = auth.refresh(gate, tokens) if tokens and tokens.refresh.lives(gate.now()) else None
        if fresh is None or isinstance(fresh, Failure):
            login = company._bss_ksef_login()
            if isinstance(login, Failure):
                return login
            fresh = auth.log_in(gate, login)
        if isinstance(fresh, Failure):
            return fresh
        known._bss_keep(company, fresh)
        self.env["bss.ksef.limit"].sudo()._bss_ask(gate, fresh.access.text, company)
        return fresh.access.text

    def _bss_tokens(self):
        self.ensure_one()
        if not self.access_token or not self.refresh_token:
            return None
        return auth.Tokens(
            auth.Token(self.access_token, self.access_until.replace(tzinfo=UTC)),
            auth.Token(self.refresh_token, self.refresh_until.replace(tzinfo=UTC)),
        )

    def _bss_keep(self, company, tokens):
        values = {
            "access_token": tokens.access.text,
            "access_until": tokens.access.valid_until.astimezone(UTC).replace(tzinfo=None),
            "refresh_token": tokens.refresh.text,
            "refresh_until": tokens.refresh.valid_until.astimezone(UTC).replace(tzinfo=None),
        }
        if self:
            self.write(values)
        else:
            self.sudo().create({"company_id": company.id, "environment": company.bss_ksef_environment, **values})
