from contextlib import suppress
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import OperationalError

from .sms_common import SmsCommon


@tagged("post_install", "-at_install")
class TestSmsFaults(SmsCommon):
    """Operators that are down, slow or answer errors: nothing is lost and nothing goes out twice."""

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

    def test_no_secret_in_the_server_log(self):
        self.sim.faults.append("drop")
        with self.assertLogs("odoo", "DEBUG") as seen:
            self.send(self.sms())
        self.assertIn("does not answer", "".join(seen.output))
        for word in (self.sim.token, self.gateway.callback_secret):
            self.assertNotIn(word, "".join(seen.output))
