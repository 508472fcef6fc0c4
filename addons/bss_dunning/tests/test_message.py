"""Messages about promises and plans are actions: counted as contacts, with a cost, in the history, never twice."""

from datetime import date, timedelta
from decimal import Decimal

from freezegun import freeze_time
from odoo.tests import tagged

from ..dunning_core.policy.instalment import PlanWish
from .sms_common import SmsCommon

MADE = date(2026, 10, 8)
REMIND = date(2026, 10, 14)
BROKEN = date(2026, 10, 20)


@tagged("post_install", "-at_install")
class TestMessage(SmsCommon):
    def setUp(self):
        super().setUp()
        self.account = self.debtor()
        self.partner = self.account.partner_id
        self.partner.email = "jan@example.com"
        self.run_on(MADE)
        self.case = self.case_of(self.account)
        self.run_queue()
        self.sim.sent.clear()

    def promise(self):
        with freeze_time(f"{MADE} 12:00:00"):
            return self.case._bss_promise(123.0, date(2026, 10, 15))

    def night(self, day):
        with freeze_time(f"{day} 12:00:00"):
            return self.run_on(day)

    def messages(self, kind=None):
        return self.case.action_ids.filtered(
            lambda action: action.message_kind and action.message_kind == (kind or action.message_kind)
        )

    def contacts(self, day):
        partner = self.partner.with_company(self.company)
        return [one.channel for one in partner._bss_contacts(day) if one.day == day]

    def test_a_reminder_is_a_contact_with_a_cost_and_a_place_in_the_history(self):
        promise = self.promise()
        self.night(REMIND)
        action = self.messages()
        self.assertRecordValues(
            action,
            [
                {
                    "origin": "promise",
                    "message_kind": "remind",
                    "promise_id": promise.id,
                    "step_id": False,
                    "state": "done",
                    "channel": "sms",
                    "date_done": REMIND,
                    "amount": 123.0,
                }
            ],
        )
        self.assertEqual(self.contacts(REMIND), ["sms"])
        self.assertEqual(self.sim.sent, [], "nothing goes out inside the run")
        with freeze_time(f"{REMIND} 12:30:00"):
            self.run_queue()
        (sent,) = self.sim.sent
        self.assertTrue(sent.text.startswith(f"Konto {self.account.name}: przypominamy"))
        self.assertIn("123,00 zl do 15.10.2026", sent.text)
        self.night(REMIND)
        self.assertGreater(action.cost, 0)
        self.assertIn(action.id, [event["id"] for event in self.case.get_timeline() if event["model"] == action._name])
        self.assertIn(action.display_name, " ".join(self.case.message_ids.mapped("body")))
        self.assertEqual(self.case.state, "hold", "the promise goes on")

    def test_never_twice(self):
        promise = self.promise()
        self.night(REMIND)
        promise.reminded = False
        self.night(REMIND)
        self.night(REMIND + timedelta(days=1))
        self.assertEqual(len(self.messages()), 1)
        self.assertFalse(self.Action._bss_plan_messages("remind", [(promise, "sms", "x", 1.0, REMIND)], REMIND))

    def test_a_run_that_was_killed_leaves_the_rest_to_the_next(self):
        self.promise()
        with freeze_time(f"{REMIND} 03:00:00"):
            self.env["bss.dunning.run"].create({"as_of": REMIND})._bss_prepare()
        action = self.messages()
        self.assertEqual((action.state, action.sms_uuid), ("planned", False))
        self.night(REMIND)
        self.night(REMIND)
        self.assertEqual((action.state, len(self.messages())), ("done", 1))
        self.assertEqual(self.env["sms.sms"].search_count([("bss_action_id", "=", action.id)]), 1)

    def test_who_heard_enough_is_told_later(self):
        self.promise()
        self.company.bss_contact_sms_day = 1
        with freeze_time(f"{REMIND} 08:00:00"):
            heard = self.case.action_ids.filtered(lambda action: action.state == "done")[:1]
            heard.write({"channel": "sms", "date_done": REMIND})
        self.night(REMIND)
        action = self.messages()
        self.assertEqual((action.state, action.wait_until), ("planned", REMIND + timedelta(days=1)))
        self.night(REMIND + timedelta(days=1))
        self.assertEqual((action.state, action.date_done), ("done", REMIND + timedelta(days=1)))

    def test_broken_promises_by_email(self):
        self.company.bss_promise_broken_channel = "email"
        promise = self.promise()
        self.night(BROKEN)
        action = self.messages("broken")
        self.assertEqual((promise.state, action.state, action.channel), ("broken", "done", "email"))
        self.assertIn("123,00", action.mail_id.body_html)
        self.assertIn("email", self.contacts(BROKEN))

    def test_an_email_that_did_not_arrive_is_tried_again_by_itself(self):
        self.company.bss_promise_broken_channel = "email"
        self.promise()
        self.night(BROKEN)
        action, tasks = self.messages("broken"), self.case.activity_ids
        action.mail_id.write({"state": "exception", "failure_reason": "550 no such mailbox"})
        self.assertEqual(self.Action._bss_fail_unsent(self.company), action)
        self.assertRecordValues(action, [{"state": "failed", "date_done": False, "failed_email": "jan@example.com"}])
        self.assertEqual(self.case.activity_ids, tasks, "nobody has to write once more")

    def test_broken_plans(self):
        with freeze_time(f"{MADE} 12:00:00"):
            self.case._bss_instalment_plan(PlanWish(MADE, Decimal("123.00"), 2, date(2026, 10, 12), 12))
        self.night(date(2026, 10, 26))
        action = self.messages("plan_broken")
        self.assertEqual((action.state, action.plan_id, action.amount), ("done", self.case.plan_ids, 61.5))
        self.assertIn("61,50", action.own_sms_text)

    def test_not_delivered_is_no_contact_and_a_new_number_is_tried(self):
        self.partner.email = False
        self.promise()
        self.night(REMIND)
        self.sim.blacklist.add("48600100200")
        with freeze_time(f"{REMIND} 12:30:00"):
            self.run_queue()
        action = self.messages()
        self.night(REMIND + timedelta(days=1))
        self.assertEqual((action.state, action.date_done, action.failed_phone), ("failed", False, "+48600100200"))
        self.assertEqual(self.contacts(REMIND), [])
        self.assertNotEqual(self.case.best_action, "retry")
        self.partner.phone = "+48 600 100 299"
        self.night(date(2026, 10, 16))
        self.assertEqual((action.state, action.date_done), ("done", date(2026, 10, 16)))

    def test_what_comes_too_late_is_given_up(self):
        self.partner.email = False
        self.promise()
        self.night(REMIND)
        self.sim.blacklist.add("48600100200")
        with freeze_time(f"{REMIND} 12:30:00"):
            self.run_queue()
        self.night(REMIND + timedelta(days=1))
        self.company.bss_promise_broken_channel = "none"
        self.night(BROKEN)
        self.assertEqual(self.messages().state, "cancelled")

    def test_another_hold_silences_the_reminder(self):
        self.promise()
        self.case._bss_hold(False, "Rozmowa z dyrekcją", kind="vip")
        self.night(REMIND)
        self.assertEqual(self.messages().state, "planned")
        self.assertIn("Rozmowa z dyrekcją", self.messages().reason)

    def test_the_dead_are_not_reminded(self):
        self.promise()
        self.case._bss_hold(False, "Zgon", kind="deceased")
        self.night(REMIND)
        self.assertEqual(self.messages().state, "cancelled")

    def test_paid_meanwhile(self):
        self.promise()
        with freeze_time(f"{REMIND} 03:00:00"):
            self.env["bss.dunning.run"].create({"as_of": REMIND})._bss_prepare()
            self.pay(self.account.invoice_ids, day=REMIND)
        self.assertEqual((self.messages().state, self.case.state), ("cancelled", "closed"))

    def test_what_cannot_be_sent_is_told(self):
        self.partner.email = False
        self.promise()
        self.gateway.active = False
        run = self.night(REMIND)
        action = self.messages()
        self.assertEqual((action.state, run.state), ("cancelled", "done"))
        self.assertIn("no gateway is connected", " ".join(self.case.message_ids.mapped("body")))

    def test_the_collector_sends_what_failed_in_spite_of_the_promise(self):
        self.promise()
        with freeze_time(f"{REMIND} 03:00:00"):
            self.env["bss.dunning.run"].create({"as_of": REMIND})._bss_prepare()
        with freeze_time(f"{REMIND} 10:00:00"):
            self.messages().action_execute()
        self.assertEqual(self.messages().state, "done")
