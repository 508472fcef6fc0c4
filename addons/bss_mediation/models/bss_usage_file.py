from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import NO_ACCESS

from .bss_usage_repair import AT_ONCE

LOAD_AT_ONCE_BYTES = 20_000_000
CHANNEL = "root.bss.usage"
# The rows, and the ways in which each of them is counted once.
COUNTS = (
    "count_rows",
    "count_loaded",
    "count_merged",
    "count_waiting",
    "count_suspended",
    "count_duplicate",
    "count_ignored",
    "count_rejected",
)


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
    origin = fields.Selection(
        [("upload", "Uploaded by hand"), ("pickup", "Fetched"), ("push", "Sent in")],
        required=True,
        default="upload",
        readonly=True,
    )
    modified_at = fields.Datetime(
        string="Written", readonly=True, copy=False, help="Time of the file where it was fetched."
    )
    sequence_no = fields.Integer(string="Sequence Number", readonly=True, copy=False, aggregator=None)
    is_released = fields.Boolean(readonly=True, copy=False, help="Somebody decided to load it in spite of its number.")
    declared_rows = fields.Integer(readonly=True, copy=False, aggregator=None)
    declared_units = fields.Float(digits=(20, 0), readonly=True, copy=False, aggregator=None)
    declared_amount = fields.Float(digits=(20, 6), readonly=True, copy=False, aggregator=None)
    state = fields.Selection(
        [
            ("received", "Received"),
            ("held", "On hold"),
            ("unpacked", "Unpacked"),
            ("loaded", "Loaded"),
            ("rejected", "Rejected"),
        ],
        required=True,
        default="received",
        readonly=True,
        copy=False,
        index=True,
    )
    error = fields.Text(readonly=True, copy=False)
    count_rows = fields.Integer(readonly=True, copy=False, string="Rows")
    count_loaded = fields.Integer(string="Loaded", readonly=True, copy=False, help="Rows that became usage events.")
    count_merged = fields.Integer(
        string="Merged",
        readonly=True,
        copy=False,
        help="Rows that are part of an event which another row is counted by.",
    )
    count_waiting = fields.Integer(
        string="Waiting",
        readonly=True,
        copy=False,
        help="Halves of calls and sessions whose other half has not come yet.",
    )
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
        # Whom somebody called is secret: nobody reads it here. The download is for those who may, and is written down.
        groups=NO_ACCESS,
    )
    has_content = fields.Boolean(compute="_compute_has_content")
    suspense_ids = fields.One2many("bss.usage.suspense", "file_id", readonly=True)

    # A rejected file may come again: the first one left nothing behind.
    _content_once = models.UniqueIndex(
        "(source_id, sha256) WHERE state <> 'rejected'", "This file was received already from the same source."
    )
    _look = models.Index("(source_id, name)")
    _received = models.Index("(source_id, received_at)")

    @api.depends(*COUNTS)
    def _compute_difference(self):
        for file in self:
            parts = sum(file[name] for name in COUNTS[1:])
            file.count_difference = file.count_rows - parts

    def _compute_has_content(self):
        for file in self:
            file.has_content = bool(file.sudo().attachment_id)

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
        if any(file.state in ("loaded", "unpacked") for file in self):
            raise UserError(self.env._("A loaded usage file is evidence of its events and is kept."))

    # --- load

    def action_load(self):
        """Load what is received, or try again what was rejected: small files at once, big ones by a background job."""
        waiting = (self | self.member_ids).filtered(lambda file: file.state in ("received", "rejected"))
        waiting = waiting.filtered("has_content")
        if not waiting:
            raise UserError(self.env._("There is no received file to load."))
        for file in waiting:
            if file.state == "rejected":
                file._bss_receive_again()
            if file.is_package:
                file._bss_unpack(file.sudo().attachment_id.raw)
        waiting._bss_start()
        return True

    def _bss_load_later(self):
        self.ensure_one()
        self.with_delay(
            channel=CHANNEL,
            identity_key=f"bss.usage.file:{self.id}",
            description=self.env._("Load usage file %(name)s", name=self.name),
        )._bss_load()

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
        action["context"] = {"searchpanel_default_state": "open"}
        return action

    def action_replay_suspense(self):
        """Try all open rows of these files again; many of them in the background."""
        if sum(self.mapped("open_suspense_count")) > AT_ONCE:
            repairs = self.env["bss.usage.repair"].create(
                [{"file_id": file.id, "company_id": file.company_id.id} for file in self if file.open_suspense_count]
            )
            for repair in repairs:
                repair.action_start()
            action = self.env["ir.actions.act_window"]._for_xml_id("bss_mediation.action_bss_usage_repair")
            action["domain"] = [("id", "in", repairs.ids)]
            return action
        return self.suspense_ids.filtered(lambda row: row.state == "open").action_replay()

    def action_download(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/bss/usage/file/{self.id}",
            "target": "self",
        }
