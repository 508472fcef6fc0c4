"""A kept promise whose payment the bank took back: it waits again, or was broken after all, and its case goes on."""

from collections import defaultdict
from decimal import Decimal

from odoo import api, models
from odoo.addons.bss_catalog import polish_day
from odoo.fields import Domain

from .. import adapters, adapters_agreement
from ..dunning_core.policy.promise import stands


class BssDunningPromiseReturned(models.Model):
    _inherit = "bss.dunning.promise"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_take_back(self, as_of, accounts):
        """Look at the kept promises of these accounts once more; harmless when repeated.

        :return: the promises that are kept no more
        """
        kept = Domain("state", "=", "kept") & Domain("account_id", "in", accounts.ids)
        promises = self.sudo().search(kept, order="date_decided, date, id")
        fallen = promises._bss_fallen()
        for promise in fallen:
            promise._bss_resume(as_of)
        fallen.filtered(lambda promise: promise.state == "broken")._bss_tell_broken()
        return fallen

    def _bss_fallen(self):
        """Kept promises of which too little is left; money that an older one keeps does not count twice."""
        if not self:
            return self
        calendar, payments = adapters.free_days(self.env), self._bss_payments()
        taken = defaultdict(list)
        fallen = self.browse()
        for promise in self:
            others = sum((needed for day, needed in taken[promise.account_id] if day >= promise.date_made), Decimal(0))
            data, rules = adapters_agreement.promise_data(promise, others)
            if stands(data, payments[promise.id], rules, calendar):
                needed = adapters_agreement.promise_needed(promise)
                taken[promise.account_id].append((promise.date_decided, needed))
            else:
                fallen |= promise
        return fallen

    def _bss_resume(self, as_of):
        """Until its last day the promise waits as before; after it, it was broken; without a debt it is over."""
        case = self._bss_open_case() or self.case_id
        words = self.env._("The payment was returned, the promise is not kept: %(promise)s", promise=self.display_name)
        case._message_log(body=words)
        if case.state == "closed" and self.account_id._bss_amounts_due().get(self.account_id.id, 0) <= 0:
            self.write({"state": "cancelled", "date_decided": as_of})
            return
        # without an open case the hold waits for the one that the next run opens
        self.hold_id.case_id = case
        self.hold_id.write({"state": "active", "date_ended": False})
        self.write({"state": "open", "date_decided": False})
        if as_of > self.date_last:
            self._bss_finish("broken", as_of)
        else:
            case.action_ids._bss_withdraw_calls()
            case._bss_apply_holds()
            case._bss_replan()

    def _bss_open_case(self):
        domain = [("account_id", "=", self.account_id.id), ("state", "!=", "closed")]
        return self.env["bss.dunning.case"].sudo().search(domain, limit=1)


class BssDunningCase(models.Model):
    _inherit = "bss.dunning.case"  # pylint: disable=consider-merging-classes-inherited

    def _bss_follow_money(self, accounts):
        """What was kept by a payment that was returned is looked at when the case is open again."""
        result = super()._bss_follow_money(accounts)
        self.env["bss.dunning.promise"]._bss_take_back(polish_day.today(), accounts)
        return result
