from datetime import date

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from .sms_common import SmsCommon


@tagged("post_install", "-at_install")
class TestSmsStep(SmsCommon):
    """A reminder by SMS, then by e-mail, on the first working day after the due date."""

    def setUp(self):
        super().setUp()
        step = self.env.ref("bss_dunning.step_household_reminder")
        step.write(
            {
                "channel": "sms",
                "fallback_channel": "email",
                "sms_text": "Konto $account: $amount do $deadline. $nrb",
            }
        )
        self.step = step

    def remind(self, **vals):
        account = self.debtor(**vals)
        self.run_on(date(2026, 10, 8))
        return account, self.case_of(account).action_ids

    def sms_of(self, action):
        return self.env["sms.sms"].search([("uuid", "=", action.sms_uuid)])

    def test_the_message_is_queued_and_sent(self):
        account, action = self.remind()
        self.assertEqual((action.state, action.channel, action.sms_state), ("done", "sms", "queued"))
        self.assertEqual(self.sim.sent, [], "nothing goes out inside the run")
        self.run_queue()
        (sent,) = self.sim.sent
        self.assertEqual(sent.phone, "48600100200")
        self.assertTrue(sent.text.startswith(f"Konto {account.name}: 123,00 zl do "))
        self.assertTrue(sent.text.endswith(action.nrb_text.replace("\u00a0", " ")))
        log = self.log(self.sms_of(action)) or action.sms_log_ids
        self.assertEqual((log.action_id, log.partner_id, log.case_id), (action, account.partner_id, action.case_id))
        self.assertEqual(action.sms_state, "accepted")
        self.run_on(date(2026, 10, 8))
        self.assertAlmostEqual(action.cost, 0.085 * log.parts, 2)
        self.assertEqual(action.cost_note, f"SMS: {log.parts} = {0.085 * log.parts:.4f}".replace(".", ","))
        self.run_on(date(2026, 10, 8))
        self.assertAlmostEqual(action.cost, 0.085 * log.parts, 2, "counted once")
        self.run_queue()
        self.assertEqual(len(self.sim.sent), 1, "the same run again")

    def test_a_message_not_delivered_gives_the_step_to_the_next_channel(self):
        account, action = self.remind()
        self.run_queue()
        case = action.case_id
        self.assertEqual(case.step_id, self.step)
        self.report(action, "405")
        self.assertEqual(action.sms_state, "failed")
        run = self.run_on(date(2026, 10, 9))
        self.assertEqual(run.failed_count, 0)
        self.assertEqual((action.state, action.channel), ("done", "email"))
        self.assertEqual(action.failed_phone, "+48600100200")
        self.assertIn("Not delivered", action.reason)
        self.assertTrue(action.mail_id)
        self.assertEqual(self.case_of(account).step_id, self.step)
        self.assertEqual(len(self.sim.sent), 1)

    def test_an_operator_that_stays_down_gives_the_step_to_the_next_channel(self):
        _account, action = self.remind()
        self.sim.faults.extend([503, 500, 429])
        sms = self.sms_of(action)
        for _attempt in range(3):
            self.run_queue()
            self.wake(sms)
        self.assertEqual((action.sms_state, action.sms_log_ids.attempts, self.sim.sent), ("failed", 3, []))
        self.run_on(date(2026, 10, 9))
        self.assertEqual((action.state, action.channel, action.cost), ("done", "email", 0.0))
        self.assertIn("Operator does not answer", action.reason)
        self.assertIn("E-mail to", action.reason)

    def test_an_operator_that_was_down_is_asked_again_where_no_other_channel_is_left(self):
        self.step.fallback_channel = False
        account, action = self.remind()
        self.sim.faults.extend([503, 500, 429])
        sms = self.sms_of(action)
        for _attempt in range(3):
            self.run_queue()
            self.wake(sms)
        self.assertEqual(action.sms_state, "failed")
        self.run_on(date(2026, 10, 9))
        self.assertRecordValues(action, [{"state": "done", "channel": "sms", "failed_phone": False, "sms_faults": 1}])
        self.assertEqual(account.partner_id._bss_dunning_channels(account)[:2], ["email", "sms"])
        self.run_queue()
        self.assertEqual((action.sms_state, self.sim.phones), ("accepted", ["48600100200"]))

    def test_an_operator_that_comes_back_costs_once(self):
        _account, action = self.remind()
        with self.fault("late"):
            self.run_queue()
        self.assertEqual((action.sms_state, action.sms_log_ids.cost), ("waiting", 0.0))
        self.wake(self.sms_of(action))
        self.run_queue()
        self.assertEqual((action.sms_state, len(self.sim.sent)), ("accepted", 1))
        self.run_on(date(2026, 10, 9))
        self.assertEqual((action.channel, action.state), ("sms", "done"))
        self.assertAlmostEqual(action.cost, action.sms_log_ids.cost, 2)

    def test_the_operator_refuses_the_number(self):
        self.sim.blacklist.add("48600100200")
        _account, action = self.remind()
        self.run_queue()
        self.assertEqual(action.sms_state, "failed")
        self.run_on(date(2026, 10, 9))
        self.assertEqual((action.state, action.channel), ("done", "email"))

    def test_a_new_number_is_tried(self):
        self.step.fallback_channel = False
        account, action = self.remind()
        self.run_queue()
        self.report(action, "402")
        self.run_on(date(2026, 10, 9))
        self.assertEqual(action.state, "failed")
        account.partner_id.phone = "+48 600 100 299"
        self.run_on(date(2026, 10, 12))
        self.run_queue()
        self.assertEqual((action.state, self.sim.phones), ("done", ["48600100200", "48600100299"]))
        self.assertEqual(action.sms_state, "accepted")

    def test_cancelled_in_the_queue_counts_as_not_taken(self):
        _account, action = self.remind()
        self.sms_of(action).action_set_canceled()
        self.run_on(date(2026, 10, 9))
        self.assertEqual((action.state, action.channel), ("done", "email"))
        self.assertIn("Cancelled before it went out", action.reason)

    def test_a_landline_takes_no_sms(self):
        _account, action = self.remind(partner={"phone": "+48 22 100 20 30"})
        self.assertEqual((action.state, action.channel), ("done", "email"))
        self.assertIn("is no mobile number", action.reason)

    def test_no_gateway(self):
        self.gateway.active = False
        _account, action = self.remind()
        self.assertEqual((action.state, action.channel), ("done", "email"))
        self.assertIn("no gateway is connected", action.reason)

    def test_a_text_too_long_goes_by_the_next_channel(self):
        self.step.sms_text = "Zapłać $amount. " * 40
        _account, action = self.remind()
        self.assertEqual(action.channel, "email")
        self.assertIn("at most 3 are allowed", action.reason)

    def test_sms_as_the_second_channel(self):
        self.step.write({"channel": "email", "fallback_channel": "sms"})
        _account, action = self.remind(partner={"email": False})
        self.run_queue()
        self.assertEqual((action.channel, len(self.sim.sent)), ("sms", 1))

    def test_paid_before_it_went_out(self):
        account = self.debtor()
        self.run_on(date(2026, 10, 8))
        action = self.case_of(account).action_ids
        sms = self.sms_of(action)
        self.pay(self.env["account.move"].search([("bss_account_id", "=", account.id)], limit=1))
        self.run_queue()
        self.assertEqual((sms.state, action.state, self.sim.sent), ("canceled", "cancelled", []))

    @freeze_time("2026-10-08 01:30:00")
    def test_nobody_is_woken(self):
        self.company.write({"bss_contact_hour_from": 8, "bss_contact_hour_to": 20})
        _account, action = self.remind()
        other = self.sms("Kod 1234", number="+48600100201")
        self.run_queue()
        self.assertEqual([one.text for one in self.sim.sent], ["Kod 1234"], "other messages do not wait")
        self.assertEqual(other.state, "pending")
        self.assertEqual(self.sms_of(action).bss_next_try, fields.Datetime.to_datetime("2026-10-08 06:00:00"))
        with freeze_time("2026-10-08 06:00:01"):
            self.run_queue()
        self.assertEqual(len(self.sim.sent), 2)

    def test_preview_of_a_step(self):
        self.step.sms_text = "Zapłać $amount do $deadline"
        self.assertEqual(self.step.sms_preview, "Zaplac 1 234,56 zl do 30.11.2026")
        self.assertIn("32 characters", self.step.sms_size)
        self.assertIn("0,0850", self.step.sms_size)
        self.gateway.transliterate = False
        self.step.invalidate_recordset()
        self.assertIn("UCS-2", self.step.sms_size)
        self.step.sms_text = "ą" * 250
        self.assertIn("too long", self.step.sms_size)

    def test_a_step_needs_its_text(self):
        with self.assertRaises(ValidationError):
            self.step.sms_text = " "
        with self.assertRaises(ValidationError):
            self.env.ref("bss_dunning.step_household_n1").fallback_channel = "sms"

    def report(self, action, status):
        reference = action.sms_log_ids.filtered(lambda log: log.uuid == action.sms_uuid).reference
        params = {"MsgId": reference, "status": status, "donedate": "1793613600"}
        provider, names = self.gateway._bss_provider(), self.gateway._bss_report_names()
        self.gateway._bss_take_reports(provider.read_callback(params, names))
