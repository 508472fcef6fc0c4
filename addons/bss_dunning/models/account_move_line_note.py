"""Receivables that notes and write-offs name: drafts follow a changed invoice, what went out does not lose its ground."""

from odoo import models
from odoo.exceptions import UserError


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"  # pylint: disable=consider-merging-classes-inherited

    def unlink(self):
        """Odoo makes receivable lines anew when an invoice is changed: drafts let go of them, issued notes do not."""
        receivables = self.filtered(lambda line: line.account_id.account_type == "asset_receivable")
        if receivables:
            receivables._bss_leave_drafts("bss.dunning.note.line", "note_id")
            receivables._bss_leave_drafts("bss.dunning.writeoff.line", "writeoff_id")
        return super().unlink()

    def _bss_leave_drafts(self, model, parent):
        named = self.env[model].sudo().search([("move_line_id", "in", self.ids)])
        kept = named.filtered(lambda line: line[parent].state != "draft")
        if kept:
            raise UserError(
                self.env._(
                    "%(document)s stands in %(note)s: cancel that and correct the invoice instead of changing it.",
                    document=kept[0].document or "",
                    note=kept[0][parent].name,
                )
            )
        named.unlink()
