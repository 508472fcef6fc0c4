import base64
import hashlib
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from lxml import etree
from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..ksef_core import fa3, number
from .common import KsefCommon, simulator


@tagged("post_install", "-at_install")
class TestBatch(KsefCommon):
    """Real HTTP, real encryption, against the strict simulator."""

    def setUp(self):
        super().setUp()
        self.sim = self.enterContext(simulator())
        self._aim(self.sim)

    def test_one_batch_with_an_invalid_invoice(self):
        partners = self.business
        for index in range(49):
            partners |= self._make_partner(f"Klient nr {index}", "5261040567")
        wrong = self._make_partner("Zły NIP", "5261040568")
        moves = self._make_moves(partners)
        bad = self._make_moves(wrong)
        self.assertEqual(set((moves | bad).mapped("bss_ksef_state")), {"to_send"})

        session = self._send()

        self.assertEqual(len(session), 1)
        self.assertEqual((session.state, session.error), ("done", False))
        self.assertEqual((session.document_count, session.accepted_count), (50, 50))
        self.assertEqual(set(moves.mapped("bss_ksef_state")), {"accepted"})
        numbers = moves.mapped("bss_ksef_number")
        self.assertEqual(len(set(numbers)), 50)
        self.assertTrue(all(number.is_valid(text) for text in numbers))
        for move in moves:
            self._check_against_register(move)
        document = bad.bss_ksef_document_ids
        self.assertEqual((bad.bss_ksef_state, document.state), ("rejected", "invalid"))
        self.assertEqual(document.error_element, "Podmiot2/DaneIdentyfikacyjne/NIP")
        self.assertRegex(document.error_text, r"^(Customer|Klient) Zły NIP, [^:]*NIP")
        self.assertIn("5261040568", document.error_text)
        self.assertFalse(document.session_id)

        # the clerk corrects the customer and queues the invoice again
        wrong.with_context(no_vat_validation=True).vat = "5261040567"
        document.action_requeue()
        self.assertEqual((bad.bss_ksef_state, document.superseded), ("to_send", True))
        second = self._send(bad)
        self.assertEqual((second.state, bad.bss_ksef_state), ("done", "accepted"))

    def _check_against_register(self, move):
        document = move.bss_ksef_document_ids
        xml = base64.b64decode(document.xml)
        self.assertEqual(base64.b64encode(hashlib.sha256(xml).digest()).decode(), document.sha256)
        root = etree.fromstring(xml)
        self.assertEqual(root.findtext(f".//{{{fa3.NAMESPACE}}}P_2"), move.name)
        self.assertEqual(root.findtext(f".//{{{fa3.NAMESPACE}}}P_15"), f"{move.amount_total:.2f}")
        self.assertIn(f"/invoice/1234563218/{self.day:%d-%m-%Y}/", move.bss_ksef_qr_url)
        upo = etree.fromstring(document.upo_attachment_id.raw)
        space = f"{{{etree.QName(upo).namespace}}}"
        confirmed = {
            node.findtext(f"{space}SkrotDokumentu"): node.findtext(f"{space}NumerKSeFDokumentu")
            for node in upo.iterfind(f"{space}Dokument")
        }
        self.assertEqual(confirmed[document.sha256], move.bss_ksef_number)

    def test_certificate_login(self):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "PL"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Próbny Operator"),
                x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, f"VATPL-{self.NIP}"),
                x509.NameAttribute(NameOID.COMMON_NAME, "Próbny Operator"),
            ]
        )
        now = datetime.now(UTC)
        certificate = x509.CertificateBuilder(
            name, name, key.public_key(), 11, now - timedelta(days=1), now + timedelta(days=90)
        ).sign(key, hashes.SHA256())
        self.company._bss_ksef_set_certificate(
            certificate.public_bytes(serialization.Encoding.PEM),
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.BestAvailableEncryption(b"haslo"),
            ),
            "haslo",
        )
        self.assertTrue(self.company.bss_ksef_certificate_until)
        self.assertIsNone(self.company._bss_ksef_test_connection())
        move = self._make_moves(self.business)
        self._send(move)
        self.assertEqual(move.bss_ksef_state, "accepted")

    def test_credit_note_waits_for_the_number_and_cites_it(self):
        move = self._make_moves(self.business)
        refund = move._reverse_moves([{"invoice_date": self.day, "ref": "Rabat"}])
        refund._post(soft=False)
        self.assertEqual(refund.bss_ksef_state, "to_send")
        self.assertFalse(self._send(refund), "the corrected invoice has no number yet")
        self._send(move)
        session = self._send(refund)
        self.assertEqual((session.state, refund.bss_ksef_state), ("done", "accepted"))
        root = etree.fromstring(base64.b64decode(refund.bss_ksef_document_ids.xml))
        space = f"{{{fa3.NAMESPACE}}}"
        self.assertEqual(root.findtext(f".//{space}RodzajFaktury"), "KOR")
        self.assertEqual(root.findtext(f".//{space}NrKSeFFaKorygowanej"), move.bss_ksef_number)
        self.assertEqual(root.findtext(f".//{space}P_15"), f"-{move.amount_total:.2f}")
        self.assertEqual(root.findtext(f".//{space}FaWiersz/{space}P_8B"), "-1")

    def test_several_sessions_and_zip(self):
        self.company.write({"bss_ksef_batch_size": 2, "bss_ksef_compression": "Zip"})
        moves = self._make_moves(
            self.business | self._make_partner("B", "5261040567") | self._make_partner("C", "5265877635")
        )
        sessions = self._send(moves)
        self.assertEqual(sessions.mapped("document_count"), [2, 1])
        self.assertEqual(set(moves.mapped("bss_ksef_state")), {"accepted"})

    def test_a_duplicate_of_our_own_document_takes_its_number(self):
        move = self._make_moves(self.business)
        session = self._send(move)
        known = move.bss_ksef_number
        # as after a restored backup: KSeF has the document, we do not know it
        document = move.bss_ksef_document_ids
        document.flush_recordset()
        self.env.cr.execute(
            "UPDATE bss_ksef_document SET state = 'queued', ksef_number = NULL WHERE id = %s", [document.id]
        )
        document.invalidate_recordset()
        move._bss_ksef_set(state="queued", bss_ksef_number=None)
        again = session.create(
            {"company_id": self.company.id, "environment": "local", "document_count": 1, "compression": "TarGz"}
        )
        document.session_id = again
        again._bss_transmit()
        again._bss_wait(60)
        self.assertEqual((move.bss_ksef_state, move.bss_ksef_number), ("accepted", known))

    def test_another_document_under_the_same_number_is_rejected(self):
        move = self._make_moves(self.business)
        self._send(move)
        document = move.bss_ksef_document_ids
        document.flush_recordset()
        self.env.cr.execute("UPDATE bss_ksef_document SET state = 'rejected' WHERE id = %s", [document.id])
        document.invalidate_recordset()
        move._bss_ksef_set(state="to_send", bss_ksef_number=None)
        move.commercial_partner_id.street = "ul. Inna 1"
        session = self._send(move)
        self.assertEqual(move.bss_ksef_state, "rejected")
        self.assertEqual(session.state, "done_errors")
        self.assertIn("440", move.bss_ksef_error)

    def test_a_frozen_document_and_its_invoice_stay_as_they_are(self):
        move = self._make_moves(self.business)
        self._send(move)
        document = move.bss_ksef_document_ids
        with self.assertRaises(UserError):
            document.write({"xml": base64.b64encode(b"<x/>")})
        with self.assertRaises(UserError):
            document.unlink()
        with self.assertRaises(UserError):
            move.button_draft()
        self.assertFalse(move.show_reset_to_draft_button)

    def test_server_action_sends_by_jobs(self):
        move = self._make_moves(self.business)
        move.with_context(queue_job__no_delay=True).action_bss_ksef_send()
        self.assertEqual(move.bss_ksef_state, "accepted")
        with self.assertRaises(UserError):
            move.action_bss_ksef_send()

    def test_jobs_are_made_per_session(self):
        self.company.bss_ksef_batch_size = 2
        moves = self._make_moves([self.business] * 3)
        with trap_jobs() as trap:
            moves.action_bss_ksef_send()
            trap.assert_jobs_count(2, only=self.env["bss.ksef.session"]._bss_job_send)

    def test_posted_before_ksef_was_switched_on(self):
        self.company.bss_ksef_enabled = False
        move = self._make_moves(self.business)
        self.company.bss_ksef_enabled = True
        self.assertFalse(self._send(), "nobody chose it")
        self._send(move)
        self.assertEqual(move.bss_ksef_state, "accepted")

    def test_few_queries_per_thousand_invoices(self):
        moves = self._make_moves([self.business] * 30)
        moves.invalidate_recordset()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        session = self.env["bss.ksef.session"]._bss_prepare(self.company, moves)
        spent = self.env.cr.sql_log_count - before
        self.assertEqual(session.document_count, 30)
        # attachments are written one by one by Odoo's file store; everything else is read and written in bulk
        self.assertLess(spent, 120)
