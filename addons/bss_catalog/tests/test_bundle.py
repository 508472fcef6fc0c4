from decimal import Decimal

from odoo.addons.bss_catalog.tests.common import BssCommon
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError


@tagged("post_install", "-at_install")
class TestBundle(BssCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.net, cls.tv = cls.make_offering("T-NET", 69.0), cls.make_offering("T-TV", 39.0)
        cls.box = cls.make_offering("T-BOX", 9.99)

    def make_bundle(self, code="T-TRIO", price=0.0, **vals):
        option = {"is_optional": True, "quantity_min": 2, "quantity_default": 0, "quantity_max": 4}
        return self.make_offering(
            code,
            price,
            bss_is_bundle=True,
            bss_bundle_line_ids=[
                Command.create({"product_id": self.net.id, "discount_percent": 10}),
                Command.create({"product_id": self.tv.id, "discount_percent": 20}),
                Command.create({"product_id": self.box.id, **option}),
            ],
            **vals,
        )

    def parts(self, bundle, choice=None, **where):
        return [
            (product.default_code, quantity, price)
            for product, quantity, price in bundle.product_tmpl_id._bss_bundle_parts(choice, self.today, **where)
        ]

    def test_three_ways_of_pricing(self):
        total = self.make_bundle()
        self.assertEqual(total.bss_bundle_pricing, "sum")
        self.assertEqual(self.parts(total), [("T-NET", 1, Decimal("62.10")), ("T-TV", 1, Decimal("31.20"))])
        self.assertEqual(total._bss_price_on(self.today), (Decimal("93.30"), "net"))
        own = self.make_bundle("T-OWN", 80.0)
        self.assertEqual(own.bss_bundle_pricing, "own")
        self.assertEqual(self.parts(own), [("T-NET", 1, Decimal("53.25")), ("T-TV", 1, Decimal("26.75"))])
        off = self.make_bundle("T-OFF", bss_bundle_pricing="discount", bss_bundle_discount_amount=8.01)
        self.assertEqual(self.parts(off), [("T-NET", 1, Decimal("63.88")), ("T-TV", 1, Decimal("36.11"))])
        self.assertEqual(off.bss_bundle_price, 99.99)

    def test_a_choice_of_parts(self):
        bundle = self.make_bundle(price=80.0)
        option = bundle.bss_bundle_line_ids[2]
        self.assertEqual(self.parts(bundle, {option.id: 3})[2], ("T-BOX", 3, Decimal("9.99")))
        # keys of a stored choice are texts
        self.assertEqual(len(self.parts(bundle, {str(option.id): 2})), 3)
        for choice, words in (
            ({option.id: 1}, "at least 2"),
            ({option.id: 5}, "at most 4"),
            ({bundle.bss_bundle_line_ids[0].id: 0}, "at least 1"),
            ({option.id + 999_999: 1}, "not in the bundle"),
        ):
            with self.assertRaisesRegex(UserError, words):
                self.parts(bundle, choice)

    def test_prices_of_a_gross_list(self):
        bundle = self.make_bundle(price=80.0)
        gross = self.env["product.pricelist"].create(
            {
                "name": "Households",
                "bss_price_kind": "gross",
                "company_id": self.company.id,
                "currency_id": self.currency.id,
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "1_product",
                            "product_tmpl_id": bundle.product_tmpl_id.id,
                            "compute_price": "fixed",
                            "fixed_price": 99.99,
                        }
                    )
                ],
            }
        )
        prices = [price for _code, _quantity, price in self.parts(bundle, pricelist=gross)]
        self.assertEqual(sum(prices), Decimal("99.99"))
        self.assertEqual(bundle._bss_price_on(self.today, gross), (Decimal("99.99"), "gross"))
        off = self.make_bundle("T-OFF", bss_bundle_pricing="discount", bss_bundle_discount_amount=10)
        # 84.87 + 47.97 gross, less 12.30
        self.assertEqual(off._bss_price_on(self.today, gross), (Decimal("120.54"), "gross"))

    def test_bundles_that_make_no_sense(self):
        bundle = self.make_bundle()
        with self.assertRaisesRegex(ValidationError, "part of itself"):
            bundle.product_tmpl_id.bss_bundle_line_ids = [Command.create({"product_id": bundle.id})]
        with self.assertRaisesRegex(ValidationError, "bundle itself"):
            self.make_offering(
                "T-NEST", bss_is_bundle=True, bss_bundle_line_ids=[Command.create({"product_id": bundle.id})]
            )
        part = self.make_offering("T-PART", 5.0, bss_lifecycle="draft")
        bundle.product_tmpl_id.bss_bundle_line_ids = [Command.create({"product_id": part.id})]
        self.assertIn("Offering T-PART is not on sale", bundle.bss_problem_text)
        with self.assertRaisesRegex(ValidationError, "is a part of bundle"):
            part.product_tmpl_id.bss_is_bundle = True
        tiers = [Command.create({"quantity_from": 0, "price": 1})]
        tiered = self.make_offering("T-TIER", bss_price_model="volume", bss_price_tier_ids=tiers)
        with self.assertRaisesRegex(ValidationError, "tiers or a minimum"):
            bundle.product_tmpl_id.bss_bundle_line_ids = [Command.create({"product_id": tiered.id})]
        fee = self.make_offering("T-FEE", 49.0, kind="one_off")
        with self.assertRaisesRegex(ValidationError, "no recurring offering"):
            bundle.product_tmpl_id.bss_bundle_line_ids = [Command.create({"product_id": fee.id})]
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            bundle.bss_bundle_line_ids[0].write({"quantity_min": 3, "quantity_default": 3, "quantity_max": 2})
            self.env.flush_all()

    def test_what_keeps_a_bundle_from_sale(self):
        with self.assertRaisesRegex(ValidationError, "no parts"):
            self.make_offering("T-EMPTY", bss_is_bundle=True)
        with self.assertRaisesRegex(ValidationError, "it is zero"):
            self.make_bundle("T-ZERO", bss_bundle_pricing="own")
        with self.assertRaisesRegex(ValidationError, r"108[.,]01.zł is more than the parts cost \(108[.,]00.zł\)"):
            self.make_bundle("T-MUCH", bss_bundle_pricing="discount", bss_bundle_discount_amount=108.01)

    def test_a_new_bundle_of_offerings_of_the_company(self):
        """Parts belong to a company; the screen shows no company to whoever has only one."""
        templates = self.env["product.template"].with_company(self.company)
        form = Form(
            templates.with_context(default_bss_is_offering=True, default_bss_is_bundle=True),
            view="bss_catalog.view_bss_offering_form",
        )
        form.name, form.default_code = "New bundle", "T-NEW"
        form.bss_bundle_pricing = "sum"
        with form.bss_bundle_line_ids.new() as line:
            line.product_id = self.net
        template = form.save()
        self.assertEqual((template.company_id, template.bss_bundle_price), (self.company, 69))

    def test_the_form_shows_shares_live(self):
        bundle = self.make_bundle(price=80.0, bss_lifecycle="draft")
        form = Form(bundle.product_tmpl_id, view="bss_catalog.view_bss_offering_form")
        self.assertEqual(form.bss_bundle_price, 80)
        form.bss_bundle_pricing = "discount"
        form.bss_bundle_discount_percent = 50
        self.assertEqual(form.bss_bundle_price, 54)
        template = form.save()
        self.assertEqual(template.bss_bundle_line_ids.mapped("price_in_bundle"), [34.5, 19.5, 9.99])
