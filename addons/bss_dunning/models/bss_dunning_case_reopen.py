"""A returned payment: the same case goes on at the level it had reached."""

from odoo import models


class BssDunningCaseReopen(models.Model):
    _inherit = "bss.dunning.case"  # pylint: disable=consider-merging-classes-inherited

    def _bss_reopen(self, as_of):
        """Open cases again that were closed as paid; notices and their deliveries stay what they are."""
        if not self:
            return
        cases = self.sudo().with_context(tracking_disable=True)
        cases.write({"state": "open", "date_closed": False, "close_reason": False, "as_of": as_of})
        for case in cases:
            redone = case.action_ids._bss_undo_blocks()
            if redone:
                case._bss_step_back()
            case._message_log(body=case._bss_reopen_text(redone))
        cases.flush_recordset()
        cases._bss_apply_holds()

    def _bss_reopen_text(self, redone):
        text = self.env._("The payment was returned: the case goes on after %(step)s.", step=self.step_id.name or "–")
        if not redone:
            return text
        names = ", ".join(redone.mapped("display_name"))
        return self.env._(
            "%(text)s The services work again, so these steps are taken anew: %(steps)s.", text=text, steps=names
        )

    def _bss_step_back(self):
        """The last step that still counts is the last step of the case."""
        self.ensure_one()
        taken = self.action_ids.filtered(lambda action: action.step_id and action.state in ("done", "skipped"))
        step = taken.sorted(lambda action: (action.date_done or action.date, action.id))[-1:].step_id
        self.write({"step_id": step.id, "stage_id": (step.stage_id or self.strategy_id.stage_ids[:1]).id})
