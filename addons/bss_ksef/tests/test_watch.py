from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

from odoo import fields
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from ..ksef_core.transport import session as transport
from ..ksef_core.transport.limits import Group
from ..models import bss_ksef_session_send
from .common import KsefCommon, simulator

LOG = "odoo.addons.bss_ksef.models.bss_ksef_session_send"


@tagged("post_install", "-at_install")
class TestWatch(KsefCommon):
    """KSeF takes its time, cancels, limits, changes its keys: watched, told, sent again only where nothing was taken."""

    def setUp(self):
        super().setUp()
        self.sim = self.enterContext(simulator())
        self._aim(self.sim)
        self.kind = self.env.ref("bss_ksef.mail_activity_type_ksef")

    def _poll(self):
        with self.enter_registry_test_mode():
            self.env.ref("bss_ksef.cron_poll").method_direct_trigger()
        self.env.invalidate_all()

    def _activities(self, record):
        return record.activity_ids.filtered(lambda activity: activity.activity_type_id == self.kind)

    # ------------------------------------------------------------------ slow processing

    def test_a_session_stuck_for_hours_is_told_once_and_never_sent_again(self):
        self.sim.faults.add("processing:stuck")
        move = self._make_moves(self.business)
        (session,) = self.env["bss.ksef.session"]._bss_prepare(self.company, move)
        session._bss_transmit()
        self._poll()
        self.assertEqual((session.state, session.status_code), ("processing", 150))
        self.assertFalse(self._activities(session))
        session.closed_at = fields.Datetime.now() - timedelta(hours=3, minutes=1)
        self._poll()
        self.assertEqual(len(self._activities(session)), 1)
        self.assertIn(session.reference, session.message_ids[0].body)
        self.assertTrue(session.stuck_since)
        self._poll()
        self.assertEqual(len(self._activities(session)), 1)
        self.assertFalse(self._send(move), "never sent again")
        self.sim.processing.release()
        with self.enter_registry_test_mode():  # whose transaction holds the lock of the session
            session._bss_wait(60)
        self.assertEqual((session.state, move.bss_ksef_state), ("done", "accepted"))
        self.assertFalse(self._activities(session), "it is over")
        self.assertEqual(len(self.sim.register), 1)

    @mute_logger("odoo.addons.bss_ksef.models.bss_ksef_session_queue")
    def test_a_session_that_breaks_does_not_hold_up_the_others(self):
        self.company.bss_ksef_batch_size = 1
        moves = self._make_moves([self.business] * 3)
        sessions = self.env["bss.ksef.session"]._bss_prepare(self.company, moves)
        model = self.env.registry["bss.ksef.session"]
        original = model._bss_go_on

        def go_on(record):
            if record == sessions[1]:
                raise ValueError("broken")
            return original(record)

        with patch.object(model, "_bss_go_on", go_on):
            self._poll()
        self.assertEqual(sessions.mapped("state"), ["processing", "draft", "processing"])

    def test_how_long_is_a_setting(self):
        self.company.bss_ksef_stuck_hours = 12
        self.sim.faults.add("processing:stuck")
        move = self._make_moves(self.business)
        (session,) = self.env["bss.ksef.session"]._bss_prepare(self.company, move)
        session._bss_transmit()
        session.closed_at = fields.Datetime.now() - timedelta(hours=11)
        session._bss_watch()
        self.assertFalse(session.stuck_since)

    # ------------------------------------------------------------------ cancelled by KSeF

    def test_a_cancelled_invoice_goes_again_by_a_job(self):
        self.sim.faults.add("processing:invoice_550")
        moves = self._make_moves([self.business] * 2)
        with trap_jobs() as trap:
            self._send(moves)
            (job,) = trap.enqueued_jobs
            again = moves.filtered(lambda m: m.bss_ksef_state == "to_send")
            self.assertEqual(len(again), 1)
            self.assertEqual(job.args, (self.company.id, again.ids))
            self.assertGreater(job.eta, fields.Datetime.now() + timedelta(minutes=4))
            self.assertEqual(again.bss_ksef_document_ids.error_code, "550")
        self.env["bss.ksef.session"].with_context(queue_job__no_delay=True)._bss_job_send(*job.args)
        self.assertEqual(set(moves.mapped("bss_ksef_state")), {"accepted"})
        self.assertEqual(len(self.sim.register), 2)

    def test_an_invoice_cancelled_again_and_again_waits_for_somebody(self):
        move = self._make_moves(self.business)
        for times in range(5):
            self.sim.faults.add("processing:invoice_500")
            with trap_jobs() as trap:
                self._send(move)
                self.assertEqual(len(trap.enqueued_jobs), 1 if times < 4 else 0, times)
            self.assertEqual(move.bss_ksef_state, "to_send")

    # ------------------------------------------------------------------ limits in jobs

    @mute_logger(LOG)
    def test_a_job_that_meets_the_limit_asks_to_come_back(self):
        with self.enter_registry_test_mode():
            limiter = self.env["bss.ksef.limit"]._bss_limiter(self.company)
            limiter.block(Group.BATCH_OPEN, 90)
            move = self._make_moves(self.business)
            with trap_jobs() as trap:
                self.env["bss.ksef.session"]._bss_job_send(self.company.id, move.ids)
                (job,) = trap.enqueued_jobs
                self.assertGreater(job.eta, fields.Datetime.now() + timedelta(seconds=80))
            session = move.bss_ksef_document_ids.session_id
            self.assertEqual(session.state, "draft")
            with self.assertRaises(RetryableJobError) as raised:
                session._bss_job_poll()
            self.assertTrue(80 < raised.exception.seconds <= 90)
            self.assertTrue(raised.exception.ignore_retry)
            self.env.cr.execute("UPDATE bss_ksef_allowance SET blocked_until = NULL")
            session._bss_go_on()
            session._bss_wait(60)
            self.assertEqual(move.bss_ksef_state, "accepted")

    @mute_logger(LOG)
    def test_a_script_waits_for_the_limit(self):
        with self.enter_registry_test_mode():
            move = self._make_moves(self.business)
            limiter = self.env["bss.ksef.limit"]._bss_limiter(self.company)
            limiter.block(Group.BATCH_OPEN, 8)
            slept = []

            def sleep(seconds):
                slept.append(seconds)
                self.env.cr.execute("UPDATE bss_ksef_allowance SET blocked_until = NULL")

            with patch("odoo.addons.bss_ksef.models.bss_ksef_session_queue.time.sleep", sleep):
                self._send(move)
            self.assertTrue(7 < slept[0] <= 8)
            self.assertEqual(move.bss_ksef_document_ids.session_id.error, False)

    # ------------------------------------------------------------------ keys and logins change on the way

    def test_keys_change_and_tokens_are_refused_between_sessions(self):
        self.company.bss_ksef_batch_size = 1
        self.sim.faults.add("open:rotate_keys")
        moves = self._make_moves([self.business] * 4)
        sessions = self.env["bss.ksef.session"]._bss_prepare(self.company, moves)
        fetched = []

        def fresh_key(gate):
            key = transport.fresh_key(gate)
            fetched.append(key.key_id)
            return key

        watching = SimpleNamespace(**{**vars(transport), "fresh_key": fresh_key})
        with patch.object(bss_ksef_session_send, "session", watching):
            for number, session in enumerate(sessions):
                if number == 1:
                    self.sim.suffer("expire_access")
                elif number == 2:
                    self.sim.suffer("expire_access")
                    self.sim.suffer("expire_refresh")
                elif number == 3:
                    self.sim.faults.add("open:rotate_keys")
                session._bss_transmit()
        sessions._bss_wait(60)
        self.assertEqual(set(sessions.mapped("state")), {"done"})
        self.assertEqual(set(moves.mapped("bss_ksef_state")), {"accepted"})
        self.assertGreaterEqual(len(set(fetched)), 3, "two rotations")
        self.assertEqual(len(self.sim.register), 4)

    def test_a_refused_refresh_is_followed_by_a_login(self):
        self._send(self._make_moves(self.business))
        kept = self.env["bss.ksef.access"].search([("company_id", "=", self.company.id)])
        kept.access_until = fields.Datetime.now() - timedelta(minutes=1)
        self.sim.suffer("expire_refresh")
        logins = len([call for call in self.sim.requests if call["path"].endswith("/auth/challenge")])
        move = self._make_moves(self.business)
        self._send(move)
        self.assertEqual(move.bss_ksef_state, "accepted")
        after = len([call for call in self.sim.requests if call["path"].endswith("/auth/challenge")])
        self.assertEqual(after, logins + 1)
        self.assertTrue([call for call in self.sim.requests if call["path"].endswith("/token/refresh")])

    # ------------------------------------------------------------------ midnight

    @mute_logger(LOG)
    def test_midnight_while_the_package_is_made(self):
        """The session was begun in time, but would open on the next day: what became late stays out of KSeF."""
        moves = self._make_moves([self.business] * 2)
        moves[1]._bss_ksef_set(bss_ksef_late_by=self.env.uid)
        (session,) = self.env["bss.ksef.session"]._bss_prepare(self.company, moves)
        model = self.env.registry["bss.ksef.session"]
        original, day = model._bss_package, [self.day]

        def package(record, folder):
            made = original(record, folder)
            day[0] = self.day + timedelta(days=1)
            return made

        with patch.object(model, "_bss_package", package), patch.object(model, "_bss_day", lambda _self: day[0]):
            session._bss_transmit()
        self.assertEqual((moves[0].bss_ksef_state, moves[1].bss_ksef_state), ("late", "sent"))
        self.assertEqual(session.document_count, 1)

    # ------------------------------------------------------------------ certificate

    def _certificate(self, days):
        self.company.write({"bss_ksef_auth": "certificate", "bss_ksef_certificate": b"eA==", "bss_ksef_key": b"eA=="})
        self.env.flush_all()
        until = fields.Datetime.now() + timedelta(days=days)
        self.env.cr.execute(
            "UPDATE res_company SET bss_ksef_certificate_until = %s WHERE id = %s", [until, self.company.id]
        )
        self.company.invalidate_recordset()
        return until

    def _daily(self):
        with self.enter_registry_test_mode():
            self.env.ref("bss_ksef.cron_certificates").method_direct_trigger()
        self.env.invalidate_all()
        return self._activities(self.company.partner_id)

    def test_somebody_is_told_before_the_certificate_ends(self):
        until = self._certificate(40)
        self.assertFalse(self._daily())
        self.assertEqual(self.company.bss_ksef_certificate_state, "ok")
        told = []
        for days in (29.9, 29, 13.5, 6.5, 0.9, 0.5):
            with freeze_time(until - timedelta(days=days)):
                activity = self._daily()
                self.assertEqual((len(activity), self.company.bss_ksef_certificate_state), (1, "soon"), days)
                told.append(activity.id)
        self.assertEqual(len(set(told)), 4, "30, 14, 7 and 1 days before, each once")
        self.assertTrue(activity.user_id.has_group("account.group_account_manager"))
        with freeze_time(until + timedelta(days=1)):
            last = self._daily()
            self.assertEqual((len(last), self.company.bss_ksef_certificate_state), (1, "expired"))
            self.assertNotIn(last.id, told)
        self._certificate(700)
        self._daily()
        self.assertEqual(
            (self.company.bss_ksef_certificate_state, self.company.bss_ksef_certificate_warned), ("ok", -1)
        )

    @mute_logger(LOG)
    def test_after_its_end_nothing_is_sent_and_nothing_is_lost(self):
        waiting = self._make_moves(self.business)
        frozen = self._make_moves(self.business)
        (session,) = self.env["bss.ksef.session"]._bss_prepare(self.company, frozen)
        self._certificate(-1)
        with self.assertRaisesRegex(UserError, "expired|wygasł|utracił"):
            waiting.action_bss_ksef_send()
        self.company.bss_ksef_auto_send = True
        with trap_jobs() as trap, self.enter_registry_test_mode():
            self.env.ref("bss_ksef.cron_send").method_direct_trigger()
            trap.assert_jobs_count(0)
        session._bss_go_on()
        self.assertEqual((session.state, waiting.bss_ksef_state, frozen.bss_ksef_state), ("draft", "to_send", "queued"))
        self.assertTrue(frozen.bss_ksef_error)
        self.assertFalse([call for call in self.sim.requests if "/sessions" in call["path"]])
        self._aim(self.sim)
        session._bss_go_on()
        session._bss_wait(60)
        self._send(waiting)
        self.assertEqual(set((waiting | frozen).mapped("bss_ksef_state")), {"accepted"})
