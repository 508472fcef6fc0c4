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
