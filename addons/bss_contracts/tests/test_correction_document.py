from datetime import date

from odoo.tests import tagged

from .test_correction import CorrectionCommon
from .test_document_engine import words_of


@tagged("post_install", "-at_install")
class TestCorrectionDocument(CorrectionCommon):
    """What a corrective invoice prints."""

    def printed(self, move):
        """Words of the PDF; QWeb prints the same ones."""
        mass = words_of(move._bss_invoice_pdf())
        self.company.bss_invoice_engine = "qweb"
        self.assertEqual(words_of(move._bss_render_invoice(move._bss_document_content())), mass)
        self.company.bss_invoice_engine = "mass"
        return mass

    def test_falling_shows_before_after_and_difference(self):
        move = self.issue(amount=40.0).move_id
        data = move._bss_document_content()
        self.assertEqual((data["title"], data["payment"]), ("Faktura korygująca", None))
        self.assertEqual(data["corrected"]["number"], self.invoice.name)
        (row,) = data["states"]
        self.assertEqual([row[name]["net"] for name in ("before", "after", "difference")], ["59,00", "40,00", "−19,00"])
        words = self.printed(move)
        for word in ("KORYGUJĄCA", "PRZYCZYNA", "59,00", "40,00", "−19,00"):
            self.assertIn(word, words)

    def test_rising_is_called_a_correction_and_is_to_be_paid(self):
        move = self.issue(amount=69.0).move_id
        data = move._bss_document_content()
        self.assertEqual((data["title"], data["kind"]), ("Faktura korygująca", "correction"))
        self.assertEqual(data["totals"]["gross"], "12,30")
        self.assertIn("KORYGUJĄCA", self.printed(move))

    def test_automatic_too(self):
        self.account.service_ids._bss_end(date(2026, 11, 15), "moved away")
        refund = self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31)).item_ids.refund_ids
        (row,) = refund._bss_document_content()["states"]
        self.assertEqual((row["before"]["net"], row["after"]["net"]), ("59,00", "29,50"))
        self.printed(refund)

    def test_buyer_before_and_after(self):
        correction = self.prepare(kind="buyer", reason_code="wrong_buyer")
        correction.buyer_name = "Jan Nowak"
        correction.action_issue()
        words = self.printed(correction.move_id)
        self.assertIn("NOWAK", words)
        self.assertIn("KOWALSKI,", words)

    def test_collective_names_all_invoices(self):
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        correction = self.env["bss.invoice.correction"].create(
            {
                "account_id": self.account.id,
                "kind": "collective",
                "original_ids": [(6, 0, self.account.invoice_ids.ids)],
                "discount_percent": 10,
                "reason_code": "discount",
                "date": date(2026, 12, 20),
            }
        )
        correction.action_refresh()
        correction.action_issue()
        number = correction.move_id._bss_document_content()["corrected"]["number"]
        for invoice in correction.original_ids:
            self.assertIn(invoice.name, number)
        self.printed(correction.move_id)
