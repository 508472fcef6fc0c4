"""Dates of a bill run that are allowed but look like a slip."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.tools.misc import format_date

DAYS_BACK = 7  # an invoice date so far in the past is pointed out


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    date_warning = fields.Text(string="Odd Dates", compute="_compute_date_warning")

    @api.depends("cycle_id", "date_start", "date_end", "date_invoice", "kind", "state", "stage")
    def _compute_date_warning(self):
        for run in self:
            open_to_change = run.state != "cancelled" and run.stage in ("collect", "preview")
            warnings = [*run._bss_odd_period(), *run._bss_odd_invoice_date()] if open_to_change else []
            run.date_warning = "\n".join(warnings)

    def _bss_odd_period(self):
        """Texts of what is odd about the period of a run of a whole cycle."""
        if self.kind != "cycle" or not (self.cycle_id and self.date_start and self.date_end):
            return

        def day(value):
            return format_date(self.env, value)

        start, end = self.cycle_id._bss_period(self.date_start)
        if (start, end) != (self.date_start, self.date_end):
            yield self.env._(
                "The cycle's period is %(start)s – %(end)s, not the one of this run.", start=day(start), end=day(end)
            )
        others = self.search(
            [("cycle_id", "=", self.cycle_id.id), ("is_whole_cycle", "=", True), ("state", "!=", "cancelled")]
        )
        others -= self._origin
        same = others.filtered(lambda run: run.date_start <= self.date_end and run.date_end >= self.date_start)
        if same:
            yield self.env._(
                "Days of this period are in bill run %(names)s already.", names=", ".join(same.mapped("name"))
            )
        before = others.filtered(lambda run: run.date_end < self.date_start)
        last = max(before.mapped("date_end"), default=None)
        if last and last + timedelta(days=1) < self.date_start:
            yield self.env._(
                "The last run ended on %(last)s: the days since then are billed here as well.", last=day(last)
            )

    def _bss_odd_invoice_date(self):
        today = polish_day.today()
        if self.date_invoice and self.date_invoice > today:
            yield self.env._("The invoice date is in the future.")
        elif self.date_invoice and self.date_invoice < today - timedelta(days=DAYS_BACK):
            yield self.env._("The invoice date is in the past.")
