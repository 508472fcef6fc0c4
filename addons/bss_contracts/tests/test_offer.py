"""Offers: what they say, print and let do."""

from datetime import date

from dateutil.relativedelta import relativedelta
from odoo.addons.bss_catalog import polish_day
from odoo.addons.bss_contracts.tests.test_document import squeeze, text_of
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .offer_common import OfferCommon


@tagged("post_install", "-at_install")
class TestOffer(OfferCommon):
    # -- the quotation ------------------------------------------------------------------------------

    def test_quotation_of_an_address(self):
        order = self.offer(
            self.line(price=59.123456, promotion_ids=self.promotion.ids),
            self.line(self.fee, 99.0, is_fee=True),
        )
        self.assertTrue(order.bss_is_telecom)
        self.assertEqual((order.bss_location_id, order.bss_term_months, order.state), (self.place, 24, "draft"))
        self.assertEqual(order.date_order.date(), date(2026, 11, 21))
        line = order.order_line[0]
        self.assertEqual((line.price_unit, line.bss_promotion_ids), (59.123456, self.promotion))
        self.assertIn("Trzy miesiące za darmo", line.name)
        self.assertEqual((order.bss_amount_recurring, order.bss_amount_one_off), (59.12, 99.0))
        line.product_uom_qty = 2
        self.assertEqual(line.price_unit, 59.123456, "a price given at the address stays")

    def test_what_cannot_be_offered_is_said(self):
        self.fee.product_tmpl_id.bss_lifecycle = "withdrawn"
        thing = self.env["product.product"].create({"name": "Kubek"})
        for lines, vals, words in (
            ([self.line(self.fee)], {}, "not on sale"),
            ([self.line(thing)], {}, "no offering"),
            ([self.line(quantity=0)], {}, "cannot be offered"),
            ([self.line(price=-1)], {}, "cannot be offered"),
            ([self.line()], {"partner": self.env["res.partner"]}, "customer"),
            ([self.line()], {"lines": []}, "at least one"),
        ):
            with self.subTest(words=words), self.assertRaisesRegex(UserError, words):
                self.offer(*lines, **vals)

    def test_printed_offer_shows_the_months(self):
        order = self.offer(
            self.line(promotion_ids=self.promotion.ids), self.line(price=10.0), self.line(self.fee, 99.0)
        )
        order.action_bss_print_offer()
        document = self.env["bss.document"].search([("res_model", "=", "sale.order"), ("res_id", "=", order.id)])
        self.assertEqual((document.kind, document.name), ("offer", order.name))
        text = text_of(document._bss_content())
        for part in (order.name, "Jan Kowalski", "1–3", "0,00 zł", "72,57 zł", "121,77 zł", "Trzy miesiące za darmo"):
            self.assertIn(squeeze(part), text)
        self.assertIn(squeeze("12,30 zł"), text, "the first month with VAT")
        self.assertEqual(order.bss_document_count, 1)
        html, _kind = self.env["ir.actions.report"]._render_qweb_html("sale.report_saleorder", order.ids)
        self.assertIn(b"Trzy miesi", html)

    def test_a_consumer_is_told_what_he_pays(self):
        """Gross unit prices, the rate of VAT and gross sums; a company sees net and gross beside each other."""
        lines = (self.line(promotion_ids=self.promotion.ids), self.line(self.fee, 99.0), self.line(self.caution, 150.0))
        order = self.offer(*lines)
        self.assertEqual((order.bss_first_gross, order.bss_regular_gross), (0.0, 72.57))
        self.assertEqual(order.bss_one_off_gross, 271.77)
        text = text_of(order._bss_offer_pdf())
        for words in ("72,57", "121,77", "150,00", "23 %", "271,77"):
            self.assertIn(squeeze(words), text)
        for words in ("59,00", "99,00"):
            self.assertNotIn(words, text, "no net price")
        self.customer.write({"is_company": True, "bss_customer_kind": "company"})
        text = text_of(order._bss_offer_pdf())
        for words in ("59,00", "72,57", "99,00", "121,77"):
            self.assertIn(squeeze(words), text)

    def test_documents_of_a_contract_tell_a_consumer_gross_prices(self):
        order = self.offer(self.line(), self.line(self.fee, 99.0))
        order.action_confirm()
        contract = order.bss_contract_id
        self.activate(contract)
        contract.action_print_contract()
        change = self.env["bss.contract.change"].create(
            {
                "contract_id": contract.id,
                "kind": "price",
                "date_effective": polish_day.today() + relativedelta(months=1),
                "line_ids": [
                    Command.create({"action": "price", "service_id": contract.service_ids.id, "price_unit": 80})
                ],
            }
        )
        change.action_confirm()
        documents = self.env["bss.document"].search([("account_id", "=", contract.account_id.id)])
        printed = {one.kind: text_of(one._bss_content()) for one in documents}
        for kind, gross, net in (("contract", ("72,57", "121,77"), "59,00"), ("annex", ("72,57", "98,40"), "80,00")):
            with self.subTest(kind=kind):
                for words in (*gross, squeeze("23 %")):
                    self.assertIn(words, printed[kind])
                self.assertNotIn(net, printed[kind])

    def test_other_orders_are_odoo_s(self):
        thing = self.env["product.product"].create({"name": "Kubek", "type": "consu", "invoice_policy": "order"})
        order = self.env["sale.order"].create(
            {"partner_id": self.customer.id, "order_line": [Command.create({"product_id": thing.id})]}
        )
        order.action_confirm()
        self.assertEqual(
            (order.bss_is_telecom, order.invoice_status, order.bss_contract_id.id), (False, "to invoice", False)
        )

    def test_a_copy_is_a_new_offer(self):
        """What was not sold any more when it was copied is not honoured by the validity of the copy."""
        self.promotion.max_grants = 1
        order = self.offer(self.line(promotion_ids=self.promotion.ids), self.line(self.fee, 99.0))
        before = order.copy()
        self.fee.product_tmpl_id.bss_lifecycle = "withdrawn"
        taken = self.offer()
        taken.action_confirm()
        copied = order.copy()
        self.assertGreaterEqual(copied.validity_date, polish_day.today())
        self.assertIn("T-ACT", copied.bss_never_held)
        self.assertIn("Trzy", copied.bss_never_held)
        for call in (copied.action_confirm, copied.action_quotation_send, copied.action_quotation_sent):
            with self.subTest(call=call.__name__), self.assertRaisesRegex(UserError, "is a copy.*T-ACT.*Trzy"):
                call()
        again = copied.copy()
        with self.assertRaisesRegex(UserError, "is a copy"):
            again.action_confirm()
        copied.order_line.filtered(lambda line: line.product_id == self.fee).unlink()
        copied.order_line.bss_promotion_ids = False
        self.assertFalse(copied.bss_never_held)
        copied.action_quotation_sent()
        copied.action_confirm()
        self.assertEqual(copied.state, "sale")
        # a copy made while everything was sold is an offer that binds
        self.assertFalse(before.bss_never_held)
        before.action_confirm()
        self.assertEqual(before.state, "sale")

    def test_roles_and_companies(self):
        viewer = self.users["viewer"]
        order = self.offer()
        order.with_user(viewer).read(["name", "bss_changes", "bss_amount_recurring"])
        for call in (
            lambda: self.offer(user=viewer),
            order.with_user(viewer).action_confirm,
            order.with_user(viewer).action_bss_print_offer,
        ):
            with self.assertRaises(AccessError):
                call()
        order.with_user(self.users["clerk"]).action_bss_print_offer()
        other = self.env["res.company"].create({"name": "Other operator"})
        stranger = new_test_user(
            self.env,
            "t_offer_stranger",
            groups="bss_catalog.group_bss_admin",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        with self.assertRaises(AccessError):
            order.with_user(stranger).with_context(allowed_company_ids=other.ids).read(["name"])

    def test_viewer_opens_the_form(self):
        """A viewer reads no journal items, which Odoo counts the invoices of an order by."""
        order = self.offer()
        form = Form(order.with_user(self.users["viewer"]))
        self.assertEqual((form.name, form.invoice_count), (order.name, 0))
        arch = order.with_user(self.users["viewer"]).get_view(view_type="form")["arch"]
        self.assertNotIn("action_quotation_send", arch)
