from datetime import date

from lxml import etree
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import ContractsCommon

MODELS = (
    "bss.account",
    "bss.bill.cycle",
    "bss.bill.run",
    "bss.bill.run.item",
    "bss.charge",
    "bss.contract",
    "bss.device",
    "bss.service",
    "bss.service.identifier",
    "bss.service.order",
)


@tagged("post_install", "-at_install")
class TestSecurity(ContractsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            role: new_test_user(
                cls.env, f"contracts_{role}", groups=f"bss_catalog.group_bss_{role}", company_id=cls.company.id
            )
            for role in ("viewer", "clerk", "collector", "billing_manager", "admin")
        }
        cls.outsider = new_test_user(cls.env, "contracts_outsider", groups="base.group_user")
        cls.account = cls.make_subscriber(charged_through=date(2026, 10, 31))
        cls.bill()

    def test_everyone_of_the_bss_reads_and_nobody_else(self):
        for model in MODELS:
            for role, user in self.users.items():
                with self.subTest(model=model, role=role):
                    records = self.env[model].with_user(user).search([])
                    records.read()
            with self.subTest(model=model, role="outsider"), self.assertRaises(AccessError):
                self.env[model].with_user(self.outsider).search([])

    def test_an_accountant_reads_the_bill_run_of_an_invoice(self):
        """Bookkeepers and auditors open it from the invoice, with its accounts and chunks, and change nothing."""
        for group in ("account.group_account_invoice", "account.group_account_readonly"):
            user = new_test_user(self.env, group, groups=group, company_id=self.company.id)
            run = self.account.invoice_ids.with_user(user).bss_bill_run_id
            with self.subTest(group=group):
                self.assertSeen(run, "form")
                run.get_progress()
                for name in ("items", "chunks", "charges", "invoices", "errors", "outliers", "held", "documents"):
                    action = getattr(run, f"action_view_{name}", lambda: None)()
                    if action:
                        found = self.env[action["res_model"]].with_user(user).search(action.get("domain") or [])
                        self.assertTrue(found or name in ("errors", "outliers", "held", "documents"), name)
                        self.assertSeen(found, "list")
                self.assertSeen(run.item_ids, "form")
                self.assertSeen(run.chunk_ids, "form")
                for record in (run, run.item_ids, run.chunk_ids):
                    for operation in ("write", "create", "unlink"):
                        self.assertFalse(record.has_access(operation), (record, operation))

    def assertSeen(self, records, view_type):
        """What the view of these records reads."""
        arch = etree.fromstring(records.get_view(view_type=view_type)["arch"])
        names = {one.get("name") for one in arch.xpath("//field[not(ancestor::field)]")}
        shown = {"fields": {"display_name": {}}}
        rows = records.web_read({name: shown if records._fields[name].relational else {} for name in names})
        self.assertEqual([row["id"] for row in rows], records.ids)

    def test_viewer_changes_nothing(self):
        for model in MODELS:
            for operation in ("write", "create", "unlink"):
                with self.subTest(model=model, operation=operation):
                    self.assertFalse(self.env[model].with_user(self.users["viewer"]).has_access(operation))

    def test_clerk_serves_customers_but_does_not_bill(self):
        env = self.env(user=self.users["clerk"])
        partner = env["res.partner"].create({"name": "New customer"})
        account = env["bss.account"].create({"partner_id": partner.id, "bill_cycle_id": self.cycle.id})
        contract = env["bss.contract"].create({"account_id": account.id})
        service = env["bss.service"].create({"contract_id": contract.id, "product_id": self.fibre.id})
        contract.action_activate()
        service.order_ids.action_confirm_done()
        self.assertEqual(service.state, "active")
        self.assertEqual((account.amount_due, account.invoice_count), (0.0, 0))
        contract.action_terminate(date(2027, 12, 31))
        with self.assertRaises(AccessError):
            env["bss.bill.run"].create({"cycle_id": self.cycle.id})

    def test_billing_manager_runs_the_bill(self):
        env = self.env(user=self.users["billing_manager"])
        run = env["bss.bill.run"].create(
            {"cycle_id": self.cycle.id, "date_start": date(2026, 12, 1), "date_end": date(2026, 12, 31)}
        )
        given_up = run.copy().with_context(queue_job__no_delay=True)
        given_up.action_collect()
        given_up.action_cancel()
        run = run.with_context(queue_job__no_delay=True)
        run.action_collect()
        run.action_issue()
        self.assertEqual((run.state, run.issued_count), ("done", 1))

    def test_billing_manager_issues_corrective_invoices(self):
        self.account.service_ids.with_user(self.users["clerk"])._bss_end(date(2026, 11, 15), "moved away")
        env = self.env(user=self.users["billing_manager"])
        run = env["bss.bill.run"].create(
            {"cycle_id": self.cycle.id, "date_start": date(2026, 12, 1), "date_end": date(2026, 12, 31)}
        )
        run = run.with_context(queue_job__no_delay=True)
        run.action_collect()
        run.item_ids.filtered("is_to_check").action_accept()
        run.action_issue()
        self.assertEqual((run.state, run.issued_count, run.refund_count), ("done", 1, 1))
        self.assertEqual(run.item_ids.refund_ids.reversed_entry_id.bss_account_id, self.account)
        self.assertEqual(run.item_ids.action_view_invoice()["res_id"], run.item_ids.refund_ids.id)
        for user in (self.users["viewer"], self.users["clerk"]):
            run.with_user(user).read()
            run.item_ids.with_user(user).read()

    def test_only_billing_changes_the_state_of_a_charge(self):
        billed = self.account.charge_ids
        pending = self.env["bss.charge"].create({"account_id": self.account.id, "product_id": self.fibre.id})
        forbidden = {
            "state": ("pending", "billed", "cancelled"),
            "bill_run_id": (False, billed.bill_run_id.id),
            "move_id": (False, billed.move_id.id),
            "move_line_id": (False, billed.move_line_id.id),
            "origin_charge_id": (billed.id,),
            "identity_key": ("rec:1:2026-12-01",),
        }
        vals = {"account_id": self.account.id, "product_id": self.fibre.id}
        for role in ("clerk", "billing_manager", "admin"):
            charges = self.env["bss.charge"].with_user(self.users[role])
            for name, values in forbidden.items():
                for value in values:
                    for charge in (billed, pending):
                        with self.subTest(role=role, name=name, value=value), self.assertRaises(AccessError):
                            charge.with_user(self.users[role]).write({name: value})
                    if value and value != "pending":
                        with self.subTest(role=role, create=name, value=value), self.assertRaises(AccessError):
                            charges.create({**vals, name: value})
            made = charges.with_context(default_state="cancelled", default_move_id=billed.move_id.id).create(vals)
            self.assertEqual((made.state, made.move_id.id), ("pending", False))
            made.action_cancel()
            self.assertEqual(made.state, "cancelled")
            made.action_restore()
            self.assertEqual(made.state, "pending")
        for method in ("action_cancel", "action_restore"):
            with self.assertRaises(AccessError):
                getattr(pending.with_user(self.users["viewer"]), method)()

    def test_nobody_reopens_an_invoice_of_a_bill_run(self):
        accountant = new_test_user(
            self.env, "contracts_accountant", groups="account.group_account_manager", company_id=self.company.id
        )
        for user in (self.users["billing_manager"], self.users["admin"], accountant):
            move = self.account.invoice_ids.with_user(user).with_context(bss_allow_draft=True)
            with self.subTest(user=user.login):
                for call in (move.button_draft, move.button_cancel):
                    with self.assertRaises(UserError):
                        call()
                with self.assertRaises(AccessError):
                    move.write({"bss_bill_run_id": False})
                with self.assertRaises(UserError):
                    move.write({"state": "draft"})
                self.assertEqual(move.state, "posted")

    def test_collector_orders_a_block(self):
        env = self.env(user=self.users["collector"])
        service = self.account.with_env(env).service_ids
        order = env["bss.service.order"]._bss_request(service, "restrict", "debt")
        self.assertEqual(order.state, "sent")
        with self.assertRaises(AccessError):
            service.price_unit = 1

    def test_other_companies_are_invisible(self):
        other = self.env["res.company"].create({"name": "Other operator"})
        stranger = new_test_user(
            self.env,
            "contracts_stranger",
            groups="bss_catalog.group_bss_admin",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        for model in MODELS:
            with self.subTest(model=model):
                found = self.env[model].with_user(stranger).with_context(allowed_company_ids=other.ids).search([])
                self.assertFalse(found)
        with self.assertRaises(AccessError):
            self.account.with_user(stranger).with_context(allowed_company_ids=other.ids).read(["name"])

    def test_an_empty_form_offers_what_its_company_follows_from(self):
        """The company of these comes from the chosen record: choosing it must not ask for the company first."""
        for model, name in (
            ("bss.bill.run", "cycle_id"),
            ("bss.contract.change", "contract_id"),
            ("bss.deposit", "contract_id"),
            ("bss.service.order", "service_id"),
        ):
            with self.subTest(model=model):
                form = etree.fromstring(self.env[model].get_view(view_type="form")["arch"])
                (field,) = form.xpath(f"//group/field[@name='{name}']")
                self.assertTrue(field.get("domain"), "else the domain of the field asks for the company")
                self.assertNotIn("company_id", field.get("domain"))
