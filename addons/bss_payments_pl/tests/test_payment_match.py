from datetime import date

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import PaymentsCommon


@tagged("post_install", "-at_install")
class TestPaymentMatch(PaymentsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan = cls.make_account("Jan Kowalski")
        cls.anna = cls.make_account("Anna Nowak")

    def test_clerk_chooses_and_books(self):
        invoice = self.make_invoice(self.anna, 30, date(2026, 9, 1))
        record = self.import_file(self.entry("30,00", "nie wiem"))
        match = record.match_ids
        with self.assertRaisesRegex(UserError, "Choose a billing account"):
            match.action_book()
        match.account_id = self.anna
        match.action_book()
        self.assertEqual((match.state, match.reason, match.decided_by_id), ("booked", "MANUAL", self.env.user))
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(match.statement_line_id.partner_id, self.anna.partner_id)
        self.assertTrue(match.statement_line_id.is_reconciled)
        self.assertEqual(self.anna.amount_due, 0)
        self.assert_conserved(record)
        with self.assertRaisesRegex(UserError, "decided already"):
            match.action_book()
        with self.assertRaisesRegex(UserError, "Undo the booking"):
            match.account_id = self.jan

    def test_undo_and_book_elsewhere(self):
        wrong, right = self.make_invoice(self.jan, 30), self.make_invoice(self.anna, 30)
        record = self.import_file(self.entry("30,00", "", self.key_of(self.jan)))
        match = record.match_ids
        self.assertEqual(wrong.payment_state, "paid")
        match.action_undo()
        self.assertEqual((match.state, match.reason, match.account_id.id), ("unallocated", "UNDONE", False))
        self.assertEqual(wrong.payment_state, "not_paid")
        self.assertEqual(self.jan.amount_due, 30)
        self.assert_conserved(record)
        match.account_id = self.anna
        match.action_book()
        self.assertEqual(right.payment_state, "paid")
        self.assertEqual(self.anna.amount_due, 0)
        self.assert_conserved(record)

    def test_undo_under_the_restrictive_audit_trail(self):
        """Items of an entry may change, the entry itself and its number stay."""
        self.company.restrictive_audit_trail = True
        invoice = self.make_invoice(self.jan, 30)
        record = self.import_file(self.entry("30,00", "", self.key_of(self.jan)))
        match = record.match_ids
        entry = match.move_id
        match.action_undo()
        self.assertEqual((match.state, invoice.amount_residual), ("unallocated", 30))
        match.account_id = self.anna
        match.action_book()
        self.assertEqual((match.state, match.move_id, entry.state), ("booked", entry, "posted"))
        self.assert_conserved(record)
        with self.assertRaises(UserError), self.cr.savepoint():
            entry.unlink()

    def test_undo_in_accounting_reopens_the_payment(self):
        record = self.import_file(self.entry("30,00", "", self.key_of(self.jan)))
        record.match_ids.statement_line_id.action_undo_reconciliation()
        self.assertEqual(record.match_ids.state, "unallocated")
        self.assertFalse(record.match_ids.statement_line_id.move_id.bss_account_id)
        self.assertEqual(self.jan.amount_due, 0)
        self.assert_conserved(record)

    def test_reversal_opens_the_invoice_again(self):
        invoice, other = self.make_invoice(self.jan, 9), self.make_invoice(self.jan, 4, date(2026, 11, 1))
        record = self.import_file(
            self.entry("9,00", "oplata", self.key_of(self.jan)),
            self.entry("4,00", "oplata", self.key_of(self.jan)),
            self.entry("9,00", "STORNO", self.key_of(self.jan), mark="RC"),
        )
        paid = record.match_ids.filtered(lambda m: m.amount == 9)
        reversal = record.match_ids.filtered(lambda m: m.amount == -9)
        self.assertEqual((invoice.payment_state, other.payment_state), ("paid", "paid"))
        reversal.action_book()
        self.assertEqual(reversal.reversed_id, paid)
        self.assertEqual((invoice.payment_state, other.payment_state), ("not_paid", "paid"))
        self.assertEqual((self.jan.amount_due, paid.amount_open, reversal.amount_open), (9, 0, 0))
        self.assert_conserved(record)
        reversal.action_undo()
        self.assertFalse(reversal.reversed_id)
        self.assertEqual((invoice.payment_state, other.payment_state), ("paid", "paid"))
        self.assert_conserved(record)

    def test_reject_and_reopen(self):
        record = self.import_file(self.entry("30,00", "pozyczka"))
        match = record.match_ids
        match.action_reject()
        self.assertEqual((match.state, record.amount_rejected, record.amount_difference), ("rejected", 30, 0))
        with self.assertRaises(UserError):
            match.account_id = self.jan
        match.action_reopen()
        self.assertEqual(match.state, "unallocated")
        with self.assertRaises(UserError):
            match.action_undo()
        self.assert_conserved(record)

    def test_candidate_is_chosen(self):
        self.make_account("Anna Nowak")
        record = self.import_file(self.entry("6,00", "net", name="NOWAK ANNA"))
        match = record.match_ids
        self.assertEqual((match.state, match.reason, len(match.candidate_ids)), ("unallocated", "AMBIGUOUS", 2))
        match.candidate_ids.filtered(lambda c: c.account_id == self.anna).action_choose()
        match.action_book()
        self.assertEqual(self.anna.amount_due, -6)

    def test_payers_own_account_is_known_after_a_payment_with_a_key(self):
        payer = "38109010140000071219812900"
        self.import_file(self.entry("6,00", "net", self.key_of(self.jan), payer=payer))
        again = self.import_file(self.entry("6,00", "", payer=payer), number=2, opening="6,00")
        self.assertEqual((again.match_ids.reason, again.match_ids.account_id), ("PAYER_ACCOUNT", self.jan))
        if again.match_ids.state == "proposed":
            again.match_ids.action_book()
        self.assertEqual(self.jan.amount_due, -12)
        self.assert_conserved(again)

    def test_match_again_after_the_number_exists(self):
        record = self.import_file(self.entry("9,00", "net", "000000000103"))
        match = record.match_ids
        self.assertEqual(match.reason, "UNKNOWN_VIRTUAL_ACCOUNT")
        late = self.make_account("Late")
        self.assertEqual(self.key_of(late), "000000000103")
        match.action_match_again()
        self.assertEqual((match.state, match.reason, match.account_id), ("booked", "VIRTUAL_ACCOUNT", late))
        self.assertEqual(late.amount_due, -9)
        self.assert_conserved(record)

    def test_foreign_invoice_is_settled_in_its_currency(self):
        """A debt in another currency is not touched by mistake: the zloty is set against it at its rate."""
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {"name": "2026-01-01", "currency_id": euro.id, "rate": 0.25, "company_id": self.company.id}
        )
        invoice = self.make_invoice(self.jan, 10, currency=euro)
        self.assertEqual(self.jan.amount_due, 40)
        record = self.import_file(self.entry("40,00", "", self.key_of(self.jan)))
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self.jan.amount_due, 0)
        self.assert_conserved(record)

    def test_credit_note_counts(self):
        invoice = self.make_invoice(self.jan, 50)
        note = invoice._reverse_moves([{"invoice_date": date(2026, 10, 2), "bss_account_id": self.jan.id}])
        note.invoice_line_ids.price_unit = 20
        note.action_post()
        record = self.import_file(self.entry("30,00", "", self.key_of(self.jan)))
        self.assertEqual((invoice.amount_residual, note.amount_residual, self.jan.amount_due), (0, 0, 0))
        self.assert_conserved(record)

    def test_only_unreadable_text_may_be_corrected(self):
        record = self.import_file(self.entry("30,00", "x"))
        with self.assertRaises(UserError):
            record.match_ids.raw = "y"
        with self.assertRaises(UserError):
            record.match_ids.action_read_again()
        with self.assertRaises(UserError):
            record.match_ids.unlink()

    def test_payment_booked_in_accounting_is_not_booked_again(self):
        record = self.import_file(self.entry("30,00", "x"))
        line = record.match_ids.statement_line_id
        _liquidity, suspense, _others = line._seek_for_lines()
        suspense.with_context(
            skip_readonly_check=True, skip_account_move_synchronization=True
        ).account_id = self.jan.partner_id.property_account_payable_id
        record.match_ids.account_id = self.jan
        with self.assertRaisesRegex(UserError, "in accounting meanwhile"):
            record.match_ids.action_book()

    def test_longer_name_makes_a_number_with_a_slip_doubtful(self):
        """One customer of this name and one document a slip away book; not when another name holds the payer's."""
        invoice = self.make_invoice(self.jan, 31, name="FA/2026/10/04711")
        self.make_invoice(self.anna, 7, name="FA/2026/10/00100")
        record = self.import_file(self.entry("31,00", "FA/2026/10/04771", name="JAN KOWALSKI"))
        self.assertEqual((record.match_ids.state, record.match_ids.account_id), ("booked", self.jan))
        self.assertEqual(invoice.payment_state, "paid")
        record.match_ids.action_undo()
        self.make_account("Jan Adam Kowalski")
        record = self.import_file(self.entry("31,00", "FA/2026/10/04771", name="JAN KOWALSKI"), number=2)
        self.assertIn(record.match_ids.state, ("proposed", "unallocated"))
        self.assertEqual(invoice.payment_state, "not_paid")
