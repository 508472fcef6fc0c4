from contextlib import suppress
from unittest.mock import patch

from odoo.tests import tagged

from .. import freezing
from ..models import bss_ksef_session_prepare
from .common import KsefCommon


@tagged("post_install", "-at_install")
class TestBulk(KsefCommon):
    """Thousands of invoices at once: few statements, chunks that stand by themselves, nothing twice."""

    def setUp(self):
        super().setUp()
        self.sessions = self.env["bss.ksef.session"]
        self.partners = self.business
        for index in range(9):
            self.partners |= self._make_partner(f"Klient {index}", "5261040567")

    def _moves(self):
        moves = self._make_moves(self.partners)
        self.env.flush_all()
        self.env.invalidate_all()
        return moves

    def _statements(self, moves):
        before = self.env.cr.sql_log_count
        self.sessions._bss_prepare(self.company, moves)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_statements_do_not_grow_with_the_invoices(self):
        """Each further chunk costs a fixed number of statements, whatever is in it."""
        self._statements(self._moves())  # fills what is kept for a process
        few = self._statements(self._moves()[:2])
        more = self._statements(self._moves())
        self.assertEqual(more, few)

    def test_a_chunk_takes_at_most_ten_statements_for_a_thousand(self):
        """What one more chunk adds, with the two COPY that the cursor does not count."""
        self._statements(self._moves())
        one = self._statements(self._moves())
        with patch.object(bss_ksef_session_prepare, "CHUNK", 5):
            two = self._statements(self._moves())
        self.assertLessEqual(two - one + 2, bss_ksef_session_prepare.CHUNK / 1000 * 10)

    def test_sessions_are_filled_to_their_size(self):
        self.company.bss_ksef_batch_size = 4
        wrong = self._make_moves(self._make_partner("Zły NIP", "5261040568"))
        moves = wrong | self._moves()
        with patch.object(bss_ksef_session_prepare, "CHUNK", 3):
            sessions = self.sessions._bss_prepare(self.company, moves)
        self.assertEqual(sessions.mapped("document_count"), [4, 4, 2])
        self.assertEqual([len(session.document_ids) for session in sessions], [4, 4, 2])
        self.assertEqual(sessions.document_ids.move_id, moves - wrong)
        self.assertEqual((wrong.bss_ksef_state, wrong.bss_ksef_document_ids.session_id.id), ("rejected", False))

    def test_only_invalid_invoices_make_no_session(self):
        wrong = self._make_moves(self._make_partner("Zły NIP", "5261040568"))
        self.assertFalse(self.sessions._bss_prepare(self.company, wrong))
        self.assertEqual(wrong.bss_ksef_document_ids.state, "invalid")

    def test_a_death_between_chunks_doubles_nothing(self):
        """What was kept goes in its session; the rest waits and comes into the next one."""
        moves = self._moves()
        stored = []
        store = freezing.Freezing.store

        def dies(one, rows, session_id=None):
            if stored:
                raise KeyboardInterrupt
            stored.append(len(rows))
            return store(one, rows, session_id)

        with (
            patch.object(bss_ksef_session_prepare, "CHUNK", 4),
            patch.object(freezing.Freezing, "store", dies),
            suppress(KeyboardInterrupt),  # not assertRaises: that would roll back what a death leaves behind
        ):
            self.sessions._bss_prepare(self.company, moves)
            self.fail("nothing died")
        first = self.sessions.search([("company_id", "=", self.company.id)])
        self.assertEqual((first.state, first.document_count, len(first.document_ids)), ("draft", 4, 4))
        self.assertEqual(moves.grouped("bss_ksef_state").keys(), {"queued", "to_send"})
        second = self.sessions._bss_prepare(self.company)
        self.assertEqual(len(second.document_ids), 6)
        documents = self.env["bss.ksef.document"].search([("move_id", "in", moves.ids)])
        self.assertEqual(len(documents), 10)
        self.assertEqual(documents.move_id, moves)
        self.assertFalse(self.sessions._bss_prepare(self.company, moves), "nothing waits any more")

    def test_an_invoice_in_other_hands_is_left_alone(self):
        """A claim sees the state of the database, not what a list of ids said before."""
        moves = self._moves()
        due = self.sessions._bss_due(self.company, moves)
        moves[0]._bss_ksef_set(state="queued")
        self.assertEqual(self.sessions._bss_claim(due), moves[1:])

    def test_a_credit_note_waits_for_its_invoice(self):
        original = self._make_moves(self.business)
        refund = original._reverse_moves([{"invoice_date": self.day, "ref": "Reklamacja"}])
        refund._post(soft=False)
        due = self.sessions._bss_due
        self.assertEqual(due(self.company, refund), [])
        original._bss_ksef_set(state="accepted")
        self.assertEqual(due(self.company, refund), refund.ids)
        original._bss_ksef_set(state="rejected")
        self.assertEqual(due(self.company, original | refund), [])

    def test_a_new_attempt_takes_the_place_of_the_old(self):
        wrong = self._make_partner("Zły NIP", "5261040568")
        move = self._make_moves(wrong)
        self.sessions._bss_prepare(self.company, move)
        first = move.bss_ksef_document_ids
        move._bss_ksef_set(state="to_send")
        wrong.with_context(no_vat_validation=True).vat = "5261040567"
        self.sessions._bss_prepare(self.company, move)
        self.assertEqual((first.superseded, first.state), (True, "invalid"))
        self.assertEqual((move.bss_ksef_document_ids - first).state, "queued")

    def test_texts_of_any_characters_are_stored_as_they_are(self):
        odd = self._make_partner("Tab\there \\N back\\slash", "5261040568")
        move = self._make_moves(odd)
        self.sessions._bss_prepare(self.company, move)
        self.assertIn("Tab\there \\N back\\slash", move.bss_ksef_document_ids.error_text)
