from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import KsefCommon, simulator


@tagged("post_install", "-at_install")
class TestSettings(KsefCommon):
    def test_connection_button(self):
        with simulator() as sim:
            self._aim(sim)
            settings = self.env["res.config.settings"].create({"company_id": self.company.id})
            self.assertEqual(settings.action_bss_ksef_test_connection()["params"]["type"], "success")
            self.company.bss_ksef_token = "wrong"
            answer = settings.action_bss_ksef_test_connection()["params"]
            self.assertEqual(answer["type"], "danger")
            self.assertNotIn("wrong", answer["message"])

    def test_missing_login_data_is_said(self):
        self.company.bss_ksef_token = False
        self.assertIn("token", self.company._bss_ksef_test_connection().summary())
        self.company.bss_ksef_auth = "certificate"
        self.assertIn("certificate", self.company._bss_ksef_test_connection().summary())

    def test_addresses_of_environments(self):
        self.company.bss_ksef_environment = "production"
        self.assertEqual(self.company._bss_ksef_api_url(), "https://api.ksef.mf.gov.pl/v2")
        self.assertEqual(self.company.bss_ksef_qr_base_url, "https://qr.ksef.mf.gov.pl")
        with self.assertRaises(ValidationError):
            self.company.write({"bss_ksef_environment": "local", "bss_ksef_base_url": False})

    def test_address_of_a_server(self):
        for address in ("127.0.0.1:8100/v2", "ftp://ksef.example/v2", "http://", "https://a b/v2", "http://host:x/v2"):
            with self.assertRaises(ValidationError, msg=address):
                self.company.write({"bss_ksef_environment": "local", "bss_ksef_base_url": address})
        self.company.write({"bss_ksef_environment": "local", "bss_ksef_base_url": "http://127.0.0.1:1/v2"})
        self.company.bss_ksef_token = "any"
        settings = self.env["res.config.settings"].create({"company_id": self.company.id})
        answer = settings.action_bss_ksef_test_connection()["params"]["message"]
        self.assertIn("KSeF server at http://127.0.0.1:1/v2 does not answer", answer)

    def test_secrets_are_for_the_system_only(self):
        clerk = new_test_user(
            self.env,
            "ksef_clerk",
            groups="account.group_account_invoice",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        company = self.company.with_user(clerk)
        for name in ("bss_ksef_token", "bss_ksef_certificate", "bss_ksef_key", "bss_ksef_key_password"):
            with self.assertRaises(AccessError):
                company.read([name])
        with self.assertRaises(AccessError):
            self.env["bss.ksef.access"].with_user(clerk).search([])

    def test_a_clerk_sends(self):
        clerk = new_test_user(
            self.env,
            "ksef_clerk",
            groups="account.group_account_invoice",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        with simulator() as sim:
            self._aim(sim)
            move = self._make_moves(self.business)
            move.with_user(clerk).with_context(queue_job__no_delay=True).action_bss_ksef_send()
            self.assertEqual(move.with_user(clerk).bss_ksef_document_ids.state, "accepted")

    def test_odoo_connector_steps_aside(self):
        send = self.env["account.move.send"]
        theirs = {"pl_ksef": {"label": "KSeF", "is_applicable": lambda move: True, "help": ""}}
        self.patch(self.env.registry["account.move.send"], "_get_all_extra_edis", lambda records: dict(theirs))
        move = self._make_moves(self.business)
        self.assertNotIn("pl_ksef", send._get_default_extra_edis(move))
        settings = send._get_default_sending_settings(move, extra_edis={"pl_ksef"})
        self.assertNotIn("pl_ksef", settings["extra_edis"])
        self.company.bss_ksef_enabled = False
        self.assertIn("pl_ksef", send._get_default_extra_edis(move))

    def test_menu_has_one_place(self):
        menu = self.env.ref("bss_ksef.menu_ksef_root")
        menu._bss_ksef_place_menu()
        expected = self.env.ref("bss_catalog.menu_bss_root", raise_if_not_found=False)
        self.assertEqual(menu.parent_id, expected or self.env.ref("account.menu_finance"))
