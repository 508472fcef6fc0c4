from datetime import date

from freezegun import freeze_time
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common import DunningCommon

MADE = date(2026, 10, 8)


@tagged("post_install", "-at_install")
class TestPromise(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US"})
        cls.household = cls.household.with_env(cls.env)

    def setUp(self):
        super().setUp()
        self.account = self.debtor()
        self.invoice = self.account.invoice_ids
        self.company.bss_promise_min_percent = 0  # how much has to be promised: see test_promise_limits
        self.run_on(MADE)
        self.case = self.case_of(self.account)

    def promise(self, amount=123.0, day=date(2026, 10, 15), made=MADE, **kwargs):
        with freeze_time(f"{made} 12:00:00"):
            return self.case._bss_promise(amount, day, **kwargs)

    def logs(self):
        return " ".join(self.case.message_ids.mapped("body"))

    def test_a_promise_holds_the_case_until_its_last_day(self):
        promise = self.promise(note="po wypłacie")
        # 15 October and two days of grace end on a Saturday
        self.assertRecordValues(
            promise,
            [
                {
                    "state": "open",
                    "date_last": date(2026, 10, 19),
                    "date_remind": date(2026, 10, 14),
                    "note": "po wypłacie",
                }
            ],
        )
        self.assertEqual((self.case.state, self.case.hold_until), ("hold", date(2026, 10, 19)))
        self.assertRecordValues(promise.hold_id, [{"kind": "promise", "scope": "case", "state": "active"}])

    def test_kept_at_once_when_the_payment_comes(self):
        promise = self.promise(100.0)
        self.pay(self.invoice, 100.0, date(2026, 10, 12))
        self.assertRecordValues(promise, [{"state": "kept", "amount_paid": 100.0, "date_decided": date(2026, 10, 12)}])
        self.assertEqual((promise.hold_id.state, self.case.state), ("kept", "open"))
        self.assertEqual(self.case.amount_overdue, 23.0)

    def test_full_payment_keeps_the_promise_and_closes_the_case(self):
        promise = self.promise()
        self.pay(self.invoice, day=date(2026, 10, 12))
        self.assertEqual((promise.state, self.case.state), ("kept", "closed"))

    def test_a_debt_that_ends_without_payment_leaves_the_promise_undecided(self):
        promise = self.promise()
        self.invoice._reverse_moves([{"invoice_date": date(2026, 10, 12), "date": date(2026, 10, 12)}], cancel=True)
        self.end_transaction()
        self.run_on(date(2026, 10, 13))
        self.assertEqual((self.case.state, promise.state), ("closed", "cancelled"))

    def test_unassigned_money_counts_in_the_night(self):
        promise = self.promise(100.0)
        self.make_payment(self.account, 100.0, date(2026, 10, 12))
        self.run_on(date(2026, 10, 13))
        self.assertEqual(promise.state, "kept")

    def test_part_of_the_amount_is_enough_by_setting(self):
        self.company.bss_promise_percent = 80
        promise = self.promise(100.0)
        self.company.bss_promise_percent = 100
        self.pay(self.invoice, 79.99, date(2026, 10, 12))
        self.assertEqual(promise.state, "open")
        self.pay(self.invoice, 0.01, date(2026, 10, 13))
        self.assertEqual(promise.state, "kept", "the rule of the day it was made")

    def test_money_that_was_there_before_does_not_keep_it(self):
        self.pay(self.invoice, 50.0, MADE)
        promise = self.promise(50.0)
        self.assertEqual(promise.paid_before, 50.0)
        self.run_on(date(2026, 10, 9))
        self.assertEqual(promise.state, "open")

    def test_broken_resumes_at_the_same_level_and_tells_the_debtor(self):
        self.company.bss_promise_broken_channel = "email"
        self.account.partner_id.email = "jan@example.com"
        step, stage = self.case.step_id, self.case.stage_id
        promise = self.promise(100.0)
        self.pay(self.invoice, 60.0, date(2026, 10, 12))
        self.run_on(date(2026, 10, 19))
        self.assertEqual((promise.state, self.case.state), ("open", "hold"), "the last day is not over")
        self.run_on(date(2026, 10, 20))
        self.assertEqual((promise.state, promise.amount_paid, promise.hold_id.state), ("broken", 60.0, "broken"))
        self.assertEqual(self.case.state, "open")
        taken = self.case.action_ids.filtered(lambda action: action.date >= date(2026, 10, 20) and action.step_id)
        self.assertEqual(len(taken), 1, "the ladder goes on")
        following = step.strategy_id._bss_ordered_steps()
        self.assertEqual(taken.step_id, following[list(following).index(step) + 1])
        self.assertTrue(stage)
        mail = self.env["mail.mail"].search([("res_id", "=", self.case.id), ("model", "=", self.case._name)])
        self.assertIn("brakuje 40,00", mail.body_html)
        self.run_on(date(2026, 10, 21))
        self.assertEqual(len(mail.search([("res_id", "=", self.case.id), ("model", "=", self.case._name)])), 1)

    def test_one_payment_does_not_keep_two_promises(self):
        self.company.bss_promise_max_open = 2
        first = self.promise(60.0)
        second = self.promise(60.0, date(2026, 10, 20))
        self.pay(self.invoice, 60.0, date(2026, 10, 12))
        self.assertEqual((first.state, second.state, self.case.state), ("kept", "open", "hold"))
        self.run_on(date(2026, 10, 13))
        self.assertEqual(second.state, "open")
        self.pay(self.invoice, 60.0, date(2026, 10, 16))
        self.assertEqual(second.state, "kept")

    def test_limits_are_told(self):
        for amount, day, words in (
            (0, date(2026, 10, 15), "above zero"),
            (123.01, date(2026, 10, 15), "123"),
            (50, date(2026, 10, 7), "over already"),
            (50, date(2026, 10, 23), "14 days"),
        ):
            with self.subTest(words=words), self.assertRaises(UserError) as refused:
                self.promise(amount, day)
            self.assertIn(words, str(refused.exception))
        self.promise(50.0)
        with self.assertRaises(UserError) as refused:
            self.promise(50.0)
        self.assertIn("open promises: 1, allowed: 1", str(refused.exception))

    def test_reminder_goes_out_once_before_the_day(self):
        promise = self.promise()
        self.run_on(date(2026, 10, 13))
        self.assertFalse(promise.reminded)
        self.run_on(date(2026, 10, 14))
        self.run_on(date(2026, 10, 15))
        self.assertTrue(promise.reminded)
        told = [body for body in self.case.message_ids.mapped("body") if "Reminder of a promise" in body]
        self.assertEqual(len(told), 1)

    def test_who_heard_enough_is_not_reminded(self):
        """Three contacts in seven days are the limit of the company; the reminder waits and says why."""
        promise = self.promise()
        self.env["bss.sms.gateway"].create(
            {"name": "Operator", "token": "x", "sender": "BSS", "company_id": self.company.id}
        )
        self.case.action_ids.filtered(lambda action: action.state == "done").date_done = date(2026, 10, 13)
        self.company.bss_contact_week = 1
        with freeze_time("2026-10-14 03:00:00"):
            self.run_on(date(2026, 10, 14))
        self.assertTrue(promise.reminded)
        self.assertFalse(self.env["sms.sms"].search([("partner_id", "=", self.account.partner_id.id)]))
        waiting = self.case.action_ids.filtered("message_kind")
        self.assertEqual((waiting.state, waiting.wait_until), ("planned", date(2026, 10, 20)))
        self.assertIn("at most 1 contacts", waiting.reason)

    def test_cancelled_counts_as_neither(self):
        promise = self.promise()
        promise.action_cancel()
        self.assertEqual((promise.state, promise.hold_id.state, self.case.state), ("cancelled", "released", "open"))
        self.assertEqual(self.case.promise_count, 0)

    def test_release_by_hand_cancels_the_promise(self):
        promise = self.promise()
        self.case.action_release()
        self.assertEqual((promise.state, self.case.state), ("cancelled", "open"))

    def test_history_of_the_customer(self):
        self.promise(23.0)
        self.pay(self.invoice, 23.0, date(2026, 10, 9))
        self.promise(100.0, made=date(2026, 10, 12), day=date(2026, 10, 13))
        self.run_on(date(2026, 10, 16))
        self.assertEqual((self.case.promise_kept_count, self.case.promise_count), (1, 2))
        self.assertEqual(self.case.promise_text, "1 of 2")

    def test_rights(self):
        collector, viewer = (
            new_test_user(
                self.env,
                login,
                groups=f"base.group_user,bss_catalog.group_bss_{login}",
                company_id=self.company.id,
                company_ids=self.company.ids,
                context={"no_reset_password": True},
            )
            for login in ("collector", "viewer")
        )
        with freeze_time("2026-10-08 12:00:00"):
            wizard = Form(
                self.env["bss.dunning.promise.wizard"].with_user(collector).with_context(default_case_id=self.case.id)
            )
            wizard.amount = 100.0
            self.assertIn("100", wizard.rule_text)
            wizard.save().action_promise()
        promise = self.case.promise_ids
        self.assertEqual((promise.amount, promise.user_id), (100.0, collector))
        with self.assertRaises(AccessError):
            promise.with_user(collector).state = "kept"
        with self.assertRaises(AccessError):
            self.case.with_user(viewer)._bss_promise(10.0, date(2026, 10, 15))
        with self.assertRaises(AccessError):
            promise.with_user(viewer).action_cancel()
        with self.assertRaises(AccessError):
            promise.with_user(viewer).read(["amount"])
