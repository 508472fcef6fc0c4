"""Acknowledgement files of the print house: what was posted, delivered or came back."""

import base64
import hashlib

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.addons.queue_job.delay import chain
from odoo.exceptions import UserError

from ..dunning_core.printing import ack

CHANNEL = "root.bss.dunning"
BLOCK = 500
EDITABLE = frozenset({"file", "filename", "batch_id"})


class BssDunningPrintAck(models.Model):
    _name = "bss.dunning.print.ack"
    _inherit = ["bss.dunning.guard.mixin"]
    _description = "Acknowledgement of a Print House"
    _order = "id desc"
    _rec_name = "filename"
    _check_company_auto = True
    _bss_creatable = EDITABLE | {"company_id"}
    _bss_editable = EDITABLE

    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    batch_id = fields.Many2one(
        "bss.dunning.print.batch",
        string="Only This Batch",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        domain="[('company_id', '=', company_id), ('state', '!=', 'draft')]",
        help="Empty: letters of any batch that was handed over.",
    )
    file = fields.Binary(required=True, attachment=True)
    filename = fields.Char(string="File Name")
    sha256 = fields.Char(string="SHA-256", readonly=True, copy=False)
    state = fields.Selection(
        [("draft", "Draft"), ("running", "Running"), ("done", "Done")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
    )
    row_count = fields.Integer(string="Good Lines", readonly=True, copy=False)
    done_count = fields.Integer(string="Lines Taken", readonly=True, copy=False)
    sent_count = fields.Integer(string="Posted", readonly=True, copy=False)
    delivered_count = fields.Integer(string="Delivered", readonly=True, copy=False)
    returned_count = fields.Integer(string="Returned", readonly=True, copy=False)
    unchanged_count = fields.Integer(string="Known Already", readonly=True, copy=False)
    error_ids = fields.One2many("bss.dunning.print.ack.error", "ack_id", string="Errors", readonly=True)
    error_count = fields.Integer(compute="_compute_error_count")

    @api.depends("error_ids")
    def _compute_error_count(self):
        for one in self:
            one.error_count = len(one.error_ids)

    def _bss_is_settled(self):
        return any(one.state != "draft" for one in self)

    def _bss_guard_words(self):
        return self.env._("An acknowledgement is taken by its button only.")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_taken(self):
        if any(one.state != "draft" for one in self):
            raise UserError(self.env._("An acknowledgement that was taken is kept as evidence."))

    # Taking the file

    def action_import(self):
        """A small file at once, a large one by jobs of some hundred letters."""
        self.ensure_one()
        self.check_access("write")
        own = self.sudo()
        rows = own._bss_begin()
        if len(rows) <= BLOCK:
            own._bss_take(0)
            return
        jobs = [own.delayable(channel=CHANNEL)._bss_take(start) for start in range(0, len(rows), BLOCK)]
        chain(*jobs).delay()

    def _bss_begin(self):
        if self.state != "draft":
            raise UserError(self.env._("The file %(name)s was taken already.", name=self.filename or ""))
        parsed = self._bss_parsed()
        self.write(
            {
                "state": "running" if parsed.rows else "done",
                "sha256": hashlib.sha256(self._bss_bytes()).hexdigest(),
                "row_count": len(parsed.rows),
            }
        )
        self._bss_tell(parsed.errors)
        return parsed.rows

    def _bss_bytes(self):
        return base64.b64decode(self.with_context(bin_size=False).file or b"")

    def _bss_parsed(self):
        return ack.parse(self._bss_bytes(), polish_day.today())

    def _bss_take(self, start):
        """The lines from ``start`` on; told apart by what the letter says already, so that a repeat is harmless."""
        if self.done_count > start:
            return
        rows = self._bss_parsed().rows[start : start + BLOCK]
        known = [("document_id", "in", [row.doc_id for row in rows]), ("company_id", "=", self.company_id.id)]
        if self.batch_id:
            known.append(("batch_id", "=", self.batch_id.id))
        lines = self.env["bss.dunning.print.line"].search(known).grouped("document_id")
        by_id = {document.id: line for document, line in lines.items()}
        counts = dict.fromkeys(("sent", "delivered", "returned", "unchanged"), 0)
        errors, touched = [], self.env["bss.dunning.print.batch"]
        for row in rows:
            line = by_id.get(row.doc_id, self.env["bss.dunning.print.line"])
            error = line._bss_ack_problem(row)
            if error:
                errors.append(error)
                continue
            for name in line._bss_acknowledge(row, self.filename or ""):
                counts[name] += 1
            touched |= line.batch_id
        self._bss_tell(errors)
        self._bss_count(len(rows), counts)
        touched._bss_close_acknowledged()

    def _bss_count(self, number, counts):
        values = {f"{name}_count": self[f"{name}_count"] + count for name, count in counts.items()}
        done = self.done_count + number
        self.write({**values, "done_count": done, "state": "done" if done >= self.row_count else "running"})

    def _bss_tell(self, errors):
        words = self._bss_error_words()
        self.env["bss.dunning.print.ack.error"].create(
            [
                {
                    "ack_id": self.id,
                    "line": error.line,
                    "field": error.field,
                    "value": error.value,
                    "reason": words.get(error.code, error.code),
                }
                for error in errors
            ]
        )

    def _bss_error_words(self):
        return {
            "EMPTY_FILE": self.env._("The file is empty."),
            "NO_TEXT": self.env._("This is no text file: the print house sends CSV."),
            "NO_COLUMN": self.env._("There is no column doc_id."),
            "BAD_LINE": self.env._("From here on the lines cannot be told apart."),
            "TOO_MANY_FIELDS": self.env._("More fields than columns."),
            "BAD_NUMBER": self.env._("This is no number of a document."),
            "TWICE": self.env._("This document stands in the file twice."),
            "BAD_DATE": self.env._("This is no day; write 2026-11-23 or 23.11.2026."),
            "FUTURE": self.env._("This day has not come yet."),
            "BEFORE_SENT": self.env._("This day lies before the day of posting."),
            "BEFORE_ISSUED": self.env._("This day lies before the issue of the letter."),
            "DELIVERED_AND_RETURNED": self.env._("A letter is either delivered or returned."),
            "NOTHING_SAID": self.env._("The line says nothing about the letter."),
            "NO_REASON": self.env._("A return needs its reason."),
            "NO_DAY_OF_REFUSAL": self.env._("A refusal counts as delivery: say its day."),
            "UNKNOWN_REASON": self.env._("This reason of a return is not known."),
            "UNKNOWN_DOCUMENT": self.env._("No letter of a print batch has this number."),
            "NOT_HANDED_OVER": self.env._("The batch of this letter was not handed over yet."),
            "LEFT_OUT": self.env._("This letter was left out of its batch."),
            "SENT_OTHERWISE": self.env._("Another day of posting is recorded."),
            "DELIVERED_OTHERWISE": self.env._("Another delivery or return is recorded."),
            "PLAIN_PROVES_NOTHING": self.env._("A plain letter has no proof of delivery."),
        }


class BssDunningPrintAckError(models.Model):
    _name = "bss.dunning.print.ack.error"
    _description = "Error in an Acknowledgement"
    _order = "ack_id, line, id"
    _rec_name = "reason"

    ack_id = fields.Many2one(
        "bss.dunning.print.ack", string="Acknowledgement", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="ack_id.company_id", store=True, index=True, precompute=True)
    filename = fields.Char(related="ack_id.filename")
    line = fields.Integer(readonly=True, aggregator=None)
    field = fields.Char(readonly=True)
    value = fields.Char(readonly=True)
    reason = fields.Char(readonly=True)
