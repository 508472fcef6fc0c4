from decimal import Decimal

from odoo.addons.bss_catalog.tests.common import BssCommon
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

CHANNELS = ((0, 9.90), (5, 7.90), (20, 5.50))


@tagged("post_install", "-at_install")
class TestPriceModel(BssCommon):
    def make_tiered(self, model="graduated", tiers=CHANNELS, **vals):
        rows = [
            Command.create({"quantity_from": start, "price": price, **extra})
            for start, price, *more in tiers
            for extra in (more[0] if more else {},)
        ]
        return self.make_offering(
            "T-VOIP", kind="recurring", service="voip", bss_price_model=model, bss_price_tier_ids=rows, **vals
        ).product_tmpl_id

    def test_amounts_are_exact_decimals(self):
        offering = self.make_tiered()
        # 5 x 9.90 + 7 x 7.90
        self.assertEqual(offering._bss_amount_of(12, 0), Decimal("104.80"))
        self.assertEqual(offering._bss_amount_of(Decimal("12.5"), 99), Decimal("108.75"))
        flat = self.make_offering("T-FLAT", 9.90).product_tmpl_id
        self.assertEqual(flat._bss_amount_of(3, Decimal("8.333333")), Decimal("24.999999"))
        flat = self.make_offering("T-MIN", 9.90, bss_minimum_amount=150).product_tmpl_id
        self.assertEqual(flat._bss_amount_of(3, 9.90), Decimal(150))
        self.assertEqual(flat._bss_amount_of(3, 9.90, "gross"), Decimal("184.50"))

    def test_a_quantity_without_price_is_refused(self):
        offering = self.make_tiered(tiers=((0, 9.90, {"quantity_to": 30}),))
        self.assertIn("30", offering.bss_problem_text)
        with self.assertRaisesRegex(UserError, "31 units.*ends at 30"):
            offering._bss_amount_of(31, 0)

    def test_what_is_wrong_keeps_it_from_sale(self):
        with self.assertRaisesRegex(ValidationError, "needs tiers"):
            self.make_tiered(tiers=(), default_code="T-NONE")
        draft = self.make_tiered(tiers=((0, 9.90, {"quantity_to": 5}), (6, 7.90), (6, 7.50)), bss_lifecycle="draft")
        self.assertIn("above 5 up to 6", draft.bss_problem_text)
        self.assertIn("Two tiers begin above 6", draft.bss_problem_text)
        with self.assertRaises(ValidationError) as refusal:
            draft.action_bss_put_on_sale()
        self.assertIn("fill the hole", str(refusal.exception))
        draft.bss_price_tier_ids[2].unlink()
        draft.bss_price_tier_ids[0].quantity_to = 0
        draft.action_bss_put_on_sale()
        self.assertEqual(draft.bss_lifecycle, "on_sale")
        usage = self.make_tiered(bss_lifecycle="draft", default_code="T-U", bss_offering_kind="usage")
        self.assertIn("recurring and one-off", usage.bss_problem_text)

    def test_every_problem_has_words(self):
        offering = self.make_tiered(
            "package",
            ((-1, 5.0), (-1, -2.0, {"quantity_to": -3})),
            bss_lifecycle="draft",
            bss_minimum_amount=-5,
        )
        for words in ("begins below zero", "below zero", "before it begins", "units a package", "Two tiers", "minimum"):
            self.assertIn(words, offering.bss_problem_text)

    def test_the_form_shows_an_example_live(self):
        form = Form(
            self.env["product.template"].with_context(default_bss_is_offering=True, default_type="service"),
            view="bss_catalog.view_bss_offering_form",
        )
        form.name, form.default_code = "Channels", "T-CH"
        form.bss_price_model = "graduated"
        self.assertIn("needs tiers", form.bss_problem_text)
        for start, price in CHANNELS:
            with form.bss_price_tier_ids.new() as tier:
                tier.quantity_from, tier.price = start, price
        self.assertFalse(form.bss_problem_text)
        self.assertIn("104.80", form.bss_example_text.replace(",", "."))
        form.bss_example_quantity = 25
        # 5 x 9.90 + 15 x 7.90 + 5 x 5.50
        self.assertIn("195.50", form.bss_example_text.replace(",", "."))
        self.assertIn("15 ×", form.bss_example_text)
        offering = form.save()
        self.assertEqual(len(offering.bss_price_tier_ids), 3)

    def test_a_new_tier_begins_where_the_last_one_ends(self):
        form = Form(
            self.env["product.template"].with_context(default_bss_is_offering=True, default_type="service"),
            view="bss_catalog.view_bss_offering_form",
        )
        form.bss_price_model = "graduated"
        self.assertTrue(form.bss_example_failed)
        with form.bss_price_tier_ids.new() as tier:
            self.assertEqual(tier.quantity_from, 0)
            tier.quantity_to, tier.price = 10, 2
        self.assertTrue(form.bss_example_failed, "12 units are beyond the last tier")
        with form.bss_price_tier_ids.new() as tier:
            self.assertEqual(tier.quantity_from, 10)
            tier.price = 1
        self.assertFalse(form.bss_example_failed)

    def test_charging_rules_are_frozen_on_sale(self):
        offering = self.make_tiered()
        self.assertTrue(offering.bss_is_frozen)
        with self.assertRaisesRegex(UserError, "new version"):
            offering.bss_price_tier_ids[0].price = 1
        with self.assertRaises(UserError):
            offering.bss_price_tier_ids[0].unlink()
        with self.assertRaises(UserError):
            offering.bss_price_tier_ids = [Command.create({"quantity_from": 50, "price": 1})]
        for vals in ({"bss_proration": "none"}, {"bss_period_months": 3}, {"bss_price_model": "volume"}):
            with self.assertRaises(UserError):
                offering.write(vals)
        offering.write({"bss_proration": "calendar", "list_price": 12, "description_sale": "Kanały"})
        offering.action_bss_draft()
        offering.write({"bss_proration": "none"})
        offering.bss_price_tier_ids[0].price = 1
        self.assertEqual(offering._bss_amount_of(2, 0), 2)
