"""From a case to its notes and write-offs."""

from odoo import fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError


class BssDunningCase(models.Model):
    _inherit = "bss.dunning.case"  # pylint: disable=consider-merging-classes-inherited

    note_count = fields.Integer(compute="_compute_note_count", string="Number of Notes")

    def _compute_note_count(self):
        notes = self.env["bss.dunning.note"]._read_group(
            [("account_id", "in", self.account_id.ids), ("way", "!=", "waived")], ["account_id"], ["__count"]
        )
        counts = dict(notes)
        for case in self:
            case.note_count = counts.get(case.account_id, 0)

    def action_view_notes(self):
        self.ensure_one()
        return self.account_id.action_view_dunning_notes()

    def action_interest_note(self):
        return self._bss_open_note("interest")

    def action_compensation_note(self):
        return self._bss_open_note("compensation")

    def _bss_open_note(self, kind):
        """The draft of the account, made when there is none, to look at and issue; none is left with nothing on it."""
        self.ensure_one()
        if self.state == "closed":
            raise UserError(self.env._("The case is closed."))
        notes = self.env["bss.dunning.note"]
        today = polish_day.today()
        note = notes.search([("account_id", "=", self.account_id.id), ("kind", "=", kind), ("state", "=", "draft")])
        if note:
            note.write({"date": today, "date_to": today})
        else:
            note = notes.create({"account_id": self.account_id.id, "kind": kind, "date": today, "date_to": today})
            note.sudo().case_id = self
        if not note.line_ids:
            why = note.refusal
            note.unlink()
            return self._bss_tell_no_note(kind, why)
        return {
            "type": "ir.actions.act_window",
            "res_model": "bss.dunning.note",
            "res_id": note.id,
            "view_mode": "form",
        }

    def _bss_tell_no_note(self, kind, why):
        """Why there is nothing to note: told, not raised, as raising would bring the empty draft back."""
        if not why and kind == "interest":
            why = self.env._("No document is late, or interest is charged up to today already.")
        elif not why:
            why = self.env._("No document is late, or compensation is charged for each already.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "title": self.env._("%(account)s: nothing to charge.", account=self.account_id.display_name),
                "message": why,
                "sticky": True,
            },
        }

    def action_note_batch(self):
        """Mass run for the cases chosen in the list."""
        self.check_access("write")
        batch = self.env["bss.dunning.note.batch"].create({"company_id": self.env.company.id, "choice": "cases"})
        batch._bss_add_cases(self.filtered(lambda case: case.company_id == batch.company_id and case.state != "closed"))
        return {
            "type": "ir.actions.act_window",
            "res_model": "bss.dunning.note.batch",
            "res_id": batch.id,
            "view_mode": "form",
        }
