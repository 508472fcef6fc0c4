"""What came of a call, as the caller writes it down."""

from datetime import UTC, timedelta

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError
from odoo.tools import format_date, format_datetime

from ..dunning_core.contact.results import Fault, read_result
from ..models.bss_dunning_call import RESULT_WORDS


class BssDunningCallResultWizard(models.TransientModel):
    _name = "bss.dunning.call.result"
    _description = "Result of a Call"

    call_id = fields.Many2one("bss.dunning.call", required=True, ondelete="cascade")
    partner_id = fields.Many2one(related="call_id.partner_id")
    currency_id = fields.Many2one(related="call_id.currency_id")
    amount = fields.Monetary(related="call_id.amount", string="To Demand")
    blocked = fields.Char(related="call_id.blocked")
    call_state = fields.Selection(related="call_id.state")
    hours = fields.Char(related="call_id.hours")
    result = fields.Selection(RESULT_WORDS, required=True, default="reached")
    phone = fields.Char(compute="_compute_from_call", store=True, readonly=False)
    minutes = fields.Float(help="Length of the call, for its cost.")
    note = fields.Text(help="What was said. No words about other people.")
    promise_amount = fields.Monetary(compute="_compute_from_call", store=True, readonly=False)
    promise_date = fields.Date(default=lambda self: polish_day.today() + timedelta(days=7))
    callback_at = fields.Datetime(string="Call Back At")

    @api.depends("call_id")
    def _compute_from_call(self):
        for wizard in self:
            wizard.phone = wizard.call_id.phone
            wizard.promise_amount = wizard.call_id.amount

    def action_save(self):
        """Check and record; the list of calls comes back.

        A call may be called off while somebody speaks with the customer: what he said is still written down.
        """
        self.ensure_one()
        self.call_id.check_access("write")
        if self.call_id.state not in ("open", "cancelled"):
            raise UserError(self.env._("This call is over already."))
        found = read_result(self._bss_row(), fields.Datetime.now().replace(tzinfo=UTC))
        if isinstance(found, Fault):
            label = self.fields_get([found.field], ["string"]).get(found.field, {}).get("string", found.field)
            raise UserError(self.env["bss.dunning.dialer.line"]._bss_words(label, found.code, self._bss_shown(found)))
        if found.callback_at:
            self.call_id.company_id._bss_check_call_moment(self.callback_at)
        self.call_id._bss_record(found)
        return {"type": "ir.actions.act_window_close"}

    def _bss_shown(self, fault):
        """The refused value as the form shows it; a dialer's file names it as the file has it."""
        kind = self._fields[fault.field].type if fault.field in self._fields else None
        if kind == "date":
            return format_date(self.env, self[fault.field])
        if kind == "datetime":
            return format_datetime(self.env, self[fault.field])
        return fault.value

    def _bss_row(self):
        callback = self.callback_at
        return {
            "call_id": self.call_id.id,
            "attempt": self.call_id._bss_next_number(),
            "called_at": fields.Datetime.now().replace(tzinfo=UTC).isoformat(),
            "result": self.result,
            "phone": self.phone,
            "minutes": str(round(self.minutes, 4)),
            "note": self.note,
            "promise_amount": f"{self.promise_amount:.2f}",
            "promise_date": self.promise_date.isoformat() if self.promise_date else "",
            "callback_at": callback.replace(tzinfo=UTC).isoformat() if callback else "",
        }
