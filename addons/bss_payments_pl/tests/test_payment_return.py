from odoo.tests import tagged

from .common import PAYER, PaymentsCommon


@tagged("post_install", "-at_install")
class TestPaymentReturn(PaymentsCommon):
    """Payments that the bank took back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan = cls.make_account("Jan Kowalski")
        cls.invoice = cls.make_invoice(cls.jan, 50)

    def paid(self, ref, amount="50,00", **kwargs):
        record = self.import_file(
            self.entry(amount, kwargs.pop("title", "za internet"), self.key_of(self.jan), ref=ref, payer=PAYER),
            **kwargs,
        )
        return record.match_ids

    def test_reversal_by_the_banks_reference_opens_the_invoice_again(self):
        original = self.paid("Z77")
        self.assertEqual(self.invoice.payment_state, "paid")
        record = self.import_file(self.entry("50,00", "STORNO", ref="Z77", mark="RC"), number=2, opening="50,00")
        back = record.match_ids
        self.assertEqual((back.state, back.reversed_id, back.account_id), ("booked", original, self.jan))
        self.assertEqual(self.invoice.payment_state, "not_paid")
        self.assertEqual((self.invoice.amount_residual, self.jan.amount_due), (50, 50))
        self.assertFalse(self.env["bss.payment.allocation"].search([("match_id", "=", original.id)]))
        self.assert_conserved(record)
        again = self.paid("Z78", number=3)
        self.assertEqual((again.state, self.invoice.payment_state), ("booked", "paid"))

    def test_reversal_in_the_same_file(self):
        record = self.import_file(
            self.entry("50,00", "za internet", self.key_of(self.jan), ref="Q1"),
            self.entry("50,00", "STORNO", ref="Q1", mark="RC"),
        )
        back = record.match_ids.filtered(lambda match: match.amount < 0)
        self.assertEqual(back.reversed_id, record.match_ids - back)
        self.assertEqual((self.invoice.payment_state, self.jan.amount_due), ("not_paid", 50))
        self.assert_conserved(record)

    def test_reversal_of_a_payment_that_waited_leaves_nothing_to_decide(self):
        record = self.import_file(
            self.entry("9,00", "nieznany", ref="W1"), self.entry("9,00", "?", ref="W1", mark="RC")
        )
        self.assertEqual(record.match_ids.mapped("state"), ["rejected", "rejected"])
        self.assertEqual((record.count_to_decide, record.amount_difference), (0, 0))

    def test_reversal_without_reference_is_only_proposed(self):
        original = self.paid("A1")
        record = self.import_file(
            self.entry("50,00", "ZWROT", ref="OTHER", mark="RC", payer=PAYER), number=2, opening="50,00"
        )
        back = record.match_ids
        self.assertEqual((back.state, back.account_id, back.reversed_id), ("proposed", self.jan, self.Match))
        self.assertEqual(self.invoice.payment_state, "paid")
        shown = self.env["bss.payment.inbox"].detail(back.id)["accounts"][0]
        self.assertEqual((shown["id"], shown["undoes"]["date"]), (self.jan.id, str(original.date)))
        self.assertEqual((shown["undoes"]["amount"], shown["undoes"]["documents"]), (5000, [self.invoice.name]))
        self.assertEqual((record.count_to_decide, record.count_returns, record.amount_to_decide), (1, 1, 0))
        counts = record._bss_summary()["counts"]
        self.assertEqual((counts["to_decide"], counts["returns"]), (0, 1))
        back.action_book()
        self.assertEqual((back.reversed_id, self.invoice.payment_state), (original, "not_paid"))

    def test_ambiguous_return_waits(self):
        for number, ref in enumerate(("A1", "A2"), 1):
            self.paid(ref, number=number, opening=f"{50 * (number - 1)},00")
        record = self.import_file(
            self.entry("50,00", "ZWROT", ref="OTHER", mark="RC", payer=PAYER), number=3, opening="100,00"
        )
        self.assertNotEqual(record.match_ids.state, "booked")
        self.assertEqual(self.jan.amount_due, -50)
        self.assertFalse(record.match_ids.reversed_id)
        self.assertEqual(record.count_to_decide, 1)

    def test_one_reference_of_two_amounts_is_not_enough(self):
        self.paid("B1", amount="30,00")
        record = self.import_file(self.entry("29,00", "STORNO", ref="B1", mark="RC"), number=2, opening="30,00")
        self.assertNotEqual(record.match_ids.state, "booked")
