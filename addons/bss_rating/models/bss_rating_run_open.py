import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.addons.bss_mediation.adapters import in_test
from odoo.exceptions import UserError

from .. import adapters, store
from ..open_run import close_open_run

_logger = logging.getLogger(__name__)


class BssRatingRun(models.Model):
    """Usage that is rated as it is loaded belongs to a run that stays open until charges are made (``open_run``)."""

    _inherit = "bss.rating.run"  # pylint: disable=consider-merging-classes-inherited

    is_continuous = fields.Boolean(
        string="Rated When Loaded",
        readonly=True,
        copy=False,
        help="Holds the usage that was rated as it was loaded. It is open until charges are made of it.",
    )

    _one_open = models.UniqueIndex(
        "(company_id) WHERE is_continuous AND state = 'running'", "The company has an open run already."
    )

    @api.model
    def _bss_open(self, company_id):
        """The open run of a company that has none; its days follow from its events when it is closed."""
        run = self.with_context(mail_create_nolog=True).create(
            {
                "company_id": company_id,
                **self._bss_month(),
                "by_month": True,
                "is_continuous": True,
                "state": "running",
                "started_at": fields.Datetime.now(),
            }
        )
        self.env.flush_all()
        return run

    @api.model
    def _bss_month(self):
        month = adapters.month_start(polish_day.today())
        return {"date_start": month, "date_end": adapters.next_month(month) - timedelta(days=1)}

    @api.model
    def _bss_domain_uncounted(self):
        """Runs that were closed by somebody who did not live to count them: nobody knows what is uncharged of theirs."""
        return ["&", "&", ("is_continuous", "=", True), ("state", "!=", "running"), ("finished_at", "=", False)]

    def _bss_close(self):
        """No load adds to it any more: its days are those of its events."""
        self.ensure_one()
        cr = self.env.cr
        first, last = store.run_days(cr, self.id)
        self.write(
            {
                "state": "done_errors" if store.count_suspended(cr, self.ids) else "done",
                "date_start": first or self.date_start,
                "date_end": last or self.date_end,
                "finished_at": fields.Datetime.now(),
            }
        )

    def _bss_rate(self, progress=None, event_ids=None):
        if any(run.is_continuous for run in self):
            raise UserError(self.env._("This run takes what is rated as it is loaded. Plan another run for the rest."))
        return super()._bss_rate(progress=progress, event_ids=event_ids)

    def action_refresh_counts(self):
        """Counts of an open run as they stand now."""
        self.check_access("write")
        self.filtered(lambda run: run.is_continuous and run.state == "running")._bss_count()
        return True

    def action_make_charges(self):
        """How much there is to charge tells whether it is done in the background."""
        self.action_refresh_counts()
        return super().action_make_charges()

    @api.model
    def _cron_close_open_runs(self):
        """A run is not left open beyond its month, or each making of charges would go through all that was ever loaded.

        Nothing is charged here: its figures tell whoever makes charges that there is something to do.
        """
        month = self._bss_month()
        old = [("is_continuous", "=", True), ("state", "=", "running"), ("date_start", "<", month["date_start"])]
        for run in self.search(["|", "&", "&", *old, *self._bss_domain_uncounted()]):
            if run.state == "running" and store.run_days(self.env.cr, run.id) == (None, None):
                run.write(month)  # nothing was loaded
                continue
            try:
                close_open_run(self.env.cr, run)
            except UserError:
                _logger.info("Rating run %s stays open: usage files are being loaded", run.name)
                continue
            run._bss_count()
            if not in_test():
                self.env.cr.commit()  # pylint: disable=invalid-commit
