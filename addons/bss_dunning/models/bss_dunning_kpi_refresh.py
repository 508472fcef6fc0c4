"""Figures of whole histories, counted every night: what each step brought, how each customer pays.

Counted while somebody looks they would take minutes with millions of steps and payments. Jobs count them part by part:
neither memory nor locks grow with the history, and what was interrupted goes on where it stopped.
"""

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.addons.queue_job.delay import chain, group
from odoo.addons.queue_job.exception import RetryableJobError
from psycopg2.errors import UniqueViolation

from .bss_dunning_kpi_part import BUSY_SECONDS
from .bss_dunning_run import CHANNEL

# before a part that failed is tried again, longer each time
PAUSE_SECONDS = 120


class BssDunningKpiRefresh(models.Model):
    _inherit = "bss.dunning.kpi"  # pylint: disable=consider-merging-classes-inherited

    part_ids = fields.One2many("bss.dunning.kpi.part", "kpi_id", string="Parts", readonly=True)
    part_count = fields.Integer(compute="_compute_progress", string="Parts to Count")
    progress = fields.Float(
        compute="_compute_progress",
        string="Histories Counted %",
        help="Effect of steps and payment patterns: they follow in the background, part by part.",
    )
    part_failed_count = fields.Integer(compute="_compute_progress", string="Failed Parts")

    @api.depends("part_ids.state")
    def _compute_progress(self):
        rows = self.env["bss.dunning.kpi.part"]._read_group(
            [("kpi_id", "in", self.ids)], ["kpi_id", "state"], ["__count"]
        )
        counts = {(kpi, state): number for kpi, state, number in rows}
        for kpi in self:
            done, waiting, failed = (counts.get((kpi, state), 0) for state in ("done", "planned", "failed"))
            kpi.part_count = done + waiting + failed
            kpi.part_failed_count = failed
            kpi.progress = 100.0 * done / kpi.part_count if kpi.part_count else 0.0

    # Buttons and nights

    @api.model
    def _cron_refresh(self):
        """Every night, every company that has billing accounts."""
        for (company,) in self.env["bss.account"].sudo()._read_group([], ["company_id"]):
            self._bss_refresh_later(company, polish_day.today())

    def action_snapshot(self):
        """The figures of histories follow in jobs; those that stopped go on."""
        result = super().action_snapshot()
        self._bss_refresh_later(self.env.company, polish_day.today())
        return result

    def action_view_parts(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_kpi_part_action")
        return {**action, "domain": [("kpi_id", "=", self.id)]}

    # Counting

    @api.model
    def _bss_refresh_later(self, company, day):
        self.sudo().with_delay(
            channel=CHANNEL,
            identity_key=f"bss_dunning_measures:{company.id}",
            description=self.env._("Effect of steps and payment patterns"),
        )._job_start(company, day)

    @api.model
    def _job_start(self, company, day):
        try:
            with self.env.cr.savepoint():
                kpi = self.sudo()._bss_row(company, day)
                kpi._bss_begin()
        except UniqueViolation as error:
            raise RetryableJobError("Somebody begins the same count just now", BUSY_SECONDS) from error
        kpi._bss_queue(kpi.part_ids.filtered(lambda part: part.state == "planned"))

    def _job_counted(self):
        """Behind the parts: those that failed once more, while they may; then the day is known."""
        again = self.sudo().part_ids._bss_to_try_again()
        if again:
            self._bss_queue(again)
        else:
            self._bss_counted()

    @api.model
    def _bss_refresh(self, company, day):
        """Count all that a company has, in place."""
        kpi = self.sudo()._bss_row(company, day)
        kpi._bss_begin()
        for part in kpi.part_ids.filtered(lambda part: part.state == "planned"):
            part._bss_work()
        kpi._bss_counted()

    @api.model
    def _bss_row(self, company, day):
        """The figures of a day, taken now if nobody has taken them yet."""
        found = self.search([("company_id", "=", company.id), ("date", "=", day)])
        return found or self._bss_snapshot(company, day)

    def _bss_begin(self):
        """Parts that are left go on; when there are none all are counted anew."""
        self.part_ids._bss_start_anew()
        if not any(part.state == "planned" for part in self.part_ids):
            self.env["bss.dunning.kpi.part"]._bss_make(self)

    def _bss_queue(self, parts):
        """One job for each part, then one that looks how they ended; what failed waits until the cause may have passed.

        A part whose job still waits gets no second one. Jobs of one graph are made all or none, so the keys alone would
        not do; who looks at the end finds all parts, whatever jobs they had.
        """
        jobs = [
            part.delayable(
                channel=CHANNEL, eta=PAUSE_SECONDS * part.failures or None, identity_key=part._bss_job_key()
            )._job_count()
            for part in parts._bss_without_job()
        ]
        counted = self.delayable(channel=CHANNEL, identity_key=f"bss_dunning_counted:{self.id}")._job_counted()
        (chain(group(*jobs), counted) if jobs else counted).delay()

    def _bss_counted(self):
        """*As Of* moves on when all parts are counted, not before."""
        # a count that began later took ours away: without parts nothing is left to do, but nothing was counted either
        overtaken = self.env["bss.dunning.kpi.part"].search_count(
            [("company_id", "=", self.company_id.id), ("kpi_id", "!=", self.id)], limit=1
        )
        if not overtaken and all(part.state == "done" for part in self.part_ids):
            company = self.company_id.sudo()
            company.bss_dunning_measured_on = self.date
            # what is booked while parts are counted may be missing in them: its accounts are marked
            begun = min(self.part_ids.mapped("create_date"), default=self.env.cr.now())
            company.bss_dunning_measured_at = max(filter(None, [company.bss_dunning_measured_at, begun]))
