"""Acceptance of offers, and what comes of it."""

from datetime import date, timedelta

from lxml import etree
from odoo.addons.bss_catalog import polish_day
from odoo.addons.bss_contracts.tests.test_document import squeeze, text_of
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .offer_common import SIGNATURE, OfferCommon


@tagged("post_install", "-at_install")
class TestOfferAcceptance(OfferCommon):
    # -- acceptance ---------------------------------------------------------------------------------

    def test_acceptance_makes_the_contract(self):
        order = self.offer(
            self.line(promotion_ids=self.promotion.ids),
            self.line(self.fee, 99.0, is_fee=True),
            self.line(self.caution, 150.0),
            user=self.users["clerk"],
        )
        order.bss_notice_months = 2
        order.action_confirm()
        order = order.sudo()
        contract = order.bss_contract_id
        self.assertEqual((order.state, order.locked, contract.state), ("sale", True, "active"))
        self.assertEqual(contract.account_id, order.bss_account_id)
        self.assertEqual(
            (contract.account_id.partner_id, contract.account_id.bill_cycle_id), (self.customer, self.cycle)
        )
        self.assertEqual((contract.term_months, contract.notice_months, contract.sale_order_id), (24, 2, order))
        service = contract.service_ids
        self.assertEqual(
            (service.state, service.price_unit, service.location_id, service.product_id),
            ("pending", 59.0, self.place, self.fibre),
        )
        self.assertEqual((service.promised_promotion_ids, service.promotion_grant_ids.ids), (self.promotion, []))
        self.assertEqual((contract.deposit_ids.amount, contract.deposit_ids.state), (150.0, "due"))
        self.assertFalse(contract.account_id.charge_ids)
        today = polish_day.today()
        self.activate(contract, today)
        self.assertEqual((service.state, service.promised_promotion_ids.ids), ("active", []))
        grant = service.promotion_grant_ids
        self.assertEqual((grant.promotion_id, grant.date_start), (self.promotion, today))
        fee = contract.account_id.charge_ids
        self.assertEqual((fee.kind, fee.amount, fee.date_start, fee.contract_id), ("one_off", 99.0, today, contract))

    def test_odoo_never_invoices_it(self):
        order = self.offer(self.line(), self.line(self.fee, 99.0), self.line(self.router, 300.0))
        order.action_confirm()
        self.assertEqual(order.invoice_status, "no")
        self.assertEqual(set(order.order_line.mapped("invoice_status")), {"no"})
        self.assertEqual(sum(order.order_line.mapped("qty_to_invoice")), 0)
        with self.assertRaises(UserError):
            order._create_invoices()
        wizard = self.env["sale.advance.payment.inv"].create(
            {"advance_payment_method": "percentage", "amount": 10, "sale_order_ids": order.ids}
        )
        with self.assertRaises(UserError):
            wizard.create_invoices()

    def test_no_button_of_odoo_to_invoice_it(self):
        arch = etree.fromstring(self.env["sale.order"].get_view(view_type="form")["arch"])
        for name in ("create_invoice", "create_invoice_percentage"):
            (button,) = arch.xpath(f"//button[@id='{name}']")
            self.assertTrue(button.get("invisible").endswith("or bss_is_telecom"), name)

    def test_a_second_confirmation_makes_no_second_contract(self):
        order = self.offer()
        order.action_confirm()
        with self.assertRaises(UserError):
            order.action_confirm()
        order._bss_accept()
        self.assertEqual(len(self.customer.bss_account_ids.contract_ids), 1)
        self.activate(order.bss_contract_id)
        order.order_line._bss_charge_one_off(polish_day.today(), order.bss_contract_id)
        self.assertEqual(len(self.customer.bss_account_ids.service_ids), 1)
        order.action_unlock()
        with self.assertRaisesRegex(UserError, order.bss_contract_id.name):
            order.action_cancel()

    def test_customer_signs_on_the_portal(self):
        order = self.offer()
        order.write({"signed_by": "Jan Kowalski", "signed_on": "2026-11-21 10:00:00", "signature": SIGNATURE})
        public = self.env.ref("base.public_user")
        order.with_user(public).sudo()._validate_order()
        self.assertEqual((order.state, order.bss_contract_id.state), ("sale", "active"))
        self.assertEqual(order.bss_contract_id.date_signed, date(2026, 11, 21))
        self.assertEqual(order.bss_contract_id.company_id, self.company)

    def test_portal_prints_and_signs_without_wkhtmltopdf(self):
        """Odoo prints the order in the request that signs it: without our own PDF nobody could accept."""
        order = self.offer()
        order.action_quotation_sent()
        report = self.env["ir.actions.report"].sudo()
        pdf, kind = report._render_qweb_pdf("sale.action_report_saleorder", order.ids)
        self.assertEqual((kind, pdf[:5]), ("pdf", b"%PDF-"))
        self.assertIn(squeeze("miesiące 1–3"), text_of(pdf))
        self.assertFalse(order.bss_document_count, "looking at an offer archives nothing")
        order.write({"signed_by": "Jan Kowalski", "signed_on": "2026-11-19 23:30:00", "signature": SIGNATURE})
        order._validate_order()
        signed = text_of(report._render_qweb_pdf("sale.action_report_saleorder", order.ids)[0])
        self.assertIn("20.11.2026", signed, "the day of the signature is Poland's")

    def test_refused_offer(self):
        order = self.offer()
        order.action_cancel()
        self.assertEqual((order.state, order.bss_contract_id.id), ("cancel", False))
        self.assertFalse(self.customer.bss_account_ids)

    def test_expired_offer_is_refused(self):
        order = self.offer()
        order.validity_date = polish_day.today() - timedelta(days=1)
        with self.assertRaisesRegex(UserError, "was valid until"):
            order.action_confirm()
        self.assertFalse(order.bss_contract_id)

    def test_offer_is_honoured_within_its_validity(self):
        order = self.offer()
        order.validity_date = polish_day.today()
        self.assertFalse(order.bss_changes)
        self.promotion.action_withdraw()
        self.fibre.product_tmpl_id.bss_lifecycle = "withdrawn"
        order.invalidate_recordset(["bss_changes"])
        self.assertIn("Trzy", order.bss_changes)
        self.assertIn("T-NET300", order.bss_changes)
        order.action_confirm()
        self.activate(order.bss_contract_id)
        self.assertEqual(order.bss_contract_id.service_ids.promotion_grant_ids.promotion_id, self.promotion)
        self.assertIn("Trzy", "".join(order.message_ids.mapped("body")))

    def test_changed_offer_without_a_validity_is_refused(self):
        order = self.offer()
        order.validity_date = False
        self.promotion.date_end = date(2026, 11, 20)
        with freeze_time("2026-11-22"), self.assertRaisesRegex(UserError, "Trzy"):
            order.action_confirm()

    def test_accounts_of_the_customer(self):
        first = self.make_account()
        first.partner_id = self.customer
        order = self.offer()
        order.action_confirm()
        self.assertEqual(order.bss_account_id, first)
        second = self.make_account()
        second.partner_id = self.customer
        another = self.offer()
        with self.assertRaisesRegex(UserError, "several billing accounts"):
            another.action_confirm()
        another.bss_account_id = second
        another.action_confirm()
        self.assertEqual(another.bss_contract_id.account_id, second)

    def test_telephone_waits_for_its_number(self):
        mobile = self.make_offering("T-MOB", 29.0, service="mobile")
        order = self.offer(self.line(mobile, 29.0))
        order.action_confirm()
        contract = order.bss_contract_id
        self.assertEqual(contract.state, "draft")
        self.assertIn(contract.service_ids.name, contract.activity_ids.note)
        self.assertFalse(contract.service_ids.location_id)
        contract.service_ids.new_identifier = self.next_msisdn()
        contract.action_activate()
        self.activate(contract)
        self.assertEqual(contract.service_ids.state, "active")

    def test_contract_says_what_was_offered(self):
        """Three free months of 59.00 and a fee of 99.00 let down to 49.00: a relief of 227.00 over 24 months."""
        self.fibre.product_tmpl_id.write(
            {"bss_activation_product_id": self.fee.id, "bss_down_mbps": 300, "bss_up_mbps": 50}
        )
        cheaper = self.env["bss.promotion"].create(
            {
                "code": "ACT50",
                "name": "Tańszy start",
                "target": "activation",
                "step_ids": [Command.create({"kind": "amount", "value": 50.0})],
            }
        )
        cheaper.action_put_on_sale()
        order = self.offer(
            self.line(promotion_ids=self.promotion.ids),
            self.line(self.fee, 99.0, is_fee=True, promotion_ids=cheaper.ids),
            self.line(self.caution, 150.0),
        )
        order.action_confirm()
        contract = order.bss_contract_id
        for state in ("pending", "active"):
            with self.subTest(state=state):
                self.assertEqual(contract.service_ids.state, state)
                document = contract._bss_render_document("bss_contracts.document_contract", "contract", f"U/{state}")
                text = text_of(document._bss_content())
                for part in (
                    "Jan Kowalski",
                    "1–3",
                    "0,00 zł",
                    "72,57 zł",
                    "60,27 zł",
                    "279,21 zł brutto",
                    "150,00 zł",
                    "300/50 Mb/s",
                    contract.deposit_ids.name,
                ):
                    self.assertIn(squeeze(part), text)
            if state == "pending":
                self.activate(contract)
        fee = contract.account_id.charge_ids
        self.assertEqual((fee.amount, fee.service_id), (49.0, contract.service_ids))

    def test_what_is_promised_counts_as_granted(self):
        self.promotion.max_grants = 5
        order = self.offer()
        order.action_confirm()
        self.assertEqual(self.promotion._bss_grant_counts()[self.promotion.id], 1)
        self.activate(order.bss_contract_id)
        self.assertEqual(self.promotion._bss_grant_counts()[self.promotion.id], 1)

    def test_last_grant_is_not_promised_twice(self):
        self.promotion.max_grants = 1
        first, second, third = self.offer(), self.offer(), self.offer()
        (first | second | third).validity_date = False
        first.action_confirm()
        self.assertIn("granted to as many customers as it may be", second.bss_changes)
        with self.assertRaisesRegex(UserError, "says no day until which it is valid.*as many customers as it may be"):
            second.action_confirm()
        third.validity_date = polish_day.today()  # an offer that binds the operator
        third.action_confirm()
        self.assertIn("as many customers as it may be", "".join(third.message_ids.mapped("body")))
        self.promotion.max_grants = 3
        pair = [self.line(promotion_ids=self.promotion.ids)] * 2
        both = self.offer(*pair)
        both.validity_date = False
        with self.assertRaisesRegex(UserError, "as many customers as it may be"):
            both.action_confirm()
