import base64
from datetime import date
from io import BytesIO

from odoo.addons.bss_contracts.document_core import qr_svg
from odoo.tests import tagged
from pypdf import PdfReader

from ..models.res_partner_bank import METHOD
from .common import BANK_NRB, PaymentsCommon


@tagged("post_install", "-at_install")
class TestPaymentQr(PaymentsCommon):
    """The customer's own number stands wherever he is told where to pay."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"name": "Operator Demo", "qr_code": True, "vat": "5261040567"})
        cls.jan = cls.make_account("Jan Kowalski")
        cls.nrb = cls.jan.virtual_account_ids.nrb

    def code(self, move=None, bank=None, amount=123.4, currency=None):
        bank = bank or self.bank_account
        return bank._build_qr_code_vals(amount, "FV/1", "", currency or self.currency, self.jan.partner_id, METHOD)

    def test_code_of_odoos_invoice_names_the_virtual_account(self):
        invoice = self.make_invoice(self.jan, 123.4)
        invoice.partner_bank_id = self.bank_account
        title = invoice.payment_reference or invoice.name
        image = invoice._generate_qr_code()
        self.assertEqual(invoice.qr_code_method, METHOD)
        expected = qr_svg(f"5261040567|PL|{self.nrb}|012340|Operator Demo|{title}|||", "L", 0)
        self.assertEqual(base64.b64decode(image.removeprefix("data:image/svg+xml;base64,")).decode(), expected)
        link = self.bank_account.with_context(bss_payment_nrb=self.nrb).build_qr_code_url(
            123.4, title, "", self.currency, self.jan.partner_id, METHOD
        )
        self.assertIn("barLevel=L", link)
        self.assertIn(self.nrb, link)

    def test_code_of_an_invoice_without_billing_account_names_the_company_account(self):
        vals = self.bank_account._get_qr_vals(METHOD, 5.0, self.currency, self.jan.partner_id, "FV/1", "")
        self.assertEqual(vals, f"5261040567|PL|{BANK_NRB}|000500|Operator Demo|FV/1|||")

    def test_amounts_are_exact_and_too_big_ones_left_to_the_payer(self):
        for amount, text in ((0.07, "000007"), (1.15, "000115"), (9999.99, "999999"), (10000.0, "000000")):
            vals = self.bank_account._get_qr_vals(METHOD, amount, self.currency, self.jan.partner_id, "x", "")
            self.assertEqual(vals.split("|")[3], text)

    def test_what_prevents_the_code_is_told(self):
        bank = self.bank_account
        self.assertIsNone(bank._get_error_messages_for_qr(METHOD, self.jan.partner_id, self.currency))
        euro = self.env.ref("base.EUR")
        self.assertIn("EUR", bank._get_error_messages_for_qr(METHOD, self.jan.partner_id, euro))
        foreign = self.env["res.partner.bank"].create(
            {"acc_number": "DE89370400440532013000", "partner_id": self.company.partner_id.id}
        )
        self.assertIn("26 digits", foreign._get_error_messages_for_qr(METHOD, self.jan.partner_id, self.currency))
        self.assertIsNone(self.code(bank=foreign))
        self.assertIsNone(self.code(amount=-1))
        self.assertTrue(self.code())

    def test_other_methods_go_on(self):
        methods = [code for code, _name in self.env["res.partner.bank"].get_available_qr_methods_in_sequence()]
        self.assertIn(METHOD, methods)
        euro = self.env.ref("base.EUR")
        self.assertIsNone(self.bank_account._get_error_messages_for_qr("none", self.jan.partner_id, euro))

    def test_number_in_the_facts_of_the_e_invoice(self):
        invoice = self.make_invoice(self.jan, 10)
        facts = invoice._bss_einvoice_facts()
        self.assertEqual(facts[invoice.id]["bank_account"], self.nrb)

    def test_number_on_the_invoice_pdf(self):
        invoice = self.make_invoice(self.jan, 10)
        pdf, _kind = (
            self.env["ir.actions.report"]
            .with_context(force_report_rendering=True)
            ._render_qweb_pdf("account.account_invoices", invoice.ids)
        )
        text = "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
        self.assertIn(self.nrb, "".join(text.split()))

    def test_what_the_portal_shows(self):
        invoice = self.make_invoice(self.jan, 10, date(2026, 11, 1))
        shown = invoice._bss_pay_to()
        self.assertEqual((shown["nrb"], shown["recipient"], shown["title"]), (self.nrb, "Operator Demo", invoice.name))
        self.assertTrue(shown["qr_svg"].startswith("<svg"))
        self.import_file(self.entry("10,00", "", self.key_of(self.jan)))
        self.assertEqual(invoice._bss_pay_to(), {})
