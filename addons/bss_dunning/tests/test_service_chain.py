from datetime import date, datetime, timedelta

from freezegun import freeze_time
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestServiceChain(DunningCommon):
    """Services are blocked only on the statutory path and come back when the debt is paid."""

    def setUp(self):
        super().setUp()
        self.account = self.debtor()
        for day in (date(2026, 10, 8), date(2026, 10, 19), date(2026, 10, 26)):
            self.run_on(day)
        self.case = self.case_of(self.account)
        self.case.action_ids.activity_id._action_done(feedback="nie odbiera")
        self.n1 = self.env.ref("bss_dunning.step_household_n1")
        self.restrict = self.env.ref("bss_dunning.step_household_restrict")
        # the feedback is dated with the clock of the test machine; the ladder is about these days
        self.case.action_ids.filtered("activity_id").date_done = date(2026, 10, 26)

    def action(self, step):
        return self.case.action_ids.filtered(lambda action: action.step_id == step)

    def deliver_n1(self, day="2026-11-06 10:00:00"):
        self.run_on(date(2026, 11, 4))
        self.action(self.n1).document_id.delivered_at = day

    def restrict_services(self):
        self.deliver_n1()
        self.run_on(date(2026, 11, 16))
        self.assertEqual(self.action(self.restrict).state, "planned", "a person decides about blocks")
        self.action(self.restrict)._bss_execute(date(2026, 11, 16), by_hand=True)

    def test_the_notice_is_a_letter(self):
        self.run_on(date(2026, 11, 4))
        notice = self.action(self.n1)
        self.assertEqual((notice.state, notice.channel, notice.document_id.kind), ("done", "letter", "demand"))

    def test_no_block_without_proven_delivery(self):
        self.run_on(date(2026, 11, 4))
        self.run_on(date(2026, 12, 31))
        self.assertFalse(self.action(self.restrict))
        self.assertEqual(self.case.next_code, "GATE_CLOSED")
        self.assertEqual(self.case.next_params["why"], "N1_NOT_DELIVERED")

    def test_recorded_delivery_plans_the_case_again(self):
        self.run_on(date(2026, 11, 4))
        notice = self.action(self.n1)
        collector = new_test_user(
            self.env,
            "doreczenia",
            groups="base.group_user,bss_catalog.group_bss_collector",
            company_id=self.company.id,
            company_ids=self.company.ids,
            context={"no_reset_password": True},
        )
        with self.assertRaises(AccessError):
            notice.with_user(collector).delivered_at = "2026-11-06 10:00:00"
        dialogue = notice.with_user(collector).action_record_delivery()
        self.assertEqual(dialogue["context"]["default_document_ids"], notice.document_id.ids)
        with freeze_time("2026-11-10 12:00:00"):
            notice.document_id.with_user(collector)._bss_register_delivery(
                datetime(2026, 11, 6, 10), "receipt", "RR123456789PL"
            )
        self.assertEqual(notice.document_id.state, "delivered")
        self.run_on(date(2026, 11, 14))
        self.assertEqual(self.case.next_step_id, self.restrict)
        self.assertEqual(self.action(self.restrict).state, "planned")

    def test_no_block_before_the_term_ends(self):
        """Delivered on Friday 6 November; seven days end on Friday 13; Saturday 14 is the first day."""
        self.deliver_n1()
        self.run_on(date(2026, 11, 13))
        self.assertFalse(self.action(self.restrict))
        self.assertFalse(self.case._bss_gate("restrict", date(2026, 11, 13)).allowed)
        self.assertTrue(self.case._bss_gate("restrict", date(2026, 11, 14)).allowed)

    def test_a_hand_cannot_jump_the_gate(self):
        self.deliver_n1()
        self.run_on(date(2026, 11, 16))
        action = self.action(self.restrict)
        action._bss_execute(date(2026, 11, 10), by_hand=True)
        self.assertEqual(action.state, "failed")
        self.assertFalse(action.order_ids)

    def test_a_hand_cannot_send_a_notice_before_its_time(self):
        """The notice of suspension without a restriction before it would start no term and frighten for nothing."""
        self.deliver_n1()
        step = self.env.ref("bss_dunning.step_household_n2")
        values = {"case_id": self.case.id, "step_id": step.id, "channel": step.channel, "amount": 123.0}
        action = self.env["bss.dunning.action"].create(
            {**values, "date": date(2026, 11, 16), "line_ids": self.n1_lines()}
        )
        action._bss_execute(date(2026, 11, 16), by_hand=True)
        self.assertEqual(action.state, "failed")
        self.assertFalse(action.document_id or action.mail_id)
        self.assertIn("not restricted", action.reason)

    def n1_lines(self):
        return [(6, 0, self.action(self.n1).line_ids.ids)]

    def test_a_step_that_never_arrived_is_behind_the_last_step_not_behind_a_letter_by_hand(self):
        reached, first = self.case.step_id, self.case.action_ids.sorted("id")[0]
        letter = self.env["bss.dunning.action"].create(
            {"case_id": self.case.id, "channel": "email", "date": date(2026, 10, 30), "amount": 123.0, "state": "done"}
        )
        self.assertFalse(letter.step_id)
        first._bss_take_back("zwrot")
        self.assertEqual((first.state, self.case.step_id), ("failed", reached))

    def test_restriction_orders_every_active_service(self):
        self.restrict_services()
        action = self.action(self.restrict)
        self.assertEqual(action.state, "done")
        self.assertEqual(action.order_ids.service_id, self.account.service_ids)
        self.assertEqual(action.order_ids.mapped("action"), ["restrict"])

    def test_payment_brings_services_back(self):
        self.restrict_services()
        orders = self.action(self.restrict).order_ids
        orders.action_confirm_done()
        self.pay(self.account.invoice_ids, day=date(2026, 11, 17))
        self.assertEqual(self.case.state, "closed")
        resumed = self.env["bss.service.order"].search([("action", "=", "resume")])
        self.assertEqual(resumed.service_id, self.account.service_ids)

    def test_a_paid_up_customer_is_served_whatever_is_confirmed_first(self):
        """The block was on its way to the network when the money came."""
        for late_block in (False, True):
            with self.subTest(late_block=late_block), self.env.cr.savepoint() as point:
                self.restrict_services()
                block = self.action(self.restrict).order_ids
                self.assertEqual(block.mapped("state"), ["sent"])
                self.pay(self.account.invoice_ids, day=date(2026, 11, 17))
                resume = self.action(self.restrict).order_ids - block
                self.assertEqual(resume.mapped("action"), ["resume"])
                for order in (resume, block) if late_block else (block, resume):
                    order._bss_done()
                service = self.account.service_ids
                self.assertEqual((service.state, service.is_restricted), ("active", False))
                self.assertFalse(self.case.action_ids._bss_services_done_on("restrict"))
                point.rollback()
                self.env.invalidate_all()

    def paid_but_blocked(self):
        self.restrict_services()
        block = self.action(self.restrict).order_ids
        block.action_confirm_done()
        self.pay(self.account.invoice_ids, day=date(2026, 11, 17))
        resume = self.action(self.restrict).order_ids - block
        self.assertTrue(resume and self.account.service_ids.is_restricted)
        return resume

    def test_run_orders_back_what_stayed_blocked_and_alarms(self):
        resume = self.paid_but_blocked()
        resume.action_cancel()
        self.run_on(date(2026, 11, 18))
        fresh = self.action(self.restrict).order_ids.filtered(
            lambda order: order.action == "resume" and order.state == "sent"
        )
        self.assertEqual(fresh.service_id, self.account.service_ids)
        alarm = self.case.activity_search(["mail.mail_activity_data_warning"])
        self.assertEqual(alarm.date_deadline, self.case._bss_resume_deadline(self.case.date_closed))
        self.assertIn(self.account.service_ids.display_name, alarm.note)
        self.run_on(date(2026, 11, 19))
        self.assertEqual(len(self.case.activity_search(["mail.mail_activity_data_warning"])), 1)

    def test_run_alarms_when_the_resumption_is_late(self):
        resume = self.paid_but_blocked()
        deadline = self.case._bss_resume_deadline(self.case.date_closed)
        self.run_on(deadline)
        self.assertFalse(self.case.activity_search(["mail.mail_activity_data_warning"]))
        self.run_on(deadline + timedelta(days=1))
        self.assertTrue(self.case.activity_search(["mail.mail_activity_data_warning"]))
        self.assertEqual(resume.state, "sent", "the order on its way is not doubled")

    def test_run_leaves_blocks_of_other_reasons_alone(self):
        resume = self.paid_but_blocked()
        resume.action_confirm_done()
        service = self.account.service_ids
        orders = self.env["bss.service.order"]
        orders._bss_request(service, "suspend", "na życzenie abonenta").action_confirm_done()
        self.assertEqual(service.state, "suspended")
        self.run_on(date(2026, 11, 27))
        self.assertEqual(service.state, "suspended")
        self.assertFalse(service.order_ids.filtered(lambda order: order.action == "resume" and order.state == "sent"))

    def test_payment_of_the_noticed_debt_ends_the_chain_although_newer_debt_is_open(self):
        self.deliver_n1()
        noticed = self.account.invoice_ids
        self.make_invoice(self.account, 60.0, date(2026, 11, 5))
        self.run_on(date(2026, 11, 9))
        self.assertEqual(self.case.amount_overdue, 183.0)
        self.pay(noticed, day=date(2026, 11, 10))
        self.assertEqual((self.case.state, self.case.close_reason), ("closed", "noticed_paid"))
        fresh = self.case_of(self.account)
        self.assertEqual(fresh.amount_overdue, 60.0)
        self.assertFalse(fresh.action_ids)

    def test_hold_complaint_and_collector_outlive_the_payment_of_the_noticed_debt(self):
        self.deliver_n1()
        noticed = self.account.invoice_ids
        self.make_invoice(self.account, 60.0, date(2026, 11, 5))
        self.run_on(date(2026, 11, 9))
        collector = new_test_user(self.env, "opiekun", groups="base.group_user,bss_catalog.group_bss_collector")
        self.case.write({"user_id": collector.id, "complaint_open": True, "strategy_id": self.business.id})
        self.case._bss_hold(date(2026, 12, 31), "ugoda")
        self.pay(noticed, day=date(2026, 11, 10))
        self.assertEqual(self.case.close_reason, "noticed_paid")
        fresh = self.case_of(self.account)
        self.assertRecordValues(
            fresh,
            [
                {
                    "state": "hold",
                    "hold_until": date(2026, 12, 31),
                    "hold_reason": "ugoda",
                    "complaint_open": True,
                    "user_id": collector.id,
                    "strategy_id": self.business.id,
                    "next_code": "ON_HOLD",
                    "amount_overdue": 60.0,
                }
            ],
        )
        self.assertEqual(fresh.stage_id.strategy_id, self.business)
        self.run_on(date(2026, 12, 20))
        self.assertFalse(fresh.action_ids)

    def test_no_terms_no_block(self):
        self.deliver_n1()
        self.env["bss.legal.value"].search([("code", "=", "chain_pay_after_n1")]).unlink()
        answer = self.case._bss_gate("restrict", date(2026, 12, 1))
        self.assertEqual((answer.allowed, answer.code), (False, "NO_LEGAL_TERMS"))

    def test_open_complaint_forbids_suspension(self):
        self.restrict_services()
        self.action(self.restrict).order_ids.action_confirm_done()
        self.case.complaint_open = True
        answer = self.case._bss_gate("suspend", date(2027, 6, 1))
        self.assertFalse(answer.allowed)

    def test_unassigned_payment_of_the_noticed_debt_ends_the_chain_too(self):
        """The money lies on the account as an open credit: it covers the oldest, noticed document."""
        self.deliver_n1()
        self.make_invoice(self.account, 60.0, date(2026, 11, 5))
        self.make_payment(self.account, 123.0, date(2026, 11, 10))
        self.run_on(date(2026, 11, 16))
        self.assertEqual(self.case.close_reason, "noticed_paid")
        self.assertFalse(self.action(self.restrict))
        self.assertEqual(self.case_of(self.account).amount_overdue, 60.0)

    def test_returned_notice_is_not_delivered(self):
        self.deliver_n1()
        document = self.action(self.n1).document_id
        document.state = "returned"
        self.assertEqual(self.case._bss_gate("restrict", date(2026, 12, 1)).code, "N1_NOT_DELIVERED")
