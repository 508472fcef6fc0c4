"""Jobs of a run: one prepares, batches carry out, the last one counts. None of them dies without the run saying so."""

import logging

from odoo import models
from odoo.addons.queue_job.delay import chain, group
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from .bss_dunning_run import BATCH, CHANNEL

_logger = logging.getLogger(__name__)

# before a part that failed is tried again, longer each time
PAUSE_SECONDS = 120


class BssDunningRunJob(models.Model):
    _inherit = "bss.dunning.run"  # pylint: disable=consider-merging-classes-inherited

    def _job_prepare(self):
        """One job for each part, then one that cuts the actions into batches; all in this transaction or none."""
        run = self._bss_in_company_language().sudo()
        run._bss_or_stop(run._bss_delay_parts)

    def _job_queue(self):
        """Parts that failed once more, while they may; then batches of actions and the end of the run."""
        run = self._bss_in_company_language().sudo()
        run._bss_or_stop(run._bss_delay_next)

    def _job_execute(self, action_ids):
        run = self._bss_in_company_language()
        actions = run.env["bss.dunning.action"].browse(action_ids).exists()
        run._bss_or_stop(lambda: actions._bss_execute(run.as_of))

    def _job_finish(self):
        """A run of which a batch stopped stays stopped: its actions still wait."""
        run = self._bss_in_company_language().sudo()
        if run.state != "stopped":
            run._bss_or_stop(run._bss_finish)

    def _bss_or_stop(self, work):
        """Do the work of a job whole; failing, nothing of it stays but the run, stopped, with the error and a way on.

        The job itself ends well, so that the jobs behind it follow and "Go On" is not taken for a repeated job.
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                work()
        except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, RetryableJobError):
            raise  # a lost race: the whole job is repeated
        except Exception as error:
            _logger.exception("Dunning run %s stopped", self.id)
            self.env.invalidate_all()
            self.sudo().write({"state": "stopped", "error": str(error) or type(error).__name__})

    def _bss_delay_parts(self):
        self._bss_begin()
        self.part_ids._bss_start_anew()
        self._bss_queue_parts(self.part_ids.filtered(lambda part: part.state == "planned"))

    def _bss_delay_next(self):
        again = self.part_ids._bss_to_try_again()
        if again:
            self._bss_queue_parts(again)
        else:
            self._bss_delay_batches()

    def _bss_queue_parts(self, parts):
        """What failed waits until what was in the way may have passed."""
        jobs = [
            part.delayable(channel=CHANNEL, eta=PAUSE_SECONDS * part.failures or None)._job_plan() for part in parts
        ]
        batches = self.delayable(channel=CHANNEL)._job_queue()
        (chain(group(*jobs), batches) if jobs else batches).delay()

    def _bss_delay_batches(self):
        self._bss_gather()
        ready = self._bss_ready().ids
        finish = self.delayable(channel=CHANNEL)._job_finish()
        batches = [
            self.delayable(channel=CHANNEL)._job_execute(ready[start : start + BATCH])
            for start in range(0, len(ready), BATCH)
        ]
        (chain(group(*batches), finish) if batches else finish).delay()
