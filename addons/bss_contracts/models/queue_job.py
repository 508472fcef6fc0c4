"""Jobs that wait for others which are done already: their worker was killed, or lost a race, before it told them."""

from datetime import timedelta

from odoo import api, fields, models

#: workers tell the jobs that wait within seconds
TOLD_WITHIN = timedelta(minutes=5)


class QueueJob(models.Model):
    _inherit = "queue.job"

    @api.model
    def _bss_cron_wake(self):
        """Let every job of ours begin that waits though all it waits for is done for some minutes."""
        self._bss_wake(fields.Datetime.now() - TOLD_WITHIN)

    @api.model
    def _bss_wake(self, done_before):
        """Jobs behind others that were done before that instant; returns them.

        A worker marks its job done in one transaction and tells the jobs that wait in the next: killed between the
        two, the end of a run would wait for ever.
        """
        waiting = self.sudo().search(
            [
                ("state", "=", "wait_dependencies"),
                ("channel", "=like", "root.bss%"),
                ("dependency_ids", "not any", ["|", ("state", "!=", "done"), ("date_done", ">", done_before)]),
            ]
        )
        waiting.state = "pending"
        return waiting
