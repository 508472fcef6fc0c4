"""Interactive sessions: a handful of urgent invoices, sent one by one, their numbers within seconds.

Only the sending of an invoice is a dangerous call here. An opened session is empty, so one whose answer was lost harms
nobody; closing twice is closing; and when the session has ended, its list is final: an invoice whose answer was lost and
that the list does not name by its hash was not taken.
"""

import logging
from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..ksef_core import states
from ..ksef_core.transport import keys, online, package, session
from ..ksef_core.transport.mask import protect
from ..ksef_core.transport.result import Failure, Fault

_logger = protect(logging.getLogger(__name__))

NOT_NOW = (Fault.LIMITED, Fault.UNREACHABLE, Fault.UNAUTHORISED)  # nothing was done, another try may work
PATIENCE = 20  # seconds that the one who sends waits for the numbers


class BssKsefSessionOnline(models.Model):
    _inherit = "bss.ksef.session"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_send_now(self, company, moves, timeout=PATIENCE):
        """Sends a few waiting `moves` of `company` by themselves and waits for their numbers.

        Returns the sessions; one that is not finished after `timeout` seconds goes on in a job. What KSeF takes only in
        packages (attachments) goes in a batch session. Commits on the way, as sending in packages does.
        """
        sessions = self._bss_prepare_now(company, moves)
        for record in sessions:
            record._bss_go_on()
        sessions.filtered(lambda s: s.state == "processing")._bss_wait(timeout)
        if not self.env.context.get("queue_job__no_delay"):
            sessions._bss_queue_poll()
        return sessions

    @api.model
    def _bss_prepare_now(self, company, moves):
        """Freezes `moves` into an interactive session; nothing is told to KSeF yet."""
        day = self._bss_day()
        due = self._bss_due(company, moves, day)
        if len(due) > online.MAX_INVOICES:
            raise UserError(
                self.env._("At most %(count)s invoices can be sent at once one by one.", count=online.MAX_INVOICES)
            )
        documents = self.env["bss.ksef.document"].sudo()._bss_freeze(self._bss_claim(due), day, self._bss_now())
        queued = documents.filtered(lambda d: d.state == "queued")
        fitting = queued.browse(
            [document_id for document_id, xml in queued._bss_contents(queued.ids) if goes_interactively(xml)]
        )
        sessions = self.browse()
        if fitting:
            sessions |= self._bss_new_session(company, fitting, kind="online", compression=False)
        if queued - fitting:
            sessions |= self._bss_new_session(company, queued - fitting)
        self._bss_commit()
        return sessions

    def _bss_go_on_online(self):
        """The next steps, whatever the state. Returns None or the Failure that holds it up."""
        with self._bss_alone() as alone:
            self._bss_commit()  # what another process did with the session before must be seen
            if not alone or self.state in states.SESSION_FINAL:
                return None
            with self.company_id._bss_ksef_gate() as gate:
                failure = self._bss_tell_online(gate)
            if failure:
                _logger.warning("KSeF session %s of %s: %s", self.id, self.company_id.name, failure.summary())
            elif self.state not in states.SESSION_FINAL:
                failure = self._bss_poll()
        self._bss_commit()
        return failure

    def _bss_tell_online(self, gate):
        """Opens, sends and closes, from wherever the session stands. None, or the Failure that stopped it."""
        if self.state in ("draft", "opening"):
            failure = self._bss_open_online(gate)
            if failure:
                return failure
        if self.state == "open":
            failure = self._bss_send_each(gate)
            if failure:
                return self._bss_note(failure)
            self._bss_to("closing")
            self._bss_commit()
        if self.state == "closing":
            failure = self._bss_called(gate, lambda token: online.close(gate, token, self.reference))
            if failure:
                return self._bss_note(failure)
            self._bss_to("processing", closed_at=fields.Datetime.now(), error=False)
            self._bss_commit()
        return None

    def _bss_called(self, gate, call):
        """`call(token)`; once more with a new token when KSeF no longer takes the old one."""
        for renew in (False, True):
            token = self._bss_token(gate, renew=renew)
            if isinstance(token, Failure):
                return token if token.fault in NOT_NOW else replace(token, fault=Fault.UNAUTHORISED)
            answer = call(token)
            if not isinstance(answer, Failure) or answer.fault is not Fault.UNAUTHORISED:
                break
        return answer

    # ------------------------------------------------------------------ open

    def _bss_open_online(self, gate):
        if self.state == "opening":
            self._bss_to("draft")  # the session that perhaps was opened is empty; KSeF cancels it
        if not self._bss_put_late_aside(self._bss_day()):
            return None
        self._bss_make_secrets()
        opened = self._bss_called(gate, lambda token: self._bss_open_online_once(gate, token))
        if isinstance(opened, Failure) and opened.code == keys.WRONG_KEY_CODE:
            # the Ministry changed its key between our question and our call
            opened = self._bss_called(gate, lambda token: self._bss_open_online_once(gate, token))
        if not isinstance(opened, Failure):
            self._bss_to("open", reference=opened.reference, opened_at=fields.Datetime.now())
            self._bss_commit()
            return None
        if opened.fault is Fault.REFUSED:
            self._bss_fail(opened.summary())
            return opened
        if self.state == "opening":
            self._bss_to("draft")
        return self._bss_note(opened)

    def _bss_open_online_once(self, gate, token):
        sealed = self._bss_about_to_open(gate)
        return sealed if isinstance(sealed, Failure) else online.open_online(gate, token, *sealed)

    # ------------------------------------------------------------------ send

    def _bss_send_each(self, gate):
        """Every invoice that was not sent yet; which one is under way is stored before its call goes out."""
        if self.sending_id:
            text = self._bss_polish()._("The server stopped while the invoice was being sent.")
            self.sending_id._bss_move_to("unknown", error_text=text)
            self.sending_id = False
        self._bss_return_late(self._bss_day())
        for document_id, xml in self.env["bss.ksef.document"]._bss_contents(self._bss_undecided("queued").ids):
            failure = self._bss_send_one(gate, self.env["bss.ksef.document"].sudo().browse(document_id), xml)
            if failure:
                return failure
        return None

    def _bss_send_one(self, gate, document, xml):
        """None, or a Failure after which neither this invoice nor the next one can be sent now."""
        self.sending_id = document
        self._bss_commit()
        secret, vector = self._bss_secrets()
        answer = self._bss_called(gate, lambda token: online.send(gate, token, self.reference, xml, secret, vector))
        waits = isinstance(answer, Failure) and answer.fault in NOT_NOW
        if not isinstance(answer, Failure):
            document._bss_move_to("sent", invoice_reference=answer, error_text=False)
        elif answer.fault is Fault.REFUSED:
            document._bss_move_to("returned", error_text=answer.summary())
        elif not waits:
            document._bss_move_to("unknown", error_text=answer.summary())
        self.sending_id = False
        self._bss_commit()
        return answer if waits else None

    # ------------------------------------------------------------------ results

    def _bss_online_still_waiting(self, status):
        if status.code >= 150 and self.state != "processing":
            self._bss_to("processing", closed_at=self.closed_at or fields.Datetime.now())

    def _bss_return_not_taken(self, gate, token):
        """The list of the ended session is final: what it does not name did not arrive."""
        silent = self._bss_undecided()
        if not silent:
            return None
        rows = session.all_invoices(gate, token, self.reference)
        if isinstance(rows, Failure):
            return rows
        taken = {row.sha256 for row in rows}
        silent.filtered(lambda d: d.sha256 not in taken)._bss_move_to(
            "returned", error_text=self._bss_polish()._("The invoice did not reach KSeF.")
        )
        return None


def goes_interactively(xml):
    """KSeF takes invoices with an attachment, and large ones, in packages only."""
    return len(xml) <= package.MAX_INVOICE and b"<Zalacznik" not in xml
