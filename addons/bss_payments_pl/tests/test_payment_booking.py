from odoo.tests import tagged

from ..bank_core import matching
from .booking_common import BookingCommon


@tagged("post_install", "-at_install")
class TestPaymentBooking(BookingCommon):
    """Payments written as rows against those that the ORM books, in every stored column of every touched table."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan = cls.make_account("Jan Kowalski")
        cls.anna = cls.make_account("Anna Nowak")

    def test_plain_payments(self):
        self.assert_same(self.fillers(24))

    def test_exact_part_over_and_unknown(self):
        rows = self.fillers()
        exact, part, over = (self.make_account(name) for name in ("Exact", "Part", "Over"))
        wanted = [
            self.row(10, exact, [(self.make_invoice(exact, 10), 10)]),
            self.row(4.55, part, [(self.make_invoice(part, 10), 4.55)], title="część"),
            self.row(12.01, over, [(self.make_invoice(over, 10), 10)]),
            self.row(99.99, title="kto wie"),
            self.row(3, proposed=self.jan, decision=matching.PROPOSE, reason="NAME_AND_AMOUNT"),
        ]
        self.assert_same([*rows, *wanted], wanted)

    def test_several_invoices(self):
        rows = self.fillers()
        invoices = [self.make_invoice(self.jan, amount) for amount in (10, 20.2, 30)]
        wanted = self.row(45, self.jan, zip(invoices, (10, 20.2, 14.8), strict=True), documents=invoices[:2])
        self.assert_same([*rows, wanted], [wanted])
        self.assertEqual([one.payment_state for one in invoices], ["paid", "paid", "partial"])
        self.assertEqual(invoices[2].amount_residual, 15.2)

    def test_credit_note_among_them(self):
        rows = self.fillers()
        invoice = self.make_invoice(self.jan, 50)
        note = self.make_note(self.jan, 20)
        wanted = self.row(30, self.jan, [(invoice, 50), (note, 20)])
        self.assert_same([*rows, wanted], [wanted])
        self.assertEqual((invoice.payment_state, note.payment_state), ("paid", "paid"))

    def test_invoice_paid_in_part_before(self):
        rows = self.fillers()
        invoice = self.make_invoice(self.jan, 50)
        other = self.make_invoice(self.anna, 50)
        self.write([self.row(20, self.jan, [(invoice, 20)]), self.row(10, self.anna, [(other, 10)])], orm=True)
        wanted = [self.row(30, self.jan, [(invoice, 30)]), self.row(15, self.anna, [(other, 15)])]
        self.assert_same([*rows, *wanted], wanted)
        self.assertEqual((invoice.payment_state, other.payment_state), ("paid", "partial"))

    def test_earlier_overpayment_is_used(self):
        rows = self.fillers()
        before, _taken = self.write([self.row(20, self.jan)], orm=True)
        credit = self.env["account.bank.statement.line"].browse(before.line_ids).line_ids.filtered("credit")
        invoice = self.make_invoice(self.jan, 50)
        wanted = self.row(30, self.jan, [(credit, 20), (invoice, 50)])
        self.assert_same([*rows, wanted], [wanted])
        self.assertEqual(invoice.payment_state, "paid")

    def test_two_payments_of_one_invoice(self):
        rows = self.fillers()
        invoice = self.make_invoice(self.jan, 50)
        wanted = [self.row(30, self.jan, [(invoice, 30)]), self.row(40, self.jan, [(invoice, 20)])]
        self.assert_same([*rows, *wanted], wanted)
        self.assertEqual(invoice.payment_state, "paid")

    def test_candidates(self):
        one = matching.Candidate(self.jan.id, "NAME_AND_AMOUNT", 50)
        two = matching.Candidate(self.anna.id, "ACCOUNT_NUMBER", 80)
        rows = [*self.fillers(), self.row(1, candidates=[two, one])]
        wanted = [self.row(2, candidates=[one]), self.row(3, candidates=[one, two])]
        self.assert_same([*rows, *wanted], wanted)
