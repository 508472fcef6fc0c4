from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from .common import KsefCommon, simulator

SECRETS = ("bss_ksef_token", "bss_ksef_certificate", "bss_ksef_key", "bss_ksef_key_password")
NO_ADDRESS = {"street": False, "city": False, "zip": False}


@tagged("post_install", "-at_install")
class TestRoles(KsefCommon):
    """The accountant does the whole daily work without an administrator; others look, or see nothing."""

    def _user(self, login, groups):
        return new_test_user(
            self.env, login, groups=groups, company_id=self.company.id, company_ids=[(6, 0, self.company.ids)]
        )

    def _as(self, user, **context):
        return self.env(user=user, context={**self.env.context, "queue_job__no_delay": True, **context})

    def test_the_accountants_day(self):
        accountant = self._user("ksef_accountant", "account.group_account_user,base.group_partner_manager")
        self.assertFalse(accountant.has_group("base.group_erp_manager"))
        env = self._as(accountant)
        with simulator() as sim:
            self._aim(sim)
            wrong = self._make_partner("Bez Adresu Sp. z o.o.", "5265877635", **NO_ADDRESS)
            moves = self._make_moves(self.business | wrong).with_env(env)
            cockpit = env["bss.ksef.cockpit"]
            cockpit.send_waiting(self.company.id)
            self.assertEqual(moves.mapped("bss_ksef_state"), ["accepted", "rejected"])

            figures = cockpit.get_figures(self.company.id)
            self.assertTrue(figures["may_send"])
            self.assertFalse(figures["may_set_up"])
            (reason,) = figures["reasons"]
            action = cockpit.open_reason(self.company.id, reason["state"], reason["code"], reason["element"])
            document = env["bss.ksef.document"].search(action["domain"])
            document.partner_id.write({"street": "ul. Nowa 1", "city": "Kutno", "zip": "99-300"})
            cockpit.repeat_reason(self.company.id, reason["state"], reason["code"], reason["element"])
            self.assertEqual(moves[1].bss_ksef_state, "to_send")
            moves[1].action_bss_ksef_send()
            self.assertEqual(moves[1].bss_ksef_state, "accepted")

            urgent = self._make_moves(self.business).with_env(env)
            urgent.action_bss_ksef_send_now()
            self.assertEqual(urgent.bss_ksef_state, "accepted")

            accepted = moves[1].bss_ksef_document_ids.filtered(lambda d: d.state == "accepted")
            self.assertTrue(accepted.with_context(bin_size=False).xml)
            self.assertIn(b"Potwierdzenie", accepted.upo_attachment_id.raw[:2000])
            self.assertIn(str(accepted.id), moves[1].action_bss_ksef_download_xml()["url"])
            self.assertIn(str(accepted.upo_attachment_id.id), moves[1].action_bss_ksef_download_upo()["url"])
            self.assertEqual(accepted.session_id.state, "done")
            self.assertTrue(moves[1].bss_ksef_line)
            self.assertTrue(cockpit.test_connection(self.company.id)["ok"])
            self.assertTrue(cockpit.ask_now(self.company.id))
            for model in ("account.move", "bss.ksef.document", "bss.ksef.session"):
                env[model].get_views([(False, "list"), (False, "form"), (False, "search")])

    def test_the_accountant_decides_about_late_ones(self):
        accountant = self._user("ksef_accountant", "account.group_account_user")
        yesterday = self.env["bss.ksef.session"]._bss_day().replace(day=1)
        move = self._make_moves(self.business, invoice_date=yesterday.replace(year=yesterday.year - 1))
        move = move.with_env(self._as(accountant))
        move._bss_ksef_set(state="late")
        with simulator() as sim:
            self._aim(sim)
            move.action_bss_ksef_send_late()
        self.assertEqual(move.bss_ksef_late_by, accountant)
        self.assertEqual(move.bss_ksef_state, "accepted")

    def test_secrets_and_set_up_are_not_for_accountants(self):
        for login, groups in (
            ("ksef_accountant", "account.group_account_manager,base.group_allow_export"),
            ("ksef_rights", "base.group_erp_manager,account.group_account_manager,base.group_allow_export"),
        ):
            env = self._as(self._user(login, groups))
            company = self.company.with_env(env)
            for name in SECRETS:
                with self.assertRaises(AccessError, msg=name):
                    company.read([name])
                with self.assertRaises(AccessError, msg=name):
                    company.export_data([name])
                with self.assertRaises(AccessError, msg=name):
                    env["res.company"].search([(name, "!=", False)])
                self.assertNotIn(name, env["res.company"].fields_get())
            with self.assertRaises(AccessError):
                env["bss.ksef.access"].search([])
            with self.assertRaises(AccessError):
                env["bss.ksef.setup"].create({})
            with self.assertRaises(AccessError):
                env["res.config.settings"].create({})
            self.assertFalse(
                env["ir.ui.menu"].browse(self.env.ref("bss_ksef.menu_ksef_setup").id)._filter_visible_menus()
            )

    def test_the_accountant_does_not_change_the_set_up(self):
        company = self.company.with_env(self._as(self._user("ksef_accountant", "account.group_account_manager")))
        for values in ({"bss_ksef_enabled": False}, {"bss_ksef_environment": "production"}, {"bss_ksef_token": "mój"}):
            with self.assertRaises(AccessError):
                company.write(values)

    def test_one_administrator_does_not_see_the_upload_of_another(self):
        first = self._user("ksef_admin_1", "base.group_system")
        second = self._user("ksef_admin_2", "base.group_system")
        wizard = self._as(first)["bss.ksef.setup"].create({"auth": "token", "token": "tajny"})
        with self.assertRaises(AccessError):
            wizard.with_user(second).read(["token"])

    def test_a_reader_looks_and_changes_nothing(self):
        reader = self._as(self._user("ksef_reader", "account.group_account_readonly"))
        move = self._make_moves(self.business)
        cockpit = reader["bss.ksef.cockpit"]
        figures = cockpit.get_figures(self.company.id)
        self.assertEqual({step["state"]: step["count"] for step in figures["steps"]}["to_send"], 1)
        self.assertFalse(figures["may_send"])
        self.assertTrue(move.with_env(reader).bss_ksef_line)
        for method, args in (
            ("send_waiting", ()),
            ("repeat_reason", ("invalid", "missing_rate", "")),
            ("ask_now", ()),
            ("test_connection", ()),
        ):
            with self.assertRaises(AccessError, msg=method):
                getattr(cockpit, method)(self.company.id, *args)
        for method in ("action_bss_ksef_send", "action_bss_ksef_send_late"):
            with self.assertRaises(AccessError, msg=method):
                getattr(move.with_env(reader), method)()

    def test_whoever_does_not_do_accounts_sees_nothing(self):
        for login, groups in (("ksef_employee", "base.group_user"), ("ksef_portal", "base.group_portal")):
            env = self._as(self._user(login, groups))
            cockpit = env["bss.ksef.cockpit"]
            for method, args in (
                ("get_figures", ()),
                ("open_state", ("to_send",)),
                ("open_reason", ("invalid", "", "")),
                ("open_session", (1,)),
                ("send_waiting", ()),
            ):
                with self.assertRaises(AccessError, msg=method):
                    getattr(cockpit, method)(self.company.id, *args)
            with self.assertRaises(AccessError):
                env["bss.ksef.document"].search([])

    def test_another_companys_cockpit_is_closed(self):
        other = self.env["res.company"].create({"name": "Drugi Operator Sp. z o.o."})
        accountant = self._as(self._user("ksef_accountant", "account.group_account_user"))
        with self.assertRaises(AccessError):
            accountant["bss.ksef.cockpit"].get_figures(other.id)
        with self.assertRaises(AccessError):
            accountant["bss.ksef.cockpit"].with_context(allowed_company_ids=[other.id]).get_figures(other.id)

    def test_the_invoice_form_opens_for_everybody_who_may_see_invoices(self):
        move = self._make_moves(self.business)
        for login, groups in (
            ("ksef_a", "account.group_account_readonly"),
            ("ksef_b", "account.group_account_invoice"),
        ):
            env = self._as(self._user(login, groups))
            self.assertTrue(Form(move.with_env(env)).bss_ksef_line)
