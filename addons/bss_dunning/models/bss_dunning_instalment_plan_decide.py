"""Judging instalment plans: payments of many plans in one query, the kernel decides."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.fields import Domain
from odoo.tools import SQL

from .. import adapters, adapters_agreement
from ..dunning_core.policy.instalment import Paid, PlanStatus, judge


class BssDunningInstalmentDecide(models.Model):
    _inherit = "bss.dunning.instalment.plan"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_decide(self, as_of=None, accounts=None):
        """Count payments against instalments and decide plans; harmless when repeated.

        :param as_of: day at whose end they are judged; without one a payment came in: plans may be kept, not broken
        :return: the plans that were decided
        """
        domain = Domain("state", "=", "active")
        if accounts is not None:
            domain &= Domain("account_id", "in", accounts.ids)
        plans = self.sudo().search(domain, order="id")
        if not plans:
            return plans
        calendar = adapters.free_days(self.env)
        payments = plans._bss_payments()
        decided = self.sudo()
        for plan in plans:
            day = as_of or max([polish_day.today(), *(one.day for one in payments[plan.id])])
            answer = plan._bss_judge(payments[plan.id], day, calendar)
            plan._bss_store(answer)
            if answer.status is PlanStatus.KEPT or (answer.status is PlanStatus.BROKEN and as_of):
                decided |= plan._bss_finish(answer.status.value, day)
        decided.filtered(lambda plan: plan.state == "broken")._bss_tell_broken()
        return decided

    def _bss_judge(self, payments, day, calendar):
        """Answer of the kernel at the end of a day."""
        self.ensure_one()
        schedule = adapters_agreement.instalments(self)
        return judge(schedule, payments, day, self.grace_days, calendar, self._bss_is_settled())

    def _bss_store(self, answer):
        for line, part in zip(self.line_ids.sorted("number"), answer.parts, strict=True):
            values = {
                "amount_paid": float(part.paid),
                "date_paid": part.paid_on or False,
                "state": part.status.value,
            }
            changed = {name: value for name, value in values.items() if line[name] != value}
            if changed:
                line.write(changed)
        if self.amount_paid != float(answer.paid):
            self.amount_paid = float(answer.paid)

    def _bss_is_settled(self):
        """Nothing is left of the documents, and no interest was agreed."""
        return not self.amount_interest and self._bss_is_paid_off()

    def _bss_is_paid_off(self):
        return all(self.currency_id.is_zero(line.amount_residual) for line in self.document_line_ids)

    def _bss_payments(self):
        """{plan id: [kernel payment]}: what was set against the documents since the plan, and open credits since."""
        self.flush_model()
        self.env["bss.dunning.hold.line"].flush_model()
        self.env["account.move.line"].flush_model()
        self.env["account.partial.reconcile"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT plan_id, day, SUM(amount) FROM (
                    SELECT plan.id AS plan_id, credit.date AS day, partial.amount
                      FROM bss_dunning_instalment_plan plan
                      JOIN bss_dunning_hold_line document ON document.hold_id = plan.hold_id
                      JOIN account_partial_reconcile partial ON partial.debit_move_id = document.move_line_id
                      JOIN account_move_line credit ON credit.id = partial.credit_move_id
                     WHERE plan.id = ANY(%(ids)s) AND credit.parent_state = 'posted' AND credit.date >= plan.date_made
                    UNION ALL
                    SELECT plan.id, line.date, -line.amount_residual
                      FROM bss_dunning_instalment_plan plan
                      JOIN account_move move ON move.bss_account_id = plan.account_id
                      JOIN account_move_line line ON line.move_id = move.id
                      JOIN account_account ledger ON ledger.id = line.account_id
                     WHERE plan.id = ANY(%(ids)s) AND line.parent_state = 'posted' AND line.amount_residual < 0
                       AND ledger.account_type = 'asset_receivable' AND line.date >= plan.date_made
                    UNION ALL
                    SELECT plan.id, plan.date_made, -plan.paid_before
                      FROM bss_dunning_instalment_plan plan
                     WHERE plan.id = ANY(%(ids)s) AND plan.paid_before != 0
                ) AS money
                GROUP BY plan_id, day ORDER BY plan_id, day
                """,
                ids=list(self.ids),
            )
        )
        payments = defaultdict(list)
        for plan_id, day, amount in rows:
            payments[plan_id].append(Paid(day, adapters.to_money(amount)))
        return payments

    def _bss_tell_broken(self):
        if not self:
            return
        occasions = []
        for plan in self:
            missed = plan.line_ids.filtered(lambda line: line.state == "missed")[:1]
            company, left = plan.company_id, missed.amount - missed.amount_paid
            occasions.append(
                (
                    plan,
                    company.bss_instalment_broken_channel,
                    company.bss_instalment_broken_text,
                    left,
                    missed.date_due,
                )
            )
        self.env["bss.dunning.action"]._bss_plan_messages("plan_broken", occasions, max(self.mapped("date_decided")))


class BssDunningHold(models.Model):
    _inherit = "bss.dunning.hold"  # pylint: disable=consider-merging-classes-inherited

    plan_ids = fields.One2many("bss.dunning.instalment.plan", "hold_id", string="Instalment Plans", readonly=True)
