from datetime import date, datetime, timedelta
from decimal import Decimal

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from .call_common import CallCommon


@tagged("post_install", "-at_install")
class TestCall(CallCommon):
    """Calls of people: who is to be called, and what each result does."""

    def test_a_step_puts_the_customer_into_the_list(self):
        call = self.call()
        self.assertEqual((call.state, call.phone, call.attempt_count), ("open", "+48600100200", 0))
        self.assertEqual((call.amount, call.oldest_due), (123.0, self.due))
        self.assertEqual(call.last_contact, date(2026, 10, 19))
        self.assertIn("working days 8:00–20:00", call.hours)
        self.assertIn("123,00", call.script)
        self.assertIn("Jan Kowalski", call.script)
        self.assertFalse(call.blocked)
        self.assertEqual(call.action_id.state, "planned")
        self.assertTrue(call.action_id.activity_id, "the collector sees it among his activities")
        self.run_on(date(2026, 10, 26))
        self.assertEqual(len(self.Call.search([("case_id", "=", call.case_id.id)])), 1, "the same run again")

    def test_reached(self):
        call = self.call()
        call._bss_record(self.result(call, "reached", minutes=Decimal("2.5"), note="zapłaci"))
        self.assertEqual((call.state, call.minutes, call.cost), ("done", 2.5, 1.25))
        action = call.action_id
        self.assertEqual((action.state, action.cost), ("done", 1.25))
        self.assertIn("zapłaci", action.reason)
        self.assertIn("2,5 min", action.cost_note)
        self.assertFalse(action.activity_id)
        self.assertEqual(call.case_id.next_step_id, self.env.ref("bss_dunning.step_household_n1"))

    def test_nobody_answers_and_the_step_takes_its_next_channel(self):
        call = self.call()
        call._bss_record(self.result(call, "no_answer"))
        self.assertEqual((call.state, call.attempt_count), ("open", 1))
        self.assertEqual(call.next_at, fields.Datetime.to_datetime("2026-10-26 12:00:00"))
        with freeze_time("2026-10-26 18:30:00"):
            call._bss_record(self.result(call, "no_answer"))
        self.assertEqual((call.state, call.action_id.state), ("unreached", "failed"))
        self.assertIn("Nobody answered, calls: 2", call.action_id.reason)
        with freeze_time("2026-10-27 03:00:00"):
            self.run_on(date(2026, 10, 27))
        self.assertEqual((call.action_id.state, call.action_id.channel), ("done", "letter"))
        self.assertIn("not reached, attempts: 2", call.action_id.reason)

    def test_a_step_without_another_channel_is_over(self):
        self.step.fallback_channel = False
        call = self.call()
        for _attempt in range(2):
            call._bss_record(self.result(call, "no_answer"))
        self.assertEqual((call.state, call.action_id.state), ("unreached", "done"))

    def test_the_next_attempt_keeps_hours_and_limits(self):
        self.company.write({"bss_call_attempts": 5, "bss_contact_attempts_day": 2})
        call = self.call()
        with freeze_time("2026-10-26 18:00:00"):  # 19:00 in Poland
            call._bss_record(self.result(call, "no_answer"))
        self.assertEqual(call.next_at, fields.Datetime.to_datetime("2026-10-27 07:00:00"))
        call._bss_record(self.result(call, "no_answer"))
        self.assertEqual(call.next_at, fields.Datetime.to_datetime("2026-10-27 07:00:00"), "two attempts this day")
        self.assertIn("at most 2 attempts a day", call.blocked)

    def test_call_back(self):
        call = self.call()
        moment = datetime.fromisoformat("2026-10-28T16:30:00+01:00")
        call._bss_record(self.result(call, "callback", callback_at=moment))
        self.assertEqual((call.state, call.is_callback), ("open", True))
        self.assertEqual(call.next_at, fields.Datetime.to_datetime("2026-10-28 15:30:00"))
        self.assertEqual(call.action_id.state, "planned")

    def test_a_promise(self):
        call = self.call()
        promised = date(2026, 11, 3)
        call._bss_record(self.result(call, "promise", promise_amount=Decimal("100.00"), promise_date=promised))
        self.assertEqual((call.state, call.action_id.state), ("done", "done"))
        case = call.case_id
        self.assertEqual(case.state, "hold")
        self.assertGreaterEqual(case.hold_until, promised)
        self.assertEqual(call.attempt_ids.promise_amount, 100.0)
        self.assertEqual((case.promise_ids.amount, case.promise_ids.date), (100.0, promised))

    def test_a_dispute(self):
        call = self.call()
        call._bss_record(self.result(call, "dispute", note="nie było usługi"))
        case = call.case_id
        self.assertEqual((call.state, call.action_id.state), ("done", "done"))
        self.assertTrue(case.complaint_open)
        self.assertEqual((case.active_hold_ids.kind, case.active_hold_ids.scope), ("dispute", "documents"))
        complaint = self.env["bss.complaint"].search([("account_id", "=", call.account_id.id)])
        self.assertEqual((complaint.channel, complaint.description), ("phone", "nie było usługi"))
        self.assertEqual((complaint.received_on, complaint.disputed_amount), (date(2026, 10, 26), 123.0))

    def test_a_wrong_number_is_marked_and_left_alone(self):
        call = self.call()
        call._bss_record(self.result(call, "wrong_number"))
        self.assertEqual(call.partner_id.bss_wrong_phone, "+48600100200")
        self.assertEqual((call.state, call.action_id.state), ("unreached", "failed"))
        with freeze_time("2026-10-27 03:00:00"):
            self.run_on(date(2026, 10, 27))
        self.assertEqual(call.action_id.channel, "letter")

    def test_a_second_result_of_the_same_attempt_changes_nothing(self):
        call = self.call()
        first = call._bss_record(self.result(call, "no_answer"))
        again = call._bss_record(self.result(call, "reached", number=first.number))
        self.assertEqual((again, call.state, call.attempt_count), (first, "open", 1))

    def test_ticking_the_activity_off_counts_as_reached(self):
        call = self.call()
        call.action_id.activity_id._action_done(feedback="Obiecał zapłacić")
        self.assertEqual((call.state, call.result), ("done", "reached"))
        self.assertEqual(call.action_id.state, "done")

    def test_a_hold_takes_the_call_out_and_its_end_gives_it_back(self):
        call = self.call()
        call.case_id._bss_hold(date(2026, 10, 28), "urlop")
        self.assertEqual(call.state, "cancelled")
        with freeze_time("2026-10-29 03:00:00"):
            self.run_on(date(2026, 10, 29))
        self.assertEqual((call.state, call.action_id.state), ("open", "planned"))
        self.assertEqual(call.next_at, fields.Datetime.to_datetime("2026-10-29 07:00:00"))

    def test_payment_takes_the_call_out(self):
        call = self.call()
        self.pay(call.account_id.invoice_ids, day=date(2026, 10, 26))
        self.Call._bss_withdraw_orphans(self.company)
        self.assertEqual(call.state, "cancelled")

    def test_no_telephone_no_call(self):
        account = self.debtor(partner={"phone": False})
        for day in (date(2026, 10, 8), date(2026, 10, 19), date(2026, 10, 26)):
            self.run_on(day)
        self.assertFalse(self.Call.search([("account_id", "=", account.id)]))
        self.assertIn("letter", self.case_of(account).action_ids.mapped("channel"))

    # People

    def test_the_form_of_a_result(self):
        call = self.call()
        collector = self.user("windykator", "bss_catalog.group_bss_collector")
        opened = call.with_user(collector).with_context(bss_result="promise").action_result()
        wizards = self.env["bss.dunning.call.result"].with_user(collector).with_context(**opened["context"])
        form = Form(wizards)
        self.assertEqual((form.result, form.promise_amount), ("promise", 123.0))
        form.promise_date = date(2026, 10, 20)
        with self.assertRaisesRegex(UserError, "Promise Date: lies in the past"):
            form.save().action_save()
        form.promise_date = date(2026, 10, 30)
        form.save().action_save()
        self.assertEqual((call.state, call.attempt_ids.user_id), ("done", collector))
        with self.assertRaises(UserError):
            form.save().action_save()

    def test_a_call_that_no_step_asked_for(self):
        account = self.debtor()
        self.run_on(date(2026, 10, 8))
        case = self.case_of(account)
        case.action_plan_call()
        call = case.call_ids
        self.assertFalse(call.action_id)
        self.assertEqual(case.action_plan_call()["res_id"], call.id, "one call waits, not two")
        self.assertEqual(case.call_ids, call)
        call._bss_record(self.result(call, "reached"))
        self.assertEqual(call.state, "done")
        account.partner_id.phone = False
        with self.assertRaises(UserError):
            case.action_plan_call()

    def test_rights(self):
        call = self.call()
        collector = self.user("windykator", "bss_catalog.group_bss_collector")
        own = call.with_user(collector)
        own.action_take()
        self.assertEqual(call.user_id, collector)
        own.next_at = fields.Datetime.now() + timedelta(days=1)
        for vals in ({"state": "done"}, {"result": "reached"}, {"cost": 0}, {"attempt_count": 9}):
            with self.assertRaises(AccessError):
                own.write(vals)
        with self.assertRaises(AccessError):
            self.Call.with_user(collector).create({"case_id": call.case_id.id})
        with self.assertRaises(AccessError):
            own.unlink()
        call._bss_record(self.result(call, "no_answer"))
        with self.assertRaises(AccessError):
            call.attempt_ids.with_user(collector).note = "x"
        viewer = self.user("podglad", "bss_catalog.group_bss_viewer")
        with self.assertRaises(AccessError):
            call.with_user(viewer).read(["phone"])
        with self.assertRaises(AccessError):
            call.with_user(viewer).action_result()

    def test_other_companies_see_no_calls(self):
        call = self.call()
        other = self.env["res.company"].create({"name": "Drugi Operator"})
        stranger = self.user("obcy", "bss_catalog.group_bss_collector", other)
        theirs = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        self.assertFalse(theirs["bss.dunning.call"].search([]))
        with self.assertRaises(AccessError):
            call.with_env(theirs).read(["phone"])
