"""What carrying an action out cost: parts of messages, minutes of calls, postage."""

from odoo import fields, models


class BssDunningActionCost(models.Model):
    _inherit = "bss.dunning.action"  # pylint: disable=consider-merging-classes-inherited

    cost = fields.Monetary(readonly=True, copy=False, help="Of all channels that were tried.")
    cost_note = fields.Text(readonly=True, copy=False)

    def _bss_add_cost(self, amount, note):
        """Add what one more message, letter or call cost, with its arithmetic."""
        for action in self.sudo():
            notes = [*filter(None, [action.cost_note]), note]
            action.write({"cost": action.cost + amount, "cost_note": "\n".join(notes)})
