"""One batch session told to KSeF: opened, uploaded, closed; every step is known after a crash."""

import logging
import secrets

from odoo import fields, models

from ..ksef_core import mode
from ..ksef_core.transport import keys, package, session
from ..ksef_core.transport.mask import protect
from ..ksef_core.transport.result import Failure, Fault

_logger = protect(logging.getLogger(__name__))


class BssKsefSessionSend(models.Model):
    _inherit = "bss.ksef.session"  # pylint: disable=consider-merging-classes-inherited

    def _bss_transmit(self, as_of=None):
        """Open, upload, close. Returns None or the Failure; the state of the session says what is known."""
        self.ensure_one()
        with self._bss_alone() as alone:
            if not alone or self.state != "draft" or not self.document_ids:
                return None
            with self.company_id._bss_ksef_gate() as gate:
                failure = self._bss_open_upload_close(gate, as_of)
        if failure:
            _logger.warning("KSeF session %s of %s: %s", self.id, self.company_id.name, failure.summary())
        self._bss_commit()
        return failure

    def _bss_open_upload_close(self, gate, as_of=None):
        token = self._bss_token(gate)
        if isinstance(token, Failure):
            return self._bss_note(token)
        if not self._bss_put_late_aside(as_of or self._bss_day()):
            return None
        secret, vector = secrets.token_bytes(32), secrets.token_bytes(16)
        made = self._bss_package(secret, vector)
        opened = self._bss_open(gate, token, made, secret, vector)
        if isinstance(opened, Failure):
            return opened
        failure = session.upload(gate, opened, made)
        if failure:
            return self._bss_lose(failure.summary(), failure)
        self._bss_to("closing", uploaded_at=fields.Datetime.now())
        self._bss_commit()
        return self._bss_close(gate, token)

    def _bss_put_late_aside(self, day):
        """The session waited over midnight: what became late meanwhile leaves it. False when nothing is left."""
        late = self.document_ids.filtered(lambda d: d.state == "queued" and d.move_id._bss_ksef_is_late(day))
        if late:
            late._bss_move_to("returned", error_text=self.env._("Not sent: the day of issue was over."))
            late.move_id._bss_ksef_set(state="late")
        rest = self.document_ids.filtered(lambda d: d.state == "queued")
        rest.filtered(lambda d: mode.is_late(d.invoice_date, day) and not d.late)._bss_note_late()
        if rest:
            self.document_count = len(rest)
            return True
        self._bss_fail(self.env._("Not sent: the day of issue was over."))
        return False

    def _bss_token(self, gate, renew=False):
        if self.environment != self.company_id.bss_ksef_environment:
            return Failure(Fault.REFUSED, self.env._("The company now uses another KSeF environment."))
        return self.env["bss.ksef.access"].sudo()._bss_token(gate, self.company_id, renew)

    def _bss_package(self, secret, vector):
        documents = self.document_ids.filtered(lambda d: d.state == "queued").sorted("id")
        files = ((f"{document_id}.xml", content) for document_id, content in documents._bss_contents(documents.ids))
        made = package.pack(files, secret, vector, compression=package.Compression(self.compression))
        self.write({"archive_size": made.size, "part_count": len(made.parts)})
        return made

    def _bss_open(self, gate, token, made, secret, vector):
        """The opened session, or a Failure. Before the call goes out, the session is stored as `opening`."""
        opened = self._bss_open_once(gate, token, made, secret, vector)
        if isinstance(opened, Failure) and opened.fault is Fault.UNAUTHORISED:
            token = self._bss_token(gate, renew=True)
            if not isinstance(token, Failure):
                opened = self._bss_open_once(gate, token, made, secret, vector)
        if isinstance(opened, Failure) and opened.code == keys.WRONG_KEY_CODE:
            # the Ministry changed its key between our question and our call
            opened = self._bss_open_once(gate, token, made, secret, vector)
        if not isinstance(opened, Failure):
            self._bss_to("open", reference=opened.reference, opened_at=fields.Datetime.now())
            self._bss_commit()
        elif opened.fault in (Fault.LOST, Fault.BROKEN) and self.state == "opening":
            self._bss_lose(opened.summary())
        elif opened.fault is Fault.REFUSED and self.state == "opening":
            self._bss_fail(opened.summary())
        else:
            # nothing was done: the session waits for another try
            self._bss_to("draft")
            self._bss_note(opened)
        return opened

    def _bss_open_once(self, gate, token, made, secret, vector):
        key = session.fresh_key(gate)
        if isinstance(key, Failure):
            return key
        self._bss_to("opening", opening_at=fields.Datetime.now(), public_key_id=key.key_id, error=False)
        self._bss_tell_waiting(False)
        self._bss_commit()
        opened = session.open_batch(gate, token, made, keys.wrap(key, secret), vector, key.key_id)
        if isinstance(opened, Failure) and opened.fault in (Fault.UNAUTHORISED, Fault.LIMITED, Fault.UNREACHABLE):
            self._bss_to("draft")
            self._bss_note(opened)
        return opened

    def _bss_close(self, gate, token):
        failure = session.close(gate, token, self.reference)
        if failure:
            return self._bss_lose(failure.summary(), failure)
        self._bss_to("processing", closed_at=fields.Datetime.now(), error=False)
        self.document_ids.filtered(lambda d: d.state in ("queued", "unknown"))._bss_move_to("sent", error_text=False)
        return None
