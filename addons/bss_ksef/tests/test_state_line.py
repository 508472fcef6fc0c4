from odoo.tests import tagged

from .common import KsefCommon, simulator


@tagged("post_install", "-at_install")
class TestStateLine(KsefCommon):
    """What the accountant reads on the invoice in every state."""

    def test_drafts_and_other_companies_say_nothing(self):
        draft = self._make_moves(self.business, post=False)
        self.assertFalse(draft.bss_ksef_line)
        self.company.bss_ksef_enabled = False
        self.assertFalse(self._make_moves(self.business).bss_ksef_line)

    def test_outside(self):
        self.assertIn("outside KSeF", self._make_moves(self.consumer).bss_ksef_line)
        move = self._make_moves(self.business)
        move._bss_ksef_set(state="not_applicable")
        self.assertIn("before the sending was switched on", move.bss_ksef_line)

    def test_waiting_says_who_sends(self):
        move = self._make_moves(self.business)
        self.assertIn("use “Send to KSeF”", move.bss_ksef_line)
        self.company.bss_ksef_auto_send = True
        move.invalidate_recordset()
        self.assertIn("by itself with the next sending", move.bss_ksef_line)

    def test_a_credit_note_waits_for_its_invoice(self):
        move = self._make_moves(self.business)
        refund = move._reverse_moves([{"invoice_date": self.day}])
        refund._post(soft=False)
        self.assertIn(move.name, refund.bss_ksef_line)

    def test_on_the_way_and_there(self):
        with simulator(faults=["processing:stuck"]) as sim:
            self._aim(sim)
            move = self._make_moves(self.business)
            (session,) = self.env["bss.ksef.session"]._bss_prepare(self.company, move)
            self.assertIn("frozen", move.bss_ksef_line)
            session._bss_transmit()
            self.assertIn("processing", move.bss_ksef_line)
            sim.processing.release()
            session._bss_wait(30)
            self.assertIn("In KSeF since", move.bss_ksef_line)
            self.assertEqual(move.action_bss_ksef_open_link()["url"], move.bss_ksef_qr_url)

    def test_a_lost_answer_asks_for_nothing(self):
        move = self._make_moves(self.business)
        move._bss_ksef_set(state="unknown")
        self.assertIn("nothing to do", move.bss_ksef_line)

    def test_refused_by_our_check_and_by_ksef(self):
        with simulator() as sim:
            self._aim(sim)
            nowhere = self._make_moves(
                self._make_partner("Bez Adresu", "5265877635", street=False, city=False, zip=False)
            )
            self._send(nowhere)
            self.assertIn("our check refused it", nowhere.bss_ksef_line)
            self.assertIn("Correct the customer", nowhere.bss_ksef_line)
            nowhere.bss_ksef_document_ids.write(
                {"state": "rejected", "error_code": "410", "error_text": "[410] Brak uprawnień"}
            )
            nowhere.invalidate_recordset()
            self.assertIn("[410] Brak uprawnień", nowhere.bss_ksef_line)
            self.assertIn("give it the right", nowhere.bss_ksef_line)

    def test_why_it_is_late_and_why_it_came_back(self):
        move = self._make_moves(self.business)
        move._bss_ksef_set(state="late")
        self.assertIn("that day is over", move.bss_ksef_line)
        move._bss_ksef_set(state="to_send")
        self.env["bss.ksef.document"].create(
            {
                "name": move.name,
                "move_id": move.id,
                "company_id": self.company.id,
                "environment": "test",
                "state": "returned",
                "error_text": "[550] Operacja anulowana",
            }
        )
        move.invalidate_recordset()
        self.assertIn("[550] Operacja anulowana", move.bss_ksef_line)
