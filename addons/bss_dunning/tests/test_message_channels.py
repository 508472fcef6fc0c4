"""Messages about promises and plans that do not arrive: the same address again, or the next channel of the customer."""

from datetime import date, timedelta
from decimal import Decimal

from freezegun import freeze_time
from odoo.tests import tagged

from ..dunning_core.policy.instalment import PlanWish
from .sms_common import SmsCommon

MADE = date(2026, 10, 8)
REMIND = date(2026, 10, 14)
BROKEN = date(2026, 10, 20)
ONE_DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestMessageChannels(SmsCommon):
    def setUp(self):
        super().setUp()
        self.account = self.debtor()
        self.partner = self.account.partner_id
        self.partner.email = "jan@example.com"
        self.company.write({"bss_promise_broken_channel": "email", "bss_promise_min_percent": 0})
        self.run_on(MADE)
        self.case = self.case_of(self.account)
        self.run_queue()

    def promise(self, amount=123.0):
        with freeze_time(f"{MADE} 12:00:00"):
            return self.case._bss_promise(amount, date(2026, 10, 15))

    def night(self, day):
        with freeze_time(f"{day} 12:00:00"):
            return self.run_on(day)

    def message(self):
        return self.case.action_ids.filtered("message_kind")

    def lose(self, mail, **why):
        """The mail queue could not get rid of it, as ``mail.mail`` writes it."""
        mail.write({"state": "exception", **why})

    # The fault of our own mail server

    def test_an_outage_of_our_mail_server_does_not_mark_the_address(self):
        self.promise()
        self.night(BROKEN)
        action, lost = self.message(), self.message().mail_id
        self.lose(lost, failure_reason="[Errno 111] Connection refused")
        self.night(BROKEN + ONE_DAY)
        self.assertRecordValues(
            action,
            [{"state": "done", "channel": "email", "failed_email": False, "date_done": BROKEN + ONE_DAY}],
        )
        self.assertNotEqual(action.mail_id, lost)
        self.assertEqual((lost.state, action.mail_id.state), ("cancel", "outgoing"), "nobody gets it twice")

    def test_a_long_outage_lets_another_channel_go_first(self):
        self.company.bss_contact_week = 0
        self.promise()
        day = BROKEN
        for _night in range(3):
            self.night(day)
            self.assertEqual(self.message().channel, "email")
            self.lose(self.message().mail_id, failure_type="unknown", failure_reason="timed out")
            day += ONE_DAY
        self.night(day)
        self.assertEqual((self.message().state, self.message().channel, self.message().mail_faults), ("done", "sms", 3))

    def test_a_step_is_tried_again_by_e_mail_too(self):
        step = self.env.ref("bss_dunning.step_household_reminder")
        self.assertEqual((step.channel, step.fallback_channel), ("email", "letter"))
        account = self.debtor("Anna Nowak", partner={"email": "anna@example.com"})
        self.night(MADE)
        action = self.case_of(account).action_ids
        self.lose(action.mail_id, failure_reason="SMTPAuthenticationError: (535, b'5.7.8 authentication failed')")
        self.night(MADE + ONE_DAY)
        self.assertRecordValues(action, [{"state": "done", "channel": "email", "failed_email": False}])
        self.assertEqual(action.date_done, MADE + ONE_DAY)

    # The next channel

    def test_an_address_that_is_wrong_gives_way_to_an_sms(self):
        self.promise()
        self.night(BROKEN)
        lost = self.message().mail_id
        self.lose(lost, failure_type="unknown", failure_reason="550 5.1.1 User unknown")
        self.night(BROKEN + ONE_DAY)
        self.assertEqual(lost.state, "cancel", "nobody sends it by hand after the SMS")
        self.assertRecordValues(
            self.message(), [{"state": "done", "channel": "sms", "failed_email": "jan@example.com"}]
        )
        self.assertIn("User unknown", self.message().reason)
        self.assertTrue(self.message().sms_uuid)

    def test_a_number_that_is_dead_gives_way_to_an_e_mail(self):
        self.promise()
        self.night(REMIND)
        self.sim.blacklist.add("48600100200")
        with freeze_time(f"{REMIND} 12:30:00"):
            self.run_queue()
        self.night(REMIND + ONE_DAY)
        action = self.message()
        self.assertRecordValues(action, [{"state": "done", "channel": "email", "failed_phone": "+48600100200"}])
        self.assertIn("15.10.2026", action.mail_id.body_html)

    def test_who_has_no_mobile_is_written_to_at_once(self):
        self.promise()
        self.partner.phone = "+48 22 100 20 30"
        self.night(REMIND)
        self.assertEqual((self.message().state, self.message().channel), ("done", "email"))

    def test_who_wants_no_e_mails_gets_none(self):
        self.promise()
        self.partner.write({"phone": "+48 22 100 20 30", "bss_no_email": True})
        self.night(REMIND)
        self.assertEqual((self.message().state, bool(self.message().mail_id)), ("cancelled", False))

    def test_a_message_about_a_plan_changes_its_channel_too(self):
        with freeze_time(f"{MADE} 12:00:00"):
            self.case._bss_instalment_plan(PlanWish(MADE, Decimal("123.00"), 2, date(2026, 10, 12), 12))
        self.gateway.active = False
        self.night(date(2026, 10, 26))
        self.assertEqual((self.message().message_kind, self.message().channel), ("plan_broken", "email"))
        self.assertIn("61,50", self.message().mail_id.body_html)

    # What a reminder says

    def test_a_reminder_names_what_is_left(self):
        self.promise(100.0)
        self.pay(self.account.invoice_ids, 60.0, date(2026, 10, 12))
        self.night(REMIND)
        self.assertEqual(self.message().amount, 40.0)
        self.assertIn("40,00", self.message().own_sms_text)
        self.assertNotIn("100,00", self.message().own_sms_text)

    def test_a_reminder_that_waited_names_what_is_left_then(self):
        self.promise(100.0)
        with freeze_time(f"{REMIND} 03:00:00"):
            self.env["bss.dunning.run"].create({"as_of": REMIND})._bss_prepare()
        self.assertEqual((self.message().state, self.message().amount), ("planned", 100.0))
        with freeze_time(f"{REMIND} 04:00:00"):
            self.pay(self.account.invoice_ids, 25.0, REMIND)
        self.night(REMIND)
        self.assertEqual((self.message().state, self.message().amount), ("done", 75.0))
        self.assertIn("75,00", self.message().own_sms_text)

    def test_the_message_about_a_broken_promise_names_what_did_not_come(self):
        self.promise(100.0)
        self.pay(self.account.invoice_ids, 60.0, date(2026, 10, 12))
        self.night(BROKEN)
        self.assertEqual((self.message().message_kind, self.message().amount), ("broken", 40.0))
        self.assertIn("40,00", self.message().own_sms_text)
        self.assertNotIn("100,00", self.message().own_sms_text)
