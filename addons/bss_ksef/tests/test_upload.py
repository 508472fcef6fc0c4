import tempfile
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..ksef_core.transport import package
from ..models import bss_ksef_session_send
from .common import KsefCommon, simulator
from .test_lost_answers import _impatient

LOG = "odoo.addons.bss_ksef.models.bss_ksef_session_send"


class Killed(BaseException):
    """SIGKILL as far as the database is concerned: nothing after it is written."""


@tagged("post_install", "-at_install")
class TestUpload(KsefCommon):
    """Packages of several parts, interrupted in the middle, go on with the same bytes."""

    def setUp(self):
        super().setUp()
        self.sim = self.enterContext(simulator())
        self._aim(self.sim)
        self.startPatcher(patch.object(package, "MAX_PART", 300))
        partners = self.business
        for index in range(5):
            partners |= self._make_partner(f"Klient nr {index}", "5261040567")
        self.moves = self._make_moves(partners)
        self.session = self.env["bss.ksef.session"]._bss_prepare(self.company, self.moves)

    def _puts(self):
        return sorted(item["path"].rsplit("/", 1)[-1] for item in self.sim.requests if item["method"] == "PUT")

    def _expect_accepted_once(self):
        self.session._bss_wait(60)
        self.assertEqual(self.session.state, "done")
        self.assertEqual(set(self.moves.mapped("bss_ksef_state")), {"accepted"})
        self.assertEqual(sorted(entry.number for entry in self.sim.register), sorted(self.moves.mapped("name")))

    def _kill_after_parts(self, count):
        real = bss_ksef_session_send.upload

        def upload(gate, slots, made, *, done):
            real(gate, slots[:count], made, done=done)
            raise Killed

        with patch.object(bss_ksef_session_send, "upload", upload):
            try:  # assertRaises would take back what is in the database
                self.session._bss_transmit()
            except Killed:
                return
        self.fail("it was not killed")

    def test_all_parts_go_and_are_counted(self):
        self.session._bss_transmit()
        self.assertGreater(self.session.part_count, 2)
        self.assertEqual(self.session.part_done, self.session.part_count)
        self.assertEqual(len(self._puts()), self.session.part_count)
        self._expect_accepted_once()

    def test_killed_in_mid_upload(self):
        self._kill_after_parts(2)
        self.assertEqual((self.session.state, self.session.part_done), ("open", 2))
        self.assertEqual(set(self.moves.mapped("bss_ksef_state")), {"queued"})
        self.session._bss_go_on()
        self.assertEqual(self.session.part_done, self.session.part_count)
        self.assertEqual(len(self._puts()), self.session.part_count, "what had arrived is not sent again")
        self._expect_accepted_once()

    def test_killed_over_the_time_of_the_upload(self):
        self._kill_after_parts(1)
        self.session.opened_at = fields.Datetime.now() - timedelta(minutes=20 * self.session.part_count + 1)
        self.session._bss_go_on()
        self.assertEqual(self.session.state, "failed")
        self.assertEqual(set(self.moves.mapped("bss_ksef_state")), {"to_send"})
        self.assertEqual(len(self._puts()), 1)
        self.assertFalse(len(self.sim.register))

    def test_a_package_that_cannot_be_made_again(self):
        self._kill_after_parts(1)
        self.session.archive_sha256 = "another"
        self.session._bss_go_on()
        self.assertEqual(self.session.state, "failed")
        self.assertEqual(set(self.moves.mapped("bss_ksef_state")), {"to_send"})
        self.assertFalse(len(self.sim.register))

    @mute_logger(LOG)
    def test_broken_network_in_mid_upload(self):
        company_class = self.env.registry["res.company"]
        self.patch(company_class, "_bss_ksef_gate", _impatient(company_class))
        self.sim.faults.add("upload:500_before")
        failure = self.session._bss_transmit()
        self.assertEqual((failure.status, self.session.state), (500, "open"))
        self.assertIn("symulowany", self.session.error)
        self.assertEqual(self.moves[0].bss_ksef_error, self.session.error)
        self.assertLess(self.session.part_done, self.session.part_count)
        self.session._bss_go_on()
        self.assertFalse(self.session.error)
        self._expect_accepted_once()

    @mute_logger(LOG)
    def test_storage_that_lost_a_part(self):
        """21205: KSeF misses a part that we have sent."""
        self.sim.faults.add("close:502_before")
        self.session._bss_transmit()
        self.assertEqual(self.session.state, "unknown")
        lost = self.sim.sessions.all[self.session.reference].parts[1]
        lost.path, lost.received = None, 0
        self.session._bss_go_on()
        self.assertEqual((self.session.state, self.session.part_done), ("open", 0))
        self.assertIn("21205", self.session.error)
        self._expect_accepted_once()

    @mute_logger(LOG)
    def test_limited_close_did_nothing(self):
        self.sim.faults.add("close:429")
        fault = self.sim.faults._ordered[-1]
        fault.retry_after = 8  # longer than a gate sleeps
        self.session._bss_transmit()
        self.assertEqual(self.session.state, "open")
        self.assertEqual(set(self.moves.mapped("bss_ksef_state")), {"queued"})
        self._unblock()
        self._expect_accepted_once()
        self.assertEqual(len(self._puts()), self.session.part_count)

    @mute_logger(LOG)
    def test_close_after_the_time_of_the_upload(self):
        self.sim.faults.add("close:502_before")
        self.session._bss_transmit()
        told = self.sim.sessions.all[self.session.reference]
        told.part_minutes = 0
        told.set(100)
        with patch.object(type(self.sim.sessions), "status", return_value=_status_100(told)):
            self.session._bss_go_on()
        self.assertEqual(self.session.state, "failed")
        self.assertEqual(set(self.moves.mapped("bss_ksef_state")), {"to_send"})

    def test_secrets_of_an_upload_are_hidden_and_erased(self):
        self._kill_after_parts(1)
        self.assertTrue(self.session.upload_key and self.session.upload_vector and self.session.upload_slots)
        clerk = new_test_user(
            self.env, "ksef_clerk", groups="account.group_account_manager", company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )  # fmt: skip
        seen = self.session.with_user(clerk).with_company(self.company)
        self.assertEqual(seen.read(["part_done"])[0]["part_done"], 1)
        for name in ("upload_key", "upload_vector", "upload_slots"):
            with self.assertRaises(AccessError):
                seen.read([name])
        self.session._bss_go_on()
        self._expect_accepted_once()
        self.assertFalse(self.session.upload_key or self.session.upload_vector or self.session.upload_slots)

    def test_more_than_one_session_can_hold(self):
        self.session._bss_make_secrets()
        with tempfile.TemporaryDirectory() as folder:
            size = self.session._bss_package(Path(folder)).size
        self.startPatcher(patch.object(package, "MAX_ARCHIVE", size - 1))
        self.session._bss_transmit()
        beside = self.session.replacement_ids
        self.assertTrue(beside)
        self.session._bss_wait(60)
        every = self.session._bss_with_replacements()
        self.assertEqual(set(every.mapped("state")), {"done"})
        self.assertEqual(sum(every.mapped("document_count")), 6)
        self.assertEqual(sorted(entry.number for entry in self.sim.register), sorted(self.moves.mapped("name")))

    def test_large_documents_are_read_few_at_a_time(self):
        asked = []
        documents = type(self.env["bss.ksef.document"])
        real = documents._bss_contents

        def contents(model, ids, chunk=500):
            asked.append(chunk)
            return real(model, ids, chunk)

        self.env.cr.execute(
            "UPDATE bss_ksef_document SET size = 3000000 WHERE id = %s", [self.session.document_ids[0].id]
        )
        self.env.invalidate_all()
        with patch.object(documents, "_bss_contents", contents):
            self.session._bss_transmit()
        self.assertEqual(asked, [10])
        self._expect_accepted_once()


def _status_100(told):
    return {
        "status": {"code": 100, "description": "Sesja wsadowa rozpoczęta"},
        "dateCreated": told.created.isoformat(),
        "dateUpdated": told.updated.isoformat(),
    }
