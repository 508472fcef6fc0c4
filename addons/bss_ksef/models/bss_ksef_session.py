import base64
import logging
import secrets
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from odoo import api, fields, models
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.exceptions import UserError

from ..ksef_core import mode, number, states
from ..ksef_core.transport import keys, package, session, upo
from ..ksef_core.transport.mask import protect
from ..ksef_core.transport.result import Failure, Fault
from .bss_ksef_document import utc_naive
from .res_company import ENVIRONMENTS

_logger = protect(logging.getLogger(__name__))

CHANNEL = "root.bss.ksef"
LOCK_SPACE = 0x4B5365  # first key of our advisory locks
MINUTES_PER_PART = 20  # time KSeF gives for uploading, for each declared part
POLL_SECONDS = 20
OPEN_STATES = ("draft", "opening", "open", "closing", "processing", "unknown")


class BssKsefSession(models.Model):
    """One batch session. Whatever happens, KSeF is asked before anything is sent a second time."""

    _name = "bss.ksef.session"
    _description = "KSeF Session"
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True)
    reference = fields.Char(readonly=True, index="btree_not_null")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    kind = fields.Selection(
        [("batch", "Batch"), ("online", "Interactive")], default="batch", required=True, readonly=True
    )
    environment = fields.Selection(ENVIRONMENTS, required=True, readonly=True)
    state = fields.Selection(
        [
            ("draft", "Waiting"),
            ("opening", "Opening"),
            ("open", "Uploading"),
            ("closing", "Closing"),
            ("processing", "Processing"),
            ("unknown", "Answer unknown"),
            ("done", "Done"),
            ("done_errors", "Done with errors"),
            ("failed", "Failed"),
        ],
        default="draft",
        required=True,
        readonly=True,
        index=True,
    )
    document_ids = fields.One2many("bss.ksef.document", "session_id", readonly=True)
    document_count = fields.Integer(string="Documents", readonly=True)
    accepted_count = fields.Integer(string="Accepted", readonly=True)
    rejected_count = fields.Integer(string="Rejected", readonly=True)
    late_count = fields.Integer(string="Sent Late", compute="_compute_mode_counts")
    offline_count = fields.Integer(string="Marked Offline", compute="_compute_mode_counts")
    status_code = fields.Integer(string="KSeF Code", readonly=True)
    status_text = fields.Char(string="KSeF Status", readonly=True)
    error = fields.Text(readonly=True)
    compression = fields.Char(readonly=True)
    archive_size = fields.Integer(string="Package Size (bytes)", readonly=True)
    part_count = fields.Integer(string="Parts", readonly=True)
    public_key_id = fields.Char(readonly=True)
    opening_at = fields.Datetime(readonly=True)
    opened_at = fields.Datetime(readonly=True)
    uploaded_at = fields.Datetime(readonly=True)
    closed_at = fields.Datetime(readonly=True)
    polled_at = fields.Datetime(readonly=True)
    finished_at = fields.Datetime(readonly=True)
    upo_attachment_ids = fields.Many2many("ir.attachment", string="UPO Pages", readonly=True)

    _reference_unique = models.UniqueIndex(
        "(environment, reference) WHERE reference IS NOT NULL", "This KSeF session is already known."
    )

    @api.depends("reference")
    def _compute_name(self):
        for record in self:
            record.name = record.reference or self.env._("Session %(id)s", id=record._origin.id or "")

    @api.depends("document_ids.late", "document_ids.state", "document_ids.invoicing_mode")
    def _compute_mode_counts(self):
        documents = self.env["bss.ksef.document"].sudo()
        own = [("session_id", "in", self.ids)]
        told = [("state", "!=", "returned"), ("late", "=", True)]
        late = dict(documents._read_group([*own, *told], ["session_id"], ["__count"]))
        offline = dict(documents._read_group([*own, ("invoicing_mode", "=", "offline")], ["session_id"], ["__count"]))
        for record in self:
            record.late_count = late.get(record._origin, 0)
            record.offline_count = offline.get(record._origin, 0)

    # ------------------------------------------------------------------ the whole way, for scripts and jobs

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
        return sessions

    @api.model
    def _bss_prepare(self, company, moves=None, progress=None, as_of=None):
        """Freezes documents and puts the valid ones into sessions; nothing is told to KSeF yet."""
        as_of = as_of or self._bss_day()
        if moves is not None:
            moves._bss_ksef_mark()
        due = self._bss_due(company, moves)
        late = due.filtered(lambda m: m._bss_ksef_is_late(as_of))
        late._bss_ksef_set(state="late")
        due -= late
        due.bss_ksef_document_ids._bss_supersede()
        documents = self.env["bss.ksef.document"].sudo()._bss_freeze(due, as_of, self._bss_now(), progress)
        queued = documents.filtered(lambda d: d.state == "queued")
        sessions = self.browse()
        size = company.bss_ksef_batch_size
        for start in range(0, len(queued), size):
            part = queued[start : start + size]
            record = self.sudo().create(
                {
                    "company_id": company.id,
                    "environment": company.bss_ksef_environment,
                    "document_count": len(part),
                    "compression": company.bss_ksef_compression,
                }
            )
            part.write({"session_id": record.id})
            sessions |= record
        self._bss_commit()
        return sessions

    @api.model
    def _bss_due(self, company, moves=None):
        """Posted, waiting, and not locked by another sending; oldest first."""
        domain = [("company_id", "=", company.id), ("state", "=", "posted"), ("bss_ksef_state", "=", "to_send")]
        if moves is not None:
            domain.append(("id", "in", moves.ids))
        found = self.env["account.move"].sudo().search(domain, order="invoice_date, id")
        ready = found.filtered(lambda m: not m._bss_ksef_waits())
        return ready.try_lock_for_update().sorted(lambda m: (m.invoice_date, m.id))

    @api.model
    def _bss_queue(self, company, moves=None):
        """One job per session's worth of invoices."""
        due = self._bss_due(company, moves)
        size = company.bss_ksef_batch_size
        for start in range(0, len(due), size):
            part = due[start : start + size]
            if self.env.context.get("queue_job__no_delay"):
                # a job that commits gets a connection of its own, even in place
                self._bss_job_send(company.id, part.ids)
                continue
            self.with_delay(
                channel=CHANNEL,
                description=self.env._("Send %(count)s invoices to KSeF", count=len(part)),
                identity_key=f"bss_ksef:{company.id}:{part[0].id}:{part[-1].id}:{len(part)}",
            )._bss_job_send(company.id, part.ids)

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
        waiting = self.filtered(lambda s: s.state not in (*states.SESSION_FINAL, "draft"))
        while waiting:
            for record in waiting:
                record._bss_go_on()
            waiting = waiting.filtered(lambda s: s.state not in states.SESSION_FINAL)
            if not waiting or time.monotonic() > until:
                break
            time.sleep(pause)
            pause = min(pause * 1.5, 10.0)

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

    @contextmanager
    def _bss_alone(self):
        """False when another process is working on this session right now; a killed one no longer counts.

        The lock lives on a connection of its own, so it outlasts our commits and ends with the process.
        """
        self.ensure_one()
        with self.env.registry.cursor() as cr:
            cr.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", (LOCK_SPACE, self.id))
            yield cr.fetchone()[0]

    # ------------------------------------------------------------------ sending

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
        files = (
            (f"{document.id}.xml", base64.b64decode(document.with_context(bin_size=False).xml))
            for document in documents
        )
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

    # ------------------------------------------------------------------ asking

    def _bss_poll(self):
        """Asks KSeF once and stores whatever it knows. Returns None or the Failure of the question."""
        self.ensure_one()
        with self.company_id._bss_ksef_gate() as gate:
            failure = self._bss_ask(gate)
        self.polled_at = fields.Datetime.now()
        if failure:
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
            return status
        self.write({"status_code": status.code, "status_text": " ".join((status.text, *status.details))[:500]})
        return self._bss_apply(gate, token, status)

    def _bss_apply(self, gate, token, status):
        verdict = states.session_verdict(status.code)
        if verdict is states.Verdict.WAIT:
            return self._bss_still_waiting(gate, token, status)
        if verdict is states.Verdict.RETURN:
            self._bss_fail(f"[{status.code}] {status.text}")
            return None
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
        return failure or self._bss_settle(gate, token)

    def _bss_still_waiting(self, gate, token, status):
        if status.code >= 150:
            if self.state != "processing":
                self._bss_to("processing", closed_at=self.closed_at or fields.Datetime.now())
                self.document_ids.filtered(lambda d: d.state in ("queued", "unknown"))._bss_move_to(
                    "sent", error_text=False
                )
            return None
        # open on their side: either our close was lost, or not everything was uploaded
        if self.uploaded_at:
            return self._bss_close(gate, token)
        window = timedelta(minutes=MINUTES_PER_PART * max(self.part_count, 1))
        if fields.Datetime.now() > self.opened_at + window:
            self._bss_fail(self.env._("The package was not uploaded in time; KSeF processes nothing of it."))
        return None

    def _bss_find(self, gate, token):
        """The answer to our opening was lost: is there a session of ours that we do not know?

        It has no package (only that answer said where to upload), so KSeF will cancel it and nothing can be doubled.
        """
        since = (self.opening_at - timedelta(minutes=5)).replace(tzinfo=UTC)
        rows = session.batch_sessions_since(gate, token, since)
        if isinstance(rows, Failure):
            return rows
        domain = [("environment", "=", self.environment), ("reference", "in", [row.reference for row in rows])]
        known = set(self.sudo().search(domain).mapped("reference"))
        strange = [row for row in rows if row.reference not in known and row.total == 0]
        if strange:
            row = min(strange, key=lambda item: item.created_at)
            self.write({"reference": row.reference, "opened_at": utc_naive(row.created_at)})
        elif fields.Datetime.now() > self.opening_at + timedelta(minutes=MINUTES_PER_PART * max(self.part_count, 1)):
            self._bss_fail(self.env._("KSeF does not know this session: it was never opened."))
        return None

    # ------------------------------------------------------------------ results

    def _bss_store_upo(self, gate, token, status):
        """Every UPO page as an attachment with its bytes untouched; {page attachment: entries}."""
        pages = {}
        for page in status.upo_pages:
            name = f"UPO-{page.reference}.xml"
            kept = self.upo_attachment_ids.filtered(lambda a, name=name: a.name == name)
            if not kept:
                content = session.upo_page(gate, token, self.reference, page)
                if isinstance(content, Failure):
                    return content
                kept = (
                    self.env["ir.attachment"]
                    .sudo()
                    .create(
                        {
                            "name": name,
                            "raw": content,
                            "mimetype": "application/xml",
                            "res_model": self._name,
                            "res_id": self.id,
                            "company_id": self.company_id.id,
                        }
                    )
                )
                self.upo_attachment_ids |= kept
            try:
                pages[kept] = upo.read(kept.raw)
            except ValueError as exc:
                return Failure(Fault.BROKEN, f"UPO {page.reference}: {exc}")
        return pages

    def _bss_store_accepted(self, pages):
        """Numbers go to documents by the hash of their XML, never by order or by invoice number."""
        by_hash = {document.sha256: document for document in self.document_ids}
        facts = {}
        for attachment, entries in pages.items():
            for entry in entries:
                document = by_hash.get(entry.sha256)
                if not document:
                    _logger.warning("UPO of %s confirms a document that is not in the session", self.reference)
                    continue
                if not number.is_valid(entry.ksef_number):
                    _logger.warning("KSeF number %s fails its checksum", entry.ksef_number)
                facts[document.id] = (
                    entry.ksef_number,
                    utc_naive(entry.numbered_at),
                    attachment.id,
                    mode.read(entry.mode),
                )
        self.document_ids._bss_accept(facts)

    def _bss_store_refused(self, gate, token, refused):
        by_hash = {document.sha256: document for document in self.document_ids}
        returned = self.env["bss.ksef.document"]
        for row in refused:
            document = by_hash.get(row.sha256)
            if not document or document.state == "accepted":
                continue
            verdict = states.invoice_verdict(row.code)
            if verdict is states.Verdict.DUPLICATE:
                ours = self._bss_settle_duplicate(gate, token, document, row)
                if isinstance(ours, Failure):
                    return ours
                if ours:
                    continue
            if verdict is states.Verdict.RETURN:
                returned |= document
            elif verdict is not states.Verdict.WAIT:
                document._bss_move_to(
                    "rejected",
                    error_code=str(row.code),
                    error_text="\n".join((f"[{row.code}] {row.text}", *row.details)),
                    invoice_reference=row.reference,
                )
        returned._bss_move_to("returned", error_text=self.env._("KSeF cancelled it without a fault of the invoice."))
        return None

    def _bss_settle_duplicate(self, gate, token, document, row):
        """True when the invoice that KSeF already has is exactly ours: then its number is our number."""
        original = row.extensions.get("originalKsefNumber")
        if not original:
            return False
        known = session.invoice_of_number(gate, token, original)
        if isinstance(known, Failure):
            return known
        if known is None or known.sha256 != document.sha256:
            return False
        document._bss_accept({document.id: (original, None, None, mode.read(known.mode))})
        return True

    def _bss_settle(self, gate, token):
        """Documents that neither UPO nor the list of refused ones named: read them one list at a time."""
        silent = self.document_ids.filtered(lambda d: d.state in ("queued", "sent", "unknown"))
        if silent:
            rows = session.all_invoices(gate, token, self.reference)
            if isinstance(rows, Failure):
                return rows
            by_hash = {document.sha256: document for document in silent}
            facts = {
                by_hash[row.sha256].id: (row.ksef_number, utc_naive(row.numbered_at), None, mode.read(row.mode))
                for row in rows
                if row.sha256 in by_hash and row.ksef_number
            }
            silent._bss_accept(facts)
            rest = self.document_ids.filtered(lambda d: d.state in ("queued", "sent", "unknown"))
            if rest:
                rest._bss_move_to("unknown", error_text=self.env._("KSeF says nothing about this document."))
        self._bss_finish()
        return None

    def _bss_finish(self):
        counted = dict(
            self.env["bss.ksef.document"]._read_group([("session_id", "=", self.id)], ["state"], ["__count"])
        )
        accepted = counted.get("accepted", 0)
        self._bss_to(
            "done" if accepted == self.document_count else "done_errors",
            accepted_count=accepted,
            rejected_count=counted.get("rejected", 0),
            finished_at=fields.Datetime.now(),
            error=False,
        )

    # ------------------------------------------------------------------ small things

    def _bss_to(self, state, **values):
        self.ensure_one()
        if not states.session_may(self.state, state):
            raise ValueError(f"KSeF session {self.id}: {self.state} cannot become {state}")
        self.write({"state": state, **values})

    def _bss_note(self, failure):
        """A failure that changed nothing: shown on the session, which stays where it is, and on what waits in it."""
        company = self.company_id.with_env(self.env["bss.ksef.document"]._bss_in_polish().env)
        self.error = company._bss_ksef_describe(failure)
        self._bss_tell_waiting(self.error)
        return failure

    def _bss_tell_waiting(self, text):
        """Why the documents of this session still wait; False when nothing is in the way any more."""
        waiting = self.document_ids.filtered(lambda d: d.state == "queued" and (d.error_text or False) != text)
        waiting.write({"error_text": text})

    def _bss_lose(self, text, failure=None):
        """An answer did not come: from now on we only ask."""
        self._bss_to("unknown", error=text)
        self.document_ids.filtered(lambda d: d.state in ("queued", "sent"))._bss_move_to("unknown", error_text=text)
        return failure

    def _bss_fail(self, text):
        """KSeF took nothing of the session: its documents may go into another one."""
        self._bss_to("failed", error=text, finished_at=fields.Datetime.now())
        self.document_ids.filtered(lambda d: d.state in ("queued", "sent", "unknown"))._bss_move_to(
            "returned", error_text=text
        )

    @api.model
    def _bss_now(self):
        return datetime.now(UTC)

    @api.model
    def _bss_day(self):
        """Today in Warsaw: the day that KSeF compares with the issue dates of a session opened now."""
        return mode.sending_day(self._bss_now())

    @api.model
    def _bss_commit(self):
        """What was told to KSeF must survive a crash. Tests keep their transaction."""
        if self.env["account.move.send"]._can_commit():
            self.env.cr.commit()  # pylint: disable=invalid-commit

    # ------------------------------------------------------------------ actions

    def action_poll(self):
        self.ensure_one()
        if self.state in states.SESSION_FINAL:
            raise UserError(self.env._("This session is finished."))
        self.document_ids.move_id.check_access("write")
        self.sudo()._bss_go_on()
        return True

    def action_open_documents(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_ksef.action_bss_ksef_document")
        action["domain"] = [("session_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_cancel(self):
        """Gives the invoices of a session that KSeF never heard of back to the waiting ones."""
        self.ensure_one()
        if self.state != "draft":
            raise UserError(self.env._("Only a session that was not told to KSeF can be cancelled."))
        self.document_ids.move_id.check_access("write")
        self.sudo()._bss_fail(self.env._("Cancelled before sending."))
        return True

    @api.ondelete(at_uninstall=False)
    def _unlink_except_told(self):
        if any(record.state != "draft" or record.document_ids for record in self):
            raise UserError(self.env._("A session that was told to KSeF cannot be deleted."))
