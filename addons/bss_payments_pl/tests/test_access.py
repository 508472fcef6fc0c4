from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .common import NO_MAIL, PaymentsCommon


@tagged("post_install", "-at_install")
class TestAccess(PaymentsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan = cls.make_account("Jan Kowalski")
        cls.users = {
            name: new_test_user(
                cls.env,
                f"pay_{name}",
                group,
                context=NO_MAIL,
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for name, group in (
                ("viewer", "bss_catalog.group_bss_viewer"),
                ("clerk", "bss_catalog.group_bss_clerk"),
                ("collector", "bss_catalog.group_bss_collector"),
                ("manager", "bss_catalog.group_bss_billing_manager"),
                ("accountant", "account.group_account_invoice"),
            )
        }

    def test_manager_and_accountant_import_and_book(self):
        for number, name in enumerate(("manager", "accountant"), 1):
            imports = self.Import.with_user(self.users[name])
            opening = f"{(number - 1) * 5},00"
            content = self.statement(
                self.entry("2,00", "", self.key_of(self.jan)), self.entry("3,00", "?"), number=number, opening=opening
            )
            record = imports._bss_receive(self.bank_journal.with_user(self.users[name]), f"{name}.sta", content)
            record.action_import()
            waiting = record.match_ids.filtered(lambda m: m.state == "unallocated")
            waiting.account_id = self.jan
            waiting.action_book()
            self.assertEqual(record.match_ids.mapped("state"), ["booked", "booked"])
            waiting.action_undo()
            waiting.action_reject()
            waiting.action_reopen()
            bad = imports._bss_receive(self.bank_journal.with_user(self.users[name]), "x.csv", name.encode())
            bad.action_read_again()
            self.assertEqual((bad.state, len(bad.problem_ids)), ("rejected", 1))
            record.invalidate_recordset()
            self.assert_conserved(record.sudo())

    def test_manager_uses_the_wizard(self):
        user = self.users["manager"]
        file = (
            self.env["ir.attachment"]
            .with_user(user)
            .create({"name": "w.sta", "raw": self.statement(self.entry("2,00", "", self.key_of(self.jan)))})
        )
        wizard = self.env["bss.bank.import.wizard"].with_user(user).create({"attachment_ids": [(6, 0, file.ids)]})
        record = self.Import.with_user(user).browse(wizard.action_import()["res_id"])
        self.assertEqual(record.match_ids.state, "booked")
        self.assertTrue(record.attachment_id.raw)

    def test_clerk_proposes_but_does_not_book(self):
        record = self.import_file(self.entry("3,00", "?"))
        match = record.match_ids.with_user(self.users["clerk"])
        match.account_id = self.jan
        for call in (match.action_book, match.action_reject, match.action_match_again, match.action_undo):
            with self.assertRaises(AccessError):
                call()
        for vals in ({"state": "booked"}, {"amount": 1}, {"reason": "MANUAL"}):
            with self.assertRaises(AccessError):
                match.write(vals)
        record.match_ids.action_book()
        with self.assertRaises(UserError):
            match.with_context(bss_booking=True).account_id = False
        with self.assertRaises(AccessError):
            self.Import.with_user(self.users["clerk"])._bss_receive(self.bank_journal, "x.sta", b"x")

    def test_viewer_and_collector_only_read(self):
        record = self.import_file(self.entry("3,00", "?"))
        for name in ("viewer", "collector"):
            match = record.match_ids.with_user(self.users[name])
            self.assertEqual(match.amount, 3)
            self.assertEqual(match.import_id.amount_to_decide, 3)
            self.assertEqual(match.amount_open, 0)
            self.assertTrue(self.jan.with_user(self.users[name]).payment_nrb)
            with self.assertRaises(AccessError):
                match.account_id = self.jan
            with self.assertRaises(AccessError):
                record.with_user(self.users[name]).action_read_again()

    def test_every_role_opens_the_forms(self):
        invoice = self.make_invoice(self.jan, 3)
        record = self.import_file(self.entry("3,00", invoice.name), self.entry("1,00", f"klient {self.jan.name}"))
        self.assertEqual(record.match_ids.invoice_ids, invoice)
        for user in self.users.values():
            for one in (*record.match_ids, record, self.jan.virtual_account_ids, self.pool):
                view = self.env["ir.ui.view"].search([("model", "=", one._name), ("type", "=", "form")], limit=1)
                Form(one.with_user(user), view=view)
            if user.has_group("bss_catalog.group_bss_viewer"):
                Form(self.jan.with_user(user))

    def test_clerk_makes_accounts_with_numbers(self):
        partner = self.env["res.partner"].create({"name": "Nowy"})
        account = (
            self.env["bss.account"]
            .with_user(self.users["clerk"])
            .create({"partner_id": partner.id, "bill_cycle_id": self.cycle.id})
        )
        self.assertTrue(account.virtual_account_ids.nrb)
        with self.assertRaises(AccessError):
            self.env["bss.virtual.account"].with_user(self.users["clerk"]).create(
                {"nrb": "1", "pool_id": self.pool.id, "account_id": account.id}
            )

    def test_file_cannot_be_exchanged_for_somebody_elses(self):
        record = self.import_file(self.entry("3,00", "?"))
        private = self.env["ir.attachment"].create(
            {"name": "wages", "raw": b"secret", "res_model": "res.company", "res_id": self.company.id}
        )
        for role in ("accountant", "manager"):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                record.with_user(self.users[role]).write({"attachment_id": private.id})

    def test_second_company_sees_nothing_and_matches_nothing(self):
        other = (
            self.env["res.company"]
            .with_context(install_mode=True)
            .create({"name": "Inna", "country_id": self.env.ref("base.pl").id, "currency_id": self.currency.id})
        )
        record = self.import_file(self.entry("3,00", "", self.key_of(self.jan)))
        user = new_test_user(
            self.env,
            "pay_other",
            "bss_catalog.group_bss_admin",
            context=NO_MAIL,
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for model in ("bss.bank.import", "bss.payment.match", "bss.virtual.account", "bss.virtual.account.pool"):
            self.assertFalse(
                self.env[model].with_user(user).with_context(allowed_company_ids=other.ids).search_count([])
            )
        with self.assertRaises(AccessError):
            record.with_user(user).with_context(allowed_company_ids=other.ids).read(["name"])

    def test_account_of_another_company_cannot_be_chosen(self):
        other = (
            self.env["res.company"]
            .with_context(install_mode=True)
            .create({"name": "Inna", "country_id": self.env.ref("base.pl").id, "currency_id": self.currency.id})
        )
        foreign = self.env["bss.account"].create(
            {
                "partner_id": self.env["res.partner"].create({"name": "Obcy"}).id,
                "company_id": other.id,
                "bill_cycle_id": False,
            }
        )
        self.assertFalse(foreign.virtual_account_ids)
        record = self.import_file(self.entry("3,00", "?"))
        with self.assertRaises(UserError), self.cr.savepoint():
            record.match_ids.account_id = foreign
