"""Prices, fees and bundles of offers."""

from datetime import date

from dateutil.relativedelta import relativedelta
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .offer_common import OfferCommon


@tagged("post_install", "-at_install")
class TestOfferMoney(OfferCommon):
    def test_gross_price_is_kept_to_the_grosz(self):
        order = self.offer(self.line(price=79.99, price_kind="gross"))
        self.assertEqual((order.amount_total, order.amount_untaxed), (79.99, 65.03))

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
