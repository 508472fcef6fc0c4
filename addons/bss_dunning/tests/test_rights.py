"""Who sees what of collections: cases are the collectors', everybody else learns at most that they are at work."""

from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .common import DunningCommon

DAY = date(2026, 10, 8)
# what the law and the post office say is no secret
PUBLIC = {"bss.dunning.postage"}
# booked money: accountants and billing managers work with it, without the case behind it
BOOKED = {
    "bss.dunning.ageing.report",
    "bss.dunning.note",
    "bss.dunning.note.line",
    "bss.dunning.note.segment",
    "bss.dunning.relief",
    "bss.dunning.writeoff",
    "bss.dunning.writeoff.line",
    "bss.dunning.writeoff.reason",
}


@tagged("post_install", "-at_install")
class TestRights(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {role: cls.user(f"prawa.{role}", role) for role in ("viewer", "clerk", "billing_manager")}
        cls.collector = cls.user("prawa.windykator", "collector")
        cls.clerk = cls.users["clerk"]
        cls.admin = cls.user("prawa.szef", "admin")

    @classmethod
    def user(cls, login, role):
        return new_test_user(
            cls.env,
            login,
            groups=f"base.group_user,base.group_allow_export,bss_catalog.group_bss_{role}",
            company_id=cls.company.id,
            company_ids=cls.company.ids,
            lang="en_US",
            context={"no_reset_password": True},
        )

    def collected(self):
        account = self.debtor("Anna Dłużna")
        self.run_on(DAY)
        self.assertTrue(self.case_of(account).action_ids)
        return account

    def all_models(self):
        return [
            name
            for name in self.env
            if name.startswith("bss.dunning.") and not self.env[name]._abstract and name not in PUBLIC
        ] + ["bss.sms.log"]

    # Models

    def test_nothing_of_collections_is_open_to_others(self):
        models = self.all_models()
        self.assertGreater(len(models), 50)
        for role, user in self.users.items():
            for name in models:
                seen = role == "billing_manager" and name in BOOKED
                rights = self.env[name].with_user(user)
                with self.subTest(role=role, model=name):
                    self.assertEqual(rights.has_access("read"), seen)
                    if not seen:
                        self.assertFalse(any(rights.has_access(way) for way in ("create", "write", "unlink")))

    def test_collectors_and_administrators_see_all_of_it(self):
        only_admin = {"bss.dunning.dialer.key", "bss.dunning.dialer.token"}
        only_admin |= {"bss.dunning.strategy.move", "bss.dunning.strategy.move.line"}
        for name in self.all_models():
            with self.subTest(model=name):
                self.assertTrue(self.env[name].with_user(self.admin).has_access("read"))
                if name not in only_admin:
                    self.assertTrue(self.env[name].with_user(self.collector).has_access("read"))

    def test_every_model_of_a_company_has_its_rule(self):
        names = [*self.all_models(), "bss.complaint", "bss.complaint.line"]
        ruled = self.env["ir.rule"].search([("groups", "=", False)]).mapped("model_id.model")
        for name in names:
            model = self.env[name]
            if "company_id" in model._fields and not model._transient:
                with self.subTest(model=name):
                    self.assertIn(name, ruled)

    def test_a_case_gives_nothing_away(self):
        case = self.case_of(self.collected())
        for role, user in self.users.items():
            own = case.with_user(user)
            calls = (
                lambda own=own: own.read(["name"]),
                lambda own=own: own.search([]),
                lambda own=own: own.get_timeline(),
                lambda own=own: own.export_data(["name", "action_ids/reason"]),
                lambda own=own: own.message_post(body="x"),
                lambda own=own: own.action_view_documents(),
                lambda own=own: own.action_ids.read(["reason"]),
                lambda own=own: self.env["bss.dunning.today"].with_user(own.env.user).get_figures(),
                lambda own=own: self.env["bss.dunning.workbook"].with_user(own.env.user)._bss_write(),
                lambda own=own: (
                    self.env["mail.message"].with_user(own.env.user).browse(case.message_ids.ids).read(["body"])
                ),
            )
            for number, call in enumerate(calls):
                with self.subTest(role=role, call=number), self.assertRaises(AccessError):
                    call()

    def test_letters_of_collections_are_the_collectors(self):
        account = self.collected()
        with freeze_time(DAY):
            wizard = self.env["bss.dunning.letter"].create({"account_ids": [Command.set(account.ids)]})
            wizard.write({"kind": "demand", "channel": "letter"})
            wizard.action_send()
        letters = self.case_of(account).action_ids.document_id
        self.assertTrue(letters)
        for role, user in self.users.items():
            own = letters.with_user(user)
            self.assertFalse(own.search([("id", "in", letters.ids)]), role)
            for call in (
                lambda own=own: own.read(["name"]),
                lambda own=own: own.attachment_id.with_user(own.env.user).read(["raw"]),
                lambda own=own: own.message_ids.with_user(own.env.user).read(["body"]),
                lambda own=own: own.action_mark_sent(),
            ):
                with self.subTest(role=role), self.assertRaises(AccessError):
                    call()
            told = " ".join(str(message.body) for message in account.with_user(user).message_ids)
            for letter in letters:
                self.assertNotIn(letter.name, told, role)
        for user in (self.collector, self.admin):
            self.assertEqual(letters.with_user(user).search([("id", "in", letters.ids)]), letters)
            self.assertTrue(all(letters.with_user(user).attachment_id.mapped("raw")))

    def test_other_documents_stay_with_their_readers(self):
        """Invoices and letters of others go to everybody, interest notes to who may read notes."""
        account = self.collected()
        documents = self.env["bss.document"]
        archived = {
            record._name: documents._bss_archive("other", f"X/{record._name}", b"%PDF", record, account, "none")
            for record in (account, account.invoice_ids, self.env["bss.dunning.note"].new({}))
        }
        plain = documents.create(
            {"name": "X", "attachment_id": archived["bss.account"].attachment_id.id, "sha256": "x"}
        )
        everything = plain.union(*archived.values())
        for user in (*self.users.values(), self.collector):
            seen = everything.with_user(user).search([("id", "in", everything.ids)])
            notes = self.env["bss.dunning.note"].with_user(user).has_access("read")
            wanted = everything if notes else everything - archived["bss.dunning.note"]
            self.assertEqual(seen, wanted, user.login)
        self.assertNotIn(archived["bss.dunning.note"], everything.with_user(self.clerk).search([]))

    # What leaks through the account, the invoice and the customer

    def test_an_account_says_only_that_collectors_are_at_work(self):
        account = self.collected()
        clean = self.make_subscriber("Jan Czysty")
        for role in ("viewer", "clerk"):
            own = account.with_user(self.users[role])
            self.assertEqual((own.dunning_state, clean.with_user(own.env.user).dunning_state), ("open", False))
            accounts = own.search([("dunning_state", "in", ("open", "hold")), ("id", "in", (account | clean).ids)])
            self.assertEqual(accounts, account)
            free = own.search([("dunning_state", "=", False), ("id", "in", (account | clean).ids)])
            self.assertEqual(free, clean)
            hidden = ("dunning_case_id", "dunning_case_ids", "dunning_case_count", "dunning_amount")
            for name in (*hidden, "dunning_note_ids", "dunning_note_count", "dunning_strategy_id"):
                with self.subTest(role=role, field=name), self.assertRaises(AccessError):
                    own.read([name])
            for domain in (
                [("dunning_case_ids.amount_overdue", ">", 0)],
                [("dunning_case_ids", "any", [("state", "=", "open")])],
                [("dunning_strategy_id.name", "ilike", "a")],
            ):
                with self.subTest(role=role, domain=domain), self.assertRaises(AccessError):
                    own.search(domain)
            with self.assertRaises(AccessError):
                own.export_data(["name", "dunning_case_ids/name"])
            with self.assertRaises(AccessError):
                own.dunning_strategy_id = self.business
        self.assertEqual(account.with_user(self.collector).dunning_case_id, self.case_of(account))
        account.dunning_strategy_id = self.business
        self.assertFalse(account.with_user(self.clerk).copy().sudo().dunning_strategy_id)

    def test_forms_of_customers_accounts_and_invoices_open_for_a_clerk(self):
        account = self.collected()
        for record, view in (
            (account, "bss_contracts.bss_account_view_form"),
            (account.partner_id, "base.view_partner_form"),
            (account.invoice_ids, "account.view_move_form"),
        ):
            with self.subTest(model=record._name):
                form = Form(record.with_user(self.clerk), view=view)
                self.assertEqual(form.id, record.id)
                for name in ("dunning_case_count", "dunning_amount", "dunning_note_count", "dunning_strategy_id"):
                    self.assertNotIn(name, form._view["fields"])
        form = Form(account.with_user(self.clerk), view="bss_contracts.bss_account_view_form")
        self.assertEqual(form.dunning_state, "open")
        arch = account.with_user(self.clerk).get_view(self.env.ref("bss_contracts.bss_account_view_form").id)["arch"]
        self.assertIn("go to the collectors", arch)
        self.assertNotIn("action_view_dunning", arch)
        form = Form(account.with_user(self.collector), view="bss_contracts.bss_account_view_form")
        self.assertEqual(form.dunning_amount, 123.0)

    def test_an_invoice_leads_collectors_to_its_case(self):
        account = self.collected()
        invoice = account.invoice_ids
        view = self.env.ref("account.view_move_form").id
        button = "action_view_dunning_case"
        self.assertNotIn(button, invoice.with_user(self.clerk).get_view(view)["arch"])
        collector = invoice.with_user(self.collector)
        self.assertIn(button, self.env["account.move"].with_user(self.collector).get_view(view)["arch"])
        action = collector.action_view_dunning_case()
        self.assertEqual((action["res_model"], action["res_id"]), ("bss.dunning.case", account.dunning_case_id.id))
        with self.assertRaises(AccessError):
            invoice.with_user(self.clerk).action_view_dunning_case()

    def test_lists_of_accounts_and_invoices_open_for_a_clerk(self):
        account = self.collected()
        for record in (account, account.partner_id, account.invoice_ids):
            own = record.with_user(self.clerk)
            views = own.get_views([(False, "list"), (False, "search")])["views"]
            self.assertTrue(views["list"]["arch"])
            names = [name for name in own.fields_get(attributes=["type"]) if name in own._fields]
            with self.subTest(model=record._name):
                self.assertTrue(own.read(names), "every field that a clerk is offered can be read and exported")

    def test_complaints_stay_with_clerks(self):
        account = self.collected()
        with freeze_time(DAY):
            complaints = self.env["bss.complaint"].with_user(self.clerk)
            line = self.receivable(account.invoice_ids)
            complaint = complaints.create(
                {
                    "account_id": account.id,
                    "subject": "Zła kwota",
                    "line_ids": [Command.create({"move_line_id": line.id, "amount": 23.0})],
                }
            )
            self.assertEqual(complaint.sudo().hold_id.amount, 23.0)
            self.assertTrue(self.case_of(account).complaint_open)
            self.assertEqual(Form(complaint).disputed_amount, 23.0)
            with self.assertRaises(AccessError):
                complaint.read(["hold_id"])
            with self.assertRaises(AccessError):
                complaint.action_view_case()
            complaint.action_confirm()
            complaint.write({"decision": "rejected", "decision_text": "Kwota zgodna z cennikiem."})
            complaint.action_answer()
            self.assertEqual(complaint.state, "rejected")

    def test_a_billing_manager_decides_write_offs_without_the_case(self):
        account = self.collected()
        manager = self.users["billing_manager"]
        with freeze_time(DAY):
            form = Form(self.env["bss.dunning.writeoff"].with_user(manager))
            form.account_id = account.with_user(manager)
            form.reason_id = self.env.ref("bss_dunning.writeoff_reason_small")
            writeoff = form.save()
            self.assertEqual(writeoff.sudo().case_id, self.case_of(account))
            with self.assertRaises(AccessError):
                writeoff.read(["case_id"])
            writeoff.action_confirm()
        self.assertEqual((writeoff.state, writeoff.sudo().case_id.state), ("done", "closed"))
        ageing = self.env["bss.dunning.ageing.report"].with_user(manager)
        for name in ("case_id", "stage_id", "strategy_id", "user_id"):
            with self.assertRaises(AccessError):
                ageing._read_group([], [name])

    def test_menus(self):
        menus = {
            role: self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
            for role, user in {**self.users, "collector": self.collector}.items()
        }
        for name in ("today", "case", "action", "hold", "promise", "writeoff", "note", "letters", "strategy", "call"):
            menu = self.env.ref(f"bss_dunning.menu_bss_dunning_{name}").id
            for role in ("viewer", "clerk"):
                self.assertNotIn(menu, menus[role], (role, name))
            self.assertIn(menu, menus["collector"], name)
        for role in menus:
            self.assertIn(self.env.ref("bss_dunning.menu_bss_complaint").id, menus[role], role)
        self.assertIn(self.env.ref("bss_dunning.menu_bss_dunning_writeoff").id, menus["billing_manager"])
        self.assertNotIn(self.env.ref("bss_dunning.menu_bss_dunning_case").id, menus["billing_manager"])
