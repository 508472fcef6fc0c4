"""Letters for the print house: gathered, merged into files, listed in a manifest, acknowledged."""

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.addons.queue_job.delay import chain, group
from odoo.exceptions import UserError

from .bss_dunning_guard_mixin import SOCIAL

CHANNEL = "root.bss.dunning"
EDITABLE = frozenset({"contents", "issued_until", "note"})


class BssDunningPrintBatch(models.Model):
    _name = "bss.dunning.print.batch"
    _inherit = ["bss.dunning.guard.mixin", "bss.numbered.mixin", "mail.thread"]
    _description = "Print Batch"
    _order = "id desc"
    _check_company_auto = True
    _bss_creatable = EDITABLE | {"company_id"}
    _bss_editable = EDITABLE | SOCIAL

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, readonly=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    contents = fields.Selection(
        [
            ("dunning", "Letters about debts"),
            ("letters", "All letters but invoices"),
            ("all", "All letters and invoices"),
        ],
        required=True,
        default="dunning",
    )
    issued_until = fields.Date(required=True, default=polish_day.today, help="Letters of later days wait.")
    state = fields.Selection(
        [("draft", "Draft"), ("handed", "Handed over"), ("acknowledged", "Acknowledged")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    stage = fields.Selection(
        [("new", "Not gathered yet"), ("building", "Being built"), ("failed", "Failed"), ("built", "Built")],
        required=True,
        default="new",
        readonly=True,
        copy=False,
    )
    part_ids = fields.One2many("bss.dunning.print.part", "batch_id", string="Files", readonly=True)
    line_ids = fields.One2many("bss.dunning.print.line", "batch_id", string="Letters", readonly=True)
    ack_ids = fields.One2many("bss.dunning.print.ack", "batch_id", string="Acknowledgements", readonly=True)
    letter_count = fields.Integer(string="Number of Letters", readonly=True, copy=False)
    page_count = fields.Integer(string="Pages", readonly=True, copy=False)
    sheet_count = fields.Integer(string="Sheets", readonly=True, copy=False)
    postage = fields.Monetary(readonly=True, copy=False)
    problem_count = fields.Integer(string="Left Out", readonly=True, copy=False)
    unpriced_count = fields.Integer(string="Without Price", readonly=True, copy=False)
    sent_count = fields.Integer(string="Posted", compute="_compute_line_counts")
    delivered_count = fields.Integer(string="Delivered", compute="_compute_line_counts")
    returned_count = fields.Integer(string="Returned", compute="_compute_line_counts")
    progress = fields.Float(compute="_compute_progress")
    manifest_csv_id = fields.Many2one("ir.attachment", string="Manifest CSV", readonly=True, copy=False)
    manifest_xml_id = fields.Many2one("ir.attachment", string="Manifest XML", readonly=True, copy=False)
    handed_at = fields.Datetime(string="Handed Over On", readonly=True, copy=False)
    handed_user_id = fields.Many2one("res.users", string="Handed Over By", readonly=True, copy=False)
    note = fields.Text(string="Notes")

    @api.depends("line_ids.state")
    def _compute_line_counts(self):
        counts = {batch.id: {} for batch in self}
        for batch, state, number in self.env["bss.dunning.print.line"]._read_group(
            [("batch_id", "in", self.ids)], ["batch_id", "state"], ["__count"]
        ):
            counts[batch.id][state] = number
        for batch in self:
            count = counts[batch.id]
            batch.delivered_count = count.get("delivered", 0)
            batch.returned_count = count.get("returned", 0)
            batch.sent_count = count.get("sent", 0) + batch.delivered_count + batch.returned_count

    @api.depends("part_ids.state", "stage")
    def _compute_progress(self):
        for batch in self:
            parts = batch.part_ids
            done = len(parts.filtered(lambda part: part.state == "done"))
            batch.progress = 100.0 if batch.stage == "built" else 100.0 * done / len(parts) if parts else 0.0

    # Guards

    def _bss_is_settled(self):
        return any(batch.stage != "new" for batch in self)

    def _bss_guard_words(self):
        return self.env._("Print batches are changed by their buttons only.")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_handed(self):
        if any(batch.state != "draft" for batch in self):
            raise UserError(self.env._("A batch that was handed over is kept as evidence."))

    def unlink(self):
        """Letters of a discarded batch are free for the next one; its files go."""
        self.check_access("unlink")
        files = self.sudo().part_ids.attachment_id | self.sudo().manifest_csv_id | self.sudo().manifest_xml_id
        result = super().unlink()
        files.exists().unlink()
        return result

    # Building: one job gathers, one builds each file, the last one writes the manifest

    def action_build(self):
        """Gather the letters and build the files; begun again where it stopped."""
        self.check_access("write")
        for batch in self.sudo():
            if batch.state != "draft" or batch.stage == "built":
                raise UserError(self.env._("Batch %(name)s is built.", name=batch.name))
            batch.stage = "building"
            batch.with_delay(
                channel=CHANNEL,
                identity_key=f"bss_dunning_print_batch:{batch.id}",
                description=self.env._("Print batch %(name)s", name=batch.name),
            )._job_gather()

    def _job_gather(self):
        if not self.exists():
            return  # discarded meanwhile
        self._bss_gather()
        finish = self.delayable(channel=CHANNEL)._bss_finish()
        waiting = self.part_ids.filtered(lambda part: part.state != "done")
        builds = [part.delayable(channel=CHANNEL)._bss_build() for part in waiting]
        (chain(group(*builds), finish) if builds else finish).delay()

    def _bss_build(self, progress=None):
        """Everything in place, for scripts and tests."""
        self.ensure_one()
        self.check_access("write")
        batch = self.sudo()
        batch.stage = "building"
        batch._bss_gather()
        for number, part in enumerate(batch.part_ids, start=1):
            part._bss_build()
            if progress:
                progress(number, len(batch.part_ids))
        batch._bss_finish()

    def _bss_finish(self):
        """Sums and manifest, when every file is there."""
        if not self.exists():
            return
        if any(part.state != "done" for part in self.part_ids):
            self.stage = "failed"
            return
        self._bss_write_sums()
        self._bss_write_manifest()
        self.stage = "built"

    # Handing over

    def action_hand_over(self):
        """The files went to the print house."""
        self.check_access("write")
        for batch in self.sudo():
            if batch.state != "draft" or batch.stage != "built":
                raise UserError(self.env._("Batch %(name)s is not built yet.", name=batch.name))
            if not batch.letter_count:
                raise UserError(self.env._("Batch %(name)s has no letters.", name=batch.name))
            batch.write({"state": "handed", "handed_at": fields.Datetime.now(), "handed_user_id": self.env.uid})

    def _bss_close_acknowledged(self):
        """All letters were posted or came back: the batch is done."""
        for batch in self.sudo().filtered(lambda one: one.state == "handed"):
            ready = [("batch_id", "=", batch.id), ("state", "=", "ready")]
            if not self.env["bss.dunning.print.line"].sudo().search_count(ready, limit=1):
                batch.state = "acknowledged"

    def action_import_ack(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import Acknowledgement"),
            "res_model": "bss.dunning.print.ack",
            "view_mode": "form",
            "context": {"default_batch_id": self.id, "default_company_id": self.company_id.id},
        }

    # Buttons

    def action_view_lines(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_print_line_action")
        return {**action, "domain": [("batch_id", "=", self.id)], "context": {}}

    def action_open_csv(self):
        return self._bss_download(self.manifest_csv_id)

    def action_open_xml(self):
        return self._bss_download(self.manifest_xml_id)

    def _bss_download(self, attachment):
        if not attachment:
            raise UserError(self.env._("Batch %(name)s is not built yet.", name=self.name))
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{attachment.id}?download=true",
            "target": "download",
        }
