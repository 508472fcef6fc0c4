"""Invoices of billing accounts as e-invoices: balance and services by the settings of the company."""

import base64
from datetime import date
from decimal import Decimal

from lxml import etree
from odoo.tests import tagged

from .test_correction import CorrectionCommon


@tagged("post_install", "-at_install")
class TestEinvoiceKsef(CorrectionCommon):
    def setUp(self):
        super().setUp()
        if "bss_ksef_settlement" not in self.company._fields:
            self.skipTest("the e-invoice addon is not installed")
        self.company.write({"vat": "PL1234563218", "street": "ul. Próbna 1", "zip": "99-300", "city": "Kutno"})
        self.account.partner_id.write(
            {"street": "ul. Testowa 7", "zip": "00-001", "city": "Warszawa", "country_id": self.env.ref("base.pl").id}
        )
        self.env["bss.service.identifier"].create(
            {
                "service_id": self.account.service_ids.id,
                "kind": "msisdn",
                "value": "48600100200",
                "date_start": date(2026, 1, 1),
            }
        )
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        self.second = self.account.invoice_ids - self.invoice

    def e_invoice(self):
        """``Fa`` of the second invoice with the texts of its elements by path."""
        now = self.env["bss.ksef.session"]._bss_now()
        document = self.env["bss.ksef.document"].sudo()._bss_freeze(self.second, self.second.invoice_date, now)
        self.assertEqual((document.state, document.error_text), ("queued", False))
        tree = etree.fromstring(base64.b64decode(document.xml))
        names = {"f": etree.QName(tree).namespace}
        return lambda path: [
            one.text for one in tree.findall("f:Fa/" + "/".join(f"f:{step}" for step in path.split("/")), names)
        ]

    def test_nothing_of_it_by_default(self):
        self.account.partner_id.vat = "PL5261040567"
        texts = self.e_invoice()
        self.assertEqual((texts("Rozliczenie/DoZaplaty"), texts("DodatkowyOpis/Wartosc")), ([], []))

    def test_balance_stands_outside_vat(self):
        self.company.bss_ksef_settlement = True
        texts = self.e_invoice()
        [overdue], [total], [to_pay] = (
            texts("Rozliczenie/Obciazenia/Kwota"),
            texts("P_15"),
            texts("Rozliczenie/DoZaplaty"),
        )
        self.assertEqual(Decimal(overdue), Decimal(f"{self.invoice.amount_total:.2f}"))
        self.assertEqual(Decimal(total), Decimal(f"{self.second.amount_total:.2f}"))
        self.assertEqual(Decimal(to_pay), Decimal(total) + Decimal(overdue))

    def test_services_of_businesses_only(self):
        self.company.bss_ksef_line_notes = True
        self.assertFalse(self.e_invoice()("DodatkowyOpis/Wartosc"), "a person")

    def test_service_of_each_line_of_a_business(self):
        self.company.bss_ksef_line_notes = True
        self.account.partner_id.vat = "PL5261040567"
        texts = self.e_invoice()
        self.assertEqual(texts("DodatkowyOpis/NrWiersza"), ["1"])
        self.assertEqual(
            (texts("DodatkowyOpis/Klucz"), texts("DodatkowyOpis/Wartosc")), (["Numer telefonu"], ["48600100200"])
        )
