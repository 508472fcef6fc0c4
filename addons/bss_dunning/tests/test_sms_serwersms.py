from unittest.mock import patch

from odoo.tests import tagged

from .sms_common import SmsCommon


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
