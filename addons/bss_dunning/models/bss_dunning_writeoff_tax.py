"""What a write-off spoils in VAT and income tax."""

from odoo import models
from odoo.addons.bss_catalog import polish_day

from .bss_dunning_relief import ReliefJudge


class BssDunningWriteoffTax(models.Model):
    _inherit = "bss.dunning.writeoff"  # pylint: disable=consider-merging-classes-inherited

    def _bss_tax_warnings(self):
        """VAT and income tax: what the accountant has to know before the claim is written off."""
        self.ensure_one()
        moves = self.line_ids.move_line_id.move_id.filtered(lambda move: move.move_type == "out_invoice")
        if not moves:
            return []
        warnings = ReliefJudge(self.env, self.date or polish_day.today()).warnings(moves.ids)
        lines = [f"{move.name}: {warnings[move.id]}" for move in moves if move.id in warnings]
        if lines:
            lines.append(
                self.env._(
                    "Relief for bad debts (art. 89a of the VAT act) needs a claim that is unpaid and still exists: "
                    "after the write-off it is lost."
                )
            )
        lines.append(
            self.env._(
                "Income tax: a claim given up is a cost only with its uncollectibility documented; relief for bad "
                "debts ends with the write-off."
            )
        )
        return lines
