"""One batch session told to KSeF: opened, uploaded, closed; every step is known after a crash."""

import base64
import logging
import secrets
import shutil
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path

from odoo import api, fields, models

from ..ksef_core.transport import keys, package, session
from ..ksef_core.transport.mask import protect
from ..ksef_core.transport.result import Failure, Fault
from ..ksef_core.transport.upload import upload

_logger = protect(logging.getLogger(__name__))

UNDECIDED = ("queued", "sent", "unknown")  # documents that were packed and have no answer yet
READ_AT_ONCE = 32_000_000  # bytes of frozen XML in memory while packing
UPLOAD_TIME_OVER = 21208
PART_MISSING = (21157, 21205)  # of the wrong size, or not there
FOLDER = "bss_ksef_package_"  # beginning of the names of temporary folders
FOLDER_KEPT = 2 * 86400  # seconds; the longest upload takes fifty times twenty minutes
NOTHING_DONE = (Fault.LIMITED, Fault.UNREACHABLE)


class BssKsefSessionSend(models.Model):
    _inherit = "bss.ksef.session"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_new_session(self, company, documents, **values):
        """A session of queued `documents` that KSeF does not know of yet."""
        record = self.sudo().create(
            {
                "company_id": company.id,
                "environment": company.bss_ksef_environment,
                "document_count": len(documents),
                "compression": company.bss_ksef_compression,
                **values,
            }
        )
        documents.write({"session_id": record.id})
        return record

    def _bss_transmit(self, as_of=None):
        """Open, upload, close. Returns None or the Failure; the state of the session says what is known."""
        self.ensure_one()
        if self.kind == "online":
            return self._bss_go_on_online()
        with self._bss_alone() as alone:
            self._bss_commit()  # what another process did with the session before must be seen
            if not alone or self.state != "draft" or not self.document_count:
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
        day = as_of or self._bss_opening_day()
        if not self._bss_put_late_aside(day):
            return None
        self._bss_make_secrets()
        with tempfile.TemporaryDirectory(prefix=FOLDER) as folder:
            try:
                made = self._bss_package(Path(folder))
            except package.TooLargeError:
                made = None
            in_time = as_of or self._bss_opening_day() == day
            if made and in_time:
                opened = self._bss_open(gate, token, made)
                if isinstance(opened, Failure):
                    return opened
                return self._bss_upload(gate, made) or self._bss_close(gate)
        # midnight passed while packing: what became late leaves the session; or the package was too large
        return self._bss_open_upload_close(gate, as_of) if made or self._bss_halve() else None

    def _bss_put_late_aside(self, day):
        """The session waited over midnight: what became late meanwhile leaves it. False when nothing is left."""
        rest = self._bss_return_late(day)
        if rest:
            self.document_count = rest
            return True
        self._bss_fail(self.env._("Not sent: the day of issue was over."))
        return False

    def _bss_return_late(self, day):
        """Returns the late ones that nobody decided to send; the number of documents that still wait."""
        documents = self.env["bss.ksef.document"].sudo()
        waiting = [("session_id", "=", self.id), ("state", "=", "queued")]
        allowed, late = documents.browse(), documents.browse()
        for document in documents.search([*waiting, ("move_id.invoice_date", "<", day)]):
            if document.move_id._bss_ksef_is_late(day):
                late |= document
            else:
                allowed |= document
        if late:
            late._bss_move_to("returned", error_text=self.env._("Not sent: the day of issue was over."))
            late.move_id._bss_ksef_set(state="late")
        allowed.filtered(lambda d: not d.late)._bss_note_late()
        return documents.search_count(waiting)

    def _bss_token(self, gate, renew=False):
        if self.environment != self.company_id.bss_ksef_environment:
            return Failure(Fault.REFUSED, self.env._("The company now uses another KSeF environment."))
        return self.env["bss.ksef.access"].sudo()._bss_token(gate, self.company_id, renew)

    # ------------------------------------------------------------------ package

    def _bss_make_secrets(self):
        """Key and vector of this session; stored before the call that tells them, so that an upload can go on."""
        self.sudo().write(
            {
                "upload_key": base64.b64encode(secrets.token_bytes(32)).decode(),
                "upload_vector": base64.b64encode(secrets.token_bytes(16)).decode(),
            }
        )

    def _bss_secrets(self):
        record = self.sudo()
        return base64.b64decode(record.upload_key), base64.b64decode(record.upload_vector)

    def _bss_package(self, folder):
        """The package of this session in `folder`: always the same bytes for the same session."""
        documents = self.env["bss.ksef.document"].sudo()
        domain = [("session_id", "=", self.id), ("state", "in", UNDECIDED)]
        [[largest]] = documents._read_group(domain, [], ["size:max"])
        contents = documents._bss_contents(
            documents.search(domain, order="id").ids, chunk=max(1, min(500, READ_AT_ONCE // max(largest or 0, 1)))
        )
        made = package.pack(
            ((f"{document_id}.xml", content) for document_id, content in contents),
            *self._bss_secrets(),
            folder,
            compression=package.Compression(self.compression),
            max_part=package.MAX_PART,
        )
        if not self.reference:
            self.write(
                {
                    "archive_size": made.size,
                    "archive_sha256": made.sha256,
                    "part_count": len(made.parts),
                    "part_done": 0,
                }
            )
        return made

    def _bss_halve(self):
        """No session can hold this package: half of it goes in another one. False when there is nothing to halve."""
        waiting = self._bss_undecided("queued")
        if len(waiting) == 1:
            self._bss_fail(self._bss_polish()._("The package is over the limits of KSeF."))
            return False
        middle = len(waiting) // 2
        self.document_count = middle
        self._bss_replace([waiting[middle:]])
        return True

    @api.autovacuum
    def _gc_packages(self):
        """Packages of processes that were killed: nobody else removes them, and each may have gigabytes."""
        for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER}*"):
            if time.time() - folder.stat().st_mtime > FOLDER_KEPT:
                shutil.rmtree(folder, ignore_errors=True)

    # ------------------------------------------------------------------ open

    def _bss_open(self, gate, token, made):
        """The opened session, or a Failure. Before the call goes out, the session is stored as `opening`."""
        opened = self._bss_open_once(gate, token, made)
        if isinstance(opened, Failure) and opened.fault is Fault.UNAUTHORISED:
            token = self._bss_token(gate, renew=True)
            if not isinstance(token, Failure):
                opened = self._bss_open_once(gate, token, made)
        if isinstance(opened, Failure) and opened.code == keys.WRONG_KEY_CODE:
            # the Ministry changed its key between our question and our call
            opened = self._bss_open_once(gate, token, made)
        if not isinstance(opened, Failure):
            self._bss_to(
                "open",
                reference=opened.reference,
                opened_at=fields.Datetime.now(),
                upload_slots=[{**asdict(slot), "done": False} for slot in opened.slots],
            )
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

    def _bss_open_once(self, gate, token, made):
        sealed = self._bss_about_to_open(gate)
        if isinstance(sealed, Failure):
            return sealed
        opened = session.open_batch(gate, token, made, *sealed)
        if isinstance(opened, Failure) and opened.fault in (Fault.UNAUTHORISED, *NOTHING_DONE):
            self._bss_to("draft")
            self._bss_note(opened)
        return opened

    def _bss_about_to_open(self, gate):
        """(wrapped key, vector, id of the Ministry's key) for a call that is stored before it goes out, or a Failure."""
        key = session.fresh_key(gate)
        if isinstance(key, Failure):
            return key
        self._bss_to("opening", opening_at=fields.Datetime.now(), public_key_id=key.key_id, error=False)
        self._bss_tell_waiting(False)
        self._bss_commit()
        secret, vector = self._bss_secrets()
        return keys.wrap(key, secret), vector, key.key_id

    # ------------------------------------------------------------------ upload

    def _bss_upload(self, gate, made):
        """Sends the parts that have not arrived. After a failure the session stays open, and the rest goes later."""
        slots = self.sudo().upload_slots or []
        missing = {part.ordinal for part in made.parts} - {slot["ordinal"] for slot in slots}
        if missing:
            return self._bss_note(Failure(Fault.BROKEN, f"no upload link for part {min(missing)}"))
        waiting = [
            session.UploadSlot(slot["ordinal"], slot["method"], slot["url"], slot["headers"])
            for slot in slots
            if not slot["done"]
        ]
        failure = upload(gate, waiting, made, done=self._bss_part_arrived)
        if failure:
            return self._bss_note(failure)
        self.write({"uploaded_at": fields.Datetime.now(), "error": False})
        self._bss_tell_waiting(False)
        return None

    def _bss_part_arrived(self, ordinal):
        record = self.sudo()
        slots = [{**slot, "done": slot["done"] or slot["ordinal"] == ordinal} for slot in record.upload_slots]
        record.write({"upload_slots": slots, "part_done": sum(slot["done"] for slot in slots)})
        self._bss_commit()

    def _bss_resume_upload(self, gate):
        """The upload was interrupted: the same package is made again, and what has not arrived goes now."""
        if not self.sudo().upload_slots:
            return None  # found in the list of sessions: only the lost answer said where to upload
        with tempfile.TemporaryDirectory(prefix=FOLDER) as folder:
            made = self._bss_package(Path(folder))
            if made.sha256 != self.archive_sha256:
                self._bss_fail(self._bss_polish()._("The upload was interrupted and its package cannot be made again."))
                return None
            return self._bss_upload(gate, made) or self._bss_close(gate)

    # ------------------------------------------------------------------ close

    def _bss_close(self, gate):
        """Starts processing; only what was not certainly refused leaves the session unknown."""
        if self.state == "open":
            self._bss_to("closing")
            self._bss_commit()
        failure = self._bss_close_once(gate)
        if not failure:
            self._bss_to("processing", closed_at=fields.Datetime.now(), error=False)
            self._bss_undecided("queued", "unknown")._bss_move_to("sent", error_text=False)
            return None
        if failure.code == UPLOAD_TIME_OVER:
            self._bss_fail(self._bss_polish()._("The package was not uploaded in time; KSeF processes nothing of it."))
        elif failure.code in PART_MISSING:
            slots = [{**slot, "done": False} for slot in self.sudo().upload_slots or []]
            self._bss_to("open", uploaded_at=False, upload_slots=slots, part_done=0)
            self._bss_note(failure)
        elif failure.fault in (Fault.UNAUTHORISED, *NOTHING_DONE) and self.state == "closing":
            self._bss_to("open")
            self._bss_note(failure)
        elif self.state != "unknown":
            self._bss_lose(failure.summary())
        else:
            self._bss_note(failure)
        return failure

    def _bss_close_once(self, gate):
        token = self._bss_token(gate)  # a long upload outlives a token
        if isinstance(token, Failure):
            return replace(token, fault=Fault.UNAUTHORISED)
        failure = session.close(gate, token, self.reference)
        if failure and failure.fault is Fault.UNAUTHORISED:
            token = self._bss_token(gate, renew=True)
            failure = failure if isinstance(token, Failure) else session.close(gate, token, self.reference)
        return failure

    def _bss_undecided(self, *wanted):
        documents = self.env["bss.ksef.document"].sudo()
        return documents.search([("session_id", "=", self.id), ("state", "in", wanted or UNDECIDED)], order="id")
