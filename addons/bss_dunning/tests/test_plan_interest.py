"""Agreed interest of a plan has no document of its own: money for it may lie on the account or in a newer invoice."""

from datetime import date
from decimal import Decimal

from freezegun import freeze_time
from odoo.tests import tagged

from ..dunning_core.policy.instalment import PlanWish
from .common import DunningCommon

MADE = date(2026, 10, 8)
FIRST, SECOND = date(2026, 10, 20), date(2026, 11, 20)
AFTER = date(2026, 11, 30)


@tagged("post_install", "-at_install")
class TestPlanInterest(DunningCommon):
    def setUp(self):
        super().setUp()
        self.account = self.debtor(amount=200.0)
        self.invoice = self.account.invoice_ids
        self.run_on(MADE)
        with freeze_time(f"{MADE} 12:00:00"):
            wish = PlanWish(MADE, Decimal("210.00"), 2, FIRST, 20)
            self.plan = self.case_of(self.account)._bss_instalment_plan(wish, 10.0)

    def paid(self, amount, day, *others):
        """A payment set against the documents of the plan and, in the same booking, against others."""
        with freeze_time(f"{day} 12:00:00"):
            entry = self.make_payment(self.account, amount, day)
            for line in (self.receivable(self.invoice), *others):
                if line.amount_residual > 0:
                    (entry | line).reconcile()
            self.end_transaction()
        return entry

    def newer(self, amount=70.0):
        with freeze_time("2026-10-18 12:00:00"):
            return self.receivable(self.make_invoice(self.account, amount, date(2026, 12, 24)))

    def test_all_instalments_paid_keep_it_whatever_took_the_interest(self):
        newer = self.newer()
        self.paid(105.0, FIRST)
        entry = self.paid(105.0, SECOND, newer)
        self.assertEqual((entry.amount_residual, newer.amount_residual), (0.0, 60.0))
        self.run_on(AFTER)
        self.assertRecordValues(self.plan, [{"state": "kept", "amount_paid": 210.0, "date_decided": SECOND}])
        self.assertFalse(self.env["bss.dunning.action"].search([("plan_id", "=", self.plan.id)]))

    def test_no_more_than_the_interest_is_counted(self):
        """Money for a newer invoice in the same transfer pays nothing of the plan but its interest."""
        self.paid(105.0, FIRST)
        self.paid(165.0, SECOND, self.newer())
        self.assertRecordValues(self.plan, [{"state": "kept", "amount_paid": 210.0}])
        self.assertEqual(self.plan._bss_payments()[self.plan.id][-1].amount, Decimal("10.00"))

    def test_interest_that_was_not_paid_is_missed(self):
        self.paid(105.0, FIRST)
        self.paid(95.0, SECOND)
        self.run_on(AFTER)
        self.assertRecordValues(self.plan, [{"state": "broken", "amount_paid": 200.0}])

    def test_another_payment_for_a_newer_invoice_is_not_the_plan_s(self):
        newer = self.newer()
        self.paid(105.0, FIRST)
        self.paid(95.0, SECOND)
        self.paid(70.0, date(2026, 11, 21), newer)
        self.run_on(AFTER)
        self.assertRecordValues(self.plan, [{"state": "broken", "amount_paid": 200.0}])
