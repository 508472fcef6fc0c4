import base64
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import KsefCommon, simulator

PASSWORD = "hasło do klucza"
SECRETS = ("certificate_file", "key_file", "key_password", "token")


def certificate_files(nip, days=365, key=None):
    """Base64 of the two files that KSeF gives: a certificate and its encrypted key."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "PL"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Próbny Operator Sp. z o.o."),
            x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, f"VATPL-{nip}"),
            x509.NameAttribute(NameOID.COMMON_NAME, "Próbny Operator"),
        ]
    )
    start = datetime.now(UTC) - timedelta(days=30)
    end = datetime.now(UTC) + timedelta(days=days)
    made = x509.CertificateBuilder(name, name, key.public_key(), 7, start, end).sign(key, hashes.SHA256())
    shut = serialization.BestAvailableEncryption(PASSWORD.encode())
    pem = serialization.Encoding.PEM
    return (
        base64.b64encode(made.public_bytes(pem)),
        base64.b64encode(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, shut)),
    )


@tagged("post_install", "-at_install")
class TestSetup(KsefCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"bss_ksef_enabled": False, "bss_ksef_environment": "test", "bss_ksef_auth": "certificate"})

    def _wizard(self, sim=None, **values):
        if sim:
            values = {"environment": "local", "base_url": sim.base_url, **values}
        return self.env["bss.ksef.setup"].create(values)

    def _to_the_end(self, wizard):
        while wizard.step != "test":
            wizard.action_next()
        return wizard.action_finish()

    def test_from_nothing_to_sending_with_a_certificate(self):
        content, key = certificate_files(self.NIP)
        with simulator() as sim:
            wizard = self._wizard(
                sim, certificate_file=content, key_file=key, key_password=PASSWORD, auto_send=True, batch_size=5000
            )
            self.assertEqual((wizard.subject, wizard.certificate_nip), ("Próbny Operator", self.NIP))
            self.assertFalse(wizard.login_problem)
            answer = self._to_the_end(wizard)
            self.assertEqual(answer["params"]["type"], "success", wizard.failure)
            self.assertEqual(answer["params"]["next"]["tag"], "bss_ksef_cockpit")
            self.assertEqual(answer["params"]["next"]["target"], "main", "not a second cockpit on top of the first")
            self.assertTrue(self.company.bss_ksef_enabled)
            self.assertTrue(self.company.bss_ksef_auto_send)
            self.assertEqual(self.company.bss_ksef_batch_size, 5000)
            self.assertGreater(self.company.bss_ksef_certificate_until, fields.Datetime.now() + timedelta(days=360))
            move = self._make_moves(self.business)
            self._send(move)
            self.assertEqual(move.bss_ksef_state, "accepted")

    def test_nothing_uploaded_stays_in_the_wizard(self):
        content, key = certificate_files(self.NIP)
        with simulator() as sim:
            wizard = self._wizard(sim, certificate_file=content, key_file=key, key_password=PASSWORD)
            self._to_the_end(wizard)
            self.assertFalse(any(wizard[name] for name in SECRETS))
            left = self._wizard(sim, auth="token", token="tajny")
            left.action_cancel()
            self.assertFalse(any(left[name] for name in SECRETS))

    def test_a_refused_login_changes_nothing_and_says_why(self):
        with simulator() as sim:
            self.company.write({"bss_ksef_token": "dawny", "bss_ksef_batch_size": 77})
            wizard = self._wizard(sim, auth="token", token="zmyślony", batch_size=5)
            answer = self._to_the_end(wizard)
            self.assertEqual((answer["res_model"], answer["res_id"]), ("bss.ksef.setup", wizard.id))
            self.assertTrue(wizard.failure)
            self.assertNotIn("zmyślony", wizard.failure)
            self.assertFalse(self.company.bss_ksef_enabled)
            self.assertEqual(self.company.bss_ksef_token, "dawny")
            self.assertEqual(self.company.bss_ksef_environment, "test")
            self.assertEqual(self.company.bss_ksef_batch_size, 77)
            wizard.token = sim.issue_token(self.NIP)
            self.assertEqual(wizard.action_finish()["params"]["type"], "success")
            self.assertTrue(self.company.bss_ksef_enabled)

    def test_a_certificate_without_rights_says_who_gives_them(self):
        content, key = certificate_files("5261040567")
        with simulator() as sim:
            wizard = self._wizard(sim, certificate_file=content, key_file=key, key_password=PASSWORD)
            self._to_the_end(wizard)
            self.assertIn("[415]", wizard.failure)
            self.assertIn(f"rights of NIP {self.NIP}", wizard.failure)
            self.assertFalse(self.company.bss_ksef_enabled)

    def test_a_server_that_is_not_there(self):
        wizard = self._wizard(environment="local", base_url="http://127.0.0.1:9/v2", auth="token", token="x")
        self._to_the_end(wizard)
        self.assertIn("http://127.0.0.1:9/v2", wizard.failure)

    def test_the_tax_number_is_checked_first(self):
        self.company.partner_id.with_context(no_vat_validation=True).vat = "PL1234563219"
        wizard = self._wizard()
        self.assertIn("1234563219", wizard.nip_problem)
        with self.assertRaises(UserError):
            wizard.action_next()
        self.company.partner_id.vat = False
        with self.assertRaisesRegex(UserError, "no tax number"):
            self._wizard().action_next()

    def test_the_form_tells_what_is_wrong_with_the_files(self):
        content, key = certificate_files(self.NIP)
        _other, foreign_key = certificate_files(self.NIP)
        form = Form(self._wizard(step="login"))
        form.certificate_file = content
        self.assertIn("private key is missing", form.login_problem)
        form.key_file = key
        self.assertIn("password", form.login_problem)
        form.key_password = "inne"
        self.assertIn("does not open", form.login_problem)
        form.key_password = PASSWORD
        self.assertFalse(form.login_problem)
        self.assertEqual(form.certificate_nip, self.NIP)
        form.key_file = foreign_key
        self.assertIn("another certificate", form.login_problem)
        form.certificate_file = base64.b64encode(b"umowa.pdf")
        self.assertIn("no certificate", form.login_problem)
        form.certificate_file, form.key_file = certificate_files(self.NIP, days=-1)
        self.assertIn("expired", form.login_problem)
        form.certificate_file, form.key_file = certificate_files("5261040567")
        self.assertFalse(form.login_problem)
        self.assertIn("5261040567", form.login_warning)

    def test_a_step_is_not_left_before_it_is_right(self):
        wizard = self._wizard(environment="local", base_url=False)
        with self.assertRaisesRegex(UserError, "address"):
            wizard.action_next()
        wizard.environment = "test"
        wizard.action_next()
        self.assertEqual(wizard.step, "login")
        with self.assertRaisesRegex(UserError, "files"):
            wizard.action_next()
        wizard.auth = "token"
        with self.assertRaisesRegex(UserError, "token"):
            wizard.action_next()
        wizard.token = "x"
        wizard.action_next()
        wizard.batch_size = 10_001
        with self.assertRaisesRegex(UserError, "10,000"):
            wizard.action_next()
        wizard.action_back()
        self.assertEqual(wizard.step, "login")

    def test_a_kept_login_needs_no_files(self):
        with simulator() as sim:
            self._aim(sim)
            wizard = self._wizard(sim)
            self.assertTrue(wizard.has_login)
            self._to_the_end(wizard)
            self.assertTrue(self.company.bss_ksef_enabled, wizard.failure)

    def test_the_environment_does_not_change_under_an_unfinished_session(self):
        session = self.env["bss.ksef.session"].create(
            {"company_id": self.company.id, "environment": "test", "state": "processing"}
        )
        wizard = self._wizard(environment="production")
        with self.assertRaisesRegex(UserError, "not finished"):
            wizard.action_next()
        session.state = "done"
        wizard.action_next()
        self.assertEqual(wizard.step, "login")
