"""Long work in steps: a job keeps each of them, a test or a button all or nothing."""

from contextlib import contextmanager

from odoo import models, modules


class BssPaymentSteps(models.AbstractModel):
    _name = "bss.payment.steps"
    _description = "Work in Steps That Are Kept"

    def _bss_is_job(self):
        return bool(self.env.context.get("job_uuid") and not self.env.context.get("queue_job__no_delay"))

    @contextmanager
    def _bss_in_steps(self):
        """The records as they are to be worked on: in a job in a transaction of their own, whose steps may be kept.

        The transaction of the job keeps the job.
        """
        if not self._bss_is_job() or modules.module.current_test:
            yield self
            return
        with self.env.registry.cursor() as cr:
            yield self.with_env(self.env(cr=cr)).with_context(bss_commit=True)

    def _bss_can_commit(self):
        return bool(self.env.context.get("bss_commit") and not modules.module.current_test)

    def _bss_commit(self):
        """Keep the step, where steps are kept."""
        if self._bss_can_commit():
            self.env.cr.commit()  # pylint: disable=invalid-commit
            self.env.invalidate_all()

    def _bss_keep_error(self, vals):
        """The step that failed leaves nothing; those before it stay, and these values say what happened.

        :return: whether they were kept; without steps the whole transaction is the caller's to undo
        """
        if not self._bss_can_commit():
            return False
        self.env.cr.rollback()
        self.env.invalidate_all(flush=False)
        self.write(vals)
        return True
