"""Many waiting payments matched again by a job, with a progress that the clerk sees and a word when it is done."""

from odoo import fields, models
from odoo.addons.queue_job.exception import RetryableJobError
from psycopg2 import OperationalError

#: payments of one step; what it decided is kept before the next begins
STEP = 200


class BssPaymentRematch(models.TransientModel):
    _name = "bss.payment.rematch"
    _description = "Payments Matched Again"
    _inherit = ["bss.payment.steps"]
    # it waits behind imports, and whoever asked may look on Monday
    _transient_max_hours = 72.0

    payment_ids = fields.Json(
        string="Payments", readonly=True, help="Ids of the payments that waited at the beginning."
    )
    progress_done = fields.Integer(string="Payments Done", readonly=True)
    progress_total = fields.Integer(string="Payments in All", readonly=True)
    count_booked = fields.Integer(string="Booked without a Clerk", readonly=True)
    problems = fields.Json(
        readonly=True, help="Payments that could not be matched: what was said about each. They go on waiting."
    )
    follower_ids = fields.Many2many(
        "res.users", string="Wait for It as Well", readonly=True, help="They asked for the same payments meanwhile."
    )
    is_done = fields.Boolean(string="Done", readonly=True)
    error = fields.Text(readonly=True)
    job_uuid = fields.Char(readonly=True)

    def _bss_delay(self):
        # a clerk who decides one of the payments meanwhile is quicker, as often as it takes
        job = self.with_delay(
            channel="root.bss.payments",
            max_retries=0,
            description=self.env._("Match %(count)s payments again", count=self.progress_total),
        )._bss_run()
        self.job_uuid = getattr(job, "uuid", False)  # run at once, where jobs are switched off

    def _bss_run(self):
        """Match all of them; a job that is begun anew goes on after the last step that was kept."""
        with self._bss_in_steps() as run:
            run._bss_run_here()

    def _bss_run_here(self):
        self.ensure_one()
        try:
            self._bss_all_steps()
            self._bss_tell()
            self._bss_commit()
        except (OperationalError, RetryableJobError):
            raise
        except Exception as error:
            if self._bss_keep_error({"is_done": True, "error": str(error)}):
                self._bss_tell()
                self._bss_commit()
            raise

    def _bss_all_steps(self):
        while self.progress_done < self.progress_total:
            self._bss_step()
            self._bss_commit()
        self.is_done = True

    def _bss_step(self):
        ids = self.payment_ids[self.progress_done : self.progress_done + STEP]
        waiting = self.env["bss.payment.match"].browse(ids)._bss_waiting()
        problems = waiting._bss_match_apart()
        self.write(
            {
                "progress_done": self.progress_done + len(ids),
                "count_booked": self.count_booked + len(waiting.filtered(lambda one: one.state == "booked")),
                "problems": [*(self.problems or []), *problems],
            }
        )

    # Two people who ask for the same

    def _bss_going(self):
        """Runs that are under way."""
        return self.search([("is_done", "=", False)]).filtered(lambda run: not run._bss_lost())

    def _bss_to_come(self):
        """Ids of the payments that the run did not come to yet."""
        return self.payment_ids[self.progress_done :]

    def _bss_join(self):
        """Whoever asks for what is under way waits for the last of these runs, and is told by it."""
        last = self.sorted("id")[-1:]
        if self.env.user != last.create_uid:
            last.follower_ids += self.env.user
        return last

    def _bss_tell(self):
        """To whoever asked for it, wherever on the screens he is by now."""
        if self.error:
            text = self.env._("Matching again stopped: %(error)s", error=self.error)
        else:
            text = self.env._(
                "%(total)s payments were matched again; booked without a clerk: %(booked)s.",
                total=self.progress_total,
                booked=self.count_booked,
            )
            text = " ".join(filter(None, [text, self._bss_problem_words()]))
        for user in self.create_uid | self.follower_ids:
            user._bus_send(
                "simple_notification",
                {
                    "title": self.env._("Payments Matched Again"),
                    "message": text,
                    "type": "danger" if self.error else "warning" if self.problems else "success",
                    "sticky": bool(self.error or self.problems),
                },
            )

    def _bss_problem_words(self):
        """How many payments could not be matched and why the first could not; empty when all could."""
        if not self.problems:
            return ""
        return self.env._(
            "%(count)s payments could not be matched and go on waiting, the first: %(problem)s",
            count=len(self.problems),
            problem=self.problems[0],
        )

    def _bss_lost(self):
        """Why it goes on no more though it is not done: its job failed, was cancelled or is gone."""
        if self.is_done or not self.job_uuid:
            return ""
        job = self.env["queue.job"].sudo().search([("uuid", "=", self.job_uuid)])
        if job and job.state not in ("cancelled", "failed"):
            return ""
        why = (job.exc_message or job.name) if job else self.env._("its job was deleted")
        return self.env._("Matching again stopped: %(error)s", error=why)

    def _bss_figures(self):
        """For the screen that waits for it."""
        self.ensure_one()
        lost = self._bss_lost()
        return {
            "kind": "matched" if self.is_done or lost else "matching",
            "run": self.id,
            "done": self.progress_done,
            "total": self.progress_total,
            "booked": self.count_booked,
            "stopped": bool(self.error or lost),
            "error": self.error or lost or (self._bss_problem_words() if self.is_done else ""),
        }
