"""Instalment plans of a case: agreed within the limits of the company, judged as promises are."""

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError
from odoo.tools import format_date

from .. import adapters, adapters_agreement
from ..dunning_core.policy import instalment as kernel


class BssDunningCaseInstalment(models.Model):
    _inherit = "bss.dunning.case"  # pylint: disable=consider-merging-classes-inherited

    plan_ids = fields.One2many("bss.dunning.instalment.plan", "case_id", string="Instalment Plans", readonly=True)
    plan_count = fields.Integer(compute="_compute_plan_count", string="Number of Plans")

    @api.depends("plan_ids")
    def _compute_plan_count(self):
        for case in self:
            case.plan_count = len(case.plan_ids)

    def action_instalments(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_instalment_wizard_action")
        action["context"] = {"default_case_id": self.id}
        return action

    def action_view_plans(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_instalment_plan_action")
        action["domain"] = [("case_id", "=", self.id)]
        action["context"] = {}
        return action

    def _bss_instalment_lines(self):
        """{receivable: amount}: what is left of the documents that may be demanded and not withheld by another hold.

        A lapsed or disputed claim is not slipped into the acknowledgement of the debt.
        """
        self.ensure_one()
        case = self.sudo()
        demanded = set(case._bss_debts(case.as_of or polish_day.today())[case].demanded_keys)
        lines = case.line_ids.filtered(lambda line: line.id in demanded)
        withheld = dict(
            self.env["bss.dunning.hold.line"]
            .sudo()
            ._read_group(
                [("move_line_id", "in", lines.ids), ("state", "=", "active")],
                ["move_line_id"],
                ["amount:sum"],
            )
        )
        amounts = {line: line.amount_residual - withheld.get(line, 0.0) for line in lines}
        return {line: amount for line, amount in amounts.items() if self.currency_id.compare_amounts(amount, 0) > 0}

    def _bss_instalment_interest(self):
        """Statutory interest of the open documents to today that no note has charged: an open note is one of them."""
        return self.sudo().with_context(bss_as_of=polish_day.today()).uncharged_amount

    def _bss_instalment_plan(self, wish, interest=0.0, note=""):
        """Make the plan that was agreed: schedule, acknowledgement of the debt, documents out of the demand.

        :param wish: kernel wish; its total is what the documents and the interest come to
        :return: the plan
        """
        self.ensure_one()
        self.check_access("write")
        case = self.sudo()
        if case.state == "closed":
            raise UserError(self.env._("The case is closed."))
        lines = case._bss_instalment_lines()
        principal = sum((adapters.to_money(amount) for amount in lines.values()), kernel.ZERO)
        if wish.total != principal + adapters.to_money(interest):
            raise UserError(self.env._("%(case)s: the debt has changed meanwhile, look again.", case=case.name))
        failure = kernel.refusal(wish, adapters_agreement.plan_rules(case.company_id))
        if failure:
            raise UserError(case._bss_instalment_refusal(failure))
        waiting = case.promise_ids.filtered(lambda promise: promise.state == "open")
        waiting._bss_finish("cancelled", wish.made)
        hold = self._bss_hold(False, self.env._("Paid by instalments"), kind="instalment", lines=lines)
        plan = (
            self.env["bss.dunning.instalment.plan"]
            .sudo()
            .create(
                {
                    "hold_id": hold.id,
                    "date_made": wish.made,
                    "amount_principal": float(principal),
                    "amount_interest": interest,
                    "amount_total": float(wish.total),
                    "grace_days": case.company_id.bss_instalment_grace_days,
                    "note": note,
                    "user_id": self.env.uid,
                    "line_ids": [
                        fields.Command.create({"number": one.number, "date_due": one.due, "amount": float(one.amount)})
                        for one in kernel.split(wish)
                    ],
                }
            )
        )
        plan.paid_before = float(sum(one.amount for one in plan._bss_payments()[plan.id] if one.day <= wish.made))
        plan._bss_issue()
        return plan.with_env(self.env)

    def _bss_instalment_refusal(self, failure):
        amounts = {
            name: self._bss_text_amount(value)
            for name, value in failure.params.items()
            if name in ("amount", "total") or failure.code == "PLAN_PARTS_TOO_SMALL"
        }
        day = failure.params.get("day")
        shown = {"day": format_date(self.env, day)} if failure.code == "PLAN_BAD_DAYS" else {}
        values = {**failure.params, **amounts, **shown, "case": self.name}
        texts = {
            "PLAN_NOTHING_OWED": lambda: self.env._("%(case)s: nothing is left to be paid by instalments.", **values),
            "PLAN_NO_PARTS": lambda: self.env._("%(case)s: say how many instalments there are.", **values),
            "PLAN_BAD_DOWN_PAYMENT": lambda: self.env._(
                "%(case)s: the down payment must not be below zero and must be smaller than the debt of %(total)s.",
                **values,
            ),
            "PLAN_BAD_DAYS": lambda: self.env._(
                "%(case)s: the first instalment (%(day)s) must not be before today or before the down payment.",
                **values,
            ),
            "PLAN_BAD_MONTHLY_DAY": lambda: self.env._(
                "%(case)s: the day of the month is a number from 1 to 31.", **values
            ),
            "PLAN_TOO_LONG": lambda: self.env._(
                "%(case)s: %(count)s instalments are too many, at most %(limit)s are agreed to.", **values
            ),
            "PLAN_PARTS_TOO_SMALL": lambda: self.env._(
                "%(case)s: an instalment of %(amount)s is too small, at least %(limit)s is agreed to.", **values
            ),
            "PLAN_ENDS_TOO_LATE": lambda: self.env._(
                "%(case)s: the last instalment would be due too late, a plan ends within %(limit)s months.", **values
            ),
        }
        return texts[failure.code]()

    # Judging

    def _bss_follow_money(self, accounts):
        result = super()._bss_follow_money(accounts)
        self.env["bss.dunning.instalment.plan"]._bss_decide(None, accounts)
        return result

    def _bss_release_expired(self, as_of):
        self.env["bss.dunning.instalment.plan"]._bss_decide(as_of, self.account_id)
        return super()._bss_release_expired(as_of)

    def _bss_close(self, as_of, reason):
        result = super()._bss_close(as_of, reason)
        if reason == "paid" and self:
            self.env["bss.dunning.instalment.plan"]._bss_decide(None, self.account_id)
        return result
