"""Files that wait for a statement go on when it came, also when the process that brought it died before it told them."""

from contextlib import nullcontext
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.exceptions import UserError
from psycopg2 import OperationalError

from .bss_bank_import_report import NEAR_DAYS, SUM_CODES

#: minutes in which the process that imported a statement wakes the others itself
OWN_MINUTES = 10


class BssBankImportWake(models.Model):
    _inherit = "bss.bank.import"  # pylint: disable=consider-merging-classes-inherited

    # kept in the transaction that says "imported": what follows it may be lost with its process
    is_wake_due = fields.Boolean(
        string="Others Wait for It", readonly=True, copy=False, help="Files that waited for it are still to go on."
    )

    def _bss_wake(self):
        """A statement came: reports that wait for its sums, and files held back for what it brings, go on.

        Waking them twice does no harm: whoever is imported waits no longer. What was woken wakes the next ones in its
        turn, not inside of it: a year of files dropped backwards would be too deep.
        """
        if self.env.context.get("bss_woken"):
            return
        came = self.filtered("is_wake_due")
        while came:
            came = came._bss_wake_others()

    def _bss_wake_others(self):
        """Wake who waits for these statements of one journal.

        :return: those that came by it, whose own others are to be woken now
        """
        same = [("journal_id", "=", self.journal_id.id), ("id", "not in", self.ids)]
        others = self.search([*same, ("state", "in", ("waiting", "blocked"))], order="date_start, id")
        for record in others:
            record.with_context(bss_woken=True)._bss_import_woken()
        days = [record.date_start for record in self if record.date_start]
        if self.journal_id.bss_report_mode == "each" and days:
            since = min(days) - timedelta(days=NEAR_DAYS)
            shown = [("state", "=", "shown"), ("kind", "=", "report"), ("date_end", ">=", since)]
            for record in self.search([*same, *shown, ("problem_ids.code", "=", "REPORT_UNCONFIRMED")]):
                record._bss_forget(SUM_CODES)
                record._bss_confirm_payments()
        self.is_wake_due = False
        return others.filtered("is_wake_due")

    def _bss_import_woken(self):
        """A file that another one woke; what is wrong with it is not the other's fault."""
        try:
            with nullcontext() if self._bss_can_commit() else self.env.cr.savepoint():
                self._bss_import_alone(None)
        except UserError as error:
            self.error = str(error)
        except (OperationalError, RetryableJobError):
            raise
        except Exception:
            # where steps are committed, the file that failed says so itself
            if not self._bss_can_commit():
                raise

    @api.model
    def _cron_wake(self):
        """Statements whose process died between its last step and waking the others."""
        since = fields.Datetime.now() - timedelta(minutes=OWN_MINUTES)
        # one that failed tells its error and is not tried for ever
        due = [("is_wake_due", "=", True), ("imported_at", "<", since), ("error", "=", False)]
        for record in self.search(due, order="id"):
            record._bss_delay_import()
