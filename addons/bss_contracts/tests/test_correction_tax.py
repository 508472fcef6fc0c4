"""The VAT rate of an invoice corrected: back at the old rate, on at the new one."""

from datetime import date, timedelta

from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged

from .test_correction import CorrectionCommon


@tagged("post_install", "-at_install")
class TestCorrectionTax(CorrectionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.high = cls.invoice.invoice_line_ids.tax_ids
        cls.low = cls._tax(8.0)

    @classmethod
    def _tax(cls, percent):
        return cls.env["account.tax"].search(
            [
                ("type_tax_use", "=", "sale"),
                ("amount", "=", percent),
                ("amount_type", "=", "percent"),
                ("company_id", "=", cls.company.id),
                ("bss_net_tax_id", "=", False),
            ],
            limit=1,
        )

    def correct(self, tax, invoice=None, amounts=None, **vals):
        """Issue a correction of the rate of all lines; ``amounts`` by line, else they stay."""
        correction = self.prepare(invoice, "tax", **{"reason_code": "tax_error", **vals})
        correction.line_ids.tax_after_id = tax
        for line, amount in zip(correction.line_ids, amounts or (), strict=False):
            line.amount_after = amount
        correction.action_issue()
        return correction

    def assertBooked(self, correction, *expected):
        """[(tax, net, VAT)] of the corrective invoice by tax, in the sign of the difference."""
        move = correction.move_id
        booked = {}
        for line in move.line_ids:
            for tax in line.tax_ids:
                booked.setdefault(tax, [0, 0])[0] -= line.balance
            if line.tax_line_id:
                booked.setdefault(line.tax_line_id, [0, 0])[1] -= line.balance
        found = {(tax, round(net, 2) + 0.0, round(vat, 2) + 0.0) for tax, (net, vat) in booked.items()}
        self.assertEqual(found, set(expected))
        self.assertAlmostEqual(sum(move.line_ids.mapped("balance")), 0, 2)

    def test_a_lower_rate(self):
        correction = self.correct(self.low)
        move = correction.move_id
        self.assertEqual((move.move_type, move.state, move.amount_total), ("out_refund", "posted", 8.85))
        self.assertBooked(correction, (self.high, -59.0, -13.57), (self.low, 59.0, 4.72))
        line = correction.line_ids
        self.assertEqual((line.tax_before_id, line.net_before, line.vat_before), (self.high, 59.0, 13.57))
        self.assertEqual((line.tax_after_id, line.net_after, line.vat_after), (self.low, 59.0, 4.72))
        self.assertEqual((correction.amount_untaxed, correction.amount_tax, correction.effect_rule), (0, -8.85, "2"))
        self.assertEqual((self.invoice.bss_corrected_total, self.account.amount_due), (63.72, 63.72))
        self.assertLedgerHolds()

    def test_a_higher_rate_is_to_be_paid(self):
        self.correct(self.low)
        correction = self.correct(self.high)
        self.assertEqual((correction.move_id.move_type, correction.move_id.amount_total), ("out_invoice", 8.85))
        self.assertBooked(correction, (self.high, 59.0, 13.57), (self.low, -59.0, -4.72))
        self.assertEqual((correction.position, correction.effect_rule), (2, "1"))
        self.assertEqual((self.invoice.bss_corrected_total, self.account.amount_due), (72.57, 72.57))
        self.assertLedgerHolds()

    def test_a_draft_of_before_another_rate_is_refused(self):
        """The amount stands, its rate does not: the difference would be booked at the old one."""
        draft = self.prepare(kind="value")
        draft.line_ids.amount_after = 50.0
        self.correct(self.low)
        with self.assertRaisesRegex(UserError, "issued in the meantime"):
            draft.action_issue()
        draft.action_refresh()
        draft.line_ids.amount_after = 50.0
        draft.action_issue()
        self.assertBooked(draft, (self.low, -9.0, -0.72))
        self.assertLedgerHolds()

    def test_what_is_charged_more_later_is_at_the_corrected_rate(self):
        """Whichever way the invoice is written."""
        self.correct(self.low)
        [origin] = self.invoice.invoice_line_ids.bss_charge_ids
        for number, small in enumerate(("50", "1")):
            self.env["ir.config_parameter"].set_param("bss_contracts.bill_run_small", small)
            start = (date(2026, 12, 1), date(2027, 1, 1))[number]
            self.account.service_ids.charged_through = start + timedelta(days=30)
            self.env["bss.charge"].create(
                {
                    "account_id": self.account.id,
                    "service_id": origin.service_id.id,
                    "contract_id": origin.contract_id.id,
                    "product_id": origin.product_id.id,
                    "kind": "correction",
                    "name": "More",
                    "date_start": origin.date_start,
                    "date_end": origin.date_end,
                    "quantity": 1,
                    "price_unit": 10,
                    "amount": 10,
                    "origin_charge_id": origin.id,
                    "identity_key": f"more:{number}",
                }
            )
            run = self.make_run(start, start + timedelta(days=30)).with_context(queue_job__no_delay=True)
            run._bss_collect()
            item = run.item_ids.filtered(lambda one: one.account_id == self.account)
            [request] = run._bss_requests(item.ids).invoices
            self.assertEqual([line.tax_ids for line in request.lines], [tuple(self.low.ids)])
            run._bss_issue()
            line = run.item_ids.filtered(lambda item: item.account_id == self.account).move_id.invoice_line_ids
            self.assertEqual((line.name[:4], line.tax_ids), ("More", self.low), run.chunk_ids.mapped("way"))

    def test_mixed(self):
        other = self.make_offering("OTHER", 49.99)
        account = self.make_subscriber("Two", products=[self.fibre, other], charged_through=date(2026, 10, 31))
        self.bill()
        invoice = account.invoice_ids
        correction = self.prepare(invoice, "tax", reason_code="tax_error")
        first, second = correction.line_ids
        first.tax_after_id = self.low
        first.amount_after = 70.0
        second.amount_after = second.amount_before - 5
        shown = correction._bss_effect()
        correction.action_issue()
        self.assertEqual(correction._bss_effect()["whole"], shown["whole"])
        self.assertEqual(correction._bss_effect()["changed"], shown["changed"])
        self.assertBooked(correction, (self.high, -64.0, -14.72), (self.low, 70.0, 5.6))
        self.assertEqual((correction.amount_untaxed, correction.amount_total), (6.0, -3.12))
        self.assertLedgerHolds(account)

    def test_gross_prices_keep_their_amount(self):
        others = [self.make_offering(f"GROSS{index}", price) for index, price in enumerate((9.99, 0.47, 33.33))]
        prices = self.env["product.pricelist"].create(
            {"name": "Gross prices", "bss_price_kind": "gross", "company_id": self.company.id}
        )
        account = self.make_subscriber(
            "Gross", products=[self.fibre, *others], charged_through=date(2026, 10, 31), pricelist_id=prices.id
        )
        self.bill()
        invoice = account.invoice_ids
        correction = self.correct(self.low, invoice)
        move = correction.move_id
        total = invoice.amount_total
        self.assertEqual((move.amount_total, account.amount_due), (0, total))
        self.assertEqual(correction.line_ids.tax_after_id, self.low._bss_for_gross())
        by_tax = {}
        for line in (invoice | move).line_ids:
            for tax in line.tax_ids | line.tax_line_id:
                by_tax[tax] = round(by_tax.get(tax, 0) - line.balance, 2)
        # nothing of the wrong rate is left, and all of the right one
        self.assertEqual(by_tax, {invoice.invoice_line_ids.tax_ids: 0.0, self.low._bss_for_gross(): total})
        self.assertAlmostEqual(sum(correction.line_ids.mapped("vat_after")), total * 8 / 108, delta=0.01)
        self.assertAlmostEqual(sum(correction.line_ids.mapped("amount_after")), total, 2)
        self.assertLedgerHolds(account)

    def test_later_corrections_are_at_the_new_rate(self):
        self.correct(self.low)
        self.account.service_ids._bss_end(date(2026, 11, 15), "moved away")
        refund = self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31)).item_ids.refund_ids
        self.assertEqual(refund.invoice_line_ids.tax_ids, self.low)
        self.assertEqual((refund.amount_untaxed, refund.amount_tax), (29.5, 2.36))
        self.assertEqual(refund.bss_correction_id.line_ids.tax_before_id, self.low)
        last = self.issue(kind="zero")
        self.assertBooked(last, (self.low, -29.5, -2.36))
        self.assertEqual((self.invoice.bss_corrected_total, self.account.amount_due), (0, 0))
        self.assertLedgerHolds()

    def test_what_is_refused(self):
        with self.assertRaisesRegex(UserError, "Nothing changes"):
            self.correct(self.high)
        with self.assertRaisesRegex(UserError, "below zero"):
            self.correct(self.low, amounts=[-1.0])

    def test_a_line_of_several_taxes_is_refused(self):
        line = self.invoice.invoice_line_ids
        self.env.cr.execute(
            "INSERT INTO account_move_line_account_tax_rel (account_move_line_id, account_tax_id) VALUES (%s, %s)",
            (line.id, self._tax(5.0).id),
        )
        line.invalidate_recordset(["tax_ids"])
        with self.assertRaisesRegex(UserError, "several taxes"):
            self.correct(self.low)

    def test_document_and_states(self):
        correction = self.correct(self.low)
        (pair,) = correction._bss_facts()["lines"]
        self.assertEqual((pair["before"]["tax_id"], pair["after"]["tax_id"]), (self.high.id, self.low.id))
        data = correction.move_id._bss_document_content()
        (row,) = data["states"]
        rates = [row[name]["vat_rate"] for name in ("before", "after", "difference")]
        self.assertEqual(rates, ["23%", "8%", "23% → 8%"])
        self.assertEqual(
            [(tax["rate"], tax["net"], tax["vat"]) for tax in data["taxes"]],
            [("23%", "−59,00", "−13,57"), ("8%", "59,00", "4,72")],
        )

    def test_form_of_a_clerk(self):
        clerk = new_test_user(
            self.env,
            "t_correction_tax",
            groups="bss_catalog.group_bss_clerk",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        action = self.invoice.with_user(clerk).action_bss_correct()
        correction = self.env["bss.invoice.correction"].with_user(clerk).browse(action["res_id"])
        with Form(correction) as form:
            form.way = "tax"
            self.assertEqual(form.reason_code, "tax_error")
            with form.line_ids.edit(0) as line:
                line.tax_after_id = self.low
            self.assertIn("4,72", form.effect_html.replace("4.72", "4,72"))
        self.assertEqual(correction.line_ids.tax_after_id, self.low)
        self.assertEqual(correction.effect_rule, "2")
