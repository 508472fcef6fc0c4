from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError, OperationalError

from .sms_common import SmsCommon, operator


@tagged("post_install", "-at_install")
class TestSmsGateway(SmsCommon):
    def test_a_message_goes_out_without_polish_letters(self):
        sms = self.sms("Zażółć gęślą jaźń – 5\u00a0zł")
        self.run_queue()
        self.assertEqual([one.text for one in self.sim.sent], ["Zazolc gesla jazn - 5 zl"])
        self.assertEqual(self.sim.sent[0].sender, "BSS")
        log = self.log(sms)
        self.assertEqual((log.state, log.reference, log.parts, log.attempts), ("accepted", "ID0001", 1, 1))
        self.assertEqual(Decimal(f"{log.cost:.4f}"), Decimal("0.0850"))
        self.assertEqual(Decimal(f"{log.points:.4f}"), Decimal("0.1700"))
        self.assertEqual((sms.state, sms.to_delete), ("pending", True))
        self.assertEqual(self.sim.refused, [])

    def test_polish_letters_cost_more_parts(self):
        self.gateway.transliterate = False
        sms = self.sms("ą" * 71)
        self.run_queue()
        self.assertEqual((self.log(sms).parts, self.sim.sent[0].parts), (2, 2))

    def test_the_log_outlives_the_message(self):
        sms = self.sms()
        uuid = sms.uuid
        self.run_queue()
        sms.unlink()
        self.assertEqual(self.Log.search([("uuid", "=", uuid)]).body, "Prosimy o zaplate")

    def test_numbers_are_made_international_and_wrong_ones_refused(self):
        good, bad = self.sms(number="600 100 200"), self.sms(number="12345")
        self.run_queue()
        self.assertEqual(self.sim.phones, ["48600100200"])
        self.assertEqual(self.log(good).phone, "+48600100200")
        self.assertEqual((bad.state, bad.failure_type), ("error", "sms_number_format"))
        self.assertEqual((self.log(bad).state, self.log(bad).problem), ("failed", "number"))

    def test_a_text_too_long_is_not_paid_for(self):
        sms = self.sms("a" * 500)
        self.run_queue()
        self.assertEqual((sms.state, self.log(sms).problem), ("error", "content"))
        self.assertEqual(self.sim.requests, [])

    def test_the_operator_refuses_one_of_many(self):
        self.sim.blacklist.add("48600100201")
        first, second = self.sms(), self.sms(number="+48600100201")
        self.run_queue()
        self.assertEqual((first.state, second.state), ("pending", "error"))
        self.assertEqual(self.log(second).problem, "number")
        self.assertEqual(self.gateway.failed_count, 1)

    def test_a_batch_with_a_known_key_is_taken_apart(self):
        first, second = self.sms(), self.sms(number="+48600100201")
        self.sim.take(first.uuid, "48600100200", "x", "BSS")
        self.run_queue()
        self.assertEqual(self.sim.phones, ["48600100200", "48600100201"])
        self.assertEqual((self.log(first).state, self.log(second).state), ("accepted", "accepted"))

    # Faults

    def test_a_lost_answer_sends_nothing_twice(self):
        for fault in ("drop", "garbage", "late"):
            with self.subTest(fault=fault):
                before = len(self.sim.sent)
                sms = self.sms()
                with self.fault(fault):
                    self.run_queue()
                self.assertEqual((sms.state, self.log(sms).state), ("outgoing", "waiting"))
                self.assertGreater(sms.bss_next_try, fields.Datetime.now())
                self.run_queue()
                self.assertEqual(self.log(sms).attempts, 1, "not before its time")
                self.wake(sms)
                self.run_queue()
                self.assertEqual((sms.state, self.log(sms).state), ("pending", "accepted"))
                self.assertEqual(len(self.sim.sent), before + 1)

    def test_attempts_end(self):
        self.sim.faults.extend([503, 500, 429])
        sms = self.sms()
        for _attempt in range(3):
            self.run_queue()
            self.wake(sms)
        self.assertEqual((sms.state, sms.failure_type), ("error", "sms_server"))
        log = self.log(sms)
        self.assertEqual((log.state, log.problem, log.attempts, log.problem_code), ("failed", "server", 3, "HTTP 429"))
        self.assertEqual(self.sim.sent, [])

    def test_an_operator_that_is_down(self):
        self.gateway.write({"url": "http://127.0.0.1:9", "token": "sms-secret"})
        sms = self.sms()
        self.run_queue()
        self.assertEqual((sms.state, self.log(sms).state, self.gateway.problem), ("outgoing", "waiting", "server"))
        self.assertFalse(self.gateway.problem_text)
        self.gateway.write({"url": self.sim.address, "token": self.sim.token})
        self.wake(sms)
        self.run_queue()
        self.assertEqual((sms.state, self.gateway.problem, len(self.sim.sent)), ("pending", False, 1))

    def test_waits_grow(self):
        self.sim.faults.extend([503, 503])
        sms = self.sms()
        waits = []
        for _attempt in range(2):
            now = fields.Datetime.now()
            self.run_queue()
            waits.append(round((sms.bss_next_try - now) / timedelta(minutes=1)))
            self.wake(sms)
        self.assertEqual(waits, [1, 5])

    def test_the_gateway_says_why_messages_wait(self):
        self.sim.credit = 0
        sms = self.sms()
        self.run_queue()
        self.assertEqual((self.gateway.problem, self.gateway.waiting_count), ("credit", 1))
        self.assertEqual(sms.state, "outgoing", "no fault of the customer")
        self.sim.credit = 10
        self.wake(sms)
        self.run_queue()
        self.assertEqual((self.gateway.problem, sms.state), (False, "pending"))

    def test_what_was_sent_stays_written_when_the_transaction_is_lost(self):
        sms = self.sms()
        answers = self.send(sms)
        self.assertEqual(answers[sms.uuid].outcome.value, "accepted")
        # the queue's own transaction was rolled back: the message is still in the queue
        self.assertEqual(sms.state, "outgoing")
        self.run_queue()
        self.assertEqual((sms.state, len(self.sim.requests)), ("pending", 1))

    def test_a_crash_between_the_answer_and_the_log(self):
        sms = self.sms()
        with patch.object(type(self.Log), "_bss_end", side_effect=RuntimeError), suppress(RuntimeError):
            self.send(sms)
            self.fail("it goes on")
        self.env.invalidate_all()
        self.assertEqual((self.log(sms).state, len(self.sim.sent)), ("sending", 1))
        self.run_queue()
        self.assertEqual((self.log(sms).state, sms.state, len(self.sim.sent)), ("accepted", "pending", 1))

    def test_a_log_held_by_another_transaction_fails_no_message(self):
        sms = self.sms()
        with (
            patch.object(type(self.Log), "_bss_begin", side_effect=OperationalError),
            mute_logger("odoo.addons.bss_dunning.sms_api"),
        ):
            self.run_queue()
        self.assertEqual((sms.state, self.sim.requests), ("outgoing", []))
        self.run_queue()
        self.assertEqual((sms.state, len(self.sim.sent)), ("pending", 1))

    def test_a_branch_writes_through_the_company_above_it(self):
        branch = self.env["res.company"].create({"name": "Oddział", "parent_id": self.company.id})
        self.assertEqual(self.env["bss.sms.gateway"]._bss_of(branch), self.gateway)
        with operator() as sim:
            own = self.connect(company_id=branch.id, url=sim.address, token=sim.token)
            self.assertEqual(self.env["bss.sms.gateway"]._bss_of(branch), own)
        self.assertEqual(self.env["bss.sms.gateway"]._bss_of(self.company), self.gateway)

    def test_no_secret_in_the_server_log(self):
        self.sim.faults.append("drop")
        with self.assertLogs("odoo", "DEBUG") as seen:
            self.send(self.sms())
        self.assertIn("does not answer", "".join(seen.output))
        for word in (self.sim.token, self.gateway.callback_secret):
            self.assertNotIn(word, "".join(seen.output))

    def test_a_person_tries_again(self):
        self.sim.faults.append(("error", 13))
        sms = self.sms()
        self.run_queue()
        self.assertEqual(sms.state, "error")
        old = sms.uuid
        sms.resend_failed()
        self.assertEqual((sms.state, len(self.sim.sent)), ("pending", 1))
        self.assertNotEqual(sms.uuid, old)
        self.assertEqual(self.Log.search([("uuid", "=", old)]).state, "failed")

    # Companies

    def test_companies_have_their_own_operators(self):
        other = self.env["res.company"].create({"name": "Druga", "country_id": self.env.ref("base.pl").id})
        with operator() as sim:
            self.connect(company_id=other.id, url=sim.address, token=sim.token)
            mine, theirs = self.sms("moje"), self.sms("ich", bss_company_id=other.id)
            self.run_queue()
            self.assertEqual([one.text for one in sim.sent], ["ich"])
        self.assertEqual([one.text for one in self.sim.sent], ["moje"])
        self.assertEqual(self.log(theirs).company_id, other)
        self.assertEqual((mine.state, theirs.state), ("pending", "pending"))

    def test_a_company_without_a_gateway_goes_its_own_way(self):
        other = self.env["res.company"].create({"name": "Trzecia"})
        sms = self.sms(bss_company_id=other.id)
        with patch("odoo.addons.sms.tools.sms_api.SmsApi._send_sms_batch") as iap:
            iap.return_value = [{"uuid": sms.uuid, "state": "success"}]
            self.run_queue()
        self.assertEqual(iap.call_count, 1)
        self.assertEqual((sms.state, self.sim.sent), ("pending", []))
        self.assertFalse(self.log(sms))

    def test_a_message_of_the_conversation_shows_what_became_of_it(self):
        partner = self.env["res.partner"].create({"name": "Anna Nowak", "phone": "+48600100200"})
        message = partner._message_sms("Dzień dobry", partner_ids=partner.ids)
        notice = message.notification_ids
        self.assertEqual(notice.notification_status, "pending")
        self.gateway._bss_take_reports(
            self.gateway._bss_provider().read_callback(
                {"MsgId": "ID0001", "status": "404", "donedate": "1"}, self.gateway._bss_report_names()
            )
        )
        self.assertEqual(notice.notification_status, "sent")

    # Settings

    def test_the_token_goes_to_no_other_address(self):
        gateway = self.gateway
        gateway.url = "https://api.example.com"
        self.assertFalse(gateway.token)
        gateway.token = "x"
        gateway.provider = "serwersms"
        self.assertEqual((gateway.url, gateway.token), ("https://api.example.com", "x"), "an own address stays")
        with self.assertRaises(ValidationError):
            gateway.write({"url": "http://api.example.com", "token": "x"})

    def test_the_usual_address_follows_the_operator(self):
        self.gateway.active = False
        form = Form(self.env["bss.sms.gateway"])
        form.name = "Nowa"
        self.assertEqual(form.url, "https://api.smsapi.pl")
        form.provider = "serwersms"
        self.assertEqual(form.url, "https://api2.serwersms.pl")

    def test_one_gateway_in_a_company(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.connect()
        self.gateway.active = False
        self.env.flush_all()
        self.assertTrue(self.connect().active)

    def test_test_message(self):
        wizard = self.env["bss.sms.test"].create({"gateway_id": self.gateway.id, "phone": "600100200", "text": "Próba"})
        self.assertIn("0,0850", wizard.size)
        self.assertEqual(wizard.action_send()["params"]["type"], "success")
        self.assertEqual(self.sim.sent[0].text, "Proba")
        self.sim.faults.append(("error", 14))
        with self.assertRaisesRegex(UserError, "Sender name not confirmed"):
            wizard.action_send()

    def test_test_mode(self):
        self.gateway.test_mode = True
        sms = self.sms()
        self.run_queue()
        log = self.log(sms)
        self.assertEqual((log.state, log.test, log.cost, self.sim.sent), ("accepted", True, 0.0, []))

    @freeze_time("2026-11-02 22:30:00")
    def test_hours_are_polish(self):
        self.gateway.write({"hour_from": 8, "hour_to": 20})
        night = fields.Datetime.now()
        self.assertEqual(self.gateway._bss_allowed_from(night), fields.Datetime.to_datetime("2026-11-03 07:00:00"))
        summer = fields.Datetime.to_datetime("2026-07-02 06:00:00")
        self.assertEqual(self.gateway._bss_allowed_from(summer), summer)

    # Rights

    def test_rights(self):
        def user(login, group):
            return new_test_user(
                self.env,
                login,
                groups=f"base.group_user,{group}",
                company_id=self.company.id,
                company_ids=self.company.ids,
                context={"no_reset_password": True},
            )

        admin, collector = user("szef", "bss_catalog.group_bss_admin"), user("zb", "bss_catalog.group_bss_collector")
        self.send(self.sms())
        mine = self.gateway.with_user(admin)
        mine.sender = "BSS2"
        with self.assertRaises(AccessError):
            mine.read(["token"])
        with self.assertRaises(AccessError):
            mine.read(["callback_url"])
        with self.assertRaises(AccessError):
            self.gateway.with_user(collector).sender = "X"
        with self.assertRaises(AccessError):
            self.env["bss.sms.test"].with_user(collector).create({"gateway_id": self.gateway.id, "phone": "1"})
        log = self.Log.with_user(collector).search([])
        self.assertEqual(log.state, "accepted")
        for who in (admin, collector):
            with self.assertRaises(AccessError):
                log.with_user(who).body = "inny"
            with self.assertRaises(AccessError):
                log.with_user(who).unlink()

    def test_other_companies_see_nothing(self):
        other = self.env["res.company"].create({"name": "Druga"})
        stranger = new_test_user(
            self.env,
            "obcy",
            groups="base.group_user,bss_catalog.group_bss_admin",
            company_id=other.id,
            company_ids=other.ids,
            context={"no_reset_password": True},
        )
        self.send(self.sms())
        for model in (self.env["bss.sms.gateway"], self.Log):
            self.assertTrue(model.search([]))
            self.assertFalse(model.with_user(stranger).with_context(allowed_company_ids=other.ids).search([]))


@tagged("post_install", "-at_install")
class TestSerwerSms(SmsCommon):
    provider = "serwersms"

    def test_different_texts_go_in_one_request(self):
        first, second = self.sms("Do zapłaty 1 zł"), self.sms("Do zapłaty 2 zł", number="+48600100201")
        self.run_queue()
        self.assertEqual(self.sim.requests, ["/messages/send_personalized.json"])
        self.assertEqual([one.text for one in self.sim.sent], ["Do zaplaty 1 zl", "Do zaplaty 2 zl"])
        self.assertEqual((self.log(first).reference, self.log(second).reference), ("ID0001", "ID0002"))
        self.assertEqual(self.sim.refused, [])

    def test_a_lost_answer_is_asked_for(self):
        for fault in ("drop", "garbage", "late"):
            with self.subTest(fault=fault):
                before = len(self.sim.sent)
                sms = self.sms()
                with self.fault(fault):
                    self.run_queue()
                self.assertEqual(self.log(sms).state, "waiting")
                self.wake(sms)
                self.run_queue()
                self.assertEqual(self.sim.requests[-1], "/messages/reports.json")
                self.assertEqual((self.log(sms).state, len(self.sim.sent)), ("accepted", before + 1))

    def test_what_never_arrived_is_sent(self):
        self.sim.faults.append(503)
        sms = self.sms()
        self.run_queue()
        self.wake(sms)
        self.sim.faults.append(503)  # not even the question gets through
        self.run_queue()
        self.assertEqual((self.log(sms).state, self.sim.sent), ("waiting", []))
        self.wake(sms)
        self.run_queue()
        self.assertEqual((self.log(sms).state, len(self.sim.sent)), ("accepted", 1))

    def test_reports_are_fetched(self):
        delivered, lost, quiet = self.sms(), self.sms(number="+48600100201"), self.sms(number="+48600100202")
        self.run_queue()
        self.sim.sent[0].status = "delivered"
        self.sim.sent[1].status, self.sim.sent[1].reason = "undelivered", "message_expired"
        for _round in range(2):
            with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=0):
                self.env["bss.sms.gateway"]._cron_reports()
        self.assertEqual([self.log(one).state for one in (delivered, lost, quiet)], ["delivered", "failed", "accepted"])
        self.assertEqual(self.log(lost).problem, "expired")
        self.assertEqual(self.sim.requests.count("/messages/reports.json"), 1, "not asked again at once")
