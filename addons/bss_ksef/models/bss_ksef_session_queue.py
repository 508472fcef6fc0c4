"""The whole way of invoices to KSeF: into sessions, through jobs, asked about until the results are there."""

import logging
import math
import time

from odoo import api, fields, models
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.exceptions import UserError

from ..ksef_core import states
from ..ksef_core.transport.mask import protect
from ..ksef_core.transport.result import Fault

_logger = protect(logging.getLogger(__name__))

CHANNEL = "root.bss.ksef"
POLL_SECONDS = 20
SECONDS_BETWEEN_POLLS = 0.6  # of all sessions together; KSeF allows 120 such questions a minute
OPEN_STATES = ("draft", "opening", "open", "closing", "processing", "unknown")


class BssKsefSessionQueue(models.Model):
    _inherit = "bss.ksef.session"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_send_batch(self, company, moves=None, progress=None, as_of=None, timeout=1800):
        """Sends the waiting invoices of `company` and waits for the results.

        With `moves` only those are sent; those posted before KSeF was switched on are marked as waiting first.

        Returns the sessions; look at their `state`, `error` and documents. `progress(done, total)` is called while
        documents are frozen. `as_of` is the day of sending in Warsaw, by default that of the clock. Invoices issued
        before it are put aside as late, unless somebody decided to send them all the same. Commits on the way,
        because what was told to KSeF must be known after a crash (not inside tests). A session that the request
        limits hold up for longer than `timeout` seconds stays waiting; jobs and scheduled actions go on with it.
        """
        sessions = self._bss_prepare(company, moves, progress, as_of)
        until = time.monotonic() + timeout
        for record in sessions:
            record._bss_transmit_within(until, as_of)
        sessions._bss_wait(max(until - time.monotonic(), 0.0))
        return sessions._bss_with_replacements()

    def _bss_transmit_within(self, until, as_of=None):
        """Transmits, waiting for the request limits as long as the monotonic clock has not reached `until`."""
        self.ensure_one()
        while failure := self._bss_transmit(as_of):
            pause = failure.retry_after or 0.0
            if failure.fault is not Fault.LIMITED or not pause or time.monotonic() + pause > until:
                return
            time.sleep(pause)

    # Jobs

    @api.model
    def _bss_queue(self, company, moves=None):
        """One job per session's worth of invoices."""
        problem = company._bss_ksef_login_problem()
        if problem:
            raise UserError(problem)
        due = self._bss_due(company, moves)
        size = company.bss_ksef_batch_size
        for start in range(0, len(due), size):
            part = due[start : start + size]
            if self.env.context.get("queue_job__no_delay"):
                # a job that commits gets a connection of its own, even in place
                self._bss_job_send(company.id, part)
                continue
            self.with_delay(
                channel=CHANNEL,
                eta=self.env.context.get("bss_ksef_pause"),
                description=self.env._("Send %(count)s invoices to KSeF", count=len(part)),
                identity_key=f"bss_ksef:{company.id}:{part[0]}:{part[-1]}:{len(part)}",
            )._bss_job_send(company.id, part)

    @api.model
    def _bss_job_send(self, company_id, move_ids):
        company = self.env["res.company"].browse(company_id)
        moves = self.env["account.move"].browse(move_ids)
        sessions = self.sudo()._bss_prepare(company, moves)
        # what an earlier run of this job left when it broke down after a commit
        left = [("company_id", "=", company_id), ("state", "in", OPEN_STATES), ("document_ids.move_id", "in", move_ids)]
        for record in sessions | self.sudo().search(left, order="id"):
            failure = record._bss_transmit()
            record._bss_queue_poll(failure)

    def _bss_queue_poll(self, failure=None):
        """A job that does the next step of each session, not before KSeF allows it."""
        if self.env.context.get("queue_job__no_delay"):
            self._bss_wait()
            return
        for record in self.filtered(lambda s: s.state not in states.SESSION_FINAL):
            record.with_delay(
                channel=CHANNEL,
                eta=_seconds(POLL_SECONDS, failure),
                max_retries=0,
                description=self.env._("Ask KSeF about %(name)s", name=record.name),
                identity_key=f"bss_ksef:poll:{record.id}",
            )._bss_job_poll()

    def _bss_job_poll(self):
        self.ensure_one()
        failure = self._bss_go_on()
        if self.state not in states.SESSION_FINAL:
            seconds = _seconds(self._bss_next_poll(), failure)
            raise RetryableJobError("KSeF is not ready yet", seconds=seconds, ignore_retry=True)

    def _bss_next_poll(self):
        """Seconds until the next question: soon at first, then once in five minutes."""
        age = fields.Datetime.now() - (self.closed_at or self.opening_at or self.create_date)
        return min(300, max(POLL_SECONDS, int(age.total_seconds() / 4)))

    def _bss_wait(self, timeout=1800):
        """Asks until every session has its results or `timeout` seconds are over."""
        begun = time.monotonic()
        until, pause = begun + timeout, 0.5
        # one of `self` that could not be told to KSeF stays; those that replace another one are still to be sent
        waiting = self._bss_with_replacements().filtered(
            lambda s: s.state not in states.SESSION_FINAL and (s.state != "draft" or s not in self)
        )
        while waiting:
            for record in waiting:
                record._bss_go_on()
            waiting = (waiting | waiting.replacement_ids).filtered(lambda s: s.state not in states.SESSION_FINAL)
            if not waiting or time.monotonic() > until:
                break
            # the more sessions wait and the longer it takes, the rarer each is asked about: KSeF counts all questions
            time.sleep(max(0.0, min(max(pause, SECONDS_BETWEEN_POLLS * len(waiting)), until - time.monotonic())))
            pause = min(pause * 1.5, max(10.0, (time.monotonic() - begun) / 4))

    # Scheduled actions

    @api.model
    def _cron_poll(self):
        """Safety net under the jobs: waiting sessions are sent first, then every unfinished one is asked about."""
        unfinished = self.sudo().search([("state", "in", OPEN_STATES)], order="id")
        for record in unfinished.sorted(lambda session: (session.state != "draft", session.id)):
            try:
                record._bss_go_on()
                record._bss_watch()
            except Exception:
                # one session that breaks must not keep the others from their answers
                self.env.cr.rollback()
                _logger.exception("KSeF session %s cannot go on", record.id)
            self.env["ir.cron"]._commit_progress(1)

    @api.model
    def _cron_send(self):
        for company in (
            self.env["res.company"].sudo().search([("bss_ksef_enabled", "=", True), ("bss_ksef_auto_send", "=", True)])
        ):
            if not company._bss_ksef_login_problem():
                self.sudo()._bss_queue(company)
            self.env["ir.cron"]._commit_progress(1)

    def _bss_go_on(self):
        """The next step, whatever the state: this is what makes a repeat after a crash harmless.

        Returns None or the Failure that holds it up.
        """
        self.ensure_one()
        if self.kind == "online":
            return self._bss_go_on_online()
        if self.state == "draft":
            return self._bss_transmit()
        with self._bss_alone() as alone:
            self._bss_commit()  # what another process did with the session before must be seen
            if not alone or self.state in states.SESSION_FINAL:
                return None
            if self.state == "opening":
                self._bss_lose(self.env._("The server stopped while the session was being opened."))
            elif self.state == "closing":
                self._bss_lose(self.env._("The server stopped while the session was being closed."))
            return self._bss_poll()


def _seconds(usual, failure):
    """Whole seconds until the next try: the usual ones, or as many as KSeF or the limiter asked for."""
    return max(usual, math.ceil(failure.retry_after)) if failure and failure.retry_after else usual
