"""Usage as e-invoices tell it: by service and zone, together what the invoice charges for usage."""

import base64
from decimal import Decimal

from lxml import etree
from odoo.tests import tagged

from .test_itemised_bill import ItemisedCommon


@tagged("post_install", "-at_install")
class TestEinvoiceUsage(ItemisedCommon):
    def test_usage_of_an_invoice_by_zone(self):
        invoice = self.billed()
        self.assertNotIn("usage", invoice._bss_einvoice_facts()[invoice.id])
        (told,) = invoice._bss_einvoice_facts(usage=True)[invoice.id]["usage"]
        service = self.account.service_ids[:1]
        self.assertEqual((told["service"], told["identifier"]), (service.name, service.main_identifier))
        rows = {zone: (events, seconds, net) for zone, events, seconds, net in told["rows"]}
        self.assertEqual(
            {zone: row[2] for zone, row in rows.items()}, {"Zone T-FIX": Decimal("0.58"), "Zone T-MOB": Decimal("0.58")}
        )
        self.assertEqual((rows["Zone T-FIX"][0], rows["Zone T-MOB"][0]), (2, 1))
        billed = invoice.invoice_line_ids.filtered(lambda line: line.bss_charge_id.kind == "usage")
        self.assertEqual(sum(row[2] for row in rows.values()), Decimal(f"{sum(billed.mapped('price_subtotal')):.2f}"))

    def test_usage_becomes_the_attachment_of_the_e_invoice(self):
        if "bss_ksef_attachment" not in self.company._fields:
            self.skipTest("the e-invoice addon is not installed")
        self.company.write({"vat": "PL1234563218", "street": "ul. Próbna 1", "zip": "99-300", "city": "Kutno"})
        self.account.partner_id.write(
            {
                "vat": "PL5261040567",
                "street": "ul. Testowa 7",
                "zip": "00-001",
                "city": "Warszawa",
                "country_id": self.env.ref("base.pl").id,
            }
        )
        invoice = self.billed()
        self.company.write({"bss_ksef_attachment": True, "bss_ksef_attachment_consent": True})
        now = self.env["bss.ksef.session"]._bss_now()
        document = self.env["bss.ksef.document"].sudo()._bss_freeze(invoice, invoice.invoice_date, now)
        self.assertEqual((document.state, document.error_text), ("queued", False))
        tree = etree.fromstring(base64.b64decode(document.xml))
        names = {"f": etree.QName(tree).namespace}
        [sums] = tree.findall("f:Zalacznik/f:BlokDanych/f:Tabela/f:Suma", names)
        self.assertEqual(sums[-1].text, "1.16")
        self.assertNotIn(
            "601234567", etree.tostring(tree.find("f:Zalacznik", names), encoding="unicode"), "a called number"
        )
