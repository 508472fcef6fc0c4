"""Promises of a case: taken within the limits of the company, judged when money comes in and every night."""

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError
from odoo.tools import format_date

from .. import adapters
from ..dunning_core.policy import promise as kernel


class BssDunningCasePromise(models.Model):
    _inherit = "bss.dunning.case"  # pylint: disable=consider-merging-classes-inherited

    promise_ids = fields.One2many("bss.dunning.promise", "case_id", string="Promises", readonly=True)
    promise_count = fields.Integer(compute="_compute_promise_counts", string="Promises of the Customer")
    promise_kept_count = fields.Integer(compute="_compute_promise_counts", string="Kept Promises of the Customer")
    promise_text = fields.Char(compute="_compute_promise_counts", string="Promises Kept")

    @api.depends("partner_id", "promise_ids.state")
    def _compute_promise_counts(self):
        groups = self.env["bss.dunning.promise"]._read_group(
            [("partner_id", "in", self.partner_id.ids), ("state", "!=", "cancelled")],
            ["partner_id", "state"],
            ["__count"],
        )
        counts = {(partner, state): number for partner, state, number in groups}
        for case in self:
            kept = counts.get((case.partner_id, "kept"), 0)
            decided = kept + counts.get((case.partner_id, "broken"), 0)
            case.promise_kept_count = kept
            case.promise_count = decided + counts.get((case.partner_id, "open"), 0)
            case.promise_text = self.env._("%(kept)s of %(all)s", kept=kept, all=decided) if case.promise_count else ""

    # Taking a promise

    def action_promise(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_promise_wizard_action")
        action["context"] = {"default_case_id": self.id}
        return action

    def action_view_promises(self):
        """Those of the customer, of all his accounts and cases."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_promise_action")
        action["domain"] = [("partner_id", "=", self.partner_id.id)]
        action["context"] = {}
        return action

    def _bss_promise(self, amount, date, channel="phone", note="", override=False):
        """Record what the debtor promises; the case waits until the last day of the promise.

        :param override: a manager takes it in spite of the limits of the company
        :return: the promise
        """
        self.ensure_one()
        self.check_access("write")
        case = self.sudo()
        if case.state == "closed":
            raise UserError(self.env._("The case is closed."))
        rules = case.with_env(self.env)._bss_promise_rules(override)
        data = kernel.Promise(polish_day.today(), date, adapters.to_money(amount))
        failure = case._bss_promise_failure(data, rules)
        if failure:
            raise UserError(case._bss_promise_refusal(failure))
        until = kernel.last_day(data, rules, adapters.free_days(self.env))
        words = self.env._(
            "%(amount)s promised for %(day)s", amount=case._bss_text_amount(amount), day=format_date(self.env, date)
        )
        hold = self._bss_hold(until, words, kind="promise")
        promise = (
            self.env["bss.dunning.promise"]
            .sudo()
            .create(
                {
                    "hold_id": hold.id,
                    "date_made": data.made,
                    "date": date,
                    "date_last": until,
                    "date_remind": kernel.reminder_day(data, rules),
                    "amount": amount,
                    "percent_kept": float(rules.percent_kept),
                    "grace_days": rules.grace_days,
                    "channel": channel,
                    "note": note,
                    "overridden": override,
                    "user_id": self.env.uid,
                }
            )
        )
        promise.paid_before = float(sum(one.amount for one in promise._bss_payments()[promise.id]))
        return promise.with_env(self.env)

    # Judging

    def _bss_follow_money(self, accounts):
        """Money came in: a promise that it keeps is kept at once."""
        result = super()._bss_follow_money(accounts)
        self.env["bss.dunning.promise"]._bss_decide(None, accounts)
        return result

    def _bss_release_expired(self, as_of):
        """Every night, before the steps are planned."""
        promises = self.env["bss.dunning.promise"]
        promises._bss_decide(as_of, self.account_id)
        promises._bss_remind(as_of, self.account_id)
        return super()._bss_release_expired(as_of)

    def _bss_close(self, as_of, reason):
        """Nothing is left to be promised: what was not paid as promised ended in another way."""
        result = super()._bss_close(as_of, reason)
        if reason == "paid" and self:
            promises = self.env["bss.dunning.promise"]
            promises._bss_decide(None, self.account_id)
            left = promises.sudo().search([("case_id", "in", self.ids), ("state", "=", "open")])
            left._bss_finish("cancelled", as_of)
        return result
