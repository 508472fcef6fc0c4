import base64

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..dunning_core.dialer import write_csv, write_json

LIMIT = 50_000
EDITABLE = frozenset({"user_id", "min_amount"})


class BssDunningDialerBatch(models.Model):
    """Calls given to a dialer together, as a file or over its interface."""

    _name = "bss.dunning.dialer.batch"
    _inherit = ["bss.dunning.guard.mixin", "bss.numbered.mixin"]
    _description = "Calls for a Dialer"
    _order = "id desc"
    _check_company_auto = True
    _bss_creatable = EDITABLE | {"company_id"}
    _bss_editable = EDITABLE

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, readonly=True
    )
    state = fields.Selection(
        [("draft", "Being Made Up"), ("released", "At the Dialer"), ("closed", "Closed")],
        required=True,
        default="draft",
        readonly=True,
        index=True,
        copy=False,
    )
    user_id = fields.Many2one("res.users", string="Only Calls Of", help="Empty: of everybody.")
    min_amount = fields.Monetary(string="From Amount")
    currency_id = fields.Many2one(related="company_id.currency_id")
    call_ids = fields.One2many("bss.dunning.call", "batch_id", string="Calls", readonly=True)
    call_count = fields.Integer(compute="_compute_call_count", string="Calls Open")
    released_at = fields.Datetime(readonly=True, copy=False)
    csv_file = fields.Binary(string="CSV", readonly=True, attachment=True, copy=False)
    json_file = fields.Binary(string="JSON", readonly=True, attachment=True, copy=False)
    csv_name = fields.Char(compute="_compute_file_names")
    json_name = fields.Char(compute="_compute_file_names")
    file_ids = fields.One2many("bss.dunning.dialer.file", "batch_id", string="Files of Results", readonly=True)

    @api.depends("call_ids.state")
    def _compute_call_count(self):
        counts = dict(
            self.env["bss.dunning.call"]._read_group([("batch_id", "in", self.ids)], ["batch_id"], ["__count"])
        )
        for batch in self:
            batch.call_count = counts.get(batch, 0)

    @api.depends("name")
    def _compute_file_names(self):
        for batch in self:
            name = (batch.name or "").replace("/", "-")
            batch.csv_name, batch.json_name = f"{name}.csv", f"{name}.json"

    def _bss_is_settled(self):
        return any(batch.state != "draft" for batch in self)

    # Buttons

    def action_fill(self):
        """Take every call that is due and in no other batch."""
        for batch in self:
            batch._bss_check_state("draft")
            calls = (
                self.env["bss.dunning.call"].sudo().search(batch._bss_fill_domain(), limit=LIMIT, order="next_at, id")
            )
            if batch.min_amount:
                calls = calls.filtered(lambda call, floor=batch.min_amount: call.amount >= floor)
            calls.write({"batch_id": batch.id})
            if not batch.call_ids:
                raise UserError(self.env._("No call is due."))

    def _bss_fill_domain(self):
        end = fields.Datetime.to_datetime(polish_day.today()).replace(hour=22)
        domain = self.env["bss.dunning.call"]._bss_due_domain(self.company_id, max(end, fields.Datetime.now()))
        domain &= Domain("batch_id", "=", False)
        return domain & Domain("user_id", "=", self.user_id.id) if self.user_id else domain

    def action_release(self):
        """Write the files; from now on the dialer may fetch the calls."""
        for batch in self:
            batch._bss_check_state("draft")
            if not batch.call_ids:
                raise UserError(self.env._("Batch %(name)s has no calls: take the due ones first.", name=batch.name))
            planned = batch.call_ids._bss_planned()
            batch.sudo().write(
                {
                    "state": "released",
                    "released_at": fields.Datetime.now(),
                    "csv_file": base64.b64encode(write_csv(planned)),
                    "json_file": base64.b64encode(write_json(planned)),
                }
            )

    def action_close(self):
        """What was not called goes back to people."""
        for batch in self:
            batch.check_access("write")
            batch.call_ids.sudo().write({"batch_id": False})
            batch.sudo().state = "closed"

    def _bss_check_state(self, state):
        self.ensure_one()
        self.check_access("write")
        if self.state != state:
            raise UserError(self.env._("Batch %(name)s is at the dialer already.", name=self.name))

    def action_view_calls(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_call_action")
        action["domain"] = [("batch_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_import(self):
        """Bring a file of results."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_dialer_upload_action")
        action["context"] = {"default_batch_id": self.id}
        return action
