from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common import ContractsCommon


class CorrectionCommon(ContractsCommon):
    """An invoice of one fee (59.00 net), issued by a bill run for November."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls.make_subscriber(charged_through=date(2026, 10, 31))
        cls.bill()
        cls.invoice = cls.account.invoice_ids
        cls.day = date(2026, 11, 20)

    @classmethod
    def prepare(cls, invoice=None, kind="value", **vals):
        invoice = invoice or cls.invoice
        correction = cls.env["bss.invoice.correction"].create(
            {
                "account_id": invoice.bss_account_id.id,
                "original_ids": [(6, 0, invoice.ids)],
                "kind": kind,
                "reason_code": "complaint",
                "date": cls.day,
                **vals,
            }
        )
        correction._bss_fill()
        return correction

    @classmethod
    def issue(cls, invoice=None, amount=None, kind="value", **vals):
        correction = cls.prepare(invoice, kind, **vals)
        if amount is not None:
            correction.line_ids[0].amount_after = amount
        correction.action_issue()
        return correction

    def assertLedgerHolds(self, account=None):
        """What is invoiced less corrective invoices = the billed charges."""
        account = account or self.account
        moves = account.invoice_ids.filtered(lambda move: move.state == "posted")
        billed = account.charge_ids.filtered(lambda charge: charge.state == "billed")
        self.assertAlmostEqual(moves._bss_signed_totals()["amount_untaxed"], sum(billed.mapped("amount")), 2)


@tagged("post_install", "-at_install")
class TestCorrection(CorrectionCommon):
    def test_to_zero(self):
        correction = self.issue(kind="zero")
        refund = correction.move_id
        self.assertEqual((refund.move_type, refund.state, refund.amount_total), ("out_refund", "posted", 72.57))
        self.assertEqual((refund.reversed_entry_id, refund.journal_id), (self.invoice, self.invoice.journal_id))
        self.assertEqual(refund.bss_correction_id, correction)
        self.assertEqual((correction.state, correction.position, correction.amount_total), ("issued", 1, -72.57))
        self.assertEqual(refund.ref, correction.reason)
        self.assertEqual(correction.effect_rule, "2")
        line = correction.line_ids
        self.assertEqual((line.quantity_before, line.net_before, line.vat_before), (1, 59.0, 13.57))
        self.assertEqual((line.quantity_after, line.net_after, line.vat_after), (0, 0.0, 0.0))
        self.assertEqual((self.invoice.payment_state, self.account.amount_due), ("reversed", 0))
        self.assertEqual((self.invoice.bss_corrected_total, self.invoice.bss_correction_count), (0, 1))
        self.assertLedgerHolds()

    def test_value_and_second_correction_from_the_state_after_the_first(self):
        self.issue(amount=40.0)
        second = self.prepare()
        self.assertEqual((second.line_ids.amount_before, second.line_ids.price_before), (40.0, 40.0))
        second.line_ids.amount_after = 10.5
        second.action_issue()
        self.assertEqual((second.position, second.move_id.amount_untaxed), (2, 29.5))
        self.assertEqual(self.invoice.bss_corrected_total, 12.91)
        self.assertLedgerHolds()

    def test_rounding_of_a_chain_leaves_no_grosz_of_vat(self):
        odd = self.make_offering("ODD", 10.03)
        account = self.make_subscriber("Odd", products=[odd], charged_through=date(2026, 10, 31))
        self.bill()
        invoice = account.invoice_ids
        self.assertEqual(invoice.amount_tax, 2.31)
        self.assertEqual(self.issue(invoice, amount=5.02).move_id.amount_tax, 1.15)
        refund = self.issue(invoice, kind="zero").move_id
        self.assertEqual((refund.amount_untaxed, refund.amount_tax, refund.amount_total), (5.02, 1.16, 6.18))
        self.assertEqual((invoice.bss_corrected_total, account.amount_due), (0, 0))

    def test_quantity_and_price(self):
        account = self.make_subscriber("Several")
        self.env["bss.charge"].create(
            {"account_id": account.id, "product_id": self.fibre.id, "quantity": 3, "price_unit": 20, "name": "Kabel"}
        ).date_start = date(2026, 11, 2)
        self.bill()
        invoice = account.invoice_ids
        quantity = self.prepare(invoice, "quantity")
        line = quantity.line_ids.filtered(lambda one: one.name == "Kabel")
        line.quantity_after = 2
        self.assertEqual(line.amount_after, 40)
        quantity.action_issue()
        self.assertEqual((len(quantity.line_ids), quantity.move_id.amount_untaxed), (1, 20))
        price = self.prepare(invoice, "price")
        line = price.line_ids.filtered(lambda one: one.name == "Kabel")
        self.assertEqual((line.quantity_before, line.amount_before), (2, 40))
        line.price_after = 15
        price.action_issue()
        self.assertEqual((price.move_id.amount_untaxed, line.net_after), (10, 30))
        self.assertLedgerHolds(account)

    def test_rising_is_an_invoice_marked_as_correction(self):
        correction = self.issue(amount=69.0, reason_code="price_error")
        move = correction.move_id
        self.assertEqual((move.move_type, move.amount_untaxed, move.amount_total), ("out_invoice", 10.0, 12.3))
        self.assertEqual((move.bss_correction_id, correction.effect_rule), (correction, "1"))
        self.assertFalse(move.reversed_entry_id)
        self.assertEqual(move.invoice_date_due, date(2026, 12, 4))
        self.assertEqual((self.invoice.bss_corrected_total, self.account.amount_due), (84.87, 84.87))
        ledger = self.env["bss.settlement"].with_context(settlement_account_ids=self.account.ids)
        self.assertEqual([row["kind"] for row in ledger._bss_rows()], ["invoice", "correction"])
        self.assertLedgerHolds()
        with self.assertRaisesRegex(UserError, "corrective invoice itself"):
            move.action_bss_correct()

    def test_all_corrections_have_one_series(self):
        self.assertTrue(self.billing_journal.refund_sequence)
        rising, falling, again = (self.issue(amount=amount).move_id for amount in (70.0, 50.0, 60.0))
        self.assertEqual(
            [move.name for move in (rising, falling, again)], [f"RBSSB/2026/0000{number}" for number in (1, 2, 3)]
        )
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        following = self.account.invoice_ids.filtered(lambda move: move.bss_bill_run_id) - self.invoice
        self.assertEqual((self.invoice.name, following.name), ("BSSB/2026/00001", "BSSB/2026/00002"))

    def test_series_of_rising_corrections_by_setting(self):
        first = self.issue(amount=70.0).move_id
        self.billing_journal.bss_one_correction_series = False
        second = self.issue(amount=80.0).move_id
        self.billing_journal.bss_one_correction_series = True
        third = self.issue(amount=90.0).move_id
        self.assertEqual(
            [move.name for move in (first, second, third)], ["RBSSB/2026/00001", "BSSB/2026/00002", "RBSSB/2026/00002"]
        )

    def test_corrections_are_called_so(self):
        rising, falling = self.issue(amount=70.0).move_id, self.issue(amount=50.0).move_id
        invoices = (rising | falling | self.invoice).with_context(lang="en_US")
        self.assertEqual(invoices.mapped("type_name"), ["Corrective Invoice", "Corrective Invoice", "Invoice"])
        with Form(falling) as form:
            self.assertTrue(form.bss_is_corrective)

    def test_credit_notes_of_other_countries_keep_their_name(self):
        moves = self.env["account.move"].with_context(lang="en_US")
        plain = {"move_type": "out_refund", "partner_id": self.account.partner_id.id}
        self.assertEqual(moves.new(plain).type_name, "Corrective Invoice")
        self.company.account_fiscal_country_id = self.env.ref("base.de")
        self.assertEqual(moves.new(plain).type_name, "Credit Note")

    def test_buyer_changes_no_amount(self):
        correction = self.prepare(kind="buyer", reason_code="wrong_buyer")
        self.assertEqual(correction.buyer_before["name"], "Jan Kowalski")
        with self.assertRaisesRegex(UserError, "Nothing changes"):
            correction.action_issue()
        correction.buyer_name = "Jan Nowak"
        correction.action_issue()
        move = correction.move_id
        self.assertEqual((move.move_type, move.amount_total, move.state), ("out_refund", 0, "posted"))
        self.assertFalse(correction.effect_rule)
        self.assertEqual(self.invoice.amount_residual, 72.57)
        again = self.prepare(kind="buyer")
        self.assertEqual(again.buyer_before["name"], "Jan Nowak")

    def test_paid_invoice_leaves_a_credit(self):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.invoice.ids
        ).create({"journal_id": self.bank_journal.id})._create_payments()
        self.assertEqual(self.account.amount_due, 0)
        correction = self.issue(amount=49.0)
        self.assertEqual(self.account.amount_due, -12.3)
        self.assertEqual(correction.move_id.amount_residual, 12.3)

    def test_unpaid_invoice_is_settled(self):
        correction = self.issue(amount=49.0)
        self.assertEqual(self.invoice.amount_residual, 60.27)
        self.assertEqual(correction.move_id.amount_residual, 0)

    def test_what_is_refused(self):
        for amount, text in ((-1.0, "below zero"), (59.0, "Nothing changes")):
            with self.subTest(amount=amount), self.assertRaisesRegex(UserError, text):
                self.issue(amount=amount)
        with self.assertRaisesRegex(UserError, "why"):
            self.issue(amount=1.0, reason_code="other")
        with self.assertRaisesRegex(UserError, "before the invoice"):
            self.issue(amount=1.0, date=date(2026, 10, 1))
        refund = self.issue(amount=1.0).move_id
        with self.assertRaisesRegex(UserError, "corrective invoice itself"):
            refund.action_bss_correct()
        with self.assertRaisesRegex(UserError, "Correct the original again"):
            refund.button_draft()
        self.assertFalse(refund.show_reset_to_draft_button or self.invoice.show_reset_to_draft_button)

    def test_two_prepared_at_once(self):
        first, second = self.prepare(), self.prepare()
        first.line_ids.amount_after = 50.0
        second.line_ids.amount_after = 40.0
        first.action_issue()
        with self.assertRaisesRegex(UserError, "meantime"):
            second.action_issue()
        second.action_refresh()
        self.assertEqual(second.line_ids.amount_before, 50.0)

    def test_effect_shown_equals_what_is_booked(self):
        other = self.make_offering("OTHER", 49.99)
        prices = self.env["product.pricelist"].create(
            {"name": "Gross prices", "bss_price_kind": "gross", "company_id": self.company.id}
        )
        account = self.make_subscriber(
            "Gross", products=[self.fibre, other], charged_through=date(2026, 10, 31), pricelist_id=prices.id
        )
        self.bill()
        self.assertTrue(account.invoice_ids.invoice_line_ids.tax_ids.price_include)
        invoice = account.invoice_ids
        correction = self.prepare(invoice)
        for line, amount in zip(correction.line_ids, (33.33, 40.01), strict=True):
            line.amount_after = amount
        shown = correction._bss_effect()
        self.assertIn("VAT", correction.effect_html)
        correction.action_issue()
        move = correction.move_id
        self.assertAlmostEqual(float(shown["difference"]), -move.amount_total, 2)
        self.assertAlmostEqual(float(shown["owed"]), account.amount_due, 2)
        booked = correction._bss_effect()
        self.assertEqual((booked["whole"], booked["changed"]), (shown["whole"], shown["changed"]))
        self.assertLedgerHolds(account)

    def test_form(self):
        action = self.invoice.action_bss_correct()
        correction = self.env["bss.invoice.correction"].browse(action["res_id"])
        with Form(correction) as form:
            form.way = "zero"
            form.reason_code = "not_due"
            self.assertTrue(form.effect_html)
        self.assertEqual(correction.line_ids.amount_after, 0)
        with Form(correction) as form:
            form.way = "value"
            with form.line_ids.edit(0) as line:
                self.assertEqual(line.amount_after, 59.0)
                line.amount_after = 20.0
        self.assertEqual((correction.kind, correction.line_ids.difference), ("value", -39.0))
        self.assertEqual(self.invoice.action_bss_correct()["res_id"], correction.id)


@tagged("post_install", "-at_install")
class TestCorrectionRights(CorrectionCommon):
    def _user(self, role):
        return new_test_user(
            self.env,
            f"t_correction_{role}",
            groups=f"bss_catalog.group_bss_{role}",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )

    def test_clerk_prepares_manager_issues(self):
        clerk, manager = self._user("clerk"), self._user("billing_manager")
        action = self.invoice.with_user(clerk).action_bss_correct()
        correction = self.env["bss.invoice.correction"].browse(action["res_id"]).with_user(clerk)
        correction.write({"reason_code": "complaint", "date": self.day})
        correction.line_ids.amount_after = 40.0
        with self.assertRaises(AccessError):
            correction.action_issue()
        with self.assertRaises(AccessError):
            correction.state = "issued"
        correction.with_user(manager).action_issue()
        self.assertEqual((correction.state, correction.issued_by_id), ("issued", manager))
        for user in (clerk, manager):
            with self.assertRaises(UserError):
                correction.with_user(user).reason = "later"
            with self.assertRaises(UserError):
                correction.line_ids.with_user(user).amount_after = 1.0
            with self.assertRaises(UserError):
                correction.with_user(user).unlink()

    def test_viewer_and_collector_only_look(self):
        correction = self.prepare()
        for role in ("viewer", "collector"):
            user = self._user(role)
            self.assertEqual(correction.with_user(user).state, "draft")
            with self.assertRaises(AccessError):
                correction.with_user(user).reason = "no"
            with self.assertRaises(AccessError):
                self.env["bss.invoice.correction"].with_user(user).create({"account_id": self.account.id})

    def test_the_link_is_made_by_issuing_only(self):
        correction = self.issue(amount=40.0)
        with self.assertRaises(AccessError):
            self.invoice.with_user(self._user("billing_manager")).bss_correction_id = correction
