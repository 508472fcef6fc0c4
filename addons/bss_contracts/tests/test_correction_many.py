"""Corrective invoices of a bill run are kept and settled for many at once."""

from datetime import date
from unittest.mock import patch

from odoo.tests import tagged

from .test_correction import CorrectionCommon


@tagged("post_install", "-at_install")
class TestCorrectionMany(CorrectionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accounts = cls.account
        for number in range(5):
            cls.accounts |= cls.make_subscriber(f"Klient {number}", charged_through=date(2026, 11, 30))
        cls.december = cls.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))

    def end_and_bill(self):
        for service in self.accounts.service_ids:
            service._bss_end(date(2026, 12, 15), "moved away")
        return self.bill(date_start=date(2027, 1, 1), date_end=date(2027, 1, 31)).item_ids.refund_ids

    def test_every_one_is_kept_and_settled(self):
        refunds = self.end_and_bill()
        self.assertEqual(len(refunds), 6)
        self.assertEqual(refunds.reversed_entry_id.bss_bill_run_id, self.december)
        for refund in refunds:
            correction = refund.bss_correction_id
            self.assertEqual((correction.move_id, correction.state, correction.position), (refund, "issued", 1))
            self.assertEqual(correction.original_ids, refund.reversed_entry_id)
            line = correction.line_ids
            self.assertEqual(line.original_line_id, refund.reversed_entry_id.invoice_line_ids)
            # the form tells the day of the original, as the document does, beside the one that counts for VAT
            self.assertEqual(refund.bss_sale_date, refund.reversed_entry_id.taxable_supply_date)
            self.assertEqual(refund.taxable_supply_date, refund.invoice_date)
            self.assertEqual((line.net_before, line.net_after), (59.0, round(59.0 - refund.amount_untaxed, 2)))
            self.assertEqual(refund.amount_residual, 0)
            self.assertEqual(refund.reversed_entry_id.amount_residual, round(72.57 - refund.amount_total, 2))
        for account in self.accounts:
            self.assertLedgerHolds(account)

    def test_once_for_all(self):
        """One creation and one plan of reconciliation, however many there are."""
        corrections, lines = self.env.registry["bss.invoice.correction"], self.env.registry["account.move.line"]
        made, planned = [], []
        create, plan = corrections.create, lines._reconcile_plan

        def count_create(records, vals_list):
            made.append(len(vals_list))
            return create(records, vals_list)

        def count_plan(records, plans):
            planned.append(len(plans))
            return plan(records, plans)

        with patch.object(corrections, "create", count_create), patch.object(lines, "_reconcile_plan", count_plan):
            self.end_and_bill()
        self.assertEqual((made, planned), ([6], [6]))

    def test_one_corrective_invoice_for_several_invoices(self):
        """Each invoice is named with its number and day, each line with what it was and becomes."""
        self.company.bss_collective_corrections = True
        january = self.bill(date_start=date(2027, 1, 1), date_end=date(2027, 1, 31))
        for service in self.accounts.service_ids:
            service._bss_end(date(2026, 12, 15), "moved away")
        run = self.bill(date_start=date(2027, 2, 1), date_end=date(2027, 2, 28))
        refunds = run.item_ids.refund_ids
        self.assertEqual(len(refunds), 6)
        for refund in refunds:
            correction, account = refund.bss_correction_id, refund.bss_account_id
            originals = account.invoice_ids.filtered(lambda move: move.bss_bill_run_id in self.december | january)
            self.assertEqual((len(originals), correction.original_ids), (2, originals))
            self.assertFalse(refund.reversed_entry_id)
            self.assertEqual((correction.kind, correction.state, correction.position), ("automatic", "issued", 1))
            self.assertEqual(correction.line_ids.original_line_id.move_id, originals)
            self.assertEqual(refund.amount_residual, 0, "it settles both")
            self.assertAlmostEqual(sum(originals.mapped("amount_residual")), 145.14 - refund.amount_total, 2)
            for original in originals:
                self.assertEqual(original.bss_corrected_by_ids, correction)
            content = refund._bss_document_content()
            self.assertEqual(
                [row["number"] for row in content["corrected"]["invoices"]],
                originals.sorted("invoice_date").mapped("name"),
            )
            self.assertEqual(len(content["states"]), 2)
            self.assertLedgerHolds(account)

    def test_several_invoices_have_their_own_without_the_setting(self):
        self.bill(date_start=date(2027, 1, 1), date_end=date(2027, 1, 31))
        for service in self.accounts.service_ids:
            service._bss_end(date(2026, 12, 15), "moved away")
        run = self.bill(date_start=date(2027, 2, 1), date_end=date(2027, 2, 28))
        self.assertEqual(len(run.item_ids.refund_ids), 12)
        self.assertEqual(len(run.item_ids.refund_ids.reversed_entry_id), 12)

    def test_a_paid_original_leaves_a_credit(self):
        original = self.account.invoice_ids.filtered(lambda move: move.bss_bill_run_id == self.december)
        self.env["account.payment.register"].with_context(active_model="account.move", active_ids=original.ids).create(
            {"journal_id": self.bank_journal.id}
        )._create_payments()
        refunds = self.end_and_bill()
        own = refunds.filtered(lambda move: move.bss_account_id == self.account)
        # where payments are installed, a credit settles at once what else the account owes
        elsewhere = own.line_ids.matched_debit_ids
        self.assertNotIn(original, elsewhere.debit_move_id.move_id)
        left = own.amount_total - sum(elsewhere.mapped("amount"))
        self.assertEqual(own.amount_residual, own.currency_id.round(left))
        self.assertFalse(any((refunds - own).mapped("amount_residual")))
        if own.amount_residual:
            self.assertTrue(own._bss_document_content()["totals"]["returned"])
