"""A kept plan whose payment the bank took back: it runs again, or was broken after all, and its debt is demanded."""

from odoo import api, models
from odoo.addons.bss_catalog import polish_day
from odoo.fields import Domain

from .. import adapters
from ..dunning_core.policy.instalment import PlanStatus


class BssDunningInstalmentPlanReturned(models.Model):
    _inherit = "bss.dunning.instalment.plan"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_take_back(self, as_of, accounts):
        """Look at the kept plans of these accounts whose documents are open again; harmless when repeated.

        Money for agreed interest lies on the account until a note or a newer invoice takes it: nobody gave it back.

        :return: the plans that are kept no more
        """
        kept = Domain("state", "=", "kept") & Domain("account_id", "in", accounts.ids)
        plans = self.sudo().search(kept, order="id").filtered(lambda plan: not plan._bss_is_paid_off())
        fallen = self.sudo()
        if not plans:
            return fallen
        calendar, payments = adapters.free_days(self.env), plans._bss_payments()
        for plan in plans:
            answer = plan._bss_judge(payments[plan.id], as_of, calendar)
            if answer.status is not PlanStatus.KEPT:
                plan._bss_resume(answer, as_of)
                fallen |= plan
        fallen.filtered(lambda plan: plan.state == "broken")._bss_tell_broken()
        return fallen

    def _bss_resume(self, answer, as_of):
        """While no instalment is missed the plan runs as before; else it was broken; without a debt it is over."""
        case = self._bss_open_case() or self.case_id
        case._message_log(
            body=self.env._("The payment was returned, the plan is not kept: %(plan)s", plan=self.display_name)
        )
        self._bss_store(answer)
        if case.state == "closed" and self.account_id._bss_amounts_due().get(self.account_id.id, 0) <= 0:
            self.write({"state": "cancelled", "date_decided": as_of})
            return
        # without an open case the hold waits for the one that the next run opens
        self.hold_id.case_id = case
        self.hold_id.write({"state": "active", "date_ended": False})
        self.write({"state": "active", "date_decided": False})
        if answer.status is PlanStatus.BROKEN:
            self._bss_finish("broken", as_of)
        else:
            case._bss_replan()

    def _bss_open_case(self):
        domain = [("account_id", "=", self.account_id.id), ("state", "!=", "closed")]
        return self.env["bss.dunning.case"].sudo().search(domain, limit=1)


class BssDunningCase(models.Model):
    _inherit = "bss.dunning.case"  # pylint: disable=consider-merging-classes-inherited

    def _bss_follow_money(self, accounts):
        """What was kept by a payment that was returned is looked at when the case is open again."""
        result = super()._bss_follow_money(accounts)
        self.env["bss.dunning.instalment.plan"]._bss_take_back(polish_day.today(), accounts)
        return result
