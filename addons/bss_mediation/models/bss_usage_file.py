import hashlib
import io
import logging
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_datetime

from .. import adapters, store
from ..mediation_core import get_format
from ..mediation_core.values import STRUCTURAL_CODES

_logger = logging.getLogger(__name__)

CHUNK_ROWS = 20_000
LOAD_AT_ONCE_BYTES = 20_000_000
REJECT_FROM_ROWS = 20
ANALYZE_FROM_ROWS = 1_000
CHANNEL = "root.bss.usage"
COUNTS = ("count_rows", "count_loaded", "count_suspended", "count_duplicate", "count_ignored", "count_rejected")


class _Rejected(Exception):
    """Too much of the file is unreadable; undoes what was stored of it."""


class BssUsageFile(models.Model):
    """A received usage file; every row of it is counted in exactly one way."""

    _name = "bss.usage.file"
    _description = "Usage File"
    _order = "received_at desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="File Name", required=True, readonly=True)
    source_id = fields.Many2one(
        "bss.usage.source", required=True, readonly=True, index=True, check_company=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="source_id.company_id", store=True, index=True, precompute=True)
    sha256 = fields.Char(string="SHA-256", required=True, readonly=True)
    size = fields.Integer(string="Size (bytes)", readonly=True)
    state = fields.Selection(
        [("received", "Received"), ("loaded", "Loaded"), ("rejected", "Rejected")],
        required=True,
        default="received",
        readonly=True,
        copy=False,
        index=True,
    )
    error = fields.Text(readonly=True, copy=False)
    count_rows = fields.Integer(string="Rows", readonly=True, copy=False)
    count_loaded = fields.Integer(string="Loaded", readonly=True, copy=False, help="Rows that became usage events.")
    count_suspended = fields.Integer(
        string="Suspended", readonly=True, copy=False, help="Rows in suspense, open or written off."
    )
    count_duplicate = fields.Integer(
        string="Duplicates", readonly=True, copy=False, help="Rows of events that were known already."
    )
    count_ignored = fields.Integer(
        string="Ignored", readonly=True, copy=False, help="Unanswered and incoming calls: nothing to bill."
    )
    count_rejected = fields.Integer(string="Rejected", readonly=True, copy=False)
    count_difference = fields.Integer(
        string="Difference",
        compute="_compute_difference",
        store=True,
        help="Rows that the audit cannot account for: lost when above 0, counted twice when below.",
    )
    open_suspense_count = fields.Integer(compute="_compute_open_suspense_count", string="Open Suspense")
    received_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    loaded_at = fields.Datetime(readonly=True, copy=False)
    attachment_id = fields.Many2one(
        "ir.attachment",
        string="Content",
        readonly=True,
        ondelete="restrict",
        copy=False,
        # whom somebody called is secret; the attachment follows by its res_field
        groups="bss_catalog.group_bss_clerk",
    )
    suspense_ids = fields.One2many("bss.usage.suspense", "file_id", readonly=True)

    _content_unique = models.Constraint(
        "UNIQUE(source_id, sha256)", "This file was received already from the same source."
    )

    @api.depends(*COUNTS)
    def _compute_difference(self):
        for file in self:
            parts = sum(file[name] for name in COUNTS[1:])
            file.count_difference = file.count_rows - parts

    @api.depends("suspense_ids.state")
    def _compute_open_suspense_count(self):
        counts = dict(
            self.env["bss.usage.suspense"]._read_group(
                [("file_id", "in", self.ids), ("state", "=", "open")], ["file_id"], ["__count"]
            )
        )
        for file in self:
            file.open_suspense_count = counts.get(file, 0)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_loaded(self):
        if any(file.state == "loaded" for file in self):
            raise UserError(self.env._("A loaded usage file is evidence of its events and is kept."))

    # --- receive

    @api.model
    def _bss_receive(self, source, name, content):
        """Keep the bytes of a file; the same content from the same source is refused.

        :param source: bss.usage.source record
        :param content: bytes of the file
        :return: the new record in state received
        """
        digest = hashlib.sha256(content).hexdigest()
        twin = self.search([("source_id", "=", source.id), ("sha256", "=", digest)], limit=1)
        if twin:
            raise UserError(
                self.env._(
                    "File %(name)s was received already on %(date)s as %(other)s: its content is the same.",
                    name=name,
                    date=format_datetime(self.env, twin.received_at),
                    other=twin.name,
                )
            )
        file = self.create({"name": name, "source_id": source.id, "sha256": digest, "size": len(content)})
        file.sudo().attachment_id = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": name,
                    "raw": content,
                    "mimetype": "text/csv",
                    "res_model": self._name,
                    "res_field": "attachment_id",
                    "res_id": file.id,
                    "company_id": source.company_id.id,
                }
            )
        )
        return file

    # --- load

    def action_load(self):
        """Load the received files: small ones at once, big ones by a background job."""
        waiting = self.filtered(lambda file: file.state == "received")
        if not waiting:
            raise UserError(self.env._("Only received files can be loaded."))
        for file in waiting:
            if file.size <= LOAD_AT_ONCE_BYTES:
                file._bss_load()
            else:
                file.with_delay(
                    channel=CHANNEL,
                    identity_key=f"bss.usage.file:{file.id}",
                    description=self.env._("Load usage file %(name)s", name=file.name),
                )._bss_load()
        return True

    def _bss_load(self, progress=None):
        """Turn the rows into events and suspense, in one transaction with the counts.

        A process killed in the middle leaves the file received and nothing of it stored.

        :param progress: called with (bytes read, bytes in all) after every chunk
        """
        self.ensure_one()
        self.lock_for_update()
        if self.state != "received":
            raise UserError(self.env._("File %(name)s was loaded already.", name=self.name))
        self.env.flush_all()
        try:
            with self.env.cr.savepoint():
                counts = self._bss_load_rows(progress)
        except _Rejected as rejected:
            rows, unreadable, *refusal = rejected.args
            counts = {"count_rows": rows, "count_rejected": rows, "state": "rejected"}
            counts["error"] = (
                self._bss_refusal(*refusal)
                if refusal
                else self.env._(
                    "%(bad)s of the first %(rows)s rows are unreadable: this is not a file of format %(format)s.",
                    bad=unreadable,
                    rows=rows,
                    format=get_format(self.source_id.format).label,
                )
                if rows
                else self.env._("The file is empty.")
            )
        self.env["bss.usage.event"].invalidate_model()
        self.env["bss.usage.suspense"].invalidate_model()
        self.write({"state": "loaded", **counts, "loaded_at": fields.Datetime.now()})
        _logger.info("Usage file %s (%s): %s", self.id, self.name, counts)
        if self.count_difference:
            _logger.error("Usage file %s (%s): the counts miss %s rows", self.id, self.name, self.count_difference)
        return True

    def _bss_load_rows(self, progress):
        counts = dict.fromkeys(COUNTS, 0)
        unreadable, months = 0, set()
        source = self.source_id
        profile = adapters.source_profile(source)
        with self._bss_open() as stream:
            for chunk in get_format(source.format).parse(stream, profile, CHUNK_ROWS):
                counts["count_rows"] += chunk.rows
                counts["count_ignored"] += chunk.ignored
                if chunk.file_problem:
                    raise _Rejected(counts["count_rows"], unreadable, chunk.file_problem)
                unreadable += sum(problem.code in STRUCTURAL_CODES for problem in chunk.problems)
                self._bss_check_format(counts["count_rows"], unreadable)
                self._bss_store(chunk, counts)
                months.update(adapters.months(chunk.events))
                if progress:
                    progress(chunk.bytes_read, self.size)
        if not counts["count_rows"]:
            raise _Rejected(0, 0)
        if counts["count_loaded"] >= ANALYZE_FROM_ROWS:
            store.analyze(self.env.cr, months)
        return counts

    def _bss_refusal(self, problem):
        """What is wrong with the file as a whole, in the user's language."""
        label = get_format(self.source_id.format).label
        templates = {
            "TRUNCATED": self.env._("The file is cut off: its end is missing."),
            "AUDIT_MISMATCH": self.env._(
                "The file declares %(field)s = %(declared)s, but its rows make %(counted)s: it is incomplete or was changed."
            ),
            "NOT_THIS_FORMAT": self.env._("This is not a file of format %(format)s (%(detail)s)."),
            "UNREADABLE_ENCODING": self.env._("The file cannot be read in the encoding %(encoding)s."),
            "TOO_LARGE": self.env._("A single record of the file is too large to be one (%(detail)s)."),
        }
        values = {"format": label, "detail": "", "encoding": "", "field": "", "declared": "", "counted": ""}
        return templates[problem.code] % (values | problem.params)

    def _bss_check_format(self, rows, unreadable):
        if rows >= REJECT_FROM_ROWS and 100.0 * unreadable > rows * self.source_id.error_threshold:
            raise _Rejected(rows, unreadable)

    def _bss_store(self, chunk, counts):
        cr, source = self.env.cr, self.source_id
        suspended = 0
        if chunk.problems:
            suspended = store.insert_suspense(cr, adapters.suspense_rows(chunk.problems, self))
            rows = [(problem.line_no, problem.dedupe_key) for problem in chunk.problems]
            counts["count_duplicate"] += store.count_suspense_twins(cr, source.id, self.id, rows)
        if not chunk.events.is_empty():
            store.ensure_partitions(cr, adapters.months(chunk.events))
            store.copy_to_stage(cr, adapters.stage_frame(chunk.events, self.id))
            store.guide(cr, source.company_id.id, source.id, source.timezone, source.ignore_incoming)
            loaded = len(store.insert_events(cr, source.company_id.id, source.id))
            parked = store.insert_suspense_of_stage(cr, source.company_id.id, source.id, self.env.uid)
            counts["count_loaded"] += loaded
            counts["count_ignored"] += store.count_incoming(cr)
            counts["count_duplicate"] += store.count_twins(cr, source.id)
            suspended += parked
        counts["count_suspended"] += suspended

    @contextmanager
    def _bss_open(self):
        """The content as a binary stream; from the file store without reading it whole."""
        attachment = self.sudo().attachment_id
        if attachment.store_fname and attachment._storage() == "file":
            with open(attachment._full_path(attachment.store_fname), "rb") as stream:
                yield stream
        else:
            yield io.BytesIO(attachment.raw or b"")

    # --- open related records

    def action_open_events(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_mediation.action_bss_usage_event")
        action["domain"] = [("file_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_open_suspense(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_mediation.action_bss_usage_suspense")
        action["domain"] = [("file_id", "=", self.id)]
        action["context"] = {"search_default_open": 1}
        return action

    def action_replay_suspense(self):
        """Try all open rows of these files again."""
        return self.suspense_ids.filtered(lambda row: row.state == "open").action_replay()

    def action_download(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.attachment_id.id}?download=true",
            "target": "self",
        }
