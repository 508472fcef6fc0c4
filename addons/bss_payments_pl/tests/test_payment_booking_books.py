"""Books with a past: what others wrote, marked, locked or set up before payments are booked as rows."""

from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .. import booking
from .booking_common import DAY, BookingCommon


@tagged("post_install", "-at_install")
class TestPaymentBookingBooks(BookingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan = cls.make_account("Jan Kowalski")
        cls.anna = cls.make_account("Anna Nowak")

    def entry(self, amount, account, **vals):
        """Posted entry that moves the customer's receivable."""
        receivable = account.partner_id.with_company(self.company).property_account_receivable_id
        income = self.env["account.account"].search(
            [("account_type", "=", "income"), ("company_ids", "in", self.company.ids)], limit=1
        )
        journal = self.env["account.journal"].search(
            [("type", "=", "general"), ("company_id", "=", self.company.id)], limit=1
        )
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": DAY,
                "journal_id": journal.id,
                "bss_account_id": account.id,
                "line_ids": [
                    Command.create(
                        {"account_id": receivable.id, "balance": amount, "partner_id": account.partner_id.id}
                    ),
                    Command.create({"account_id": income.id, "balance": -amount}),
                ],
                **vals,
            }
        )
        move.action_post()
        return move

    # --- what hangs together with the paid invoice

    def test_earlier_payment_keeps_its_amounts_and_its_writer(self):
        invoice = self.make_invoice(self.jan, 50)
        before, _taken = self.write([self.row(20, self.jan, [(invoice, 20)])], orm=True)
        wanted = self.row(20, self.jan, [(invoice, 20)])
        self.assert_same([*self.fillers(), wanted], [wanted])
        line = self.env["account.bank.statement.line"].browse(before.line_ids)
        mate = self.receivable(line.move_id)
        self.assertEqual((mate.amount_residual, mate.write_date.year), (0, 2020))
        self.assertEqual(mate.matching_number, self.receivable(invoice).matching_number)

    def test_mark_for_a_later_matching_connects_nothing(self):
        invoice, other = self.make_invoice(self.jan, 50), self.make_invoice(self.anna, 50)
        (self.receivable(invoice) | self.receivable(other)).matching_number = "I7"
        wanted = self.row(20, self.jan, [(invoice, 20)])
        self.assert_same([*self.fillers(), wanted], [wanted])
        self.assertEqual(self.receivable(other).matching_number, "I7")

    def test_recomputing_everything_changes_nothing(self):
        invoices = [self.make_invoice(self.jan, 50), self.make_invoice(self.anna, 50)]
        note = self.make_note(self.anna, 20)
        rows = [
            *self.fillers(),
            self.row(30, self.jan, [(invoices[0], 30)]),
            self.row(40, self.anna, [(invoices[1], 50), (note, 20)]),
        ]
        result, taken = self.write(rows)
        self.assertEqual((result.reasons, {row.key for row in rows[-2:]} - set(taken)), ({}, set()))
        before = self.picture()
        matches = self.Match.browse(result.match_ids)
        entries = self.env["account.bank.statement.line"].browse(result.line_ids).move_id
        moves = entries | matches.allocation_ids.invoice_id
        for records in (
            self.statement,
            moves,
            moves.line_ids,
            entries.statement_line_ids,
            matches,
            matches.candidate_ids,
            matches.allocation_ids,
        ):
            for field in records._fields.values():
                # what a person may write himself is not derived again
                if field.store and field.compute and field.readonly:
                    self.env.add_to_compute(field, records)
        self.env.flush_all()
        after = self.picture()
        for name, row in before.items():
            changed = {
                column: (token, after[name][column])
                for column, token in row.items()
                if token != after[name][column] and not column.startswith("write_")
            }
            self.assertFalse(changed, name)

    # --- set-up of the company and the customer

    def test_analytic_distribution_of_customers(self):
        plan = self.env["account.analytic.plan"].create({"name": "Regions"})
        region = self.env["account.analytic.account"].create(
            {"name": "North", "plan_id": plan.id, "company_id": self.company.id}
        )
        model = self.env["account.analytic.distribution.model"].create(
            {
                "partner_id": self.anna.partner_id.id,
                "company_id": self.company.id,
                "analytic_distribution": {str(region.id): 100},
            }
        )
        rows = [self.row(5, self.jan), self.row(6, self.anna)]
        result, taken = self.write([*self.fillers(), *rows])
        self.assertIn(rows[0].key, taken)
        self.assertEqual(result.reasons, {"An analytic distribution applies to the customer.": 1})
        line = self.env["account.bank.statement.line"].browse(result.line_ids[-1])
        self.assertEqual(self.receivable(line.move_id).analytic_distribution, {str(region.id): 100})
        # of a product: no bank entry has one; of all: every entry has it
        product = self.env["product.product"].create({"name": "Router"})
        model.write({"partner_id": False, "product_id": product.id})
        self.assertEqual(self.write([*self.fillers(), self.row(6, self.anna)])[0].reasons, {})
        model.write({"product_id": False, "account_prefix": "zz, 4"})
        self.assertEqual(self.write([*self.fillers(), self.row(6, self.anna)])[0].reasons, {})
        model.account_prefix = False
        result, taken = self.write([*self.fillers(), self.row(6, self.anna)])
        self.assertFalse(taken)

    def test_archived_receivable_takes_no_payment(self):
        partner = self.jan.partner_id.with_company(self.company)
        usual = partner.property_account_receivable_id
        old = usual.copy({"name": "Old receivables", "code": "209999"})
        partner.property_account_receivable_id = old
        invoice = self.make_invoice(self.jan, 50)
        partner.property_account_receivable_id = usual
        self.assertEqual(booking.payees(self.env, [self.jan.id])[self.jan.id].ledger_id, old.id)
        old.active = False
        self.assertEqual(booking.payees(self.env, [self.jan.id])[self.jan.id].ledger_id, usual.id)
        self.assertEqual(booking.open_items(self.env, [self.jan.id]), {self.jan.id: []})
        wanted = self.row(50, self.jan)
        self.assert_same([*self.fillers(), wanted], [wanted])
        self.assertEqual(invoice.amount_residual, 50)

    def test_nobody_owes_without_a_receivable(self):
        partner = self.jan.partner_id.with_company(self.company)
        partner.property_account_receivable_id.active = False
        partner.property_account_receivable_id = False
        self.env["ir.default"].set("res.partner", "property_account_receivable_id", False, company_id=self.company.id)
        with self.assertRaisesRegex(UserError, "receivable"):
            booking.payees(self.env, [self.jan.id])

    def test_accounts_of_a_contact_and_of_an_archived_customer(self):
        child = self.env["res.partner"].create({"name": "Sklep", "parent_id": self.jan.partner_id.id})
        account = self.env["bss.account"].create({"partner_id": child.id, "company_id": self.company.id})
        invoice, other = self.make_invoice(account, 50), self.make_invoice(self.anna, 5)
        self.anna.partner_id.active = False
        wanted = [self.row(50, account, [(invoice, 50)]), self.row(7, self.anna, [(other, 5)])]
        self.assert_same([*self.fillers(), *wanted], wanted)
        self.assertEqual(invoice.payment_state, "paid")

    # --- afterwards

    def test_invoice_reset_to_draft_stays_paid(self):
        invoice = self.make_invoice(self.jan, 50)
        row = self.row(20, self.jan, [(invoice, 20)])
        result, taken = self.write([*self.fillers(), row])
        self.assertIn(row.key, taken)
        match = self.Match.browse(result.match_ids[-1])
        invoice.button_draft()
        self.assertEqual(booking.open_items(self.env, [self.jan.id]), {self.jan.id: []})
        invoice.action_post()
        self.assertEqual((invoice.amount_residual, match.allocation_ids.invoice_id), (30, invoice))
        match.action_undo()
        self.assertEqual((invoice.amount_residual, match.allocation_ids.ids), (50, []))

    # --- interest

    def test_interest_note_goes_by_the_order_on_a_debt(self):
        self.make_invoice(self.jan, 10, date(2026, 8, 1))
        invoice = self.make_invoice(self.jan, 50, date(2026, 9, 1))
        mine = self.entry(6, self.jan, bss_settlement_kind="interest_note", ref=invoice.name)
        loose = self.entry(3, self.jan, bss_settlement_kind="interest_note", ref="all of 2025")
        other = self.entry(4, self.jan, bss_settlement_kind="debit_note", ref=invoice.name)
        items = {item.id: item for item in booking.open_items(self.env, [self.jan.id])[self.jan.id]}
        self.assertEqual(
            [
                (items[self.receivable(move).id].document_id, items[self.receivable(move).id].kind)
                for move in (invoice, mine, loose, other)
            ],
            [(invoice.id, "principal"), (invoice.id, "interest"), (loose.id, "interest"), (other.id, "principal")],
        )
        for order, log in (
            ("interest_first", [(mine, 6, "INTEREST"), (invoice, 44, "MANUAL")]),
            ("principal_first", [(invoice, 50, "MANUAL")]),
        ):
            self.company.bss_allocation_order = order
            match = self.Match.browse(self.write([self.row(50)])[0].match_ids)
            match.sudo().invoice_ids = invoice
            match.account_id = self.jan
            match.action_book()
            self.assertEqual([(one.invoice_id, one.amount, one.reason) for one in match.allocation_ids], log)
            match.action_undo()

    def test_interest_note_of_anothers_invoice_is_a_debt_of_its_own(self):
        invoice = self.make_invoice(self.anna, 50)
        note = self.entry(6, self.jan, bss_settlement_kind="interest_note", ref=invoice.name)
        [item] = booking.open_items(self.env, [self.jan.id])[self.jan.id]
        self.assertEqual((item.document_id, item.kind), (note.id, "interest"))
