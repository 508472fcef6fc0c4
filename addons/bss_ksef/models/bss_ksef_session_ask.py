"""Asking KSeF about a session: its state there, and whether one exists whose opening was never answered."""

from datetime import UTC, timedelta

from odoo import fields, models

from ..ksef_core import states
from ..ksef_core.transport import session
from ..ksef_core.transport.result import Failure, Fault
from .bss_ksef_document import utc_naive

MINUTES_PER_PART = 20  # time KSeF gives for uploading, for each declared part


class BssKsefSessionAsk(models.Model):
    _inherit = "bss.ksef.session"  # pylint: disable=consider-merging-classes-inherited

    def _bss_poll(self):
        """Asks KSeF once and stores whatever it knows. Returns None or the Failure of the question."""
        self.ensure_one()
        with self.company_id._bss_ksef_gate() as gate:
            failure = self._bss_ask(gate)
        self.polled_at = fields.Datetime.now()
        if failure and failure.fault is not Fault.LIMITED:
            self._bss_note(failure)
        self._bss_commit()
        return failure

    def _bss_ask(self, gate):
        token = self._bss_token(gate)
        if isinstance(token, Failure):
            return token
        if not self.reference:
            return self._bss_find(gate, token)
        status = session.status(gate, token, self.reference)
        if isinstance(status, Failure) and status.fault is Fault.UNAUTHORISED:
            token = self._bss_token(gate, renew=True)
            if isinstance(token, Failure):
                return token
            status = session.status(gate, token, self.reference)
        if isinstance(status, Failure):
            if status.fault is not Fault.REFUSED or not self._bss_upload_time_is_over():
                return status
            # KSeF no longer knows a session that we never closed: there is nothing that it could still process
            self._bss_fail(status.summary())
            return None
        if self._bss_is_strange(status):
            # taken for ours because its answer was missing; the next question looks for ours again
            self.write({"reference": False, "opened_at": False})
            return None
        self.write({"status_code": status.code, "status_text": " ".join((status.text, *status.details))[:500]})
        return self._bss_apply(gate, token, status)

    def _bss_is_strange(self, status):
        """Nobody but another program of this taxpayer can have closed a session that we never uploaded to."""
        ours = self.kind == "online" or self.uploaded_at or self.sudo().upload_slots
        return not ours and status.code >= 150 and states.session_verdict(status.code) is not states.Verdict.RETURN

    def _bss_apply(self, gate, token, status):
        verdict = states.session_verdict(status.code)
        if verdict is states.Verdict.WAIT:
            return self._bss_still_waiting(gate, token, status)
        if verdict is states.Verdict.RETURN:
            return self._bss_refused_whole(gate, token, status)
        pages = self._bss_store_upo(gate, token, status)
        if isinstance(pages, Failure):
            return pages
        refused = ()
        if status.failed or verdict is states.Verdict.REFUSED:
            refused = session.failed_invoices(gate, token, self.reference)
            if isinstance(refused, Failure):
                return refused
        self._bss_store_accepted(pages)
        failure = self._bss_store_refused(gate, token, refused)
        confirmed = sum(len(entries) for entries in pages.values())
        return failure or self._bss_settle(gate, token, confirmed >= status.accepted)

    def _bss_still_waiting(self, gate, token, status):
        if self.kind == "online":
            return self._bss_online_still_waiting(status)
        if status.code >= 150:
            if self.state != "processing":
                self._bss_to("processing", closed_at=self.closed_at or fields.Datetime.now())
                self.document_ids.filtered(lambda d: d.state in ("queued", "unknown"))._bss_move_to(
                    "sent", error_text=False
                )
            return None
        # open on their side: either our close was lost, or not everything was uploaded
        if self.uploaded_at:
            return self._bss_close(gate)
        if self._bss_upload_time_is_over():
            self._bss_fail(self.env._("The package was not uploaded in time; KSeF processes nothing of it."))
            return None
        return self._bss_resume_upload(gate)

    def _bss_upload_time_is_over(self):
        """The package of this batch session is not in KSeF, and KSeF takes it no more."""
        window = timedelta(minutes=MINUTES_PER_PART * max(self.part_count, 1))
        waited = self.kind == "batch" and self.opened_at and fields.Datetime.now() > self.opened_at + window
        return bool(waited and not self.uploaded_at)

    def _bss_find(self, gate, token):
        """The answer to our opening was lost: is there a session of ours that we do not know?

        It has no package (only that answer said where to upload), so KSeF will cancel it and nothing can be doubled.
        """
        since = (self.opening_at - timedelta(minutes=5)).replace(tzinfo=UTC)
        rows = session.batch_sessions_since(gate, token, since)
        if isinstance(rows, Failure):
            return rows
        self._bss_commit()  # what others told KSeF until now must be seen
        here = [("environment", "=", self.environment)]
        known = set(
            self.sudo().search([*here, ("reference", "in", [row.reference for row in rows])]).mapped("reference")
        )
        nameless = [row for row in rows if row.reference not in known and row.total == 0 and row.code < 150]
        if nameless and not self.sudo().search_count([*here, ("state", "=", "opening")], limit=1):
            row = min(nameless, key=lambda item: item.created_at)
            self.write({"reference": row.reference, "opened_at": utc_naive(row.created_at)})
        elif fields.Datetime.now() > self.opening_at + timedelta(minutes=MINUTES_PER_PART * max(self.part_count, 1)):
            self._bss_fail(self.env._("KSeF does not know this session: it was never opened."))
        return None
