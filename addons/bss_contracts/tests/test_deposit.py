from datetime import date

from odoo.addons.bss_contracts.tests.common import ContractsCommon
from odoo.addons.bss_contracts.tests.test_document import squeeze, text_of
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError


@tagged("post_install", "-at_install")
class TestDeposit(ContractsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls.make_subscriber("Jan Kowalski", charged_through=date(2026, 10, 31))
        cls.contract = cls.account.contract_ids
        cls.users = {
            role: new_test_user(
                cls.env,
                f"t_deposit_{role}",
                groups=f"bss_catalog.group_bss_{role}",
                company_id=cls.company.id,
                company_ids=[(6, 0, cls.company.ids)],
            )
            for role in ("viewer", "clerk", "billing_manager", "collector")
        }
        cls.deposit_account = cls.env["account.account"].create(
            {"name": "Kaucje", "code": "249001", "account_type": "liability_current", "company_ids": cls.company.ids}
        )
        cls.company.bss_deposit_account_id = cls.deposit_account

    def test_an_empty_form_opens(self):
        form = Form(self.env["bss.deposit"].with_user(self.users["clerk"]))
        self.assertEqual((form.amount_held, form.state), (0.0, "draft"))
        form.contract_id = self.contract
        form.amount = 120.0
        self.assertEqual(form.save().account_id, self.account)

    def test_says_how_much_it_can_be_set_off_against(self):
        deposit = self.make()
        self.assertEqual(deposit.amount_open, 0.0)
        self.bill()
        deposit.invalidate_recordset(["amount_open"])
        self.assertAlmostEqual(deposit.with_user(self.users["clerk"]).amount_open, 72.57)  # 59.00 + 23 %

    def make(self, amount=200.0, ask=True, pay=True, user=None, **vals):
        deposit = self.env["bss.deposit"].create(
            {"contract_id": self.contract.id, "amount": amount, "date": "2026-11-02", **vals}
        )
        if ask:
            deposit.action_due()
        if pay and ask:
            self.pay(deposit, amount)
        return deposit

    def pay(self, deposit, amount):
        """What booking a bank line does: a credit of the account, reconciled with the demand."""
        receivable = deposit.partner_id.property_account_receivable_id
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": self.bank_journal.id,
                "date": "2026-11-05",
                "bss_account_id": deposit.account_id.id,
                "line_ids": [
                    (0, 0, {"account_id": self.bank_journal.default_account_id.id, "balance": amount}),
                    (
                        0,
                        0,
                        {"account_id": receivable.id, "balance": -amount, "partner_id": deposit.partner_id.id},
                    ),
                ],
            }
        )
        move._post(soft=False)
        demand = deposit.move_line_ids.filtered(lambda line: line.bss_deposit_part == "demand" and line.balance > 0)
        (demand | move.line_ids.filtered(lambda line: line.account_id == receivable)).reconcile()
        return move

    def ledger(self):
        lines = self.env["account.move.line"].search(
            [("account_id", "=", self.deposit_account.id), ("parent_state", "=", "posted")]
        )
        return -sum(lines.mapped("balance"))

    def notes(self, deposit):
        return self.env["bss.document"].search([("res_model", "=", "bss.deposit"), ("res_id", "=", deposit.id)])

    def test_asked_for_and_paid(self):
        deposit = self.make(pay=False)
        self.assertRegex(deposit.name, r"^KA/2026/\d{5}$")
        self.assertEqual((deposit.state, deposit.amount_held), ("due", 0.0))
        self.assertEqual((self.account.amount_due, self.ledger()), (200.0, 200.0))
        self.assertEqual(deposit.date_due, date(2026, 11, 16))
        entry = deposit.move_line_ids.move_id
        self.assertEqual((entry.state, entry.move_type, entry.journal_id.type), ("posted", "entry", "general"))
        self.assertFalse(entry.line_ids.tax_ids | entry.line_ids.tax_line_id)
        self.assertEqual(entry.line_ids.bss_account_id, self.account)
        self.pay(deposit, 80.0)
        self.assertEqual((deposit.state, deposit.amount_held), ("due", 80.0))
        self.pay(deposit, 120.0)
        self.assertEqual((deposit.state, deposit.amount_held), ("held", 200.0))
        self.assertEqual((self.account.amount_due, self.contract.amount_deposit), (0.0, 200.0))

    def test_a_payment_taken_back_makes_it_due_again(self):
        deposit = self.make()
        deposit.move_line_ids.filtered(lambda line: line.bss_deposit_part == "demand").remove_move_reconcile()
        self.assertEqual((deposit.state, deposit.amount_held), ("due", 0.0))

    def test_note_for_the_customer(self):
        deposit = self.make(pay=False)
        note = self.notes(deposit)
        self.assertEqual((note.kind, note.name, note.account_id), ("deposit_note", deposit.name, self.account))
        text = text_of(note._bss_content())
        for part in (deposit.name, "200,00 zł", "16.11.2026", self.contract.name, "Jan Kowalski"):
            self.assertIn(squeeze(part), text)

    def test_set_off_against_the_oldest_invoices(self):
        self.bill()
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        first, second = self.account.invoice_ids.sorted("invoice_date")
        deposit = self.make(100.0)
        self.assertEqual(self.account.amount_due, 145.14)
        deposit.with_user(self.users["billing_manager"]).action_set_off()
        self.assertEqual((first.amount_residual, second.amount_residual), (0.0, 45.14))
        self.assertEqual((deposit.state, deposit.amount_held, deposit.amount_set_off), ("set_off", 0.0, 100.0))
        self.assertEqual((self.account.amount_due, self.ledger()), (45.14, 0.0))
        self.assertIn(squeeze("100,00 zł"), text_of(self.notes(deposit)[0]._bss_content()))

    def test_set_off_in_part_then_returned(self):
        self.bill()
        deposit = self.make(200.0)
        self.assertEqual(float(deposit._bss_set_off(date(2026, 11, 20))), 72.57)
        self.assertEqual((deposit.state, deposit.amount_held), ("held", 127.43))
        deposit._bss_return(date(2026, 11, 21), 100.0)
        self.assertEqual((deposit.state, deposit.amount_held, deposit.amount_returned), ("held", 27.43, 100.0))
        deposit.with_user(self.users["billing_manager"]).action_return()
        self.assertEqual((deposit.state, deposit.amount_held, deposit.amount_returned), ("returned", 0.0, 127.43))
        self.assertEqual((self.account.amount_due, self.ledger()), (-127.43, 0.0))
        self.assertEqual(len(self.notes(deposit)), 4)
        self.assertEqual(len(set(self.notes(deposit).mapped("name"))), 4)

    def test_bad_amounts_and_states_are_refused(self):
        deposit = self.make(100.0, pay=False)
        for call in (
            lambda: deposit._bss_set_off(date(2026, 11, 20)),
            lambda: deposit._bss_return(date(2026, 11, 20), 10.0),
            deposit.action_due,
            lambda: deposit.write({"amount": 5.0}),
            deposit.unlink,
        ):
            with self.assertRaises(UserError):
                call()
        self.pay(deposit, 100.0)
        with self.assertRaisesRegex(UserError, "no open invoice"):
            deposit._bss_set_off(date(2026, 11, 20))
        for amount in (0.0, -1.0, 100.01):
            with self.assertRaises(UserError):
                deposit._bss_return(date(2026, 11, 20), amount)
        self.bill()
        with self.assertRaisesRegex(UserError, "only"):
            deposit._bss_set_off(date(2026, 11, 20), 90.0)
        with self.assertRaises(UserError):
            deposit.action_cancel()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.make(-5.0, ask=False)

    def test_cancelled_when_nobody_paid(self):
        deposit = self.make(pay=False)
        deposit.action_cancel()
        self.assertEqual((deposit.state, self.account.amount_due, self.ledger()), ("cancelled", 0.0, 0.0))
        draft = self.make(ask=False)
        draft.action_cancel()
        self.assertFalse(draft.exists())
        unpaid = self.make(pay=False)
        self.assertEqual(unpaid._bss_return(date(2026, 11, 21)), 0)
        self.assertEqual(unpaid.state, "cancelled")

    def test_assignment_moves_what_is_held(self):
        other = self.make_subscriber("Anna Nowak").contract_ids
        deposit = self.make()
        heir = deposit._bss_assign(other, date(2026, 11, 21))
        self.assertEqual((deposit.state, deposit.amount_held), ("moved", 0.0))
        self.assertEqual((heir.state, heir.amount_held, heir.predecessor_id), ("held", 200.0, deposit))
        self.assertEqual((heir.account_id.amount_due, self.account.amount_due, self.ledger()), (0.0, 0.0, 200.0))
        heir._bss_return(date(2026, 11, 22))
        self.assertEqual((heir.state, other.account_id.amount_due, self.ledger()), ("returned", -200.0, 0.0))
        unpaid = self.make(pay=False)
        asked_again = unpaid._bss_assign(other, date(2026, 11, 21))
        self.assertEqual((unpaid.state, asked_again.state, asked_again.amount), ("cancelled", "due", 200.0))
        with self.assertRaises(UserError):
            asked_again._bss_assign(other)

    def test_assignment_of_a_deposit_paid_in_part(self):
        other = self.make_subscriber("Anna Nowak").contract_ids
        deposit = self.make(100.0, pay=False)
        self.pay(deposit, 40.0)
        held, asked_again = deposit._bss_assign(other, date(2026, 11, 21))
        self.assertEqual((deposit.state, deposit.amount_held), ("moved", 0.0))
        self.assertEqual((held.state, held.amount_held, held.predecessor_id), ("held", 40.0, deposit))
        self.assertEqual((asked_again.state, asked_again.amount, asked_again.amount_held), ("due", 60.0, 0.0))
        self.assertEqual((self.account.amount_due, other.account_id.amount_due, self.ledger()), (0.0, 60.0, 100.0))

    def test_return_of_a_deposit_paid_in_part(self):
        deposit = self.make(100.0, pay=False)
        self.pay(deposit, 40.0)
        self.assertEqual(float(deposit._bss_return(date(2026, 11, 21))), 40.0)
        self.assertEqual((deposit.state, deposit.amount_returned), ("returned", 40.0))
        self.assertEqual((self.account.amount_due, self.ledger()), (-40.0, 0.0))

    def test_days_are_those_of_poland(self):
        self.env.user.tz = "UTC"
        with freeze_time("2026-11-21 23:30:00"):
            deposit = self.env["bss.deposit"].create({"contract_id": self.contract.id, "amount": 50.0})
        self.assertEqual(deposit.date, date(2026, 11, 22))

    def test_deposit_of_the_catalogue(self):
        product = self.make_offering("KAUCJA", 150.0, kind="deposit")
        deposit = self.env["bss.deposit"].create({"contract_id": self.contract.id, "product_id": product.id})
        self.assertEqual(deposit.amount, 150.0)

    def test_roles(self):
        clerk = self.users["clerk"]
        deposit = self.env["bss.deposit"].with_user(clerk).create({"contract_id": self.contract.id, "amount": 50.0})
        deposit.action_due()
        self.pay(deposit.sudo(), 50.0)
        deposit.invalidate_recordset()
        self.assertEqual(deposit.state, "held")
        for role in ("clerk", "viewer", "collector"):
            with self.assertRaises(AccessError):
                deposit.with_user(self.users[role]).action_return()
            with self.assertRaises(AccessError):
                deposit.with_user(self.users[role]).action_set_off()
        for role in ("viewer", "collector"):
            deposit.with_user(self.users[role]).read(["name", "state", "amount_held"])
            with self.assertRaises(AccessError):
                self.env["bss.deposit"].with_user(self.users[role]).create(
                    {"contract_id": self.contract.id, "amount": 1.0}
                )
        deposit.with_user(self.users["billing_manager"]).action_return()
        self.assertEqual(deposit.state, "returned")

    def test_other_companies(self):
        deposit = self.make(pay=False)
        other = self.env["res.company"].create({"name": "Other operator"})
        stranger = new_test_user(
            self.env,
            "t_deposit_stranger",
            groups="bss_catalog.group_bss_admin",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        deposits = self.env["bss.deposit"].with_user(stranger).with_context(allowed_company_ids=other.ids)
        self.assertFalse(deposits.search([]))
        with self.assertRaises(AccessError):
            deposits.browse(deposit.id).read(["name"])
        with self.assertRaisesRegex(UserError, "Other operator"):
            other._bss_deposit_account()

    def test_default_account_of_the_polish_chart(self):
        self.company.bss_deposit_account_id = False
        self.assertEqual(self.company._bss_deposit_account().code, "24.090.900")
