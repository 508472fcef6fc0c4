"""Lines of results that could not be taken: where they stand, what is wrong, corrected and tried again."""

import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..dunning_core.dialer import Line


class BssDunningDialerLine(models.Model):
    _name = "bss.dunning.dialer.line"
    _description = "Bad Line of Results"
    _order = "file_id desc, number, id"
    _check_company_auto = True
    _rec_name = "number"

    file_id = fields.Many2one("bss.dunning.dialer.file", required=True, index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one(related="file_id.company_id", store=True, index=True, precompute=True)
    number = fields.Integer(string="Line", readonly=True)
    field = fields.Char(readonly=True)
    code = fields.Char(readonly=True)
    value = fields.Char(readonly=True)
    reason = fields.Char(compute="_compute_reason")
    data = fields.Text(string="Values", help="Correct the values here, then try again.")
    state = fields.Selection(
        [("suspended", "To Correct"), ("applied", "Taken"), ("dropped", "Dropped")],
        required=True,
        default="suspended",
        readonly=True,
        index=True,
    )
    user_id = fields.Many2one("res.users", string="Decided By", readonly=True)

    @api.depends("field", "code", "value")
    @api.depends_context("lang")
    def _compute_reason(self):
        for line in self:
            line.reason = line._bss_words(line.field or "", line.code or "", line.value or "")

    @api.constrains("data")
    def _check_data(self):
        for line in self:
            if line._bss_values() is None:
                raise ValidationError(
                    self.env._('Line %(number)s: values are written as {"field": "value"}.', number=line.number)
                )

    def write(self, vals):
        if not self.env.su and set(vals) - {"data"}:
            raise AccessError(self.env._("Lines are taken or dropped by their buttons."))
        return super().write(vals)

    def _bss_values(self):
        try:
            values = json.loads(self.data or "{}")
        except ValueError:
            return None
        return values if isinstance(values, dict) else None

    @api.model
    def _bss_fault_words(self, fault):
        return self._bss_words(fault.field, fault.code, fault.value)

    @api.model
    def _bss_words(self, field, code, value):
        """A fault of the kernel in words: the field, what is wrong, what was found."""
        words = {
            "MISSING": self.env._("is missing"),
            "UNKNOWN": self.env._("is not known here"),
            "NO_NUMBER": self.env._("is no number"),
            "OUT_OF_RANGE": self.env._("is out of range"),
            "NO_DATE": self.env._("is no date"),
            "NO_MOMENT": self.env._("is no date with time"),
            "FUTURE": self.env._("lies in the future"),
            "PAST": self.env._("lies in the past"),
            "TOO_FAR": self.env._("lies more than a year ahead"),
            "CONFLICT": self.env._("is known with another result"),
            "COLUMNS": self.env._("the line has another number of columns than the header"),
            "NO_COLUMN": self.env._("there is no such column"),
            "NO_OBJECT": self.env._("is no object with fields"),
            "NO_JSON": self.env._("is no JSON"),
            "EMPTY": self.env._("is empty"),
            "ENCODING": self.env._("has an unknown encoding"),
            "TOO_MANY": self.env._("has too many lines"),
            "NOT_TAKEN": self.env._("could not be taken"),
        }.get(code, code)
        where = f"{field}: " if field else ""
        return f"{where}{words} ({value})" if value else f"{where}{words}"

    # Buttons

    def action_replay(self):
        """Take corrected lines; what is still wrong says so."""
        self.check_access("write")
        waiting = self.sudo().filtered(lambda line: line.state == "suspended")
        if not waiting:
            raise UserError(self.env._("Nothing to take: these lines were decided already."))
        for line in waiting:
            line._bss_replay()
        return True

    def _bss_replay(self):
        file, count = self.file_id, self.file_id.line_count
        ((_line, answer),) = file._bss_take([Line(self.number, self._bss_values() or {})])
        file.line_count = count  # the line was counted when it came first
        if isinstance(answer, str):
            self.write({"state": "applied", "user_id": self.env.uid, "code": False, "field": False, "value": False})
            return
        again = file.line_ids.filtered(lambda line: line.number == self.number and line.id > self.id)[-1:]
        again.unlink()
        self.write({"field": answer.field, "code": answer.code, "value": answer.value})

    def action_drop(self):
        """A line that means nothing."""
        self.check_access("write")
        waiting = self.sudo().filtered(lambda line: line.state == "suspended")
        waiting.write({"state": "dropped", "user_id": self.env.uid})
