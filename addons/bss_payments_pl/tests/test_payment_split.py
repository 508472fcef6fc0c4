from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import PaymentsCommon


@tagged("post_install", "-at_install")
class TestPaymentSplit(PaymentsCommon):
    """Booking by hand with the log of it, split over several accounts, and taken back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan = cls.make_account("Jan Kowalski")
        cls.anna = cls.make_account("Anna Nowak")

    def stray(self, amount, number=1):
        return self.import_file(self.entry(amount, "nie wiem"), number=number).match_ids

    def log(self, match):
        return [(one.invoice_id, one.amount, one.reason) for one in match.allocation_ids]

    def test_ticked_documents_first_then_the_oldest(self):
        old = self.make_invoice(self.jan, 10, date(2026, 8, 1))
        ticked = self.make_invoice(self.jan, 20, date(2026, 9, 1))
        match = self.stray("25,00")
        match.sudo().invoice_ids = ticked
        match.account_id = self.jan
        match.action_book()
        self.assertEqual((ticked.payment_state, old.amount_residual), ("paid", 5))
        self.assertEqual(self.log(match), [(ticked, 20, "MANUAL"), (old, 5, "OLDEST")])
        self.assertEqual(old.bss_allocation_ids.match_id, match)

    def test_overpayment_stays_a_credit_of_the_customer(self):
        self.make_invoice(self.jan, 10)
        match = self.stray("25,00")
        match.account_id = self.jan
        match.action_book()
        self.assertEqual((match.amount_open, self.jan.amount_due), (15, -15))
        line = match.statement_line_id
        self.assertFalse(line._seek_for_lines()[1], "nothing is left in suspense")

    def test_overpayment_that_pays_the_next_invoice_is_logged(self):
        first = self.make_invoice(self.jan, 10)
        match = self.stray("25,00")
        match.account_id = self.jan
        match.action_book()
        later = self.make_invoice(self.jan, 30, date(2026, 11, 1))
        self.jan._bss_reconcile_open_items()
        self.assertEqual(later.amount_residual, 15)
        self.assertEqual(self.log(match), [(first, 10, "OLDEST"), (later, 15, "OLDEST")])
        self.jan._bss_reconcile_open_items()
        self.assertEqual(len(match.allocation_ids), 2)

    def test_split(self):
        first, second = self.make_invoice(self.jan, 10), self.make_invoice(self.anna, 30)
        late = self.make_invoice(self.anna, 7, date(2026, 11, 1))
        match = self.stray("42,00")
        match._bss_book_split([(self.jan, 10, first.browse()), (self.anna, 32, late)])
        self.assertEqual((match.state, match.reason, match.account_id.id), ("booked", "MANUAL", False))
        self.assertEqual([one.account_id for one in match.part_ids], [self.jan, self.anna])
        self.assertEqual((first.payment_state, late.payment_state), ("paid", "paid"))
        self.assertEqual((second.amount_residual, self.jan.amount_due, self.anna.amount_due), (5, 0, 5))
        self.assertEqual(self.log(match), [(first, 10, "OLDEST"), (late, 7, "MANUAL"), (second, 25, "OLDEST")])
        line = match.statement_line_id
        liquidity, suspense, others = line._seek_for_lines()
        self.assertEqual((liquidity.balance, len(suspense), len(others)), (42, 0, 2))
        self.assertTrue(line.is_reconciled)
        self.assertEqual(set(others.mapped("partner_id")), {self.jan.partner_id, self.anna.partner_id})

    def test_undone_split_leaves_nothing(self):
        first, second = self.make_invoice(self.jan, 10), self.make_invoice(self.anna, 30)
        match = self.stray("40,00")
        match._bss_book_split([(self.jan, 10, first), (self.anna, 30, second)])
        match.action_undo()
        self.assertEqual((match.state, match.part_ids.ids, match.allocation_ids.ids), ("unallocated", [], []))
        self.assertEqual((first.amount_residual, second.amount_residual), (10, 30))
        liquidity, suspense, others = match.statement_line_id._seek_for_lines()
        self.assertEqual((liquidity.balance, suspense.balance, len(others)), (40, -40, 0))
        self.assertFalse(suspense.bss_account_id)
        match._bss_book_split([(self.anna, 40, second)])
        self.assertEqual((second.payment_state, match.amount_open), ("paid", 10))

    def test_undone_in_accounting(self):
        first, second = self.make_invoice(self.jan, 10), self.make_invoice(self.anna, 30)
        match = self.stray("40,00")
        match._bss_book_split([(self.jan, 10, first), (self.anna, 30, second)])
        match.statement_line_id.action_undo_reconciliation()
        self.assertEqual((match.state, match.part_ids.ids, match.allocation_ids.ids), ("unallocated", [], []))
        self.assertEqual((first.payment_state, second.payment_state), ("not_paid", "not_paid"))
        self.assertFalse(match.statement_line_id.line_ids.bss_account_id)
        self.assertEqual(self.jan.amount_due, 10)

    def test_unreconciled_in_accounting_leaves_the_log(self):
        first, second = self.make_invoice(self.jan, 10), self.make_invoice(self.jan, 30, date(2026, 11, 1))
        match = self.stray("40,00")
        match.account_id = self.jan
        match.action_book()
        self.assertEqual(len(match.allocation_ids), 2)
        self.receivable(first).remove_move_reconcile()
        self.assertEqual(self.log(match), [(second, 30, "OLDEST")])
        self.assertEqual((match.state, match.amount_open, first.payment_state), ("booked", 10, "not_paid"))

    def receivable(self, move):
        return move.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")

    def test_refused_splits(self):
        foreign = self.make_invoice(self.anna, 5)
        match = self.stray("40,00")
        none = foreign.browse()
        for parts, words in (
            ([(self.jan, 10, none), (self.anna, 31, none)], "The parts make"),
            ([(self.jan, 50, none), (self.anna, -10, none)], "are positive"),
            ([(self.jan, 10, foreign), (self.anna, 30, none)], "another account's"),
            ([], "are positive"),
        ):
            with self.assertRaisesRegex(UserError, words):
                match._bss_book_split(parts)
        self.assertEqual((match.state, match.part_ids.ids), ("unallocated", []))
        match._bss_book_split([(self.jan, 10, none), (self.anna, 30, none)])
        with self.assertRaisesRegex(UserError, "decided already"):
            match._bss_book_split([(self.jan, 40, none)])

    def test_clerk_may_not_split(self):
        clerk = new_test_user(self.env, "split_clerk", "bss_catalog.group_bss_clerk", company_id=self.company.id)
        match = self.stray("40,00").with_user(clerk)
        with self.assertRaises(AccessError):
            match._bss_book_split([(self.jan, 40, self.env["account.move"])])

    def test_two_matches_of_one_account_booked_together(self):
        invoice = self.make_invoice(self.jan, 50)
        matches = self.stray("30,00") | self.stray("40,00", number=2)
        matches.account_id = self.jan
        matches.action_book()
        self.assertEqual((invoice.payment_state, sum(matches.mapped("amount_open"))), ("paid", 20))
        self.assertEqual(sum(invoice.bss_allocation_ids.mapped("amount")), 50)
