"""Corrective invoices of bill runs as e-invoices: what the schema asks for, and states that add up to the totals."""

import base64
from datetime import date
from decimal import Decimal

from lxml import etree
from odoo.tests import tagged

from .test_correction import CorrectionCommon


@tagged("post_install", "-at_install")
class TestCorrectionKsef(CorrectionCommon):
    def setUp(self):
        super().setUp()
        if "bss_ksef_enabled" not in self.company._fields:
            self.skipTest("the e-invoice addon is not installed")
        self.company.write({"vat": "PL1234563218", "street": "ul. Próbna 1", "zip": "99-300", "city": "Kutno"})
        self.account.partner_id.write(
            {"street": "ul. Testowa 7", "zip": "00-001", "city": "Warszawa", "country_id": self.env.ref("base.pl").id}
        )

    def e_invoice(self, move):
        """Its ``Fa`` and the namespace; a document that is queued fits the schema."""
        now = self.env["bss.ksef.session"]._bss_now()
        document = self.env["bss.ksef.document"].sudo()._bss_freeze(move, move.invoice_date, now)
        self.assertEqual((document.state, document.error_text), ("queued", False))
        tree = etree.fromstring(base64.b64decode(document.xml))
        space = f"{{{etree.QName(tree).namespace}}}"
        return tree.find(f"{space}Fa"), space

    def assertBalances(self, move):
        """Rows after less rows before are the net sum; with the VAT the total of the corrective invoice."""
        head, space = self.e_invoice(move)

        def values(node, *names):
            return [Decimal(one.text) for name in names for one in node.findall(f"{space}{name}")]

        change, numbers = Decimal(0), {}
        for row in head.findall(f"{space}FaWiersz"):
            before = row.findtext(f"{space}StanPrzed") == "1"
            [net] = values(row, "P_11")
            change += -net if before else net
            numbers.setdefault(row.findtext(f"{space}NrWierszaFa"), []).append(before)
        self.assertTrue(numbers)
        for states in numbers.values():
            self.assertEqual(states, [True, False], "a pair, the state before first")
        sign = -1 if move.move_type == "out_refund" else 1
        self.assertEqual(change, sign * Decimal(f"{move.amount_untaxed:.2f}"))
        self.assertEqual(sum(values(head, "P_13_1", "P_13_2", "P_13_3")), change)
        [total] = values(head, "P_15")
        self.assertEqual(total, sum(values(head, "P_14_1", "P_14_2", "P_14_3"), change))
        return head, space

    def test_one_of_a_bill_run_for_two_bills(self):
        self.company.bss_collective_corrections = True
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
        self.account.service_ids._bss_end(date(2026, 11, 15), "moved away")
        run = self.bill(date_start=date(2027, 1, 1), date_end=date(2027, 1, 31))
        [refund] = run.item_ids.refund_ids
        originals = refund.bss_correction_id.original_ids.sorted("invoice_date")
        self.assertEqual(len(originals), 2)
        head, space = self.assertBalances(refund)
        named = [one.text for one in head.findall(f"{space}DaneFaKorygowanej/{space}NrFaKorygowanej")]
        self.assertEqual(named, originals.mapped("name"))
        # that is of discounts granted for a period only (art. 106j sec. 3 of the VAT act)
        self.assertIsNone(head.find(f"{space}OkresFaKorygowanej"))
        self.assertEqual(head.findtext(f"{space}TypKorekty"), "2")

    def test_a_discount_for_a_period(self):
        self.bill(date_start=date(2026, 12, 1), date_end=date(2026, 12, 31))
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
        correction.action_issue()
        head, space = self.assertBalances(correction.move_id)
        self.assertEqual(head.findtext(f"{space}OkresFaKorygowanej"), "2026-11-01 - 2026-12-31")
