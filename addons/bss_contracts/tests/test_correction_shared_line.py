from datetime import date

from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_correction import CorrectionCommon


@tagged("post_install", "-at_install")
class TestCorrectionOfSharedLine(CorrectionCommon):
    """An invoice with one line of four services, corrected by billing and by people."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cycle.line_grouping = "equal"
        cls.account = cls.make_subscriber("Firm", products=[cls.fibre] * 4, charged_through=date(2026, 10, 31))
        cls.bill()
        cls.invoice = cls.account.invoice_ids
        cls.line = cls.invoice.invoice_line_ids

    def december(self):
        return self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))

    def corrected(self):
        """(state before, state after) of the line in the last correction: quantity, price, net."""
        line = self.invoice.bss_corrected_by_ids.sorted("position")[-1:].line_ids
        self.assertEqual(line.original_line_id, self.line)
        return (
            (line.quantity_before, line.price_before, line.net_before),
            (line.quantity_after, line.price_after, line.net_after),
        )

    def test_a_service_given_back_is_one_piece_less(self):
        self.assertEqual((self.line.quantity, len(self.line.bss_charge_ids)), (4, 4))
        self.account.service_ids[1]._bss_end(date(2026, 10, 31), "moved away")
        refund = self.december().item_ids.filtered(lambda item: item.account_id == self.account).refund_ids
        self.assertEqual(refund.amount_untaxed, 59.0)
        self.assertEqual(self.corrected(), ((4, 59.0, 236.0), (3, 59.0, 177.0)))
        self.assertLedgerHolds()

    def test_part_of_a_service_lowers_the_price(self):
        for service, day in zip(self.account.service_ids[:2], (date(2026, 10, 31), date(2026, 11, 15)), strict=True):
            service._bss_end(day, "moved away")
        self.december()
        self.assertEqual(self.corrected(), ((4, 59.0, 236.0), (3, 49.16666667, 147.5)))
        self.assertLedgerHolds()

    def test_a_correction_by_hand_is_spread_over_the_charges(self):
        self.issue(self.invoice, kind="zero")
        given = self.account.charge_ids.filtered(lambda charge: charge.kind == "correction")
        self.assertEqual(given.origin_charge_id, self.line.bss_charge_ids)
        self.assertEqual(set(given.mapped("amount")), {-59.0})
        self.account.service_ids._bss_end(date(2026, 11, 15), "moved away")
        self.assertFalse(self.account.charge_ids.filtered(lambda charge: charge.state == "pending"))
        self.assertLedgerHolds()

    def test_after_a_piece_taken_off_by_hand_no_more_is_given_back_than_stands(self):
        correction = self.prepare(self.invoice, kind="quantity")
        correction.line_ids.quantity_after = 3
        correction.action_issue()
        given = self.account.charge_ids.filtered(lambda charge: charge.kind == "correction")
        self.assertEqual(sorted(given.mapped("amount")), [-14.75] * 4)
        self.account.service_ids._bss_end(date(2026, 10, 31), "moved away")
        self.december()
        self.assertEqual(self.invoice.bss_corrected_net, 0)
        self.assertLedgerHolds()

    def test_grosze_that_do_not_divide(self):
        self.issue(self.invoice, amount=136.01)
        given = self.account.charge_ids.filtered(lambda charge: charge.kind == "correction")
        self.assertEqual(sorted(given.mapped("amount")), [-25.0, -25.0, -25.0, -24.99])
        self.assertLedgerHolds()

    def test_a_correction_by_hand_follows_one_of_billing(self):
        """What a service gave back already is not given back again."""
        self.account.service_ids[0]._bss_end(date(2026, 10, 31), "moved away")
        self.december()
        self.issue(self.invoice, kind="zero")
        own = self.line.bss_charge_ids
        for charge in own:
            given = self.account.charge_ids.filtered(lambda one, charge=charge: one.origin_charge_id == charge)
            self.assertEqual(sum(given.mapped("amount")), -59.0)
        self.assertLedgerHolds()

    def test_room_for_what_waits(self):
        self.account.service_ids[3]._bss_end(date(2026, 10, 31), "moved away")
        with self.assertRaisesRegex(UserError, "next bill"):
            self.issue(self.invoice, amount=50.0)
