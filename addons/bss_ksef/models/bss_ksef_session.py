from contextlib import contextmanager
from datetime import UTC, datetime

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..ksef_core import mode, plan, states
from .res_company import ENVIRONMENTS

LOCK_SPACE = 0x4B5365  # first key of our advisory locks
# what an upload needs to go on after a crash, and nobody needs afterwards
NO_SECRETS = {"upload_key": False, "upload_vector": False, "upload_slots": False}


class Bytes(fields.Integer):
    """A number of bytes: a package may have more than the two billion of an ordinary integer."""

    _column_type = ("int8", "int8")


class BssKsefSession(models.Model):
    """One session, batch or interactive. Whatever happens, KSeF is asked before anything is sent a second time."""

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
    archive_size = Bytes(string="Package Size (bytes)", readonly=True)
    archive_sha256 = fields.Char(string="SHA-256 of the Package", readonly=True)
    part_count = fields.Integer(string="Parts", readonly=True)
    part_done = fields.Integer(string="Parts Uploaded", readonly=True)
    upload_key = fields.Char(readonly=True, copy=False, groups="base.group_system")
    upload_vector = fields.Char(readonly=True, copy=False, groups="base.group_system")
    upload_slots = fields.Json(readonly=True, copy=False, groups="base.group_system")
    sending_id = fields.Many2one(
        "bss.ksef.document",
        string="Being Sent",
        readonly=True,
        help="The invoice whose interactive sending has begun and was not answered yet.",
    )
    attempt = fields.Integer(default=1, readonly=True, help="How many sessions these invoices have been in.")
    replaces_id = fields.Many2one(
        "bss.ksef.session",
        readonly=True,
        index="btree_not_null",
        help="The session that KSeF refused as a whole; its documents go again in this one.",
    )
    replacement_ids = fields.One2many("bss.ksef.session", "replaces_id", string="Replaced By", readonly=True)
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

    # ------------------------------------------------------------------ one process at a time

    @contextmanager
    def _bss_alone(self):
        """False when another process is working on this session right now; a killed one no longer counts.

        The lock lives on a connection of its own, so it outlasts our commits and ends with the process.
        """
        self.ensure_one()
        with self.env.registry.cursor() as cr:
            cr.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", (LOCK_SPACE, self.id))
            yield cr.fetchone()[0]

    # ------------------------------------------------------------------ small things

    def _bss_to(self, state, **values):
        self.ensure_one()
        if not states.session_may(self.state, state):
            raise ValueError(f"KSeF session {self.id}: {self.state} cannot become {state}")
        if state == "processing" or state in states.SESSION_FINAL:
            values = {**NO_SECRETS, **values}
        self.write({"state": state, **values})

    def _bss_polish(self):
        """Environment whose words are Polish: what is written on a session is for Polish invoice clerks."""
        return self.env["bss.ksef.document"]._bss_in_polish().env

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
    def _bss_opening_day(self):
        """The day that counts for a session whose packing starts now: in the last minute before midnight the next one."""
        return max(self._bss_day(), plan.opening_day(self._bss_now()))

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
        with self.sudo()._bss_alone() as alone:
            if not alone:
                raise UserError(self.env._("The session is being filled or sent at this moment."))
            self.sudo()._bss_fail(self.env._("Cancelled before sending."))
            self._bss_commit()
        return True

    @api.ondelete(at_uninstall=False)
    def _unlink_except_told(self):
        if any(record.state != "draft" or record.document_ids for record in self):
            raise UserError(self.env._("A session that was told to KSeF cannot be deleted."))
