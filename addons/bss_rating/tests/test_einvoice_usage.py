"""Usage as e-invoices tell it: by service and zone, together what the invoice charges for usage."""

from decimal import Decimal

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
