"""Figures of whole histories, counted every night: what each step brought, how each customer pays.

Counted while somebody looks they would take minutes with millions of steps and payments.
"""

from odoo import api, models
from odoo.addons.bss_catalog import polish_day
from odoo.tools import SQL

from .bss_dunning_run import CHANNEL

RANGE = 50_000  # records counted in one transaction


class BssDunningKpiRefresh(models.Model):
    _inherit = "bss.dunning.kpi"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _cron_refresh(self):
        """Every night, every company that has billing accounts; each range of records is kept at once."""
        for (company,) in self.env["bss.account"].sudo()._read_group([], ["company_id"]):
            for _done in self._bss_refresh_ranges(company, polish_day.today()):
                self.env["ir.cron"]._commit_progress(1)

    def action_snapshot(self):
        """The figures of histories follow in a job."""
        result = super().action_snapshot()
        self.sudo().with_delay(
            channel=CHANNEL,
            identity_key=f"bss_dunning_measures:{self.env.company.id}",
            description=self.env._("Effect of steps and payment patterns"),
        )._bss_refresh(self.env.company, polish_day.today())
        return result

    @api.model
    def _bss_refresh(self, company, day):
        """Count the effect of all steps and the pattern of all accounts of a company."""
        for _done in self._bss_refresh_ranges(company, day):
            pass

    @api.model
    def _bss_refresh_ranges(self, company, day):
        """Count range by range, so that neither memory nor locks grow with the history."""
        self.env.flush_all()
        for model, table in (
            (self.env["bss.dunning.effect.report"], "bss_dunning_action"),
            (self.env["bss.dunning.pattern"], "bss_account"),
        ):
            for first, last in self._bss_id_ranges(table, company):
                model.sudo()._bss_refresh_range(company, day, first, last)
                yield first, last
            model.invalidate_model()
        company.sudo().bss_dunning_measured_on = day

    @api.model
    def _bss_id_ranges(self, table, company):
        """First and last ids of ranges that hold the records of a company."""
        found = self.env.execute_query(
            SQL("SELECT MIN(id), MAX(id) FROM %s WHERE company_id = %s", SQL.identifier(table), company.id)
        )
        first, last = found[0]
        if first is None:
            return []
        return [(start, start + RANGE - 1) for start in range(first, last + 1, RANGE)]
