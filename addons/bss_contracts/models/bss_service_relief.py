from odoo import models


class BssService(models.Model):
    """Relief given to a service whose end was agreed before it began."""

    _inherit = "bss.service"  # pylint: disable=consider-merging-classes-inherited

    def _bss_apply_order(self, action, day, *args, **kwargs):
        waiting = action == "activate" and self.state == "pending" and not self.predecessor_id
        result = super()._bss_apply_order(action, day, *args, **kwargs)
        if waiting and self.state == "active" and self.date_end:
            ends = self.sudo().contract_id.change_ids.filtered(
                lambda one: one.kind == "termination" and one.state == "confirmed" and self in one._bss_ended()
            )
            for end in ends:
                end._bss_claw_back_late(self.sudo())
        return result
