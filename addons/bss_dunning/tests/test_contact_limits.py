from datetime import date
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .sms_common import SmsCommon

MONDAY = date(2026, 10, 12)


@tagged("post_install", "-at_install")
class TestContactLimits(SmsCommon):
    """One customer is contacted so often, over all his accounts and by all kinds of messages."""

    def setUp(self):
        super().setUp()
        self.env = self.env(context={**self.env.context, "lang": "en_US"})
        self.step = self.env.ref("bss_dunning.step_household_reminder")
        self.step.write({"channel": "sms", "fallback_channel": "email", "days_after_due": 0})

    def two_accounts(self):
        first = self.debtor()
        second = self.make_account(partner_id=first.partner_id.id)
        self.make_invoice(second)
        return first, second

    def actions(self, partner):
        found = self.Action.search([("account_id.partner_id", "=", partner.id)])
        return found.sorted(lambda action: (action.state != "done", action.id))

    def test_the_second_account_waits_for_the_next_day(self):
        first, _second = self.two_accounts()
        self.run_on(MONDAY)
        done, waiting = self.actions(first.partner_id)
        self.assertEqual((done.state, done.channel), ("done", "sms"))
        self.assertEqual((waiting.state, waiting.wait_until), ("planned", date(2026, 10, 13)))
        self.assertIn("at most 1 SMS a day", waiting.reason)
        self.assertIn("13.10.2026", waiting.reason)
        self.assertFalse(waiting.sms_uuid)
        self.run_on(MONDAY)
        self.assertEqual(waiting.state, "planned", "the same day again")
        self.run_on(date(2026, 10, 13))
        self.assertEqual((waiting.state, waiting.channel, waiting.wait_until), ("done", "sms", False))

    def test_a_debt_paid_while_the_step_waits_is_called_off(self):
        first, second = self.two_accounts()
        self.run_on(MONDAY)
        waiting = self.actions(first.partner_id)[1]
        self.pay(waiting.account_id.invoice_ids)
        self.run_on(date(2026, 10, 13))
        self.assertEqual(waiting.state, "cancelled")
        self.assertIn(waiting.account_id, first | second)

    def test_contacts_of_a_week(self):
        account = self.debtor()
        partner = account.partner_id.with_company(self.company)
        self.company.write({"bss_contact_attempts_day": 0, "bss_contact_week": 2})
        self.run_on(MONDAY)
        self.assertFalse(partner._bss_contact_refusal("email", MONDAY))
        action = self.actions(partner)
        other = self.debtor(name="Jan Kowalski")
        other.partner_id = partner
        self.run_on(date(2026, 10, 13))
        self.assertEqual(len(self.actions(partner).filtered(lambda one: one.state == "done")), 2)
        why = partner._bss_contact_refusal("email", date(2026, 10, 14))
        self.assertIn("at most 2 contacts in seven days", why)
        self.assertIn("19.10.2026", why, "seven days after the first")
        self.assertFalse(partner._bss_contact_refusal("email", date(2026, 10, 19)))
        self.assertEqual(action.state, "done")

    def test_letters_need_not_count(self):
        account = self.debtor()
        partner = account.partner_id.with_company(self.company)
        self.company.write({"bss_contact_attempts_day": 1})
        self.run_on(MONDAY)
        self.assertTrue(partner._bss_contact_refusal("letter", MONDAY))
        self.company.bss_contact_letters = False
        self.assertFalse(partner._bss_contact_refusal("letter", MONDAY))
        self.assertTrue(partner._bss_contact_refusal("email", MONDAY))

    def test_free_days(self):
        self.company.bss_contact_working_days = True
        partner = self.debtor().partner_id.with_company(self.company)
        sunday = date(2026, 10, 18)
        self.assertIn("working days only", partner._bss_contact_refusal("call", sunday))
        self.assertFalse(partner._bss_contact_refusal("email", sunday))
        self.assertIn("12.11.2026", partner._bss_contact_refusal("sms", date(2026, 11, 11)))

    def test_counts_are_set_based_and_by_company(self):
        account = self.debtor()
        self.run_on(MONDAY)
        rows = self.env.execute_query(self.env["res.partner"]._bss_contact_counts_query(self.company, MONDAY))
        self.assertIn((account.partner_id.id, MONDAY, "sms", True), rows)
        other = self.env["res.company"].create({"name": "Druga"})
        self.assertFalse(self.env.execute_query(self.env["res.partner"]._bss_contact_counts_query(other, MONDAY)))
        self.assertFalse(account.partner_id.with_company(other)._bss_contact_refusal("sms", MONDAY))
        later = self.env["res.partner"]._bss_contact_counts_query(self.company, date(2026, 10, 19))
        self.assertFalse([row for row in self.env.execute_query(later) if row[0] == account.partner_id.id])

    def test_a_batch_reads_the_contacts_once(self):
        for number in range(5):
            self.debtor(f"Klient {number}", partner={"phone": f"+4860010020{number}"})
        with patch.object(
            type(self.env["res.partner"]),
            "_bss_contact_sources",
            autospec=True,
            side_effect=type(self.env["res.partner"])._bss_contact_sources,
        ) as asked:
            self.run_on(MONDAY)
        self.assertEqual(asked.call_count, 1)

    # Wishes

    def test_opt_out_of_a_channel(self):
        account = self.debtor()
        account.partner_id.bss_no_sms = True
        self.run_on(MONDAY)
        action = self.actions(account.partner_id)
        self.assertEqual((action.state, action.channel), ("done", "email"))
        self.assertIn("SMS", action.reason)
        self.assertIn("asked not to be contacted", account.partner_id._bss_contact_refusal("sms", MONDAY))
        self.assertTrue(account.partner_id._bss_may_contact("billing", "sms"), "only debts are meant")

    def test_channels_by_wish_and_reachability(self):
        account = self.debtor(partner={"email": "jan@example.com"})
        partner = account.partner_id.with_company(self.company)
        self.assertEqual(partner._bss_dunning_channels(), ["email", "sms", "call", "letter"])
        partner.bss_contact_way = "letter"
        self.assertEqual(partner._bss_dunning_channels(), ["letter", "email", "sms", "call"])
        account.dunning_contact_way = "sms"
        self.assertEqual(partner._bss_dunning_channels(account)[0], "sms")
        partner.write({"bss_no_call": True, "zip": False, "message_bounce": 2})
        self.assertEqual(partner._bss_dunning_channels(), ["sms", "email"], "an address that bounced comes last")
        partner.phone = "+48 22 100 20 30"
        self.assertEqual(partner._bss_dunning_channels(), ["email"])

    def test_a_number_that_takes_no_sms(self):
        account = self.debtor(partner={"email": False})
        partner = account.partner_id.with_company(self.company)
        self.sim.blacklist.add("48600100200")
        self.sms()
        self.run_queue()
        self.assertEqual(partner._bss_dunning_channels(), ["call", "letter"])
        partner.phone = "+48 600 100 277"
        self.assertEqual(partner._bss_dunning_channels()[0], "sms")

    def test_a_wrong_number_is_left_alone(self):
        partner = self.debtor().partner_id.with_company(self.company)
        partner.bss_wrong_phone = "+48600100200"
        self.assertFalse(partner._bss_may_contact("dunning", "call"))
        self.assertIn("wrong number", partner._bss_contact_refusal("sms", MONDAY))
        partner.phone = "600100201"
        self.assertTrue(partner._bss_may_contact("dunning", "call"))

    def test_third_parties_only_by_setting(self):
        partner = self.debtor().partner_id.with_company(self.company)
        partner.child_ids = [Command.create({"name": "Księgowa", "phone": "+48 600 100 333", "type": "contact"})]
        self.assertEqual(partner._bss_call_phones(self.company), ["+48600100200"])
        self.company.bss_contact_third_parties = True
        self.assertEqual(partner._bss_call_phones(self.company), ["+48600100200", "+48600100333"])
        partner.child_ids.bss_no_call = True
        self.assertEqual(partner._bss_call_phones(self.company), ["+48600100200"])

    def test_settings_are_sensible(self):
        settings = self.env["res.config.settings"].create({})
        self.assertEqual((settings.bss_contact_sms_day, settings.bss_contact_week), (1, 3))
        for vals in ({"bss_contact_hour_from": 25}, {"bss_call_attempts": 0}, {"bss_contact_week": -1}):
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
                self.company.write(vals)
                self.company.flush_recordset()
