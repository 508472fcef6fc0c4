import base64
import secrets
from contextlib import suppress
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..ksef_core.transport import keys, online, package
from ..models.bss_ksef_session_online import goes_interactively
from .common import SIMULATORS, KsefCommon, simulator

LOG = "odoo.addons.bss_ksef.models.bss_ksef_session_online"


class Killed(BaseException):
    """SIGKILL as far as the database is concerned: nothing after it is written."""


@tagged("post_install", "-at_install")
class TestSendNow(KsefCommon):
    """Urgent invoices in an interactive session: at once, and never twice."""

    def setUp(self):
        super().setUp()
        self.sim = self.enterContext(simulator())
        self._aim(self.sim)
        self.move = self._make_moves(self.business)
        self.other = self._make_moves(self._make_partner("Inny", "5265877635"))
        self.moves = self.move | self.other

    def _sessions(self):
        return self.env["bss.ksef.session"].search([("company_id", "=", self.company.id)], order="id")

    def _expect_in_ksef_once(self, moves):
        self.assertEqual(set(moves.mapped("bss_ksef_state")), {"accepted"})
        self.assertEqual(sorted(entry.number for entry in self.sim.register), sorted(moves.mapped("name")))
        numbers = {entry.number: entry.ksef_number for entry in self.sim.register}
        self.assertEqual({move.name: move.bss_ksef_number for move in moves}, numbers)
        told = self.sim.sessions.all.values()
        self.assertFalse([invoice for session in told for invoice in session.invoices if invoice.code == 440])

    def test_two_invoices(self):
        told = self.moves.action_bss_ksef_send_now()
        session = self._sessions()
        self.assertEqual((session.kind, session.state, session.accepted_count), ("online", "done", 2))
        self._expect_in_ksef_once(self.moves)
        self.assertEqual(told["params"]["type"], "success")
        self.assertIn(self.move.bss_ksef_number, told["params"]["message"])
        for document in session.document_ids:
            self.assertTrue(document.upo_attachment_id)
            self.assertTrue(document.invoice_reference)
        self.assertFalse(session.upload_key or session.upload_vector)
        self.assertFalse([item for item in self.sim.requests if item["method"] == "PUT"])
        with self.assertRaises(UserError):
            self.moves.action_bss_ksef_send_now()

    def test_ten_at_most(self):
        with patch.object(online, "MAX_INVOICES", 1), self.assertRaises(UserError):
            self.moves.action_bss_ksef_send_now()
        self.assertFalse(self._sessions())

    def test_accountant_without_administrator_rights(self):
        clerk = new_test_user(
            self.env,
            "ksef_now",
            groups="account.group_account_invoice",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.move.with_user(clerk).with_company(self.company).action_bss_ksef_send_now()
        self.assertEqual(self.move.bss_ksef_state, "accepted")

    def test_late_invoice_does_not_go(self):
        late = self._make_moves(self.business, invoice_date=self.day - timedelta(days=1))
        told = (late | self.other).action_bss_ksef_send_now()
        self.assertEqual((late | self.other).mapped("bss_ksef_state"), ["late", "accepted"])
        self.assertEqual(told["params"]["type"], "warning")

    def test_what_our_own_check_refuses_is_told(self):
        self.business.with_context(no_vat_validation=True).vat = "5261040568"
        told = self.moves.action_bss_ksef_send_now()
        self.assertEqual(self.moves.mapped("bss_ksef_state"), ["rejected", "accepted"])
        self.assertIn("5261040568", told["params"]["message"])

    def test_credit_note_waits_for_its_original(self):
        refund = self.move._reverse_moves([{"invoice_date": self.day}])
        refund._post(soft=False)
        told = refund.action_bss_ksef_send_now()
        self.assertEqual(refund.bss_ksef_state, "to_send")
        self.assertIn(refund.name, told["params"]["message"])
        self.assertFalse(self._sessions())
        self.move.action_bss_ksef_send_now()
        refund.action_bss_ksef_send_now()
        self._expect_in_ksef_once(self.move | refund)

    # ------------------------------------------------------------------ lost answers

    def _send_with(self, *faults):
        for fault in faults:
            self.sim.faults.add(fault)
        with mute_logger(LOG):
            self.moves.action_bss_ksef_send_now()
        return self._sessions()

    def test_lost_answer_to_a_sending_that_arrived(self):
        session = self._send_with("send:500_after")
        self.assertEqual(session.state, "done")
        self._expect_in_ksef_once(self.moves)

    def test_lost_answer_to_a_sending_that_did_not_arrive(self):
        session = self._send_with("send:502_before")
        self.assertEqual((len(session), session.state), (1, "done_errors"))
        self.assertEqual(sorted(self.moves.mapped("bss_ksef_state")), ["accepted", "to_send"])
        self.assertEqual(sorted(session.document_ids.mapped("state")), ["accepted", "returned"])
        self.moves.filtered(lambda m: m.bss_ksef_state == "to_send").action_bss_ksef_send_now()
        self._expect_in_ksef_once(self.moves)

    def test_no_sending_arrived(self):
        """440: an empty session."""
        session = self._send_with("send:502_before*2")
        self.assertEqual((session.status_code, session.state), (440, "failed"))
        self.assertEqual(set(self.moves.mapped("bss_ksef_state")), {"to_send"})
        self.moves.action_bss_ksef_send_now()
        self._expect_in_ksef_once(self.moves)

    def test_lost_answer_to_open(self):
        """The session that was opened stays empty; another one is opened."""
        session = self._send_with("online_open:500_after")
        self.assertEqual(session.state, "draft")
        self.assertEqual(set(self.moves.mapped("bss_ksef_state")), {"queued"})
        session._bss_go_on()
        session._bss_wait(60)
        self.assertEqual(session.state, "done")
        self._expect_in_ksef_once(self.moves)

    def test_lost_answer_to_close(self):
        for fault in ("online_close:500_after", "online_close:502_before"):
            with self.subTest(fault):
                self.moves = self._make_moves(self.business)
                session = self._send_with(fault)[-1:]
                session._bss_wait(60)
                self.assertEqual((session.state, self.moves.bss_ksef_state), ("done", "accepted"))

    def test_limited_sending_waits(self):
        self.sim.faults.add("send:429")
        self.sim.faults._ordered[-1].retry_after = 400
        session = self._send_with()
        self.assertEqual(session.state, "open")
        self.assertEqual(set(self.moves.mapped("bss_ksef_state")), {"queued"})
        self.assertFalse(session.sending_id)
        self._unblock()
        session._bss_go_on()
        session._bss_wait(60)
        self._expect_in_ksef_once(self.moves)

    def test_token_that_expires_in_between(self):
        self.assertEqual(self._send_with("send:expire_access").state, "done")
        self._expect_in_ksef_once(self.moves)

    def test_rotated_public_key(self):
        fetched = []
        real = keys.wrap

        def wrap(key, secret):
            if len(secret) == 32:
                fetched.append(key.key_id)
                if len(fetched) == 1:
                    self.sim.keys.rotate(emergency=True)
            return real(key, secret)

        with patch.object(keys, "wrap", wrap):
            self.assertEqual(self._send_with().state, "done")
        self.assertEqual(len(set(fetched)), 2)
        self._expect_in_ksef_once(self.moves)

    def test_415_of_the_key(self):
        real = keys.wrap

        def wrap(key, secret):
            return real(key, secret) if len(secret) != 32 else base64.b64encode(secrets.token_bytes(256)).decode()

        with patch.object(keys, "wrap", wrap):
            session = self._send_with()
        self.assertEqual((session.status_code, session.state), (415, "failed"))
        self.assertEqual(set(self.moves.mapped("bss_ksef_state")), {"to_send"})
        self.moves.action_bss_ksef_send_now()
        self._expect_in_ksef_once(self.moves)

    def test_550_goes_again(self):
        session = self._send_with("processing:invoice_550")
        self.assertEqual(session.state, "done_errors")
        self.assertEqual(sorted(self.moves.mapped("bss_ksef_state")), ["accepted", "to_send"])
        self.moves.filtered(lambda m: m.bss_ksef_state == "to_send").action_bss_ksef_send_now()
        self._expect_in_ksef_once(self.moves)

    # ------------------------------------------------------------------ kills

    def _killed(self, arrived):
        """The server dies while the first invoice is being sent, before or after KSeF has it."""
        real = online.send

        def send(*arguments, **named):
            if arrived:
                real(*arguments, **named)
            raise Killed

        with patch.object(online, "send", send):
            try:
                self.moves.action_bss_ksef_send_now()
            except Killed:
                return self._sessions()
        self.fail("it was not killed")
        return None

    def test_killed_after_a_sending(self):
        session = self._killed(arrived=True)
        self.assertEqual((session.state, len(session.sending_id)), ("open", 1))
        session._bss_go_on()
        session._bss_wait(60)
        self.assertEqual(session.state, "done")
        self._expect_in_ksef_once(self.moves)

    def test_killed_before_a_sending(self):
        session = self._killed(arrived=False)
        session._bss_go_on()
        session._bss_wait(60)
        self.assertEqual(sorted(self.moves.mapped("bss_ksef_state")), ["accepted", "to_send"])
        self.moves.filtered(lambda m: m.bss_ksef_state == "to_send").action_bss_ksef_send_now()
        self._expect_in_ksef_once(self.moves)

    def test_killed_while_closing(self):
        real = online.close

        def close(*arguments):
            real(*arguments)
            raise Killed

        with patch.object(online, "close", close), suppress(Killed):
            self.moves.action_bss_ksef_send_now()
        session = self._sessions()
        self.assertEqual(session.state, "closing")
        session._bss_go_on()
        session._bss_wait(60)
        self._expect_in_ksef_once(self.moves)

    # ------------------------------------------------------------------ packages only

    def test_large_invoices_go_in_a_package(self):
        lines = [("Opis " * 80, 1, 1.0, self.tax["23"])] * 3
        large = self._make_moves(self._make_partner("Duży", "5265877635"), lines)
        with patch.object(package, "MAX_INVOICE", 3000):
            (self.move | large).action_bss_ksef_send_now()
        self.assertEqual(self._sessions().mapped("kind"), ["online", "batch"])
        self._expect_in_ksef_once(self.move | large)

    def test_attachments_go_in_a_package(self):
        samples = sorted((SIMULATORS / "data" / "ksef" / "fa3").glob("*.xml"))
        packed = [path.stem for path in samples if not goes_interactively(path.read_bytes())]
        self.assertEqual(len(samples), 26)
        self.assertEqual([name.rsplit("_", 1)[-1] for name in packed], ["24", "25"])
