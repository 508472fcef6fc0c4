import logging
from datetime import UTC

import psycopg2.errors
from odoo import api, fields, models

from ..ksef_core.transport import auth
from ..ksef_core.transport.mask import protect
from ..ksef_core.transport.result import Failure

_logger = protect(logging.getLogger(__name__))
protect(logging.getLogger("odoo.sql_db"))  # it writes statements that failed into the log

KEEP = """
INSERT INTO bss_ksef_access
       (company_id, environment, context, access_token, access_until, refresh_token, refresh_until)
VALUES (%(company)s, %(environment)s, %(context)s, %(access)s, %(access_until)s, %(refresh)s, %(refresh_until)s)
ON CONFLICT (company_id, environment) DO UPDATE
   SET context = EXCLUDED.context, access_token = EXCLUDED.access_token, access_until = EXCLUDED.access_until,
       refresh_token = EXCLUDED.refresh_token, refresh_until = EXCLUDED.refresh_until
"""


class BssKsefAccess(models.Model):
    """Access tokens of a company, kept so that every job does not log in anew. Nobody but the server reads it."""

    _name = "bss.ksef.access"
    _description = "KSeF Access Tokens"
    _order = "company_id, environment"
    _rec_name = "company_id"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", index=True)
    environment = fields.Char(required=True)
    context = fields.Char(
        string="Given For",
        readonly=True,
        help="Server and tax number that the tokens were given for; of no use when either has changed.",
    )
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
        tokens = known._bss_tokens() if known.context == self._bss_context(company) and not renew else None
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

    @api.model
    def _bss_context(self, company):
        return f"{company._bss_ksef_api_url()} {company._bss_ksef_nip()}"

    def _bss_tokens(self):
        self.ensure_one()
        if not self.access_token or not self.refresh_token:
            return None
        return auth.Tokens(
            auth.Token(self.access_token, self.access_until.replace(tzinfo=UTC)),
            auth.Token(self.refresh_token, self.refresh_until.replace(tzinfo=UTC)),
        )

    def _bss_keep(self, company, tokens):
        """In a transaction of its own: other workers see the tokens at once, and whoever logs in meanwhile is no conflict."""
        values = {
            "company": company.id,
            "environment": company.bss_ksef_environment,
            "context": self._bss_context(company),
            "access": tokens.access.text,
            "access_until": tokens.access.valid_until.astimezone(UTC).replace(tzinfo=None),
            "refresh": tokens.refresh.text,
            "refresh_until": tokens.refresh.valid_until.astimezone(UTC).replace(tzinfo=None),
        }
        if not self._bss_keep_apart(company, values):
            self.env.cr.execute(KEEP, values)
        self.invalidate_model()

    def _bss_keep_apart(self, company, values):
        """False for a company that is not committed yet: it has no other workers, and other transactions do not see it."""
        try:
            with self.env.registry.cursor() as cr:
                cr.execute("SELECT 1 FROM res_company WHERE id = %s", (company.id,))
                if not cr.fetchone():
                    return False
                cr.execute("SET LOCAL lock_timeout = '3s'")
                cr.execute(KEEP, values, log_exceptions=False)
        except (psycopg2.errors.SerializationFailure, psycopg2.errors.LockNotAvailable):
            _logger.info(
                "another worker keeps its KSeF tokens for company %s at this moment; ours serve this once", company.id
            )
        return True
