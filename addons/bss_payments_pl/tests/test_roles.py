from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import NO_MAIL, PaymentsCommon

CHANGES = ("create", "write", "unlink")
#: what clerks may change: they propose the account of a payment, and dropped files go through forms of their own
CLERK_WRITES = {"bss.payment.match"}


@tagged("post_install", "-at_install")
class TestRoles(PaymentsCommon):
    """Every model of the addon, also those still to come, against every role."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan = cls.make_account("Jan Kowalski")
        cls.anna = cls.make_account("Anna Nowak")
        roles = {
            "viewer": "bss_catalog.group_bss_viewer",
            "collector": "bss_catalog.group_bss_collector",
            "clerk": "bss_catalog.group_bss_clerk",
            "manager": "bss_catalog.group_bss_billing_manager",
            "accountant": "account.group_account_invoice",
            "auditor": "account.group_account_readonly",
            "employee": "base.group_user",
            "portal": "base.group_portal",
            "public": "base.group_public",
        }
        cls.users = {role: cls.make_user(f"role_{role}", group, cls.company) for role, group in roles.items()}
        models = [cls.env[name] for name in sorted(cls.env.registry.models)]
        cls.models = [model for model in models if model._original_module == "bss_payments_pl" and not model._abstract]
        cls.kept = [model for model in cls.models if not model._transient]

    @classmethod
    def make_user(cls, login, group, company):
        companies = [Command.set(company.ids)]
        return new_test_user(cls.env, login, group, context=NO_MAIL, company_id=company.id, company_ids=companies)

    def access(self, role, model, operation):
        return model.with_user(self.users[role]).has_access(operation)

    def test_the_models_are_found(self):
        names = {model._name for model in self.kept}
        expected = {"bss.payment.match", "bss.payment.rule", "bss.virtual.account", "bss.bank.import"}
        self.assertLessEqual(expected, names)

    def test_customers_visitors_and_other_employees_see_nothing(self):
        for model in self.models:
            for role in ("portal", "public", "employee"):
                for operation in ("read", *CHANGES):
                    with self.subTest(model=model._name, role=role, operation=operation):
                        self.assertFalse(self.access(role, model, operation))

    def test_every_role_of_the_house_reads(self):
        for model in self.kept:
            for role in ("viewer", "collector", "clerk", "manager", "accountant", "auditor"):
                with self.subTest(model=model._name, role=role):
                    self.assertTrue(self.access(role, model, "read"))

    def test_viewers_collectors_and_auditors_change_nothing(self):
        for model in self.models:
            for role in ("viewer", "collector", "auditor"):
                for operation in CHANGES:
                    with self.subTest(model=model._name, role=role, operation=operation):
                        self.assertFalse(self.access(role, model, operation))

    def test_clerks_propose_and_change_nothing_else(self):
        for model in self.kept:
            for operation in CHANGES:
                allowed = operation == "write" and model._name in CLERK_WRITES
                with self.subTest(model=model._name, operation=operation):
                    self.assertEqual(self.access("clerk", model, operation), allowed)

    def test_numbers_and_payments_are_deleted_by_nobody(self):
        for name in ("bss.virtual.account", "bss.payment.match"):
            for role in self.users:
                self.assertFalse(self.access(role, self.env[name], "unlink"), (name, role))

    def test_payments_are_made_by_imports_only(self):
        for name in ("bss.payment.match", "bss.payment.match.candidate", "bss.payment.allocation"):
            for role in self.users:
                self.assertFalse(self.access(role, self.env[name], "create"), (name, role))

    def test_manager_and_accountant_make_rules_and_pools_are_the_managers(self):
        for role in ("manager", "accountant"):
            self.assertTrue(self.access(role, self.env["bss.payment.rule"], "create"))
        self.assertTrue(self.access("manager", self.env["bss.virtual.account.pool"], "create"))
        for role in ("accountant", "clerk"):
            self.assertFalse(self.access(role, self.env["bss.virtual.account.pool"], "create"))

    def make_rows(self):
        """One row at least in the models of an ordinary import."""
        self.make_invoice(self.jan, 5)
        self.make_account("Anna Nowak")
        record = self.import_file(
            self.entry("9,00", "x", self.key_of(self.jan)),
            self.entry("3,00", "net", name="NOWAK ANNA"),
            ":61:kaputt\r\n",
        )
        self.env["bss.payment.rule"].create({"words": "maszt", "account_id": self.jan.id})
        return record

    def test_company_rules_hold_for_every_model(self):
        self.make_rows()
        other = (
            self.env["res.company"]
            .with_context(install_mode=True)
            .create({"name": "Inna", "country_id": self.env.ref("base.pl").id, "currency_id": self.currency.id})
        )
        user = self.make_user("role_other", "bss_catalog.group_bss_admin", other)
        seen = 0
        for model in self.kept:
            rows = model.sudo().with_context(active_test=False).search([])
            if "company_id" in model._fields:
                rows = rows.filtered(lambda row: row.company_id == self.company)
            else:
                rows = rows.browse()
            foreign = model.with_user(user).with_context(allowed_company_ids=other.ids, active_test=False)
            with self.subTest(model=model._name):
                self.assertFalse(foreign.search([("id", "in", rows.ids)]))
                if rows:
                    seen += 1
                    with self.assertRaises(AccessError):
                        foreign.browse(rows[:1].id).read(["display_name"])
        self.assertGreaterEqual(seen, 6)

    def test_clerk_cannot_reconcile(self):
        record = self.make_rows()
        clerk = self.users["clerk"]
        waiting = record.match_ids.filtered(lambda match: match.state != "booked" and match.statement_line_id)[:1]
        waiting.with_user(clerk).account_id = self.anna
        booked = record.match_ids.filtered(lambda match: match.state == "booked")
        for match, method in (
            (waiting, "action_book"),
            (waiting, "action_reject"),
            (waiting, "action_match_again"),
            (booked, "action_undo"),
            (booked, "action_make_rule"),
            (booked, "action_mail_confirmation"),
        ):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(match.with_user(clerk), method)()
        invoice = self.make_invoice(self.jan, 4)
        items = invoice.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
        items |= booked._bss_receivable_items()
        self.assertEqual(items.filtered("reconciled"), self.env["account.move.line"])
        with self.assertRaises(AccessError):
            items.with_user(clerk).reconcile()

    def test_numbers_are_given_by_those_who_may(self):
        with self.assertRaises(AccessError):
            self.pool.with_user(self.users["clerk"]).action_allocate_missing()
        with self.assertRaises(AccessError):
            self.jan.with_user(self.users["viewer"]).action_give_virtual_account()
