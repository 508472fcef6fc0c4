"""The whole way of invoices to KSeF: into sessions, through jobs, asked about until the results are there."""

import time

from odoo import api, fields, models
from odoo.addons.queue_job.exception import RetryableJobError

from ..ksef_core import states

CHANNEL = "root.bss.ksef"
POLL_SECONDS = 20
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
        because what was told to KSeF must be known after a crash (not inside tests).
        """
        sessions = self._bss_prepare(company, moves, progress, as_of)
        for record in sessions:
            record._bss_transmit(as_of)
        sessions._bss_wait(timeout)
        return sessions._bss_with_replacements()

    # Jobs

    @api.model
    def _bss_queue(self, company, moves=None):
        """One job per session's worth of invoices."""
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
                description=self.env._("Send %(count)s invoices to KSeF", count=len(part)),
                identity_key=f"bss_ksef:{company.id}:{part[0]}:{part[-1]}:{len(part)}",
            )._bss_job_send(company.id, part)

    @api.model
    def _bss_job_send(self, company_id, move_ids):
        company = self.env["res.company"].browse(company_id)
        moves = self.env["account.move"].browse(move_ids)
        sessions = self.sudo()._bss_prepare(company, moves)
        for record in sessions:
            record._bss_transmit()
            record._bss_queue_poll()

    def _bss_queue_poll(self):
        if self.env.context.get("queue_job__no_delay"):
            self._bss_wait()
            return
        for record in self.filtered(lambda s: s.state not in states.SESSION_FINAL):
            record.with_delay(
                channel=CHANNEL,
                eta=POLL_SECONDS,
                max_retries=0,
                description=self.env._("Ask KSeF about %(name)s", name=record.name),
                identity_key=f"bss_ksef:poll:{record.id}",
            )._bss_job_poll()

    def _bss_job_poll(self):
        self.ensure_one()
        self._bss_go_on()
        if self.state not in states.SESSION_FINAL:
            raise RetryableJobError("KSeF is not ready yet", seconds=self._bss_next_poll(), ignore_retry=True)

    def _bss_next_poll(self):
        """Seconds until the next question: soon at first, then once in five minutes."""
        age = fields.Datetime.now() - (self.closed_at or self.opening_at or self.create_date)
        return min(300, max(POLL_SECONDS, int(age.total_seconds() / 4)))

    def _bss_wait(self, timeout=1800):
        """Asks until every session has its results or `timeout` seconds are over."""
        until = time.monotonic() + timeout
        pause = 0.5
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
            time.sleep(pause)
            pause = min(pause * 1.5, 10.0)

    # Scheduled actions

    @api.model
    def _cron_poll(self):
        """Safety net under the jobs: every unfinished session is asked about, every waiting one is sent."""
        for record in self.sudo().search([("state", "in", OPEN_STATES)], order="id"):
            record._bss_go_on()
            self.env["ir.cron"]._commit_progress(1)

    @api.model
    def _cron_send(self):
        for company in (
            self.env["res.company"].sudo().search([("bss_ksef_enabled", "=", True), ("bss_ksef_auto_send", "=", True)])
        ):
            self.sudo()._bss_queue(company)
            self.env["ir.cron"]._commit_progress(1)

    def _bss_go_on(self):
        """The next step, whatever the state: this is what makes a repeat after a crash harmless."""
        self.ensure_one()
        if self.state == "draft":
            self._bss_transmit()
            return
        with self._bss_alone() as alone:
            if not alone or self.state in states.SESSION_FINAL:
                return
            if self.state == "opening":
                self._bss_lose(self.env._("The server stopped while the session was being opened."))
            elif self.state == "closing":
                self._bss_lose(self.env._("The server stopped while the session was being closed."))
            self._bss_poll()
