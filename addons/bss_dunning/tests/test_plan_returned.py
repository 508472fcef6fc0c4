"""A plan was kept by a payment that the bank took back."""

from datetime import date
from decimal import Decimal

from freezegun import freeze_time
from odoo.fields import Command
from odoo.tests import tagged

from ..dunning_core.policy.instalment import PlanWish
from .common import DunningCommon

MADE = date(2026, 10, 8)


@tagged("post_install", "-at_install")
class TestPlanReturned(DunningCommon):
    def setUp(self):
        super().setUp()
        self.account = self.debtor(amount=200.0)
        self.invoice = self.account.invoice_ids
        self.run_on(MADE)
        self.case = self.case_of(self.account)
        self.step = self.case.step_id
        with freeze_time(f"{MADE} 12:00:00"):
            self.plan = self.case._bss_instalment_plan(PlanWish(MADE, Decimal("200.00"), 2, date(2026, 10, 20), 20))

    def paid(self, amount, day):
        with freeze_time(f"{day} 12:00:00"):
            return self.pay(self.invoice, amount, day)

    def take_back(self, entry, day):
        """The bank's entry that takes a payment back, set against it; the invoice is open again."""
        with freeze_time(f"{day} 12:00:00"):
            entry.remove_move_reconcile()
            bank = entry.move_id.line_ids - entry
            move = self.env["account.move"].create(
                {
                    "date": day,
                    "journal_id": entry.journal_id.id,
                    "bss_account_id": self.account.id,
                    "line_ids": [
                        Command.create(
                            {"account_id": line.account_id.id, "partner_id": line.partner_id.id, "balance": balance}
                        )
                        for line, balance in ((bank, -entry.credit), (entry, entry.credit))
                    ],
                }
            )
            move.action_post()
            (entry | self.receivable(move)).reconcile()
            self.end_transaction()

    def test_after_its_instalments_it_was_broken_and_the_debt_is_demanded(self):
        self.company.bss_instalment_broken_channel = "email"
        self.account.partner_id.email = "jan@example.com"
        entry = self.paid(None, date(2026, 10, 15))
        self.assertEqual((self.plan.state, self.case.state), ("kept", "closed"))
        self.take_back(entry, date(2026, 11, 30))
        self.assertRecordValues(self.plan, [{"state": "broken", "amount_paid": 0.0}])
        self.assertEqual(self.plan.date_decided, date(2026, 11, 30))
        self.assertEqual(self.plan.line_ids.mapped("state"), ["missed", "missed"])
        self.assertEqual((self.plan.hold_id.state, self.plan.hold_id.line_ids.state), ("broken", "broken"))
        self.assertEqual((self.case.state, self.case.step_id), ("open", self.step), "back at the stage that it left")
        self.assertEqual(self.case.amount_demanded, 200.0)
        self.assertEqual(self.case.action_ids.filtered("plan_id").message_kind, "plan_broken")
        self.run_on(date(2026, 12, 1))
        self.assertGreater(len(self.case.action_ids.step_id), 1, "the ladder goes on")

    def test_while_nothing_is_missed_it_runs_again(self):
        self.paid(100.0, date(2026, 10, 12))
        entry = self.paid(100.0, date(2026, 10, 14))
        self.assertEqual(self.plan.state, "kept")
        self.take_back(entry, date(2026, 10, 16))
        self.assertRecordValues(self.plan, [{"state": "active", "date_decided": False, "amount_paid": 100.0}])
        self.assertRecordValues(self.plan, [{"date_next": date(2026, 11, 20), "amount_next": 100.0}])
        self.assertEqual((self.plan.hold_id.state, self.case.state), ("active", "open"))
        self.assertEqual((self.case.amount_overdue, self.case.amount_demanded), (100.0, 0.0))
        self.run_on(date(2026, 11, 24))
        self.assertEqual((self.plan.state, self.case.amount_demanded), ("broken", 100.0))

    def test_paid_once_more_it_is_kept_again(self):
        self.take_back(self.paid(None, date(2026, 10, 12)), date(2026, 10, 14))
        self.assertEqual(self.plan.state, "active")
        self.paid(None, date(2026, 10, 16))
        self.assertEqual((self.plan.state, self.case.state), ("kept", "closed"))

    def test_newer_debt_of_the_account_does_not_touch_it(self):
        self.paid(None, date(2026, 10, 12))
        other = self.make_invoice(self.account, 70.0)
        self.run_on(date(2026, 10, 13))
        with freeze_time("2026-10-14 12:00:00"):
            entry = self.pay(other, 70.0, date(2026, 10, 14))
        self.take_back(entry, date(2026, 11, 30))
        self.assertEqual(self.plan.state, "kept")

    def test_money_for_interest_that_a_newer_invoice_takes_was_not_returned(self):
        self.company.bss_instalment_broken_channel = "email"
        account = self.debtor("Anna Nowak", amount=200.0)
        self.run_on(MADE)
        with freeze_time(f"{MADE} 12:00:00"):
            wish = PlanWish(MADE, Decimal("210.00"), 2, date(2026, 10, 20), 20)
            plan = self.case_of(account)._bss_instalment_plan(wish, 10.0)
        with freeze_time("2026-10-15 12:00:00"):
            entry = self.pay(account.invoice_ids, 210.0, date(2026, 10, 15))
        self.assertEqual((plan.state, plan.amount_paid, entry.amount_residual), ("kept", 210.0, -10.0))
        with freeze_time("2026-11-30 12:00:00"):
            newer = self.make_invoice(account, 70.0, date(2026, 12, 10))
            (entry | self.receivable(newer)).reconcile()
            self.end_transaction()
        self.assertRecordValues(plan, [{"state": "kept", "amount_paid": 210.0}])
        self.assertFalse(
            self.env["bss.dunning.action"].search([("plan_id", "=", plan.id)]), "nobody is told of a breach"
        )

    def test_a_corrected_document_keeps_it(self):
        """Nothing is left of the documents: there is nothing to be demanded, however little was paid."""
        entry = self.paid(None, date(2026, 10, 12))
        with freeze_time("2026-10-14 12:00:00"):
            entry.remove_move_reconcile()
            self.invoice._reverse_moves([{"invoice_date": date(2026, 10, 14), "date": date(2026, 10, 14)}], cancel=True)
            self.end_transaction()
        self.assertEqual(self.plan.state, "kept")
