from datetime import date, datetime
from decimal import Decimal

from odoo.addons.bss_catalog.tests.common import BssCommon
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestPriceList(BssCommon):
    def make_list(self, kind="net", *items):
        return self.env["product.pricelist"].create(
            {
                "name": f"List {kind}",
                "currency_id": self.currency.id,
                "company_id": self.company.id,
                "bss_price_kind": kind,
                "item_ids": [Command.create(item) for item in items],
            }
        )

    def fixed(self, product, price, **vals):
        return {
            "applied_on": "1_product",
            "product_tmpl_id": product.product_tmpl_id.id,
            "compute_price": "fixed",
            "fixed_price": price,
            **vals,
        }

    def test_list_price_without_a_price_list(self):
        net = self.make_offering("T-NET", 69.99)
        self.assertEqual(net._bss_price_on(self.today), (Decimal("69.99"), "net"))

    def test_rules_by_date_and_quantity(self):
        net = self.make_offering("T-NET", 69.0)
        dates = {"date_start": datetime(2026, 11, 30, 23), "date_end": datetime(2026, 12, 31, 22, 59, 59)}
        prices = self.make_list("net", self.fixed(net, 59.0, **dates), self.fixed(net, 49.0, min_quantity=10))
        answers = [
            net._bss_price_on(day, prices, quantity)[0]
            for day, quantity in (
                (date(2026, 11, 30), 1),
                (date(2026, 12, 1), 1),
                (date(2026, 12, 31), 1),
                (date(2027, 1, 1), 1),
                (date(2027, 1, 1), 10),
            )
        ]
        self.assertEqual(answers, [69, 59, 59, 69, 49])

    def test_a_gross_list_gives_gross_prices(self):
        net, tv = self.make_offering("T-NET", 69.0), self.make_offering("T-TV", 39.0)
        third = self.make_offering("T-3", 9.90)
        gross = self.make_list(
            "gross",
            self.fixed(net, 79.99),
            {
                "applied_on": "1_product",
                "product_tmpl_id": tv.product_tmpl_id.id,
                "compute_price": "percentage",
                "percent_price": 10,
            },
        )
        self.assertEqual(net._bss_price_on(self.today, gross), (Decimal("79.99"), "gross"))
        # 39.00 + 23 % = 47.97, less 10 %
        self.assertEqual(tv._bss_price_on(self.today, gross), (Decimal("43.173"), "gross"))
        # no rule: 9.90 + 23 % = 12.177, a gross price has whole grosze
        self.assertEqual(third._bss_price_on(self.today, gross), (Decimal("12.18"), "gross"))
        self.assertEqual(gross._get_product_price(third, 1.0), 12.18)

    def test_percentages_leave_no_float_noise(self):
        net = self.make_offering("T-NET", 69.0)
        prices = self.make_list("net", {"applied_on": "3_global", "compute_price": "percentage", "percent_price": 10})
        self.assertEqual(net._bss_price_on(self.today, prices), (Decimal("62.1"), "net"))

    def test_a_list_goes_out_from_one_of_its_own_kind(self):
        net = self.make_offering("T-NET", 69.0)
        gross = self.make_list("gross", self.fixed(net, 80.0))
        rule = {
            "applied_on": "3_global",
            "compute_price": "formula",
            "base": "pricelist",
            "base_pricelist_id": gross.id,
            "price_discount": 25,
        }
        with self.assertRaisesRegex(ValidationError, "net prices, the other gross"):
            self.make_list("net", rule)
        cheaper = self.make_list("gross", rule)
        self.assertEqual(net._bss_price_on(self.today, cheaper), (Decimal(60), "gross"))
        with self.assertRaises(ValidationError):
            gross.bss_price_kind = "net"

    def test_tiers_are_net_whatever_the_list(self):
        tiered = self.make_offering(
            "T-CH",
            bss_price_model="graduated",
            bss_price_tier_ids=[
                Command.create({"quantity_from": 0, "price": 10}),
                Command.create({"quantity_from": 2, "price": 5}),
            ],
        )
        gross = self.make_list("gross")
        self.assertEqual(tiered._bss_price_on(self.today, gross, 4), (Decimal("7.5"), "net"))
        self.assertEqual(tiered._bss_price_on(self.today), (Decimal(10), "net"))

    def test_details_of_the_demo_operator(self):
        loader = self.env["bss.demo"]
        ctx = {"as_of": self.today, "company": self.company}
        loader._load_catalog(ctx)
        loader._load_offering_details(ctx)
        offerings = ctx["offerings"]
        self.assertEqual(offerings["VOIP-CH"].product_tmpl_id._bss_amount_of(12, 0), Decimal("104.80"))
        self.assertEqual(offerings["TRIO"]._bss_price_on(self.today), (Decimal("139.00"), "net"))
        price = offerings["NET600"]._bss_price_on(self.today, ctx["retail_pricelist"])
        self.assertEqual(price, (Decimal("79.99"), "gross"))
        self.assertFalse(any(offering.bss_problem_text for offering in offerings.values()))
        shown = offerings["TVMAX"].bss_characteristic_ids.mapped("value")
        self.assertEqual(shown, ["true"])
