from datetime import date, timedelta

from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from .notice_common import DAY, NoticeSmsCommon


@tagged("post_install", "-at_install")
class TestNotice(NoticeSmsCommon):
    """Friendly messages: chosen by rules in the database, each document told of once."""

    # Choosing

    def test_a_rule_starts_after_somebody_saw_the_number(self):
        with self.assertRaisesRegex(UserError, "count first"):
            self.rule.action_start()
        self.rule.action_count()
        self.assertEqual((self.rule.dry_count, self.rule.dry_date), (1, DAY))
        self.assertFalse(self.notices(), "counting writes nothing")
        self.rule.min_amount = 1000
        self.assertFalse(self.rule.dry_date, "another audience must be counted again")
        self.rule.action_count()
        self.assertEqual(self.rule.dry_count, 0)
        self.rule.action_start()
        with self.assertRaises(UserError):
            self.rule.min_amount = 1

    def test_reminder_before_the_due_date_once(self):
        self.start()
        self.night(date(2026, 10, 1))
        self.assertFalse(self.notices(), "four days before")
        self.night()
        notice = self.notices()
        self.assertEqual((notice.state, notice.channel, notice.date_sent), ("sent", "email", DAY))
        self.assertEqual((notice.amount, notice.due, notice.move_id), (123.0, self.due, self.move))
        self.assertIn("05.10.2026", notice.mail_id.body_html)
        self.assertIn("123,00", notice.mail_id.body_html)
        self.assertEqual(notice.mail_id.recipient_ids, self.account.partner_id)
        self.night()
        self.night(date(2026, 10, 3))
        self.assertEqual(len(self.notices()), 1)
        self.assertEqual(
            self.env["mail.mail"].search_count([("res_id", "=", self.account.id), ("model", "=", "bss.account")]), 1
        )

    def test_jobs_are_not_given_twice(self):
        self.start()
        with trap_jobs() as trap:
            self.rule.action_run()
            trap.assert_jobs_count(1)
            trap.perform_enqueued_jobs()
            trap.assert_jobs_count(1)
            trap.perform_enqueued_jobs()
        self.assertEqual(self.notices().state, "sent")

    def test_who_is_not_reminded(self):
        others = [self.make_subscriber(name) for name in ("Za mało", "Zmarły", "Opłacony", "Zamknięte")]
        for account in others:
            self.make_invoice(account, 5.0 if account == others[0] else 123.0)
        self.run_on(date(2026, 10, 2))
        self.pay(others[2].invoice_ids, day=DAY)
        others[3].state = "closed"
        case = self.Case.create({"account_id": others[1].id, "date_opened": DAY})
        case._bss_hold(False, "akt zgonu", kind="deceased")
        self.rule.write({"min_amount": 10, "domain": f"[('id', 'in', {[a.id for a in others] + self.account.ids})]"})
        self.start()
        self.night()
        self.assertEqual(self.notices().account_id, self.account)

    def test_new_invoice(self):
        rule = self.start(self.make_rule("invoice", name="Nowe faktury"))
        old = self.move
        fresh = self.make_invoice(self.account, invoice_date=DAY, due=date(2026, 10, 20))
        self.night()
        self.assertEqual(self.notices(rule).move_id, fresh)
        self.assertNotEqual(old, fresh)
        self.assertIn(fresh.name, self.notices(rule).mail_id.subject)

    def test_thanks_after_a_dunned_debt_is_paid(self):
        with freeze_time("2026-10-12 10:00:00"):
            rule = self.start(self.make_rule("thanks", name="Podziękowanie"))
        self.company.write({"bss_contact_week": 0, "bss_contact_attempts_day": 0})
        with freeze_time("2026-10-12 10:00:00"):
            self.run_on(date(2026, 10, 12))
            self.pay(self.move, day=date(2026, 10, 12))
        self.night(date(2026, 10, 12))
        notice = self.notices(rule)
        self.assertEqual((notice.state, notice.case_id.state, notice.amount), ("sent", "closed", 123.0))
        self.night(date(2026, 10, 13))
        self.assertEqual(len(self.notices(rule)), 1)

    def test_no_second_thanks_where_each_payment_is_thanked_for(self):
        rule = self.make_rule("thanks", name="Podziękowanie")
        with freeze_time("2026-10-12 10:00:00"):
            self.run_on(date(2026, 10, 12))
            self.pay(self.move, day=date(2026, 10, 12))
            rule.action_count()
            self.assertEqual(rule.dry_count, 1)
            self.patch(type(self.company), "_bss_thanks_for_payments", lambda company: True)
            rule.action_count()
        self.assertEqual(rule.dry_count, 0)

    def test_a_debt_that_nobody_dunned_is_not_thanked_for(self):
        rule = self.make_rule("thanks", name="Podziękowanie")
        self.pay(self.move, day=DAY)
        rule.action_count()
        self.assertEqual(rule.dry_count, 0)

    # Sending

    def test_sms_within_hours(self):
        self.rule.way = "sms"
        self.company.write({"bss_contact_hour_from": 8, "bss_contact_hour_to": 20, "bss_contact_working_days": True})
        self.start()
        self.night()
        with freeze_time("2026-10-02 03:00:00"):
            self.run_queue()
        self.assertEqual(self.sim.sent, [])
        with freeze_time("2026-10-02 06:01:00"):
            self.run_queue()
        (sent,) = self.sim.sent
        self.assertIn(f"termin platnosci {self.move.name}", sent.text)
        self.assertEqual(self.notices().channel, "sms")

    def test_paid_before_the_sms_went_out(self):
        self.rule.way = "sms"
        self.start()
        self.night()
        self.pay(self.move, day=DAY)
        self.run_queue()
        self.assertEqual((self.notices().state, self.sim.sent), ("cancelled", []))

    def test_money_that_covers_the_account_stops_the_sms(self):
        self.rule.way = "sms"
        self.start()
        self.night()
        self.make_payment(self.account, 123.0, DAY)
        self.run_queue()
        self.assertEqual((self.notices().state, self.sim.sent), ("cancelled", []))

    def test_wish_and_opt_out(self):
        self.account.partner_id.bss_contact_way = "sms"
        self.start()
        self.night()
        self.assertEqual(self.notices().channel, "sms")
        other = self.make_subscriber("Anna Nowak", partner={"bss_no_email": True})
        self.make_invoice(other)
        rule = self.start(self.make_rule(name="E-mail", way="email", domain=f"[('id', '=', {other.id})]"))
        self.night()
        self.assertEqual(self.notices(rule).state, "failed")
        self.assertIn("cannot be reached", self.notices(rule).reason)

    def test_limits_hold_for_notices(self):
        second = self.make_account(partner_id=self.account.partner_id.id)
        self.make_invoice(second)
        self.rule.domain = f"[('id', 'in', {(self.account | second).ids})]"
        self.company.bss_contact_attempts_day = 1
        self.start()
        self.night()
        self.assertEqual(sorted(self.notices().mapped("state")), ["sent", "waiting"])
        self.night()
        waiting = self.notices().filtered(lambda notice: notice.state == "waiting")
        self.assertIn("at most 1 attempts a day", waiting.reason)
        self.assertTrue(self.account.partner_id.with_company(self.company)._bss_contact_refusal("email", DAY))
        self.night(date(2026, 10, 3))
        self.assertEqual(set(self.notices().mapped("state")), {"sent"})

    def test_a_notice_too_late_is_not_sent(self):
        self.company.bss_contact_attempts_day = 1
        self.start()
        self.rule._job_select(DAY)
        notice = self.notices()
        notice._bss_send(date(2026, 10, 6))
        self.assertEqual((notice.state, notice.reason), ("cancelled", "The due date is over."))

    def test_the_operator_refuses_and_the_other_channel_is_taken(self):
        self.account.partner_id.bss_contact_way = "sms"
        self.company.write({"bss_contact_attempts_day": 0})
        self.sim.blacklist.add("48600100200")
        self.start()
        self.night()
        self.run_queue()
        self.assertEqual(self.log_state(), "failed")
        self.night(date(2026, 10, 3))
        notice = self.notices()
        self.assertEqual((notice.state, notice.channel, notice.tried), ("sent", "email", "sms"))

    def log_state(self):
        return self.Log.search([("uuid", "=", self.notices().sms_uuid)]).state

    def test_our_own_mail_server_does_not_turn_e_mails_into_messages_that_cost(self):
        self.account.partner_id.email = "jan@example.com"
        self.company.write({"bss_contact_attempts_day": 0})
        self.start()
        self.night()
        notice, lost = self.notices(), self.notices().mail_id
        self.assertEqual((notice.state, notice.channel), ("sent", "email"))
        lost.write({"state": "exception", "failure_type": "unknown", "failure_reason": "[Errno 111] refused\nagain"})
        self.night(DAY + timedelta(days=1))
        self.assertRecordValues(notice, [{"state": "sent", "channel": "email", "tried": False}])
        self.assertEqual((lost.state, notice.mail_id.state), ("cancel", "outgoing"), "nobody gets it twice")
        notice.mail_id.write({"state": "exception", "failure_reason": "550 5.1.1 User unknown"})
        self.night(DAY + timedelta(days=3))
        self.assertRecordValues(notice, [{"state": "sent", "channel": "sms", "tried": "email"}])

    def test_a_stopped_rule_sends_nothing(self):
        self.start()
        self.rule._job_select(DAY)
        self.rule.action_stop()
        self.assertEqual(self.notices().state, "cancelled")
        self.night()
        self.assertFalse(self.notices().mail_id)

    # Settings, rights

    def test_texts_and_audience_are_checked(self):
        for vals in (
            {"sms_text": "Kwota $kwota"},
            {"email_text": " "},
            {"domain": "[('nie_ma', '=', 1)]"},
            {"domain": "x"},
        ):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.rule.write(vals)
                self.rule.flush_recordset()

    def test_rights(self):
        def user(login, group, company=self.company):
            return new_test_user(
                self.env,
                login,
                groups=f"base.group_user,{group}",
                company_id=company.id,
                company_ids=company.ids,
                context={"no_reset_password": True},
            )

        collector = user("windykator", "bss_catalog.group_bss_collector")
        self.assertTrue(self.rule.with_user(collector).read(["name", "waiting_count"]))
        for forbidden in (self.rule.with_user(collector).action_count, self.rule.with_user(collector).action_start):
            with self.assertRaises(AccessError):
                forbidden()
        admin = user("szef", "bss_catalog.group_bss_admin")
        mine = self.rule.with_user(admin)
        mine.action_count()
        mine.action_start()
        self.night()
        with self.assertRaises(AccessError):
            self.notices().with_user(admin).write({"state": "waiting"})
        other = self.env["res.company"].create({"name": "Druga"})
        stranger = user("obcy", "bss_catalog.group_bss_admin", other)
        theirs = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        for model in ("bss.dunning.notice", "bss.dunning.notice.rule"):
            self.assertFalse(theirs[model].search([]))
