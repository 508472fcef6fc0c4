"""What the screens of a session show beyond its stored fields."""

from odoo import api, fields, models


class BssKsefSessionScreen(models.Model):
    _inherit = "bss.ksef.session"  # pylint: disable=consider-merging-classes-inherited

    progress = fields.Integer(
        string="Settled (%)", compute="_compute_progress", help="Share of the documents whose fate is known."
    )
    lasts = fields.Char(string="How Long", compute="_compute_lasts", help="From the opening to the results.")

    @api.depends("document_count", "accepted_count", "rejected_count", "state")
    def _compute_progress(self):
        for record in self:
            settled = record.accepted_count + record.rejected_count
            record.progress = 100 * settled // record.document_count if record.document_count else 0

    @api.depends("opening_at", "finished_at", "state")
    def _compute_lasts(self):
        for record in self:
            start = record.opening_at or record.create_date
            record.lasts = self.env["bss.ksef.cockpit"]._age(start, record.finished_at) if start else ""

    def action_open_accepted(self):
        return self._open_documents([("state", "=", "accepted")])

    def action_open_refused(self):
        return self._open_documents([("state", "in", ["rejected", "invalid"])])

    def _open_documents(self, domain):
        action = self.action_open_documents()
        action["domain"] = [("session_id", "=", self.id), *domain]
        return action
