from dataclasses import replace
from datetime import date
from decimal import Decimal

from lxml import etree
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .. import adapters, payment_link, usage_attachment
from ..ksef_core import fa3
from .common import KsefCommon, simulator


@tagged("post_install", "-at_install")
class TestWhatTheInvoiceSays(KsefCommon):
    """Fields of ours that come into FA(3), and who belongs into KSeF."""

    day = date(2026, 2, 10)

    def _extra(self, moves):
        return moves._bss_ksef_extra()

    # --- who is in KSeF

    def test_a_tax_number_always_means_inside(self):
        person = self._make_partner("Anna Nowak", "5261040567", is_company=False)
        foreigner = self._make_partner("Firma GmbH", "DE136695976", country_id=self.env.ref("base.de").id)
        child = self._make_partner("Dział Zakupów", False, parent_id=self.business.id, type="invoice")
        for partner in (self.business, person, foreigner, child):
            with self.subTest(partner=partner.name):
                self.assertEqual(self._make_moves(partner).bss_ksef_state, "to_send")

    def test_consumers_stay_outside_or_go_in_by_the_setting(self):
        outside = self._make_moves(self.consumer)
        self.assertEqual((outside.bss_ksef_state, outside.bss_ksef_jpk_marker), ("not_applicable", "BFK"))
        self.company.bss_ksef_include_consumers = True
        inside = self._make_moves(self.consumer)
        self.assertEqual(inside.bss_ksef_state, "to_send")
        ((_move, invoice),) = adapters.invoices(inside, self.env["bss.ksef.session"]._bss_now())
        self.assertIn(b"<BrakID>1</BrakID>", fa3.freeze(invoice, self.day).xml)

    # --- JPK

    def test_marker_of_each_document(self):
        moves = self._make_moves([self.business, self.consumer, self.business, self.business])
        accepted, outside, waiting, failed = moves
        accepted.bss_ksef_number = "1234563218-20260210-0A1B2C3D4E5F-7A"
        failed.bss_ksef_failure = True
        receipt = self._make_moves(self.consumer, move_type="out_receipt")
        draft = self._make_moves(self.consumer, post=False)
        bill = self._make_moves(self.consumer, post=False, move_type="in_invoice")
        everything = moves | receipt | draft | bill
        expected = [accepted.bss_ksef_number, "BFK", "DI", "OFF", "DI", False, False]
        self.assertEqual(everything.mapped("bss_ksef_jpk_marker"), expected)
        for operator, value, found in (
            ("=", "OFF", failed),
            ("=", "DI", waiting | receipt),
            ("in", ["BFK", "OFF"], outside | failed),
            ("=", accepted.bss_ksef_number, accepted),
            ("ilike", "0A1B2C", accepted),
            ("ilike", "bfk", outside),
            ("=", False, draft | bill),
            ("!=", False, moves | receipt),
            ("!=", "DI", accepted | outside | failed | draft | bill),
            ("not ilike", "bf", everything - outside),
        ):
            with self.subTest(operator=operator, value=value):
                domain = [("id", "in", everything.ids), ("bss_ksef_jpk_marker", operator, value)]
                self.assertEqual(set(self.env["account.move"].search(domain)), set(found))
        self.assertEqual(outside.export_data(["bss_ksef_jpk_marker"])["datas"], [["BFK"]])

    def test_the_number_takes_the_place_of_the_marker(self):
        move = self._make_moves(self.business)
        self.assertEqual(move.bss_ksef_jpk_marker, "DI")
        move.bss_ksef_number = "1234563218-20260210-0A1B2C3D4E5F-7A"
        self.assertEqual(move.bss_ksef_jpk_marker, move.bss_ksef_number)

    def test_a_company_without_ksef_has_no_marker(self):
        self.company.bss_ksef_enabled = False
        move = self._make_moves(self.business)
        self.assertFalse(move.bss_ksef_jpk_marker)
        self.assertIn(move, self.env["account.move"].search([("bss_ksef_jpk_marker", "=", False)]))

    # --- local governments and VAT groups

    def test_unit_of_a_local_government_is_a_third_party(self):
        self.business.bss_ksef_jst = True
        school = self._make_partner(
            "Szkoła nr 1", False, parent_id=self.business.id, type="delivery", bss_ksef_internal_id="5261040567-00001"
        )
        move = self._make_moves(self.business, partner_shipping_id=school.id)
        extra = self._extra(move)[move.id]
        self.assertEqual((extra["is_public_subunit"], extra["is_vat_group_member"]), (True, False))
        (unit,) = extra["third_parties"]
        self.assertEqual((unit.role, unit.name, unit.internal_id, unit.nip), (8, "Szkoła nr 1", "5261040567-00001", ""))
        ((_move, invoice),) = adapters.invoices(move, self.env["bss.ksef.session"]._bss_now())
        frozen = fa3.freeze(invoice, self.day)
        self.assertIsInstance(frozen, fa3.Frozen, frozen)
        tree = etree.fromstring(frozen.xml)
        names = {"f": fa3.NAMESPACE}
        self.assertEqual(tree.findtext("f:Podmiot2/f:JST", namespaces=names), "1")
        self.assertEqual(tree.findtext("f:Podmiot2/f:GV", namespaces=names), "2")
        self.assertEqual(tree.findtext("f:Podmiot3/f:Rola", namespaces=names), "8")
        self.assertEqual(tree.findtext("f:Podmiot3//f:IDWew", namespaces=names), "5261040567-00001")

    def test_member_of_a_vat_group(self):
        self.business.bss_ksef_vat_group = True
        move = self._make_moves(self.business)
        extra = self._extra(move)[move.id]
        self.assertTrue(extra["is_vat_group_member"])
        self.assertNotIn("third_parties", extra, "the group itself got it")

    def test_internal_identifier_has_its_shape(self):
        with self.assertRaises(ValidationError):
            self.business.bss_ksef_internal_id = "5261040567"

    # --- payment

    def test_payment_link_carries_its_identifier(self):
        self.company.write(
            {"bss_ksef_provider_code": "123", "bss_ksef_payment_address": "https://pay.example.com/faktura?lang=pl"}
        )
        moves = self._make_moves([self.business, self.business])
        extra = self._extra(moves)
        identifiers = {extra[move.id]["ipksef"] for move in moves}
        self.assertEqual(len(identifiers), 2)
        for move in moves:
            values = extra[move.id]
            self.assertRegex(values["ipksef"], r"^123[0-9A-Z]{10}$")
            self.assertEqual(
                values["payment_link"], f"https://pay.example.com/faktura?lang=pl&IPKSeF={values['ipksef']}"
            )
        refund = self._make_moves(self.business, move_type="out_refund")
        self.assertNotIn("payment_link", self._extra(refund)[refund.id])

    def test_only_what_the_schema_takes_can_be_set(self):
        for name, value in (
            ("bss_ksef_provider_code", "12A"),
            ("bss_ksef_payment_address", "pay.example.com"),
            ("bss_ksef_payment_address", "http://localhost/x"),
            ("bss_ksef_payment_address", "https://pay.example.com/a b"),
        ):
            with self.subTest(value=value), self.assertRaises(ValidationError):
                self.company[name] = value
        self.assertEqual(payment_link.identifier("007", 36**10 - 1), "007ZZZZZZZZZZ")
        with self.assertRaises(ValueError):
            payment_link.identifier("007", 36**10)

    def test_bank_account_of_the_invoice(self):
        bank = self.env["res.partner.bank"].create(
            {
                "acc_number": "PL61109010140000071219812874",
                "partner_id": self.company.partner_id.id,
                "allow_out_payment": True,
                "bank_id": self.env["res.bank"].create({"name": "Bank Próbny"}).id,
            }
        )
        move = self._make_moves(self.business, partner_bank_id=bank.id)
        extra = self._extra(move)[move.id]
        self.assertEqual((extra["bank_account"], extra["bank_name"]), ("PL61109010140000071219812874", "Bank Próbny"))

    # --- attachment

    def test_usage_becomes_an_attachment_that_the_schema_takes(self):
        rows = [("Komórkowe krajowe", 12, 3725, Decimal("4.50")), ("SMS", 3, 0, Decimal("0.30"))]
        made = usage_attachment.attachment("100023", [{"service": "Mobile", "identifier": "48600100200", "rows": rows}])
        (block,) = made.blocks
        (table,) = block.tables
        self.assertEqual(table.rows[0], ("Komórkowe krajowe", "12", "1:02:05", "4.50"))
        self.assertEqual(table.sums, ("Razem", "15", "1:02:05", "4.80"))
        move = self._make_moves(self.business)
        ((_move, invoice),) = adapters.invoices(move, self.env["bss.ksef.session"]._bss_now())
        frozen = fa3.freeze(replace(invoice, attachment=made), self.day)
        self.assertIsInstance(frozen, fa3.Frozen, frozen)
        self.assertIn(b"<Zalacznik>", frozen.xml)

    def test_large_usage_keeps_the_limits_of_the_schema(self):
        rows = [("Strefa", 1, 1, Decimal("0.01"))] * 1001
        services = [{"service": f"S{place}", "identifier": "", "rows": rows[:1]} for place in range(1001)]
        made = usage_attachment.attachment("1", [*services, {"service": "X", "identifier": "", "rows": rows}])
        self.assertEqual([len(block.tables) for block in made.blocks], [1000, 3])
        self.assertEqual([len(table.rows) for table in made.blocks[1].tables], [1, 1000, 1])

    def test_attachments_need_setting_and_consent(self):
        with simulator() as sim:
            self._aim(sim)
            self.company.bss_ksef_attachment = True
            self.assertEqual(self.company.action_bss_ksef_ask_attachments()["params"]["type"], "warning")
            self.assertFalse(self.company._bss_ksef_may_attach())
            sim.attachment_nips.add(self.NIP)
            self.assertEqual(self.company.action_bss_ksef_ask_attachments()["params"]["type"], "success")
            self.assertTrue(self.company._bss_ksef_may_attach())
            self.company.bss_ksef_attachment = False
            self.assertFalse(self.company._bss_ksef_may_attach())
            self.company.write({"bss_ksef_attachment": True, "bss_ksef_attachment_until": "2020-01-01 00:00:00"})
            self.assertFalse(self.company._bss_ksef_may_attach(), "revoked since")
            self.company.action_bss_ksef_ask_attachments()
            self.assertTrue(self.company._bss_ksef_may_attach())
            self.company.bss_ksef_environment = "test"
            self.assertFalse(self.company._bss_ksef_may_attach(), "asked of another environment")

    # --- mass

    def test_statements_do_not_grow_with_the_invoices(self):
        self.business.bss_ksef_jst = True
        few = self._make_moves([self.business, self.consumer])
        many = self._make_moves([self.business, self.consumer] * 30)

        def statements(moves):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            moves._bss_ksef_extra()
            return self.env.cr.sql_log_count - before

        self.assertLessEqual(statements(many), statements(few))
        self.assertLessEqual(statements(many), 8)
