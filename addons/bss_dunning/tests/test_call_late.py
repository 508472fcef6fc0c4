from datetime import date, datetime
from decimal import Decimal

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .call_common import CallCommon

PROMISED = date(2026, 11, 3)


@tagged("post_install", "-at_install")
class TestCallLate(CallCommon):
    """Results of calls that were called off meanwhile, and call backs at hours at which nobody is called."""

    def promise(self, call, **vals):
        return self.result(call, "promise", promise_amount=Decimal("100.00"), promise_date=PROMISED, **vals)

    def logged(self, case):
        return " ".join(case.message_ids.mapped("body"))

    # Called off

    def test_a_promise_after_the_call_was_called_off(self):
        call = self.call()
        call.case_id._bss_hold(date(2026, 10, 28), "urlop")
        self.assertEqual(call.state, "cancelled")
        attempt = call._bss_record(self.promise(call), source="dialer")
        promise = call.case_id.promise_ids
        self.assertEqual((promise.amount, promise.date, promise.state), (100.0, PROMISED, "open"))
        self.assertEqual((attempt.promise_amount, call.state), (100.0, "cancelled"))
        self.assertIn("“Called Off”", call.note)
        self.assertIn("“Called Off”", self.logged(call.case_id))
        self.assertEqual(call._bss_record(self.promise(call, number=attempt.number)), attempt)
        self.assertEqual(len(call.case_id.promise_ids), 1, "the same result again")

    def test_a_promise_for_a_closed_case_is_told(self):
        call = self.call()
        self.pay(call.account_id.invoice_ids, day=date(2026, 10, 26))
        self.Call._bss_withdraw_orphans(self.company)
        self.assertEqual((call.state, call.case_id.state), ("cancelled", "closed"))
        attempt = call._bss_record(self.promise(call), source="dialer")
        self.assertEqual((attempt.promise_amount, attempt.promise_date), (100.0, PROMISED))
        self.assertFalse(call.case_id.promise_ids)
        self.assertRegex(call.note, "The case is closed, so nothing waits for the promise of .*100")
        self.assertIn("nothing waits for the promise", self.logged(call.case_id))

    def test_a_promise_that_cannot_be_taken_waits_as_a_line(self):
        call = self.call()
        call.case_id._bss_hold(date(2026, 10, 28), "urlop")
        row = f"{call.id};1;2026-10-26 09:30;promise;5000,00;3.11.2026"
        text = f"call_id;attempt;called_at;result;promise_amount;promise_date\r\n{row}"
        file = self.env["bss.dunning.dialer.file"]._bss_import("w.csv", text.encode(), self.company)
        self.assertEqual((file.suspended_count, file.applied_count, call.attempt_count), (1, 0, 0))
        self.assertIn("no more than the demanded", file.line_ids.reason)

    def test_a_dispute_and_a_wrong_number_hold_as_well(self):
        first, second = self.call(), self.call("Anna Nowak", partner={"phone": "+48 600 100 201"})
        (first | second).case_id._bss_hold(date(2026, 10, 28), "urlop")
        first._bss_record(self.result(first, "dispute", note="nie było usługi"), source="dialer")
        self.assertTrue(first.case_id.complaint_open)
        second._bss_record(self.result(second, "wrong_number"), source="dialer")
        self.assertEqual(second.partner_id.bss_wrong_phone, "+48600100201")

    def test_who_speaks_with_the_customer_meanwhile_saves(self):
        call = self.call()
        collector = self.user("windykator", "bss_catalog.group_bss_collector")
        opened = call.with_user(collector).with_context(bss_result="promise").action_result()
        form = Form(self.env[opened["res_model"]].with_user(collector).with_context(**opened["context"]))
        form.promise_date = PROMISED
        call.case_id._bss_hold(date(2026, 10, 28), "urlop")
        form.save().action_save()
        self.assertEqual(call.case_id.promise_ids.date, PROMISED)
        self.assertEqual(call.attempt_ids.user_id, collector)

    # Hours

    def test_a_call_back_at_night_is_refused_in_the_form(self):
        call = self.call()
        collector = self.user("windykator", "bss_catalog.group_bss_collector")
        opened = call.with_user(collector).with_context(bss_result="callback").action_result()
        form = Form(self.env[opened["res_model"]].with_user(collector).with_context(**opened["context"]))
        for moment in ("2026-10-27 21:30:00", "2026-10-31 10:00:00"):  # late on Tuesday, Saturday
            form.callback_at = fields.Datetime.to_datetime(moment)
            with self.assertRaisesRegex(UserError, "nobody is called then.*working days 8:00–20:00.*next moment"):
                form.save().action_save()
        self.assertFalse(call.attempt_ids)
        evening = fields.Datetime.to_datetime("2026-10-27 18:30:00")  # 19:30 in Poland
        form.callback_at = evening
        form.save().action_save()
        self.assertEqual((call.next_at, call.is_callback), (evening, True))

    def test_a_call_back_of_a_dialer_moves_into_the_hours(self):
        call = self.call()
        wished = datetime.fromisoformat("2026-10-27T22:30:00+01:00")
        attempt = call._bss_record(self.result(call, "callback", callback_at=wished), source="dialer")
        self.assertEqual(call.next_at, fields.Datetime.to_datetime("2026-10-28 07:00:00"))
        self.assertEqual(attempt.callback_at, fields.Datetime.to_datetime("2026-10-27 21:30:00"), "what he asked for")
        self.assertIn("Call back moved", call.note)

    def test_nobody_plans_a_call_at_night(self):
        call = self.call()
        own = call.with_user(self.user("windykator", "bss_catalog.group_bss_collector"))
        with self.assertRaisesRegex(UserError, "nobody is called then"):
            own.next_at = fields.Datetime.to_datetime("2026-10-27 21:30:00")
        own.next_at = fields.Datetime.to_datetime("2026-10-27 12:30:00")
        self.assertEqual(call.next_at, fields.Datetime.to_datetime("2026-10-27 12:30:00"))
