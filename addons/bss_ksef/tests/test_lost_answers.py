import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..ksef_core.transport import auth, session
from ..models import bss_ksef_session, bss_ksef_session_send
from .common import KsefCommon, simulator

LOG = "odoo.addons.bss_ksef.models.bss_ksef_session_send"


@tagged("post_install", "-at_install")
class TestLostAnswers(KsefCommon):
    """Whatever gets lost on the way, an invoice is in KSeF once."""

    def setUp(self):
        super().setUp()
        self.sim = self.enterContext(simulator())
        self._aim(self.sim)

    def _times_in_ksef(self, move):
        return sum(1 for item in self.sim.register if item.number == move.name)

    @mute_logger(LOG)
    def test_lost_answer_to_close_is_asked_about(self):
        self.sim.faults.add("close:500_after")
        move = self._make_moves(self.business)
        session = self.env["bss.ksef.session"]._bss_prepare(self.company, move)
        session._bss_transmit()
        self.assertEqual((session.state, move.bss_ksef_state), ("unknown", "unknown"))
        self.assertFalse(self.env["bss.ksef.session"]._bss_prepare(self.company, move), "never sent again")
        session._bss_wait(60)
        self.assertEqual((session.state, move.bss_ksef_state), ("done", "accepted"))
        self.assertEqual(self._times_in_ksef(move), 1)

    @mute_logger(LOG)
    def test_close_that_never_arrived_is_repeated(self):
        self.sim.faults.add("close:502_before")
        move = self._make_moves(self.business)
        session = self._send(move)
        self.assertEqual((session.state, move.bss_ksef_state), ("done", "accepted"))
        self.assertEqual(self._times_in_ksef(move), 1)

    @mute_logger(LOG)
    def test_scheduled_action_finishes_what_a_crash_left(self):
        move = self._make_moves(self.business)
        waiting = self.env["bss.ksef.session"]._bss_prepare(self.company, move)
        self.sim.faults.add("close:drop_after")
        other = self._make_moves(self._make_partner("Inny", "5265877635"))
        lost = self.env["bss.ksef.session"]._bss_prepare(self.company, other)
        lost._bss_transmit()
        self.assertEqual((waiting.state, lost.state), ("draft", "unknown"))
        with self.enter_registry_test_mode():
            for _again in range(10):
                self.env.ref("bss_ksef.cron_poll").method_direct_trigger()
                self.env.invalidate_all()
                if {waiting.state, lost.state} == {"done"}:
                    break
                time.sleep(0.2)
        self.assertEqual(set((move | other).mapped("bss_ksef_state")), {"accepted"})

    def test_job_that_is_repeated_sends_what_its_first_run_prepared(self):
        """It broke down between two commits: frozen and in a session, but not sent."""
        move = self._make_moves(self.business)
        left = self.env["bss.ksef.session"]._bss_prepare(self.company, move)
        job = self.env["bss.ksef.session"].with_context(queue_job__no_delay=True)
        job._bss_job_send(self.company.id, move.ids)
        self.assertEqual((left.state, move.bss_ksef_state), ("done", "accepted"))
        self.assertEqual(self._times_in_ksef(move), 1)

    @mute_logger(LOG)
    def test_lost_answer_to_open(self):
        self.sim.faults.add("open:500_after")
        move = self._make_moves(self.business)
        session = self.env["bss.ksef.session"]._bss_prepare(self.company, move)
        session._bss_transmit()
        self.assertEqual((session.state, session.reference, move.bss_ksef_state), ("unknown", False, "unknown"))
        session._bss_go_on()
        self.assertTrue(session.reference, "found in the list of sessions")
        self.assertEqual(move.bss_ksef_state, "unknown")
        session.opened_at = fields.Datetime.now() - timedelta(minutes=21)
        session._bss_go_on()
        self.assertEqual((session.state, move.bss_ksef_state), ("failed", "to_send"))
        self.assertEqual(self._send(move).state, "done")
        self.assertEqual(self._times_in_ksef(move), 1)

    @mute_logger(LOG)
    def test_server_killed_while_opening(self):
        self.sim.faults.add("open:500_after")
        move = self._make_moves(self.business)
        session = self.env["bss.ksef.session"]._bss_prepare(self.company, move)
        session._bss_transmit()
        # what the database holds when the process died before it could note the failure
        session.state = "opening"
        move.bss_ksef_document_ids.state = "queued"
        session._bss_go_on()
        self.assertEqual((session.state, move.bss_ksef_state), ("unknown", "unknown"))
        self.assertTrue(session.reference)

    @mute_logger(LOG)
    def test_server_killed_while_closing(self):
        """KSeF got the close and is done with it before we come back."""
        self.sim.faults.add("close:500_after")
        move = self._make_moves(self.business)
        session = self.env["bss.ksef.session"]._bss_prepare(self.company, move)
        session._bss_transmit()
        session.state = "closing"
        move.bss_ksef_document_ids.state = "queued"
        for _again in range(100):
            if len(self.sim.register):
                break
            time.sleep(0.05)
        time.sleep(0.3)
        session._bss_go_on()
        self.assertEqual((session.state, move.bss_ksef_state), ("done", "accepted"))

    @mute_logger(LOG)
    def test_server_killed_before_it_closed(self):
        self.sim.faults.add("close:502_before")
        move = self._make_moves(self.business)
        session = self.env["bss.ksef.session"]._bss_prepare(self.company, move)
        session._bss_transmit()
        session.state = "closing"
        move.bss_ksef_document_ids.state = "queued"
        session._bss_go_on()
        session._bss_wait(60)
        self.assertEqual((session.state, move.bss_ksef_state), ("done", "accepted"))
        self.assertEqual(self._times_in_ksef(move), 1)

    @mute_logger(LOG)
    def test_two_workers_do_not_work_on_one_session(self):
        move = self._make_moves(self.business)
        session = self.env["bss.ksef.session"]._bss_prepare(self.company, move)
        with self.env.registry.cursor() as other:
            other.execute("SELECT pg_advisory_xact_lock(%s, %s)", (bss_ksef_session.LOCK_SPACE, session.id))
            session._bss_go_on()
            self.assertEqual(session.state, "draft")
        session._bss_go_on()
        session._bss_wait(60)
        self.assertEqual(session.state, "done")

    @mute_logger(LOG)
    def test_open_that_never_arrived(self):
        self.sim.faults.add("open:502_before")
        move = self._make_moves(self.business)
        session = self.env["bss.ksef.session"]._bss_prepare(self.company, move)
        session._bss_transmit()
        session._bss_go_on()
        self.assertEqual((session.state, session.reference), ("unknown", False))
        session.opening_at = fields.Datetime.now() - timedelta(minutes=26)
        session._bss_go_on()
        self.assertEqual((session.state, move.bss_ksef_state), ("failed", "to_send"))

    @mute_logger(LOG)
    def test_unreachable_server_leaves_everything_waiting(self):
        self.company.bss_ksef_base_url = "http://127.0.0.1:1/v2"
        move = self._make_moves(self.business)
        session = self.env["bss.ksef.session"]._bss_prepare(self.company, move)
        self.patch(self.env.registry["res.company"], "_bss_ksef_gate", _impatient(self.env.registry["res.company"]))
        session._bss_transmit()
        self.assertEqual((session.state, move.bss_ksef_state), ("draft", "queued"))
        self.assertIn("ConnectError", session.error)
        self.assertIn("http://127.0.0.1:1/v2", move.bss_ksef_error)
        self.company.bss_ksef_base_url = self.sim.base_url
        session._bss_go_on()
        session._bss_wait(60)
        self.assertEqual((session.state, move.bss_ksef_state, session.error), ("done", "accepted", False))
        self.assertFalse(move.bss_ksef_error)
        self.assertFalse(move.bss_ksef_document_ids.error_text)

    @mute_logger(LOG)
    def test_token_that_ksef_no_longer_takes(self):
        self._send(self._make_moves(self.business))
        kept = self.env["bss.ksef.access"].search([("company_id", "=", self.company.id)])
        kept.access_token = "eyJ0.eyJ0.x"
        move = self._make_moves(self._make_partner("Inny", "5265877635"))
        self._send(move)
        self.assertEqual(move.bss_ksef_state, "accepted")

    def test_two_workers_log_in_at_the_same_moment(self):
        """Both found no tokens; the second one to keep its own is no conflict."""
        access, until = self.env["bss.ksef.access"].sudo(), datetime.now(UTC) + timedelta(minutes=15)
        for text in ("first", "second"):
            access.browse()._bss_keep(self.company, auth.Tokens(auth.Token(text, until), auth.Token("refresh", until)))
        kept = access.search([("company_id", "=", self.company.id)])
        self.assertEqual(kept.mapped("access_token"), ["second"])
        self.assertEqual(kept._bss_tokens().access.text, "second")

    @mute_logger(LOG)
    def test_refused_login_leaves_everything_waiting(self):
        self.company.bss_ksef_token = "wrong"
        move = self._make_moves(self.business)
        session = self._send(move)
        self.assertEqual((session.state, move.bss_ksef_state), ("draft", "queued"))
        self.assertIn("450", session.error)
        self.assertEqual(move.bss_ksef_document_ids.error_text, session.error)
        self.assertEqual(move.bss_ksef_error, session.error)
        with self.assertRaises(UserError):
            session.unlink()
        session.action_cancel()
        self.assertEqual((session.state, move.bss_ksef_state), ("failed", "to_send"))
        with self.assertRaises(UserError):
            session.action_cancel()

    def test_rotated_public_key_is_fetched_again(self):
        fetched = []

        def fresh_key(gate):
            fetched.append(session.fresh_key(gate))
            if len(fetched) == 1:
                self.sim.keys.rotate(emergency=True)
            return fetched[-1]

        move = self._make_moves(self.business)
        rotating = SimpleNamespace(**{**vars(session), "fresh_key": fresh_key})
        with patch.object(bss_ksef_session_send, "session", rotating):
            self._send(move)
        self.assertEqual(len({key.key_id for key in fetched}), 2)
        self.assertEqual(move.bss_ksef_state, "accepted")

    def test_invoice_cancelled_by_ksef_is_returned(self):
        self.sim.faults.add("processing:invoice_550")
        move = self._make_moves(self.business)
        other = self._make_moves(self._make_partner("Inny", "5265877635"))
        self._send(move | other)
        self.assertEqual(sorted((move | other).mapped("bss_ksef_state")), ["accepted", "to_send"])
        self._send()
        self.assertEqual(set((move | other).mapped("bss_ksef_state")), {"accepted"})


def _impatient(company_class):
    """No retries, so that a test does not wait."""
    original = company_class._bss_ksef_gate

    def gate(self, attempts=1):
        return original(self, attempts=1)

    return gate
