"""Delivery reports: brought by the operator or asked for."""

from datetime import UTC, timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..sms_core.gateways import PROVIDERS

REPORT_DAYS = 3
REPORT_PAUSE = timedelta(minutes=10)


class BssSmsGatewayReport(models.Model):
    _inherit = "bss.sms.gateway"  # pylint: disable=consider-merging-classes-inherited

    def _bss_take_reports(self, reports):
        """Write news of messages; what is not ours, or is older than what is known, changes nothing."""
        self.ensure_one()
        logs = self.env["bss.sms.log"].sudo()
        for report in reports:
            named = Domain("uuid", "=", report.key) if report.key else Domain("reference", "=", report.reference)
            log = logs.search(Domain("gateway_id", "=", self.id) & named, limit=1)
            at = report.at.astimezone(UTC).replace(tzinfo=None) if report.at else fields.Datetime.now()
            log._bss_report(report, min(at, fields.Datetime.now()))

    @api.model
    def _cron_reports(self):
        """Ask operators that answer such questions about messages without an end."""
        self.env["bss.dunning.action"].sudo()._bss_count_sms_costs()
        since = fields.Datetime.now() - timedelta(days=REPORT_DAYS)
        asked = [name for name, provider in PROVIDERS.items() if provider.news]
        for gateway in self.sudo().search([("provider", "in", asked), ("fetch_reports", "=", True)]):
            domain = Domain("gateway_id", "=", gateway.id) & Domain("state", "=", "accepted")
            domain &= Domain("reference", "!=", False) & Domain("sent_at", ">=", since) & Domain("test", "=", False)
            while gateway._bss_poll(domain):
                continue

    def _bss_poll(self, domain):
        """Ask about one batch; False when none is left or no time for more."""
        now = fields.Datetime.now()
        due = domain & (Domain("polled_at", "=", False) | Domain("polled_at", "<", now - REPORT_PAUSE))
        news = self._bss_provider().news
        logs = self.env["bss.sms.log"].search(due, limit=news.batch, order="id").try_lock_for_update()
        if not logs:
            return False
        call = news.call(logs.mapped("reference"), self._bss_options())
        logs.polled_at = now
        self._bss_take_reports(news.read(*self._bss_http(call)))
        return bool(self.env["ir.cron"]._commit_progress(len(logs))) and len(logs) == news.batch
