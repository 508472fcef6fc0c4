from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from lxml import etree
from odoo.addons.bss_catalog import polish_day
from odoo.addons.bss_contracts.tests.common import ContractsCommon
from odoo.addons.bss_contracts.tests.test_document import squeeze, text_of
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged

SIGNATURE = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="


@tagged("post_install", "-at_install")
class TestOffer(ContractsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.env["res.partner"].create(
            {
                "name": "Jan Kowalski",
                "bss_customer_kind": "consumer",
                "country_id": cls.env.ref("base.pl").id,
                "street": "ul. Lipowa 3/5",
                "zip": "99-300",
                "city": "Kutno",
                "email": "jan@example.com",
            }
        )
        cls.building = cls.env["bss.location"].create(
            {
                "name": "Lipowa 3",
                "kind": "building",
                "street": "Lipowa",
                "house_no": "3",
                "zip": "99-300",
                "city": "Kutno",
            }
        )
        cls.place = cls.env["bss.location"].create(
            {"kind": "premises", "parent_id": cls.building.id, "premises_no": "5", "name": "5"}
        )
        cls.fee = cls.make_offering("T-ACT", 99.0, kind="one_off")
        cls.caution = cls.make_offering("T-KAUCJA", 150.0, kind="deposit")
        cls.router = cls.make_offering("T-ROUTER", 300.0, kind="device", type="consu")
        cls.promotion = cls.env["bss.promotion"].create(
            {
                "code": "TRZY",
                "name": "Trzy miesiące za darmo",
                "step_ids": [Command.create({"month_from": 1, "month_to": 3, "kind": "free"})],
            }
        )
        cls.promotion.action_put_on_sale()
        cls.company.bss_deposit_account_id = cls.env["account.account"].create(
            {"name": "Kaucje", "code": "249002", "account_type": "liability_current", "company_ids": cls.company.ids}
        )
        cls.users = {
            role: new_test_user(
                cls.env,
                f"t_offer_{role}",
                groups=f"bss_catalog.group_bss_{role}",
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for role in ("viewer", "clerk")
        }

    def line(self, product=None, price=59.0, **vals):
        product = product or self.fibre
        return {
            "product_id": product.id,
            "quantity": 1.0,
            "price_unit": price,
            "price_kind": "net",
            "promotion_ids": [],
            "bundle_product_id": False,
            "is_fee": False,
            **vals,
        }

    def offer(self, *lines, user=None, **vals):
        data = {
            "location": self.place,
            "partner": self.customer,
            "day": date(2026, 11, 21),
            "term_months": 24,
            "pricelist": self.env["product.pricelist"],
            "customer_kind": "consumer",
            "lines": list(lines or [self.line(promotion_ids=self.promotion.ids)]),
            **vals,
        }
        orders = self.env["sale.order"].with_user(user) if user else self.env["sale.order"]
        return orders._bss_from_availability(data)

    def activate(self, contract, day=None):
        orders = contract.service_ids.order_ids.filtered(lambda order: order.action == "activate")
        orders._bss_done(effective=day or polish_day.today())

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

    def test_gross_price_is_kept_to_the_grosz(self):
        order = self.offer(self.line(price=79.99, price_kind="gross"))
        self.assertEqual((order.amount_total, order.amount_untaxed), (79.99, 65.03))

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

    def test_other_orders_are_odoo_s(self):
        thing = self.env["product.product"].create({"name": "Kubek", "type": "consu", "invoice_policy": "order"})
        order = self.env["sale.order"].create(
            {"partner_id": self.customer.id, "order_line": [Command.create({"product_id": thing.id})]}
        )
        order.action_confirm()
        self.assertEqual(
            (order.bss_is_telecom, order.invoice_status, order.bss_contract_id.id), (False, "to invoice", False)
        )

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

    def test_changed_offer_without_a_validity_is_refused(self):
        order = self.offer()
        order.validity_date = False
        self.promotion.date_end = date(2026, 11, 20)
        with freeze_time("2026-11-22"), self.assertRaisesRegex(UserError, "Trzy"):
            order.action_confirm()

    def test_offer_in_the_currency_of_billing(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        pricelist = self.env["product.pricelist"].create({"name": "EUR", "currency_id": euro.id})
        self.customer.property_product_pricelist = pricelist
        self.assertEqual(self.offer().currency_id, self.company.currency_id)
        order = self.offer(pricelist=pricelist)
        self.assertEqual(order.currency_id, euro)
        with self.assertRaisesRegex(UserError, "EUR"):
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

    def test_bundle_by_its_parts(self):
        tv = self.make_offering("T-TV", 40.0, service="tv")
        bundle = self.make_offering(
            "T-DUO",
            90.0,
            bss_lifecycle="draft",
            bss_is_bundle=True,
            bss_bundle_line_ids=[
                Command.create({"product_id": self.fibre.id}),
                Command.create({"product_id": tv.id}),
            ],
        )
        bundle.product_tmpl_id.bss_lifecycle = "on_sale"
        order = self.offer(
            self.line(price=50.0, bundle_product_id=bundle.id, promotion_ids=self.promotion.ids),
            self.line(tv, 35.0, bundle_product_id=bundle.id),
        )
        order.action_confirm()
        services = order.bss_contract_id.service_ids
        head = services.filtered("is_bundle")
        self.assertEqual((len(services), head.product_id), (3, bundle))
        self.assertEqual(sorted(head.child_ids.mapped("price_unit")), [35.0, 50.0])
        self.activate(order.bss_contract_id)
        self.assertEqual(head.state, "active")
        self.assertEqual(head.child_ids.promotion_grant_ids.promotion_id, self.promotion)

    def test_exact_prices_reach_the_charge(self):
        order = self.offer(self.line(price=0.123456, quantity=1000.0))
        order.action_confirm()
        service = order.bss_contract_id.service_ids
        self.assertEqual(str(service._bss_as_of(date(2027, 1, 1))["price_unit"]), "0.123456")

    def test_one_off_alone_needs_no_contract(self):
        order = self.offer(self.line(self.fee, 99.0))
        order.action_confirm()
        self.assertFalse(order.bss_contract_id)
        self.assertEqual(order.bss_account_id.charge_ids.amount, 99.0)

    def test_activation_fee_is_the_one_of_the_offer(self):
        self.fibre.product_tmpl_id.bss_activation_product_id = self.fee
        for lines, amounts in (
            ([self.line(), self.line(self.fee, 49.0, is_fee=True)], [49.0]),
            ([self.line()], []),
        ):
            with self.subTest(amounts=amounts):
                order = self.offer(*lines)
                order.action_confirm()
                self.activate(order.bss_contract_id)
                self.assertEqual(order.bss_contract_id.service_ids.state, "active")
                charges = self.env["bss.charge"].search([("contract_id", "=", order.bss_contract_id.id)])
                self.assertEqual(charges.mapped("amount"), amounts)

    def test_fee_let_down_in_the_offer_belongs_to_the_relief_of_the_term(self):
        self.fibre.product_tmpl_id.bss_activation_product_id = self.fee
        for code, steps, paid in (
            ("ACT50", {"kind": "amount", "value": 50.0}, ["49"]),
            ("ACT0", {"kind": "free"}, ["0"]),
            (None, {}, []),
        ):
            with self.subTest(code=code):
                cheaper = self.env["bss.promotion"]
                if code:
                    vals = {"code": code, "name": code, "target": "activation", "step_ids": [Command.create(steps)]}
                    cheaper = cheaper.create(vals)
                    cheaper.action_put_on_sale()
                order = self.offer(self.line(), self.line(self.fee, 99.0, is_fee=True, promotion_ids=cheaper.ids))
                order.action_confirm()
                contract = order.bss_contract_id
                self.activate(contract)
                end = self.env["bss.contract.change"].create(
                    {"contract_id": contract.id, "kind": "termination", "termination_cause": "agreement"}
                )
                spared = end._bss_spared_fees(contract.service_ids, "net")
                self.assertEqual(
                    [(float(one.list_price), float(one.paid)) for one in spared], [(99.0, float(one)) for one in paid]
                )

    def test_bundle_on_one_line(self):
        tv = self.make_offering("T-TV2", 41.0, service="tv")
        bundle = self.make_offering(
            "T-DUO2",
            100.0,
            bss_lifecycle="draft",
            bss_is_bundle=True,
            bss_bundle_line_ids=[
                Command.create({"product_id": self.fibre.id}),
                Command.create({"product_id": tv.id}),
            ],
        )
        bundle.product_tmpl_id.bss_lifecycle = "on_sale"
        order = self.offer(self.line(bundle, 80.0, promotion_ids=self.promotion.ids))
        order.action_confirm()
        parts = order.bss_contract_id.service_ids.child_ids
        self.assertEqual(sum(parts.mapped("price_unit")), 80.0)
        self.assertEqual(sorted(parts.mapped("price_unit")), [32.8, 47.2])
        self.activate(order.bss_contract_id)
        self.assertEqual(parts.promotion_grant_ids.mapped("promotion_id"), self.promotion)

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

    def test_gross_fee(self):
        order = self.offer(self.line(self.fee, 99.0, price_kind="gross"))
        order.action_confirm()
        charge = order.bss_account_id.charge_ids
        self.assertEqual((charge.amount, charge.amount_gross), (80.49, 99.0))

    def test_gross_fee_is_invoiced_to_the_grosz(self):
        order = self.offer(self.line(self.fee, 279.99, price_kind="gross"))  # net 227.63 and 23 % of it make 279.98
        order.action_confirm()
        account = order.bss_account_id
        self.assertEqual(account.charge_ids.price_kind, "gross")
        day = account.charge_ids.date_start.replace(day=1) + relativedelta(months=1)
        self.bill(date_start=day, date_end=day + relativedelta(months=1, days=-1))
        self.assertEqual(account.invoice_ids.amount_total, 279.99)

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
