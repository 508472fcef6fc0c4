"""OCA's bank reconciliation widget installed beside: import, booking, undo, and its own methods on our payments."""

from datetime import date

from odoo.addons.bss_payments_pl.tests.common import PaymentsCommon
from odoo.exceptions import UserError
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestReconcileOca(PaymentsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the addon holds its automatic matching back in tests unless this is said
        cls.env = cls.env(context={**cls.env.context, "_test_account_reconcile_oca": True})
        for name in ("company", "bank_journal", "Import", "Match"):
            setattr(cls, name, getattr(cls, name).with_env(cls.env))
        cls.jan, cls.anna = cls.make_account("Jan Kowalski"), cls.make_account("Anna Nowak")

    def waiting(self, amount="30,00", title="wpłata", **kwargs):
        record = self.import_file(self.entry(amount, title), **kwargs)
        self.assertEqual(record.match_ids.state, "unallocated")
        return record, record.match_ids

    def receivable(self, move):
        return move.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")

    def reconcile_in_widget(self, match, *items):
        line = match.statement_line_id
        for item in items:
            line._add_account_move_line(item)
        self.assertTrue(line.can_reconcile)
        line.reconcile_bank_line()
        self.env.flush_all()
        return line

    def test_the_widget_is_there(self):
        self.assertTrue(
            self.env["ir.module.module"].search([("name", "=", "account_reconcile_oca")]).state == "installed"
        )

    def test_import_book_and_undo_as_without_it(self):
        paid = self.make_invoice(self.jan, 30)
        other = self.make_invoice(self.anna, 20)
        record = self.import_file(self.entry("30,00", "wpłata", self.key_of(self.jan)), self.entry("20,00", "nie wiem"))
        booked = record.match_ids.filtered(lambda match: match.state == "booked")
        self.assertEqual((booked.account_id, paid.payment_state), (self.jan, "paid"))
        self.assert_conserved(record)
        match = record.match_ids - booked
        match.account_id = self.anna
        match.action_book()
        self.assertEqual((match.state, other.payment_state), ("booked", "paid"))
        self.assert_conserved(record)
        record.match_ids.action_undo()
        self.assertEqual((paid.payment_state, other.payment_state), ("not_paid", "not_paid"))
        self.assertEqual(set(record.match_ids.mapped("state")), {"unallocated"})
        self.assert_conserved(record)

    def test_it_does_not_match_our_payments_by_itself(self):
        """Its search takes any single invoice whose number holds the title: here three characters."""
        invoice = self.make_invoice(self.jan, 30, name="X/2026/7Q7")
        record, match = self.waiting(title="7Q7")
        self.assertFalse(match.statement_line_id.is_reconciled)
        self.assertFalse(match.statement_line_id.partner_id)
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assert_conserved(record)

    def test_lines_of_other_origin_keep_its_automatic_matching(self):
        invoice = self.make_invoice(self.jan, 30, name="X/2026/7777")
        line = self.env["account.bank.statement.line"].create(
            {"journal_id": self.bank_journal.id, "amount": 30, "date": date(2026, 11, 20), "payment_ref": "X/2026/7777"}
        )
        self.assertTrue(line.is_reconciled)
        self.assertEqual(invoice.payment_state, "paid")

    def test_what_it_reconciles_our_payment_follows(self):
        invoice = self.make_invoice(self.anna, 30)
        record, match = self.waiting()
        self.reconcile_in_widget(match, self.receivable(invoice))
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual((match.state, match.reason, match.account_id), ("booked", "MANUAL", self.anna))
        self.assertEqual(match.decided_by_id, self.env.user)
        self.assertEqual(match.statement_line_id.move_id.bss_account_id, self.anna)
        self.assertEqual(self.anna.amount_due, 0)
        self.assert_conserved(record)
        with self.assertRaisesRegex(UserError, "decided already"):
            match.action_book()

    def test_what_it_takes_back_our_payment_follows(self):
        invoice = self.make_invoice(self.anna, 30)
        record, match = self.waiting()
        line = self.reconcile_in_widget(match, self.receivable(invoice))
        line.unreconcile_bank_line()
        self.assertEqual((match.state, match.account_id.id, invoice.payment_state), ("unallocated", False, "not_paid"))
        self.assertEqual(self.anna.amount_due, 30)
        self.assert_conserved(record)
        match.account_id = self.anna
        match.action_book()
        self.assertEqual((match.state, invoice.payment_state), ("booked", "paid"))
        self.assert_conserved(record)

    def test_what_we_booked_it_takes_back(self):
        invoice = self.make_invoice(self.jan, 30)
        record = self.import_file(self.entry("30,00", "x", self.key_of(self.jan)))
        line = record.match_ids.statement_line_id
        self.assertEqual(invoice.payment_state, "paid")
        line.unreconcile_bank_line()
        self.assertEqual((record.match_ids.state, invoice.payment_state), ("unallocated", "not_paid"))
        self.assert_conserved(record)

    def test_what_it_reconciled_we_undo(self):
        invoice = self.make_invoice(self.anna, 30)
        record, match = self.waiting()
        self.reconcile_in_widget(match, self.receivable(invoice))
        match.action_undo()
        self.assertEqual((match.state, invoice.payment_state), ("unallocated", "not_paid"))
        self.assert_conserved(record)

    def test_one_payment_for_two_customers(self):
        first, second = self.make_invoice(self.jan, 10), self.make_invoice(self.anna, 20)
        record, match = self.waiting()
        self.reconcile_in_widget(match, self.receivable(first), self.receivable(second))
        self.assertEqual((first.payment_state, second.payment_state), ("paid", "paid"))
        self.assertEqual((match.state, match.account_id.id), ("booked", False))
        self.assertEqual((self.jan.amount_due, self.anna.amount_due), (0, 0))
        self.assertEqual(record.amount_difference, 0)
        match.action_undo()
        self.assertEqual((self.jan.amount_due, self.anna.amount_due), (10, 20))

    def test_no_customers_payment(self):
        record, match = self.waiting()
        line = match.statement_line_id
        income = self.env["account.account"].search([("account_type", "=", "income_other")], limit=1)
        info = line.reconcile_data_info
        suspense = next(one for one in info["data"] if one["kind"] == "suspense")
        suspense.update(account_id=[income.id, income.display_name], kind="other")
        line.reconcile_data_info = {**info, "can_reconcile": True}
        line.reconcile_bank_line()
        self.assertEqual((match.state, match.account_id.id), ("rejected", False))
        self.assertIn(income.code, match.note)
        self.assertEqual(record.amount_difference, 0)
