"""Actions made of the kernel's decisions, each round of a step of a case once, with the documents they demand."""

from odoo import api, models

from ..planning import store

BLOCKS = ("restrict", "suspend", "terminate")


class BssDunningActionInsert(models.Model):
    _inherit = "bss.dunning.action"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_insert(self, plans, as_of, run=None):
        """Action rows of decisions; a row whose step failed or was called off is taken up again.

        :param plans: [(case id, decision)] as planning returns them
        """
        if not plans:
            return self.browse()
        self.flush_model()
        decisions = [decision for _case_id, decision in plans]
        steps = self.env["bss.dunning.step"].sudo().browse({decision.step.key for decision in decisions})
        steps.flush_model()
        days = {step.id: step.deadline_days for step in steps}
        ids = store.store_actions(self.env, decisions, as_of, run.id if run else None, days)
        self.invalidate_model()
        self.env["bss.dunning.case"].invalidate_model(["action_ids"])
        return self.browse(ids)

    def _bss_fill_lines(self, as_of):
        """Remember which documents are demanded now."""
        if not self:
            return
        debts = self.case_id._bss_debts(as_of)
        self.flush_model(["line_ids"])
        store.store_documents(self.env, {action.id: debts[action.case_id].demanded_keys for action in self})
        self.invalidate_recordset(["line_ids", "notice_stands", "documents_html"])

    def _bss_undo_blocks(self):
        """Blocks that were taken back by a payment that did not last, and the gated steps that followed them.

        The restriction has to last anew before the next notice may go out; what came before it stands.

        :return: the actions to be taken again
        """
        released = self.filtered(lambda action: action.state == "done" and action.released and action.channel in BLOCKS)
        if not released:
            return released
        first = min((action.date_done or action.date, action.id) for action in released)
        again = self.filtered(
            lambda action: (
                action.state == "done" and action.step_id.gate and (action.date_done or action.date, action.id) >= first
            )
        )
        text = self.env._("To be taken again: the payment that ended it was returned.")
        for action in again:
            reason = "\n".join(filter(None, [action.reason, text]))
            action.write({"state": "failed", "date_done": False, "reason": reason})
        return again

    def _bss_order(self, action, as_of):
        result = super()._bss_order(action, as_of)
        if self.released:
            self.released = False
        return result
