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

    def pay(self):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.invoice.ids
        ).create({"journal_id": self.bank_journal.id})._create_payments()

    def test_what_lowers_a_debt_is_not_given_back(self):
        move = self.issue(amount=40.0).move_id
        self.assertEqual(move._bss_document_content()["totals"]["returned"], "")
        words = self.printed(move)
        self.assertIn("ZMNIEJSZENIE", words)
        self.assertNotIn("ZWROTU", words)

    def test_what_is_a_credit_is_given_back(self):
        self.pay()
        move = self.issue(amount=40.0).move_id
        totals = move._bss_document_content()["totals"]
        self.assertEqual(totals["returned"], totals["due"])
        words = self.printed(move)
        self.assertIn("ZWROTU", words)
        self.assertNotIn("ZMNIEJSZENIE", words)

    def test_only_a_part_is_given_back(self):
        payment = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.invoice.ids
        )
        payment.create({"journal_id": self.bank_journal.id, "amount": 60.0})._create_payments()
        move = self.issue(amount=40.0).move_id
        self.assertEqual((move.amount_total, move.amount_residual), (23.37, 10.8))
        self.assertEqual(move._bss_document_content()["totals"]["returned"], "10,80\xa0zł")
        words = self.printed(move)
        for word in ("ZMNIEJSZENIE", "ZWROTU", "23,37", "10,80"):
            self.assertIn(word, words)

    def test_sale_date_and_period_are_those_of_the_original(self):
        for correction in (self.issue(amount=40.0), self.issue(amount=50.0)):
            data = correction.move_id._bss_document_content()
            self.assertEqual((data["dates"]["issue"], data["dates"]["sale"]), ("20.11.2026", "01.11.2026"))
            references = dict(data["references"])
            self.assertEqual(references["Data sprzedaży"], "01.11.2026")
            self.assertEqual(references["Okres rozliczeniowy"], "01–30.11.2026")
            self.assertEqual(correction._bss_facts()["supplied"], date(2026, 11, 1))
            self.printed(correction.move_id)

    def test_automatic_too(self):
        self.account.service_ids._bss_end(date(2026, 11, 15), "moved away")
        refund = self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31)).item_ids.refund_ids
        data = refund._bss_document_content()
        self.assertEqual((data["dates"]["issue"], data["dates"]["sale"]), ("01.12.2026", "01.11.2026"))
        self.assertEqual(dict(data["references"])["Okres rozliczeniowy"], "01–30.11.2026")
        self.assertEqual(data["totals"]["returned"], "")
        (row,) = data["states"]
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
        data = correction.move_id._bss_document_content()
        found = [(one["number"], one["date"], one["period"]) for one in data["corrected"]["invoices"]]
        first, second = correction.original_ids.sorted("invoice_date")
        self.assertEqual(
            found,
            [
                (first.name, "01.11.2026", "01–30.11.2026"),
                (second.name, "01.12.2026", "01–31.12.2026"),
            ],
        )
        self.assertEqual(data["corrected"]["discount_period"], "01.11–31.12.2026")
        # sold on several days: the period says when
        facts = correction._bss_facts()
        self.assertEqual((data["dates"]["sale"], facts["supplied"], facts["days"]), ("", None, None))
        words = self.printed(correction.move_id)
        for word in (first.name, second.name, "OPUST", "01.11–31.12.2026"):
            self.assertIn(word, words)

    def test_the_period_asked_for_is_printed_whatever_was_found(self):
        correction = self.env["bss.invoice.correction"].create(
            {
                "account_id": self.account.id,
                "kind": "collective",
                "date_from": date(2026, 10, 1),
                "date_to": date(2026, 11, 30),
                "discount_percent": 10,
                "reason_code": "discount",
                "date": date(2026, 12, 20),
            }
        )
        correction.action_refresh()
        correction.action_issue()
        self.assertEqual(correction.original_ids, self.invoice)
        data = correction.move_id._bss_document_content()
        self.assertEqual(data["corrected"]["discount_period"], "01.10–30.11.2026")
        self.assertEqual(dict(data["references"])["Okres rozliczeniowy"], "01–30.11.2026")
        self.assertEqual(correction._bss_facts()["period"], "2026-10-01 - 2026-11-30")
        self.assertIn("OPUST", self.printed(correction.move_id))
