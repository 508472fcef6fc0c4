from datetime import UTC, datetime
from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from .sms_common import SmsCommon


@tagged("post_install", "-at_install")
class TestSmsReport(SmsCommon, HttpCase):
    """Reports that the operator brings over HTTP."""

    def setUp(self):
        super().setUp()
        self.first, self.second = self.sms(), self.sms("Inny tekst", number="+48600100201")
        self.send(self.first, self.second)
        self.path = f"/bss/sms/{self.gateway.id}/{self.gateway.callback_secret}"

    def bring(self, query, path=None):
        self.env.flush_all()
        response = self.url_open(f"{path or self.path}?{query}")
        self.env.invalidate_all()
        return response

    def test_reports_of_many_messages(self):
        response = self.bring(self.sim.report((self.sim.sent[0], "DELIVERED"), (self.sim.sent[1], "UNDELIVERED")))
        self.assertEqual((response.status_code, response.text), (200, "OK"))
        first, second = self.log(self.first), self.log(self.second)
        self.assertEqual((first.state, second.state, second.problem), ("delivered", "failed", "undelivered"))
        moment = datetime(2026, 11, 2, 10, 0, tzinfo=UTC).replace(tzinfo=None)
        self.assertLessEqual(first.delivered_at, moment)

    def test_a_report_by_post(self):
        query = self.sim.report((self.sim.sent[0], "DELIVERED"))
        self.env.flush_all()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self.assertEqual(self.url_open(self.path, data=query, headers=headers).text, "OK")
        self.env.invalidate_all()
        self.assertEqual(self.log(self.first).state, "delivered")

    def test_the_secret_is_needed(self):
        query = self.sim.report((self.sim.sent[0], "DELIVERED"))
        for secret in ("x", self.gateway.callback_secret[:-1], self.gateway.callback_secret + "a", "ż"):
            self.assertEqual(self.bring(query, f"/bss/sms/{self.gateway.id}/{secret}").status_code, 404)
        self.assertEqual(self.bring(query, f"/bss/sms/999999/{self.gateway.callback_secret}").status_code, 404)
        old = self.path
        self.gateway.action_new_secret()
        self.assertEqual(self.bring(query, old).status_code, 404)
        self.gateway.callback_secret = False
        self.assertEqual(self.bring(query, f"/bss/sms/{self.gateway.id}/False").status_code, 404)
        self.assertEqual(self.log(self.first).state, "accepted")

    def test_late_and_repeated_reports_change_nothing(self):
        self.bring(self.sim.report((self.sim.sent[0], "DELIVERED"), at=1791000000))
        at = self.log(self.first).delivered_at
        for status in ("SENT", "EXPIRED", "UNKNOWN"):
            self.bring(self.sim.report((self.sim.sent[0], status)))
        self.assertEqual((self.log(self.first).state, self.log(self.first).delivered_at), ("delivered", at))

    def test_news_of_strangers(self):
        stranger = self.sim.take("someone", "48600100209", "x", "BSS")
        self.assertEqual(self.bring(self.sim.report((stranger, "DELIVERED"))).text, "OK")
        for query in (
            "",
            "MsgId=1",
            "MsgId=%00&status=404",
            "MsgId=1&status=404&idx=" + "a" * 5000,
            "MsgId=1&status=x",
        ):
            self.assertEqual(self.bring(query).status_code, 200)
        self.assertEqual(self.log(self.first).state, "accepted")

    def test_a_report_faster_than_the_answer(self):
        log = self.log(self.first)
        log.write({"state": "sending", "reference": False, "cost": 0})
        self.bring(self.sim.report((self.sim.sent[0], "DELIVERED")))
        answer = self.send(self.first)[self.first.uuid]
        self.assertEqual(answer.outcome.value, "accepted")
        log = self.log(self.first)
        self.assertEqual((log.state, log.reference, len(self.sim.sent)), ("delivered", "ID0001", 2))


@tagged("post_install", "-at_install")
class TestSmsApiPolling(SmsCommon):
    """SMSAPI is asked where nobody brings its reports to us."""

    def poll(self):
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=0):
            self.env["bss.sms.gateway"]._cron_reports()

    def test_states_are_fetched(self):
        delivered, lost, quiet = self.sms(), self.sms("b", "+48600100201"), self.sms("c", "+48600100202")
        self.run_queue()
        self.sim.sent[0].status, self.sim.sent[1].status = "DELIVERED", "EXPIRED"
        asked = len(self.sim.requests)
        self.poll()
        self.poll()
        self.assertEqual(len(self.sim.requests), asked + 1, "not asked again at once")
        self.assertEqual([self.log(one).state for one in (delivered, lost, quiet)], ["delivered", "failed", "accepted"])
        self.assertEqual(self.log(lost).problem, "expired")
        self.assertEqual(self.sim.refused, [])

    def test_a_gateway_that_is_told_asks_nothing(self):
        self.gateway.fetch_reports = False
        self.sms()
        self.run_queue()
        asked = len(self.sim.requests)
        self.poll()
        self.assertEqual(len(self.sim.requests), asked)

    def test_an_operator_that_is_down_or_talks_nonsense_loses_nothing(self):
        sms = self.sms()
        self.run_queue()
        self.sim.sent[0].status = "DELIVERED"
        for fault in (503, "garbage", ("error", 101)):
            with self.subTest(fault=fault):
                self.sim.faults.append(fault)
                self.poll()
                self.assertEqual(self.log(sms).state, "accepted")
                self.log(sms).polled_at = False
        self.poll()
        self.assertEqual(self.log(sms).state, "delivered")
