from datetime import UTC, datetime, time, timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import KsefCommon, simulator

LOG = "odoo.addons.bss_ksef.models.bss_ksef_session_send"


@tagged("post_install", "-at_install")
class TestLate(KsefCommon):
    """KSeF silently marks an invoice Offline when its day of issue is over: here nothing of that happens silently."""

    def setUp(self):
        super().setUp()
        self.sim = self.enterContext(simulator())
        self._aim(self.sim)
        self.yesterday = self.day - timedelta(days=1)

    def _late_move(self):
        return self._make_moves(self.business, invoice_date=self.yesterday)

    def _mode_in_ksef(self, move):
        return next(item.mode for item in self.sim.register if item.ksef_number == move.bss_ksef_number)

    def test_a_late_invoice_is_put_aside_and_the_others_go(self):
        late, good = self._late_move(), self._make_moves(self.business)
        session = self._send()
        self.assertEqual((session.state, session.document_count), ("done", 1))
        self.assertEqual((good.bss_ksef_state, good.bss_ksef_mode), ("accepted", "online"))
        self.assertEqual((session.late_count, session.offline_count), (0, 0))
        self.assertEqual(late.bss_ksef_state, "late")
        self.assertFalse(late.bss_ksef_document_ids)
        self.assertIn("Offline", late.bss_ksef_error)
        self.assertEqual(len(list(self.sim.register)), 1)

    def test_late_invoices_are_listed_as_waiting(self):
        late = self._late_move()
        self._send()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_ksef.action_bss_ksef_waiting")
        self.assertIn(late, self.env["account.move"].search([("bss_ksef_state", "=", "late")]))
        self.assertIn("late", action["domain"])

    def test_the_accountant_decides_and_is_recorded(self):
        late = self._late_move()
        self._send()
        clerk = new_test_user(
            self.env,
            "ksef_late",
            groups="account.group_account_invoice",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        late.with_user(clerk).with_context(queue_job__no_delay=True).action_bss_ksef_send_late()
        document = late.bss_ksef_document_ids
        self.assertEqual(
            (late.bss_ksef_state, late.bss_ksef_mode, late.bss_ksef_late_by), ("accepted", "offline", clerk)
        )
        self.assertEqual((document.late, document.late_sent_by), (True, clerk))
        self.assertEqual((document.invoicing_mode, self._mode_in_ksef(late)), ("offline", "Offline"))
        self.assertEqual((document.session_id.late_count, document.session_id.offline_count), (1, 1))
        self.assertIn("offline24", "".join(late.message_ids.mapped("body")))

    def test_the_ordinary_button_does_not_send_late(self):
        late = self._late_move()
        answer = late.with_context(queue_job__no_delay=True).action_bss_ksef_send()
        self.assertEqual(answer["params"]["type"], "warning")
        self.assertEqual((late.bss_ksef_state, len(late.bss_ksef_document_ids)), ("late", 0))
        with self.assertRaises(UserError):
            self._make_moves(self.business).action_bss_ksef_send_late()

    def test_the_company_may_send_late_by_itself(self):
        self.assertFalse(self.company.bss_ksef_send_late)
        self.company.bss_ksef_send_late = True
        late = self._late_move()
        self._send()
        self.assertEqual((late.bss_ksef_state, late.bss_ksef_mode), ("accepted", "offline"))
        self.assertTrue(late.bss_ksef_document_ids.late)
        self.assertFalse(late.bss_ksef_document_ids.late_sent_by)

    def test_a_session_that_waited_over_midnight(self):
        """Frozen on its day, but KSeF could not be reached until the next one."""
        first, second = self._make_moves([self.business] * 2)
        sessions = self.env["bss.ksef.session"]
        session = sessions._bss_prepare(self.company, first | second)
        second.flush_recordset()
        second._bss_ksef_set(bss_ksef_late_by=self.env.uid)
        tomorrow = self.day + timedelta(days=1)
        with patch.object(self.env.registry["bss.ksef.session"], "_bss_day", lambda records: tomorrow):
            session._bss_go_on()
        session._bss_wait(60)
        self.assertEqual((first.bss_ksef_state, second.bss_ksef_state), ("late", "accepted"))
        self.assertEqual(first.bss_ksef_document_ids.state, "returned")
        self.assertEqual((session.state, session.document_count, session.late_count), ("done", 1, 1))

    def test_nothing_is_left_of_a_session_that_waited_over_midnight(self):
        move = self._make_moves(self.business)
        session = self.env["bss.ksef.session"]._bss_prepare(self.company, move)
        session._bss_transmit(as_of=self.day + timedelta(days=1))
        self.assertEqual((session.state, move.bss_ksef_state), ("failed", "late"))
        self.assertFalse(list(self.sim.register))

    def test_as_of_is_the_day_of_sending(self):
        """A whole cycle in the past: simulator and sending live on the day of issue."""
        day = self.day - timedelta(days=50)
        noon = datetime.combine(day, time(11), UTC)
        with simulator(clock=lambda: noon) as sim:
            self._aim(sim)
            move = self._make_moves(self.business, invoice_date=day)
            session = self.env["bss.ksef.session"]._bss_send_batch(self.company, move, as_of=day, timeout=60)
            self.assertEqual((session.state, move.bss_ksef_state), ("done", "accepted"))
            self.assertEqual((move.bss_ksef_mode, move.bss_ksef_document_ids.late), ("online", False))
            self.assertEqual(move.bss_ksef_number[11:19], f"{day:%Y%m%d}")

    def test_a_credit_note_waits_for_a_late_invoice(self):
        late = self._late_move()
        self._send()
        refund = late._reverse_moves([{"invoice_date": self.day}])
        refund._post(soft=False)
        self.assertFalse(self._send(refund))
        self.assertEqual(refund.bss_ksef_state, "to_send")

    @mute_logger(LOG)
    def test_the_day_begins_in_warsaw(self):
        sessions = self.env["bss.ksef.session"]
        with patch.object(
            self.env.registry["bss.ksef.session"],
            "_bss_now",
            lambda records: datetime(2026, 11, 20, 23, 30, tzinfo=UTC),
        ):
            self.assertEqual(str(sessions._bss_day()), "2026-11-21")
