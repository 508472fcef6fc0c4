from datetime import date

from odoo.tests import tagged

from .common import PaymentsCommon


@tagged("post_install", "-at_install")
class TestBillRunCredit(PaymentsCommon):
    """What a customer paid too much settles what a bill run issues."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan = cls.make_account("Jan Kowalski")

    def contract(self, account, *prices):
        contract = self.env["bss.contract"].create(
            {
                "account_id": account.id,
                "date_signed": date(2026, 1, 1),
                "date_start": date(2026, 1, 1),
                "state": "active",
            }
        )
        for number, price in enumerate(prices):
            offering = self.make_offering(f"T-{contract.id}-{number}", price)
            self.make_service(contract, offering, charged_through=date(2026, 10, 31))
        return contract

    def overpay(self, account, amount):
        return self.import_file(self.entry(amount, "zaliczka", self.key_of(account)))

    def test_an_overpayment_settles_the_invoice_of_a_run(self):
        self.contract(self.jan, 50.0)
        record = self.overpay(self.jan, "100,00")
        run = self.bill()
        invoice = run.item_ids.filtered(lambda item: item.account_id == self.jan).move_id
        self.assertEqual((invoice.amount_total, invoice.payment_state), (61.5, "paid"))
        self.assertEqual(self.jan.amount_due, -38.5)
        self.assert_conserved(record)

    def test_an_overpayment_goes_over_the_invoices_of_several_contracts(self):
        self.jan.invoice_split = "contract"
        self.contract(self.jan, 50.0)
        self.contract(self.jan, 50.0)
        self.overpay(self.jan, "100,00")
        run = self.bill()
        invoices = run.item_ids.filtered(lambda item: item.account_id == self.jan).move_id
        self.assertEqual(len(invoices), 2)
        self.assertEqual(sorted(invoices.mapped("amount_residual")), [0.0, 23.0])
        self.assertEqual(self.jan.amount_due, 23.0)

    def test_a_test_run_leaves_the_overpayment_alone(self):
        self.contract(self.jan, 50.0)
        self.overpay(self.jan, "100,00")
        run = self.make_run()
        run.is_test = True
        run.with_context(queue_job__no_delay=True)._bss_collect()
        self.assertEqual(run.trial_report["issued"]["amount_total"], "61.50")
        self.assertEqual(self.jan.amount_due, -100.0)
