from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..ksef_core.transport import limits
from ..ksef_core.transport.limits import Group
from ..models import bss_ksef_session_reconcile as reconcile
from .common import KsefCommon, simulator

LOG = "odoo.addons.bss_ksef.models.bss_ksef_session_send"


@tagged("post_install", "-at_install")
class TestReconcile(KsefCommon):
    """What KSeF has and we do not know is found by hash, with few questions whatever the number of invoices."""

    def setUp(self):
        super().setUp()
        self.sim = self.enterContext(simulator())
        self._aim(self.sim)

    def _forget(self, moves, state="queued"):
        """As after a restored backup: KSeF has the documents, the database does not know it."""
        documents = moves.bss_ksef_document_ids
        documents.flush_recordset()
        self.env.cr.execute(
            "UPDATE bss_ksef_document SET state = %s, ksef_number = NULL, accepted_at = NULL WHERE id = ANY(%s)",
            [state, documents.ids],
        )
        documents.invalidate_recordset()
        moves._bss_ksef_set(state="to_send" if state == "returned" else state, bss_ksef_number=None)
        return documents

    def _new_session(self, documents):
        again = self.env["bss.ksef.session"]._bss_new_session(self.company, documents)
        again.document_count = len(documents)
        return again

    def _calls(self, group):
        return [
            call
            for call in self.sim.requests
            if limits.group_of(call["method"], call["path"].removeprefix("/v2")) is group
        ]

    def _sent(self, count):
        moves = self._make_moves([self.business] * count)
        self._send(moves)
        self.assertEqual(set(moves.mapped("bss_ksef_state")), {"accepted"})
        return moves, {move: move.bss_ksef_number for move in moves}

    def test_many_duplicates_take_their_numbers_with_one_list(self):
        moves, known = self._sent(12)
        again = self._new_session(self._forget(moves))
        before = len(self._calls(Group.SESSION_INVOICES))
        again._bss_transmit()
        again._bss_wait(60)
        self.assertEqual({move: move.bss_ksef_number for move in moves}, known)
        self.assertEqual(set(moves.mapped("bss_ksef_state")), {"accepted"})
        self.assertEqual((again.state, again.accepted_count), ("done", 12))
        self.assertFalse(self._calls(Group.METADATA), "no question for each duplicate")
        self.assertLessEqual(len(self._calls(Group.SESSION_INVOICES)) - before, 2)
        self.assertEqual(len(self.sim.register), 12)

    def test_many_duplicates_of_unknown_sessions_take_one_export(self):
        moves, known = self._sent(6)
        again = self._new_session(self._forget(moves))
        with patch.object(reconcile, "LISTED_SESSIONS", 0):
            again._bss_transmit()
            again._bss_wait(60)
        self.assertEqual({move: move.bss_ksef_number for move in moves}, known)
        self.assertEqual(len(self._calls(Group.EXPORT)), 1)
        self.assertFalse(self._calls(Group.METADATA))

    def test_many_conflicts_are_rejected_each_with_its_reason(self):
        moves, _known = self._sent(5)
        self._forget(moves, "rejected")
        moves._bss_ksef_set(state="to_send")
        self.business.street = "ul. Inna 1"
        session = self._send(moves)
        self.assertEqual(set(moves.mapped("bss_ksef_state")), {"rejected"})
        self.assertEqual((session.state, session.rejected_count), ("done_errors", 5))
        latest = moves.bss_ksef_document_ids.filtered(lambda d: d.session_id == session)
        self.assertEqual(set(latest.mapped("error_code")), {"440"})
        self.assertTrue(all(latest.mapped("invoice_reference")))
        self.assertTrue(all("440" in text for text in moves.mapped("bss_ksef_error")))

    def test_unknown_documents_are_found_in_one_export(self):
        moves, known = self._sent(5)
        never = self._make_moves(self._make_partner("Inny", "5265877635"))
        (waiting,) = self.env["bss.ksef.session"]._bss_prepare(self.company, never)
        self.assertEqual(waiting.state, "draft")
        never.bss_ksef_document_ids._bss_move_to("unknown")
        documents = self._forget(moves, "unknown")
        told = self.env["bss.ksef.session"]._bss_reconcile(self.company)
        self.assertEqual(told, {"asked": 6, "found": 5})
        self.assertEqual({move: move.bss_ksef_number for move in moves}, known)
        self.assertTrue(all(documents.mapped("accepted_at")))
        self.assertEqual((never.bss_ksef_state, len(self._calls(Group.EXPORT))), ("unknown", 1))

    def test_one_unknown_document_is_looked_up_by_its_number(self):
        moves, known = self._sent(1)
        self._forget(moves, "unknown")
        session = moves.bss_ksef_document_ids.session_id
        action = session.action_reconcile()
        self.assertEqual(action["params"]["type"], "success")
        self.assertEqual(moves.bss_ksef_number, known[moves])
        self.assertEqual((len(self._calls(Group.METADATA)), len(self._calls(Group.EXPORT))), (1, 0))
        with self.assertRaises(UserError):
            session.action_reconcile()

    def test_a_returned_document_that_ksef_has_is_accepted_and_not_sent_again(self):
        moves, known = self._sent(1)
        self._forget(moves, "returned")
        self.env["bss.ksef.session"]._bss_reconcile(self.company)
        self.assertEqual((moves.bss_ksef_state, moves.bss_ksef_number), ("accepted", known[moves]))
        self.assertFalse(self._send(moves), "nothing is left to send")
        self.assertEqual(len(self.sim.register), 1)

    def test_another_document_under_the_same_number_is_not_ours(self):
        moves, _known = self._sent(1)
        document = self._forget(moves, "unknown")
        self.env.cr.execute(
            "UPDATE bss_ksef_document SET sha256 = 'A' || substr(sha256, 2) WHERE id = %s", [document.id]
        )
        document.invalidate_recordset()
        told = self.env["bss.ksef.session"]._bss_reconcile(self.company)
        self.assertEqual((told["found"], document.state), (0, "unknown"))

    @mute_logger(LOG)
    def test_the_scheduled_action_settles_what_a_finished_session_left_open(self):
        moves, known = self._sent(2)
        self._forget(moves, "unknown")
        with self.enter_registry_test_mode():
            self.env.ref("bss_ksef.cron_reconcile").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual({move: move.bss_ksef_number for move in moves}, known)
        self.assertEqual(moves.bss_ksef_document_ids.session_id.accepted_count, 2)
        self.assertEqual(len(self._calls(Group.METADATA)), 2)
