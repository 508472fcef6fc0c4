import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..mediation_core.row_fix import BadPattern, replaced

_logger = logging.getLogger(__name__)

CHANNEL = "root.bss.usage"
BATCH = 1_000
AT_ONCE = 200  # so many rows are done while the user waits
RESULTS = ("loaded", "merged", "waiting", "duplicate", "ignored")


class BssUsageRepair(models.Model):
    """One bulk work on open rows in suspense: correct and replay, replay, or write off; kept as evidence of who did it."""

    _name = "bss.usage.repair"
    _description = "Bulk Work on Suspended Usage"
    _order = "id desc"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    action = fields.Selection(
        [
            ("replay", "Replay"),
            ("text", "Replace a text and replay"),
            ("regex", "Replace by expression and replay"),
            ("write_off", "Write off"),
        ],
        string="What to Do",
        required=True,
        default="replay",
    )
    find = fields.Char(help="What is replaced in the records, wherever it stands.")
    replacement = fields.Char(
        string="Replace By", help="Empty: it is taken out. In expressions $1 or \\1 is the first group."
    )
    reason = fields.Char(string="Reason of Writing off")
    row_ids = fields.Many2many("bss.usage.suspense", string="Chosen Rows", check_company=True)
    source_id = fields.Many2one("bss.usage.source", check_company=True, ondelete="cascade")
    file_id = fields.Many2one("bss.usage.file", check_company=True, ondelete="cascade")
    reason_code = fields.Selection(
        lambda self: self.env["bss.usage.suspense"]._selection_reason_code(), string="Reason in Suspense"
    )
    value = fields.Char(string="Value Is", help="The value that the reason names, exactly.")
    contains = fields.Char(string="Record Contains")
    received_from = fields.Date()
    received_to = fields.Date(string="To")
    state = fields.Selection(
        [("draft", "Prepared"), ("running", "Under way"), ("done", "Done"), ("stopped", "Stopped")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
    )
    row_count = fields.Integer(string="Open Rows", compute="_compute_row_count")
    total = fields.Integer(string="Rows", readonly=True, copy=False)
    done = fields.Integer(readonly=True, copy=False)
    progress = fields.Float(string="Done (%)", compute="_compute_progress")
    count_changed = fields.Integer(string="Corrected", readonly=True, copy=False)
    count_loaded = fields.Integer(string="Became Events", readonly=True, copy=False)
    count_merged = fields.Integer(string="Became Part of Events", readonly=True, copy=False)
    count_waiting = fields.Integer(string="Wait for Their Other Half", readonly=True, copy=False)
    count_duplicate = fields.Integer(string="Were Known", readonly=True, copy=False)
    count_ignored = fields.Integer(string="Nothing to Bill", readonly=True, copy=False)
    count_written_off = fields.Integer(string="Written Off", readonly=True, copy=False)
    count_left = fields.Integer(string="Stay in Suspense", compute="_compute_progress")
    last_row_id = fields.Integer(readonly=True, copy=False)
    until_row_id = fields.Integer(readonly=True, copy=False)
    started_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    started_at = fields.Datetime(readonly=True, copy=False)
    finished_at = fields.Datetime(readonly=True, copy=False)
    error = fields.Char(readonly=True, copy=False)

    @api.depends("action", "total")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["action"]._description_selection(self.env))
        for repair in self:
            repair.display_name = f"{labels.get(repair.action, '')} ({repair.total or repair.row_count})"

    @api.depends("total", "done", *(f"count_{name}" for name in (*RESULTS, "written_off")))
    def _compute_progress(self):
        for repair in self:
            repair.progress = 100.0 * repair.done / repair.total if repair.total else 0.0
            gone = sum(repair[f"count_{name}"] for name in (*RESULTS, "written_off"))
            repair.count_left = repair.done - gone

    @api.depends(
        "row_ids",
        "source_id",
        "file_id",
        "reason_code",
        "value",
        "contains",
        "received_from",
        "received_to",
        "company_id",
    )
    def _compute_row_count(self):
        for repair in self:
            repair.row_count = self.env["bss.usage.suspense"].search_count(repair._bss_domain())

    @api.constrains("action", "find", "reason")
    def _check_complete(self):
        for repair in self:
            if repair.action in ("text", "regex"):
                try:
                    repair._bss_replaced([""])
                except BadPattern as error:
                    raise ValidationError(
                        self.env._("“%(find)s” cannot be looked for (%(why)s).", find=repair.find or "", why=error)
                    ) from error
            if repair.action == "write_off" and not (repair.reason or "").strip():
                raise ValidationError(self.env._("Writing off needs a reason."))

    def write(self, vals):
        """What was done is evidence."""
        if not self.env.su and any(repair.state != "draft" for repair in self):
            raise UserError(self.env._("Work that was started is not changed any more."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if any(repair.state != "draft" for repair in self):
            raise UserError(self.env._("Work that was started is evidence and is kept."))

    # --- rows

    def _bss_domain(self):
        """Open rows that are meant; by choice, or by what is filled in."""
        self.ensure_one()
        domain = Domain("state", "=", "open") & Domain("company_id", "=", self.company_id.id)
        if self.row_ids:
            return domain & Domain("id", "in", self.row_ids.ids)
        for name in ("source_id", "file_id", "reason_code", "value"):
            if self[name]:
                domain &= Domain(name, "=", self[name].id if name.endswith("_id") else self[name])
        if self.contains:
            domain &= Domain("raw", "like", self.contains)
        if self.received_from:
            domain &= Domain("create_date", ">=", self.received_from)
        if self.received_to:
            domain &= Domain("create_date", "<", fields.Date.add(self.received_to, days=1))
        return domain

    def _bss_replaced(self, raws):
        return replaced(raws, self.find or "", self.replacement or "", regex=self.action == "regex")

    # --- doing it

    def action_start(self):
        """Do it: few rows at once, many in the background."""
        self.ensure_one()
        if self.state != "draft":
            raise UserError(self.env._("This work was started already."))
        self._bss_check_right()
        self._check_complete()
        rows = self.env["bss.usage.suspense"].search(self._bss_domain(), order="id desc", limit=1)
        total = self.row_count
        if not total:
            raise UserError(self.env._("There is no such open row."))
        self.sudo().write(
            {
                "state": "running",
                "total": total,
                "until_row_id": rows.id,
                "started_by_id": self.env.uid,
                "started_at": fields.Datetime.now(),
            }
        )
        if total <= AT_ONCE:
            self._bss_batch()
        else:
            self._bss_batch_later()
        return True

    def action_stop(self):
        """No further batch; what was done stays."""
        self.ensure_one()
        self.check_access("write")
        if self.state == "running":
            self.sudo().write({"state": "stopped", "finished_at": fields.Datetime.now()})
        return True

    def _bss_check_right(self):
        self.check_access("write")
        if self.action == "write_off" and not self.env.user.has_group("bss_catalog.group_bss_billing_manager"):
            raise AccessError(self.env._("Writing off usage is up to the billing manager."))

    def _bss_batch_later(self):
        self.with_delay(
            channel=CHANNEL,
            identity_key=f"bss.usage.repair:{self.id}:{self.last_row_id}",
            description=self.env._("Suspended usage: %(name)s", name=self.display_name),
        )._bss_batch()

    def _bss_batch(self):
        """The next rows, in one transaction with the counts; then the next job. A killed batch is simply done again."""
        self.ensure_one()
        self.lock_for_update()
        if self.state != "running":
            return
        domain = self._bss_domain() & Domain("id", ">", self.last_row_id) & Domain("id", "<=", self.until_row_id)
        rows = self.env["bss.usage.suspense"].search(domain, order="id", limit=BATCH)
        if not rows:
            self.sudo().write({"state": "done", "finished_at": fields.Datetime.now()})
            return
        counts = self._bss_do(rows)
        values = {f"count_{name}": self[f"count_{name}"] + count for name, count in counts.items()}
        values |= {"done": self.done + len(rows), "last_row_id": rows[-1].id}
        if len(rows) < BATCH:
            values |= {"state": "done", "finished_at": fields.Datetime.now()}
        self.sudo().write(values)
        if len(rows) == BATCH:
            self._bss_batch_later()

    def _bss_do(self, rows):
        if self.action == "write_off":
            rows._bss_write_off(self.reason)
            return {"written_off": len(rows)}
        changed = self._bss_correct(rows) if self.action in ("text", "regex") else 0
        return {"changed": changed, **rows._bss_replay()}

    def _bss_correct(self, rows):
        """Write the records that the replacement changes; each keeps what was received."""
        raws = rows.mapped(lambda row: row.raw)
        changed = 0
        for row, old, new in zip(rows, raws, self._bss_replaced(raws), strict=True):
            if new != old and new.strip():
                row.raw = new
                changed += 1
        return changed

    def action_open_rows(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_mediation.action_bss_usage_suspense")
        action["domain"] = list(self._bss_domain())
        action["context"] = {}
        return action
