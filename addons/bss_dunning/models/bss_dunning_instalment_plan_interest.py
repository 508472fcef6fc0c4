"""Agreed interest has no document: what a payment of the plan has left over may be set against a newer invoice."""

from odoo import models
from odoo.tools import SQL

from .. import adapters
from ..dunning_core.policy.instalment import Paid


class BssDunningInstalmentPlanInterest(models.Model):
    _inherit = "bss.dunning.instalment.plan"  # pylint: disable=consider-merging-classes-inherited

    def _bss_payments(self):
        """What payments of the documents brought beyond them counts for the agreed interest, wherever it was set against."""
        payments = super()._bss_payments()
        left = {plan.id: adapters.to_money(plan.amount_interest) for plan in self if plan.amount_interest}
        for plan_id, day, amount in self.browse(left)._bss_brought_beyond():
            counted = min(adapters.to_money(amount), left[plan_id])
            if counted > 0:
                payments[plan_id].append(Paid(day, counted))
                left[plan_id] -= counted
        return payments

    def _bss_brought_beyond(self):
        """[(plan id, day, amount)] of payments that touched the documents of the plan: what other debts took of them."""
        if not self:
            return []
        return self.env.execute_query(
            SQL(
                """
                WITH document AS (
                    SELECT plan.id AS plan_id, plan.date_made, line.move_line_id
                      FROM bss_dunning_instalment_plan plan
                      JOIN bss_dunning_hold_line line ON line.hold_id = plan.hold_id
                     WHERE plan.id = ANY(%(ids)s)
                ), payment AS (
                    SELECT DISTINCT document.plan_id, credit.id, credit.date
                      FROM document
                      JOIN account_partial_reconcile partial ON partial.debit_move_id = document.move_line_id
                      JOIN account_move_line credit ON credit.id = partial.credit_move_id
                     WHERE credit.parent_state = 'posted' AND credit.date >= document.date_made
                )
                SELECT payment.plan_id, payment.date, SUM(other.amount)
                  FROM payment
                  JOIN account_partial_reconcile other ON other.credit_move_id = payment.id
                 WHERE NOT EXISTS (SELECT 1 FROM document WHERE document.plan_id = payment.plan_id
                                                           AND document.move_line_id = other.debit_move_id)
                 GROUP BY payment.plan_id, payment.date ORDER BY payment.plan_id, payment.date
                """,
                ids=list(self.ids),
            )
        )
