"""What carrying an action out cost: parts of messages, minutes of calls, postage."""

from odoo import models


class BssDunningActionCost(models.Model):
    _inherit = "bss.dunning.action"  # pylint: disable=consider-merging-classes-inherited

    def _bss_add_cost(self, amount, note):
        """Add what one more message, letter or call cost, with its arithmetic."""
        for action in self.sudo():
            notes = [*filter(None, [action.cost_note]), note]
            action.write({"cost": action.cost + amount, "cost_note": "; ".join(notes)})
