from datetime import date

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .test_correction import CorrectionCommon


@tagged("post_install", "-at_install")
class TestCorrectionChain(CorrectionCommon):
    """Automatic, collective and hand-made corrections of the same invoices."""

    def december(self):
        return self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))

    def end(self, day=date(2026, 11, 15)):
        self.account.service_ids._bss_end(day, "moved away")

    def test_automatic_keeps_before_after_and_reason(self):
        self.end()
        refund = self.december().item_ids.refund_ids
        correction = refund.bss_correction_id
        self.assertEqual((correction.kind, correction.state, correction.position), ("automatic", "issued", 1))
        self.assertEqual((correction.original_ids, correction.reason), (self.invoice, refund.ref))
        line = correction.line_ids
        self.assertEqual(line.original_line_id, self.invoice.invoice_line_ids)
        self.assertEqual((line.net_before, line.vat_before, line.net_after), (59.0, 13.57, 29.5))
        self.assertEqual(line.vat_after, round(13.57 - refund.amount_tax, 2))
        self.assertEqual(self.invoice.bss_corrected_total, round(72.57 - refund.amount_total, 2))
        following = self.prepare()
        self.assertEqual(following.line_ids.amount_before, 29.5)
        following.line_ids.amount_after = 0
        following.action_issue()
        self.assertEqual((following.position, self.invoice.bss_corrected_total), (2, 0))
        self.assertLedgerHolds()

    def test_what_was_given_back_by_hand_is_not_given_back_again(self):
        self.issue(kind="zero")
        self.end()
        self.assertFalse(self.account.charge_ids.filtered(lambda charge: charge.state == "pending"))
        self.december()
        self.assertEqual(self.invoice.bss_corrected_total, 0)
        self.assertLedgerHolds()

    def test_no_more_is_given_back_than_a_correction_left(self):
        self.issue(amount=19.0)
        self.end()
        pending = self.account.charge_ids.filtered(lambda charge: charge.state == "pending")
        self.assertEqual(pending.amount, -19.0)
        self.december()
        self.assertEqual(self.invoice.bss_corrected_total, 0)
        self.assertFalse(self.account.service_ids._bss_settle()[0])
        self.assertLedgerHolds()

    def test_a_correction_by_hand_is_not_charged_again(self):
        self.issue(amount=40.0)
        self.december()
        charged = self.account.charge_ids.filtered(lambda charge: charge.date_start == date(2026, 11, 1))
        self.assertEqual(sum(charged.mapped("amount")), 40.0)
        self.assertLedgerHolds()

    def test_room_for_what_waits(self):
        self.end()
        with self.assertRaisesRegex(UserError, "next bill"):
            self.issue(kind="zero")
        self.issue(amount=29.5)
        self.december()
        self.assertEqual(self.invoice.bss_corrected_total, 0)

    def test_withdrawn_automatic_correction_leaves_the_chain(self):
        self.end()
        refund = self.december().item_ids.refund_ids
        correction = refund.bss_correction_id
        refund.sudo().with_context(bss_allow_draft=True).button_draft()
        refund.button_cancel()
        self.assertEqual((correction.state, self.invoice.bss_corrected_total), ("cancelled", 72.57))
        again = self.bill(date_start=date(2027, 1, 1), date_end=date(2027, 1, 31)).item_ids.refund_ids
        self.assertEqual((again.bss_correction_id.position, again.amount_untaxed), (1, 29.5))

    def test_original_with_corrections_stays(self):
        self.issue(amount=40.0)
        with self.assertRaises(UserError):
            self.invoice.button_draft()

    def test_credit_note_of_odoo_takes_its_place(self):
        reversal = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=self.invoice.ids
        )
        vals = {"journal_id": self.billing_journal.id, "date": date(2026, 11, 5)}
        credit, another = (
            self.env["account.move"].browse(reversal.create(vals).refund_moves()["res_id"]) for _time in range(2)
        )
        credit.action_post()
        self.assertEqual(credit.bss_correction_id.line_ids.original_line_id, self.invoice.invoice_line_ids)
        self.assertEqual(self.invoice.bss_corrected_total, 0)
        with self.assertRaisesRegex(UserError, "below zero"):
            another.action_post()

    def test_collective_percentage_of_a_period(self):
        self.december()
        second = self.account.invoice_ids - self.invoice
        correction = self.env["bss.invoice.correction"].create(
            {
                "account_id": self.account.id,
                "kind": "collective",
                "date_from": date(2026, 11, 1),
                "date_to": date(2026, 12, 31),
                "discount_percent": 10,
                "reason_code": "discount",
                "date": date(2026, 12, 20),
            }
        )
        correction.action_refresh()
        self.assertEqual(correction.original_ids, self.invoice | second)
        correction.action_issue()
        refund = correction.move_id
        self.assertEqual((refund.amount_untaxed, refund.amount_tax), (11.8, 2.71))
        self.assertFalse(refund.reversed_entry_id)
        self.assertEqual((refund.bss_date_start, refund.bss_date_end), (date(2026, 11, 1), date(2026, 12, 31)))
        self.assertAlmostEqual(
            self.invoice.bss_corrected_total + second.bss_corrected_total, 2 * 72.57 - refund.amount_total, 2
        )
        self.assertEqual(self.account.amount_due, round(2 * 72.57 - refund.amount_total, 2))
        self.assertEqual(self.prepare().line_ids.amount_before, 53.1)
        self.assertLedgerHolds()

    def test_collective_from_the_account(self):
        action = self.account.action_bss_correct_period()
        self.assertEqual((action["res_model"], action["view_mode"]), ("bss.invoice.correction", "form"))
        corrections = self.env["bss.invoice.correction"].with_context(**action["context"])
        with Form(corrections) as form:
            form.date_from, form.date_to = date(2026, 11, 1), date(2026, 11, 30)
            form.discount_percent = 50
        correction = form.record
        self.assertEqual((correction.account_id, correction.kind), (self.account, "collective"))
        correction.action_refresh()
        self.assertEqual((correction.original_ids, correction._bss_change()), (self.invoice, -29.5))

    def test_collective_is_calculated_anew_after_a_change(self):
        correction = self.env["bss.invoice.correction"].create(
            {
                "account_id": self.account.id,
                "kind": "collective",
                "date_from": date(2026, 11, 1),
                "date_to": date(2026, 11, 30),
                "discount_percent": 10,
                "reason_code": "discount",
                "date": date(2026, 12, 20),
            }
        )
        correction.action_refresh()
        self.assertTrue(correction.line_ids)
        with Form(correction) as form:
            form.discount_percent = 20
        self.assertFalse(correction.line_ids)
        with self.assertRaisesRegex(UserError, "Nothing changes"):
            correction.action_issue()
        correction.action_refresh()
        self.assertEqual(sum(correction.line_ids.mapped("difference")), -11.8)
        with Form(correction) as form:
            form.date_to = date(2026, 12, 31)
        self.assertFalse(correction.original_ids)

    def test_start_over_reads_the_buyer_anew(self):
        correction = self.prepare(kind="buyer")
        self.invoice.partner_id.street = "ul. Inna 9"
        correction.action_refresh()
        self.assertEqual(correction.buyer_street, "ul. Inna 9")

    def test_collective_amount_is_spread_to_the_grosz(self):
        self.december()
        invoices = self.account.invoice_ids
        correction = self.env["bss.invoice.correction"].create(
            {
                "account_id": self.account.id,
                "kind": "collective",
                "original_ids": [(6, 0, invoices.ids)],
                "discount_kind": "amount",
                "discount_amount": 10.01,
                "reason_code": "discount",
                "date": date(2026, 12, 20),
            }
        )
        correction.action_refresh()
        self.assertEqual(sorted(correction.line_ids.mapped("difference")), [-5.01, -5.0])
        correction.discount_amount = 118.01
        with self.assertRaisesRegex(UserError, "at most"):
            correction.action_refresh()
        correction.discount_amount = 118.0
        correction.action_refresh()
        correction.action_issue()
        self.assertEqual(correction.move_id.amount_total, 145.14)
