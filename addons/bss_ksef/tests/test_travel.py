import logging
import os
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import psycopg2
from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .. import adapters
from ..ksef_core import plan
from ..ksef_core.transport import session
from ..ksef_core.transport.gate import Answer
from ..models import bss_ksef_session, bss_ksef_session_result, bss_ksef_session_send
from .common import KsefCommon, simulator

LOG = "odoo.addons.bss_ksef.models.bss_ksef_session_send"


@tagged("post_install", "-at_install")
class TestTravel(KsefCommon):
    """What other people, other programs and other environments do while invoices are on their way."""

    def setUp(self):
        super().setUp()
        self.sim = self.enterContext(simulator())
        self._aim(self.sim)
        self.sessions = self.env["bss.ksef.session"]

    def _processed(self, moves):
        """A session of `moves` that KSeF has finished and that was not asked about since."""
        told = self.sessions._bss_prepare(self.company, moves)
        told._bss_transmit()
        until = time.monotonic() + 30
        while len(self.sim.register) < len(moves) and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.3)
        return told

    # ------------------------------------------------------------------ UPO

    @mute_logger(LOG)
    def test_link_of_the_upo_that_gives_something_else(self):
        """A proxy or an expired link answers 200 with a page of its own: the API gives the UPO, and only that is kept."""
        move = self._make_moves(self.business)
        told = self._processed(move)
        page = Answer(200, {}, b"<html>Sign in</html>", None)
        with patch("odoo.addons.bss_ksef.ksef_core.transport.gate.Gate.raw", return_value=page):
            told._bss_wait(20)
        self.assertEqual((told.state, move.bss_ksef_state), ("done", "accepted"))
        self.assertIn(move.bss_ksef_number.encode(), told.upo_attachment_ids.raw)

    @mute_logger(LOG)
    def test_damaged_upo_is_not_kept(self):
        move = self._make_moves(self.business)
        told = self._processed(move)
        with patch.object(bss_ksef_session_result.session, "upo_page", return_value=b"<Potwierdz"):
            told._bss_go_on()
        self.assertEqual((told.state, told.upo_attachment_ids.ids), ("processing", []))
        told._bss_wait(20)
        self.assertEqual((told.state, move.bss_ksef_state), ("done", "accepted"))

    @mute_logger(LOG)
    def test_upo_that_comes_later(self):
        """The numbers are there, the evidence is not yet: the session is asked about until it is."""
        move = self._make_moves(self.business)
        told = self._processed(move)
        status = session.status

        def without_pages(*arguments):
            found = status(*arguments)
            return type(found)(**{**vars(found), "upo_pages": ()})

        with patch.object(session, "status", without_pages):
            told._bss_go_on()
            self.assertEqual((told.state, move.bss_ksef_state), ("processing", "accepted"))
            self.assertTrue(told.error)
        told._bss_wait(20)
        self.assertEqual((told.state, told.error), ("done", False))
        self.assertEqual(move.bss_ksef_document_ids.upo_attachment_id, told.upo_attachment_ids)

    @mute_logger(LOG)
    def test_upo_that_never_comes(self):
        move = self._make_moves(self.business)
        told = self._processed(move)
        told.closed_at = fields.Datetime.now() - timedelta(hours=25)
        with patch.object(bss_ksef_session_result.BssKsefSessionResult, "_bss_store_upo", return_value={}):
            told._bss_go_on()
        self.assertEqual((told.state, move.bss_ksef_state), ("done", "accepted"))

    # ------------------------------------------------------------------ people and programs beside us

    def test_session_that_is_being_filled_is_not_cancelled(self):
        """Whoever fills it would put invoices into a session that nobody looks at any more."""
        move = self._make_moves(self.business)
        told = self.sessions._bss_prepare(self.company, move)
        with self.env.registry.cursor() as other:
            other.execute("SELECT pg_advisory_xact_lock(%s, %s)", (bss_ksef_session.LOCK_SPACE, told.id))
            with self.assertRaises(UserError):
                told.action_cancel()
        self.assertEqual((told.state, move.bss_ksef_state), ("draft", "queued"))
        told.action_cancel()
        self.assertEqual((told.state, move.bss_ksef_state), ("failed", "to_send"))

    @mute_logger(LOG)
    def test_session_of_another_program_of_the_same_taxpayer(self):
        """The answer to our opening was lost, and meanwhile another program of the company opened a session."""
        self.sim.faults.add("open:502_before")
        move = self._make_moves(self.business)
        lost = self.sessions._bss_prepare(self.company, move)
        lost._bss_transmit()
        foreign = self._make_moves(self._make_partner("Inny", "5265877635"))
        theirs = self._processed(foreign)
        reference = theirs.reference
        theirs.reference = "not of this database"
        lost.write(
            {"reference": reference, "opened_at": fields.Datetime.now()}
        )  # found in the list before it was closed
        lost._bss_go_on()
        self.assertEqual((lost.state, lost.reference, move.bss_ksef_state), ("unknown", False, "unknown"))
        lost.opening_at = fields.Datetime.now() - timedelta(minutes=26)
        lost._bss_go_on()
        self.assertEqual((lost.state, move.bss_ksef_state), ("failed", "to_send"))

    @mute_logger(LOG)
    def test_session_that_is_just_being_opened_beside_a_lost_one(self):
        """It has no reference here yet: the lost one must not take it."""
        self.sim.faults.add("open:500_after")
        lost = self.sessions._bss_prepare(self.company, self._make_moves(self.business))
        lost._bss_transmit()
        beside = self.sessions._bss_prepare(self.company, self._make_moves(self._make_partner("Inny", "5265877635")))
        beside.state = "opening"
        lost._bss_go_on()
        self.assertFalse(lost.reference)
        beside.state = "draft"
        lost._bss_go_on()
        self.assertTrue(lost.reference)

    @mute_logger(LOG)
    def test_open_session_that_ksef_no_longer_knows(self):
        """The server was down for days in the middle of an upload: nothing was closed, so nothing can be in KSeF."""
        move = self._make_moves(self.business)
        told = self.sessions._bss_prepare(self.company, move)
        told.write({"state": "open", "reference": "20260101-SB-0000000000-0000000000-00"})
        told.opened_at = fields.Datetime.now() - timedelta(minutes=19)
        told._bss_go_on()
        self.assertEqual((told.state, move.bss_ksef_state), ("open", "queued"))
        told.opened_at = fields.Datetime.now() - timedelta(minutes=21)
        told._bss_go_on()
        self.assertEqual((told.state, move.bss_ksef_state), ("failed", "to_send"))

    # ------------------------------------------------------------------ environments

    def test_number_of_a_trial_ends_with_it(self):
        move = self._make_moves(self.business)
        self._send(move)
        number, link = move.bss_ksef_number, move.bss_ksef_qr_url
        self.assertTrue(number)
        self.company.bss_ksef_environment = "production"
        self.assertEqual((move.bss_ksef_number, move.bss_ksef_qr_url), (False, False))
        self.assertEqual((move.bss_ksef_state, move.bss_ksef_jpk_marker), ("not_applicable", "BFK"))
        self.assertEqual(move.bss_ksef_document_ids.ksef_number, number, "what the trial gave stays with its document")
        self.company.bss_ksef_environment = "local"
        self.assertEqual((move.bss_ksef_number, move.bss_ksef_qr_url), (number, link))
        self.assertEqual(move.bss_ksef_state, "accepted")

    def test_number_of_production_is_kept(self):
        move = self._make_moves(self.business)
        self._send(move)
        move.bss_ksef_document_ids.environment = "production"
        self.company.bss_ksef_environment = "production"
        self.company.bss_ksef_environment = "test"
        self.assertTrue(move.bss_ksef_number)
        self.assertEqual(move.bss_ksef_state, "accepted")

    def test_correction_does_not_name_a_number_of_another_environment(self):
        move = self._make_moves(self.business)
        self._send(move)
        refund = move._reverse_moves([{"ref": "Rabat"}])
        refund.invoice_date = self.day
        refund._post(soft=False)

        def named():
            ((_row, invoice),) = adapters.invoices(refund, self.sessions._bss_now())
            return invoice.correction.originals[0].ksef_number

        self.assertEqual(named(), move.bss_ksef_number)
        move.bss_ksef_document_ids.environment = "test"
        self.assertFalse(named())

    def test_comparing_needs_the_same_environment(self):
        move = self._make_moves(self.business)
        told = self.sessions._bss_prepare(self.company, move)
        move.bss_ksef_document_ids._bss_move_to("unknown")
        self.company.bss_ksef_environment = "test"
        with self.assertRaisesRegex(UserError, "another KSeF environment|inne środowisko"):
            told.action_reconcile()

    def test_tokens_are_of_one_tax_number(self):
        """Sent in the context of the former number, every invoice would be refused."""
        access = self.env["bss.ksef.access"].sudo()
        with self.company._bss_ksef_gate() as gate:
            first = access._bss_token(gate, self.company)
            self.assertEqual(access._bss_token(gate, self.company), first)
            other = "5265877635"
            self.company.write({"vat": f"PL{other}", "bss_ksef_token": self.sim.issue_token(other)})
            self.assertNotEqual(access._bss_token(gate, self.company), first)

    # ------------------------------------------------------------------ time and secrets

    @mute_logger(LOG)
    def test_no_session_opens_in_the_last_seconds_of_the_day(self):
        move = self._make_moves(self.business)
        told = self.sessions._bss_prepare(self.company, move)
        midnight = plan.midnight_after(self.sessions._bss_now())
        with (
            patch.object(
                self.env.registry["bss.ksef.session"], "_bss_now", lambda _self: midnight - timedelta(seconds=1)
            ),
            patch.object(self.env.registry["bss.ksef.session"], "_bss_day", lambda _self: self.day),
        ):
            told._bss_transmit()
        self.assertEqual((told.state, move.bss_ksef_state), ("failed", "late"))

    def test_failed_statement_is_logged_without_secrets(self):
        with (
            self.assertLogs("odoo.sql_db", logging.ERROR) as logged,
            self.assertRaises(psycopg2.Error),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute("UPDATE bss_ksef_session SET upload_key = 'c2VjcmV0', no_column = 1")
        self.assertNotIn("c2VjcmV0", "".join(logged.output))

    def test_packages_of_killed_processes_are_removed(self):
        old, new = (Path(tempfile.mkdtemp(prefix=bss_ksef_session_send.FOLDER)) for _folder in range(2))
        self.addCleanup(new.rmdir)
        (old / "part-1.aes").write_bytes(b"x")
        long_ago = time.time() - 3 * 86400
        os.utime(old, (long_ago, long_ago))
        self.sessions._gc_packages()
        self.assertEqual((old.exists(), new.exists()), (False, True))

    def test_copy_of_the_database_forgets(self):
        move = self._make_moves(self.business)
        told = self.sessions._bss_prepare(self.company, move)
        told._bss_make_secrets()
        self.company.sudo().write({"bss_ksef_attachment_consent": True, "bss_ksef_key_password": "x"})
        self.env.flush_all()
        self.env.cr.execute((Path(adapters.__file__).parents[1] / "data/neutralize.sql").read_text())
        self.env.invalidate_all()
        self.assertFalse(self.company.bss_ksef_attachment_consent)
        self.assertFalse(told.upload_key)
        self.assertFalse(self.company.bss_ksef_key_password)
        self.assertFalse(self.company.bss_ksef_enabled)
