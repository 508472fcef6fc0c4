import base64
import secrets
import time
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..ksef_core.transport import keys, package
from .common import KsefCommon, simulator

LOG = "odoo.addons.bss_ksef.models.bss_ksef_session_send"


@tagged("post_install", "-at_install")
class TestRefusedSessions(KsefCommon):
    """Each code with which KSeF refuses a session as a whole: the same bytes go again, or somebody is told."""

    def setUp(self):
        super().setUp()
        self.sim = self.enterContext(simulator())
        self._aim(self.sim)
        self.moves = self._make_moves(self.business | self._make_partner("Inny", "5265877635"))

    def _frozen(self, documents):
        return sorted(content for _id, content in self.env["bss.ksef.document"]._bss_contents(documents.ids))

    def _expect_again(self, sessions, *codes):
        """The first session failed with its code, the second one brought the numbers of the same bytes."""
        self.assertEqual(len(sessions), 2)
        first, second = sessions.sorted("id")
        self.assertEqual((first.state, second.state), ("failed", "done"))
        self.assertIn(first.status_code, codes)
        self.assertIn(f"[{first.status_code}]", first.error)
        self.assertEqual((second.replaces_id, second.attempt), (first, 2))
        self.assertEqual(set(first.document_ids.mapped("state")), {"returned"})
        self.assertTrue(all(first.document_ids.mapped("superseded")))
        self.assertEqual(self._frozen(first.document_ids), self._frozen(second.document_ids))
        self.assertEqual(set(self.moves.mapped("bss_ksef_state")), {"accepted"})
        self._expect_in_ksef_once()

    def _expect_in_ksef_once(self):
        self.assertEqual(sorted(entry.number for entry in self.sim.register), sorted(self.moves.mapped("name")))
        self.assertFalse(
            [invoice for told in self.sim.sessions.all.values() for invoice in told.invoices if invoice.code == 440]
        )

    def test_430_goes_again_as_zip(self):
        self.sim.faults.add("processing:430_tar_gz")
        sessions = self._send()
        self._expect_again(sessions, 430)
        self.assertEqual(sessions.sorted("id").mapped("compression"), ["TarGz", "Zip"])
        self.assertIn("Zip", sessions.sorted("id")[0].error)

    def test_430_of_a_zip_waits_for_somebody(self):
        self.company.bss_ksef_compression = "Zip"

        def garbage(files, out, folder):
            list(files)
            out.write(secrets.token_bytes(1000))

        with patch.object(package, "_write_zip", garbage):
            sessions = self._send()
        self.assertEqual((len(sessions), sessions.state, sessions.status_code), (1, "failed", 430))
        self.assertEqual(set(self.moves.mapped("bss_ksef_state")), {"to_send"})
        self.assertEqual(self._send().state, "done")
        self._expect_in_ksef_once()

    def test_pinned_zip(self):
        self.company.bss_ksef_compression = "Zip"
        self.sim.faults.add("processing:430_tar_gz")
        self.assertEqual(self._send().mapped("state"), ["done"])

    def test_405_of_a_part_that_changed_on_the_way(self):
        real, spoilt = package.Part.__iter__, []

        def spoil(part):
            content = b"".join(real(part))
            if not spoilt:
                spoilt.append(part)
                content = bytes([content[0] ^ 1]) + content[1:]
            yield content

        with patch.object(package.Part, "__iter__", spoil):
            self._expect_again(self._send(), 405)

    def _with_wrong_key_once(self, wrong):
        real, done = keys.wrap, []

        def wrap(key, secret):
            if done or len(secret) != 32:
                return real(key, secret)
            done.append(secret)
            return wrong(key)

        with patch.object(keys, "wrap", wrap):
            return self._send()

    def test_415_of_the_key(self):
        sessions = self._with_wrong_key_once(lambda key: base64.b64encode(secrets.token_bytes(256)).decode())
        self._expect_again(sessions, 415)

    def test_435_of_the_encryption(self):
        real = keys.wrap
        sessions = self._with_wrong_key_once(lambda key: real(key, secrets.token_bytes(32)))
        # one wrong key in 256 gives a sound padding: then the hash of the archive is wrong
        self._expect_again(sessions, 435, 405)

    def test_420_goes_again_in_smaller_sessions(self):
        self.moves |= self._make_moves(self._make_partner("Trzeci", "5265877635"))
        self.sim.max_invoices = 2
        sessions = self._send()
        self.assertEqual(sessions.sorted("id").mapped("state"), ["failed", "done", "done"])
        self.assertEqual(sorted(sessions.mapped("document_count")), [1, 2, 3])
        self.assertEqual(set(self.moves.mapped("bss_ksef_state")), {"accepted"})
        self._expect_in_ksef_once()

    def test_440_of_an_upload_that_took_too_long(self):
        session = self.env["bss.ksef.session"]._bss_prepare(self.company, self.moves)
        self.sim.faults.add("close:502_before")
        with mute_logger(LOG):
            session._bss_transmit()
        self.sim.sessions.all[session.reference].part_minutes = 0
        session._bss_go_on()
        self.assertEqual((session.state, session.status_code), ("failed", 440))
        self.assertEqual(set(self.moves.mapped("bss_ksef_state")), {"to_send"})
        self.assertFalse(session.replacement_ids)
        self.assertEqual(self._send().state, "done")
        self._expect_in_ksef_once()

    def test_445_lists_the_reasons(self):
        self.sim.faults.add("processing:invoice_550*2")
        session = self._send()
        self.assertEqual((session.status_code, session.state), (445, "done_errors"))
        self.assertEqual(set(self.moves.mapped("bss_ksef_state")), {"to_send"})
        self.assertEqual(self._send().state, "done")
        self._expect_in_ksef_once()

    def test_500_goes_again(self):
        self.sim.faults.add("processing:500")
        self._expect_again(self._send(), 500)

    def test_500_three_times_is_enough(self):
        self.sim.faults.add("processing:500*3")
        sessions = self._send()
        self.assertEqual(sessions.mapped("state"), ["failed"] * 3)
        self.assertEqual(set(self.moves.mapped("bss_ksef_state")), {"to_send"})
        self.assertEqual(self._send().state, "done")
        self._expect_in_ksef_once()

    def test_500_after_invoices_were_taken(self):
        """What KSeF took before it gave up has its number and does not go again."""
        session = self.env["bss.ksef.session"]._bss_prepare(self.company, self.moves)
        session._bss_transmit()
        for _again in range(200):
            if self.sim.sessions.all[session.reference].code == 200:
                break
            time.sleep(0.05)
        told = self.sim.sessions.all[session.reference]
        told.set(500)
        session._bss_go_on()
        self.assertEqual((session.state, session.status_code), ("done", 500))
        self.assertFalse(session.replacement_ids)
        self.assertEqual(set(self.moves.mapped("bss_ksef_state")), {"accepted"})
        self.assertTrue(all(self.moves.mapped("bss_ksef_number")))
        self._expect_in_ksef_once()
