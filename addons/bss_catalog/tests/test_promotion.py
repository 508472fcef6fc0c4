from contextlib import contextmanager
from decimal import Decimal

from odoo.addons.bss_catalog.tests.common import BssCommon
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation


@tagged("post_install", "-at_install")
class TestPromotion(BssCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US"})

    @classmethod
    def make_promotion(cls, code, steps=(), **vals):
        """``steps``: tuples (month_from, month_to, kind, value)."""
        return cls.env["bss.promotion"].create(
            {
                "name": f"Promotion {code}",
                "code": code,
                "company_id": cls.company.id,
                "step_ids": [
                    Command.create({"month_from": first, "month_to": last, "kind": kind, "value": value})
                    for first, last, kind, value in steps
                ],
                **vals,
            }
        )

    @contextmanager
    def refused(self, words):
        with self.assertRaises(ValidationError) as caught:
            yield
        self.assertIn(words, str(caught.exception))

    def test_prices_are_frozen_once_on_sale(self):
        promotion = self.make_promotion("P-FROZEN", [(1, 3, "fixed", 1.0)], state="on_sale")
        self.assertEqual(promotion.state, "on_sale")
        for vals in ({"priority": 3}, {"step_ids": [Command.clear()]}, {"product_ids": [Command.clear()]}):
            with self.assertRaises(UserError):
                promotion.write(vals)
        with self.assertRaises(UserError):
            promotion.step_ids.value = 2.0
        with self.assertRaises(UserError):
            promotion.step_ids.unlink()
        with self.assertRaises(UserError):
            promotion.unlink()
        promotion.name = "Better words"
        promotion.action_withdraw()
        with self.assertRaises(UserError):
            promotion.step_ids.value = 2.0
        promotion.action_draft()
        promotion.step_ids.value = 2.0

    def test_a_new_version_keeps_the_code_and_the_steps(self):
        promotion = self.make_promotion("P-V", [(1, 3, "fixed", 1.0), (4, 24, "percent", 20.0)], state="on_sale")
        action = promotion.action_new_version()
        version = self.env["bss.promotion"].browse(action["res_id"])
        self.assertEqual((version.code, version.version, version.state), ("P-V", 2, "draft"))
        self.assertEqual(version.previous_id, promotion)
        self.assertEqual(version.step_ids.mapped("value"), [1.0, 20.0])

    def test_a_code_is_used_once(self):
        self.make_promotion("P-TWICE")
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"):
            self.make_promotion("P-TWICE")
        other = self.env["res.company"].create({"name": "Other operator"})
        self.assertTrue(self.make_promotion("P-TWICE", company_id=other.id))

    def test_a_copy_has_a_code_of_its_own(self):
        promotion = self.make_promotion("P-COPY", [(1, 0, "percent", 5.0)], state="on_sale")
        copy = promotion.copy()
        self.assertNotEqual(copy.code, promotion.code)
        self.assertEqual((copy.state, copy.version, copy.step_ids.value), ("draft", 1, 5.0))

    def test_findings_block_the_sale(self):
        promotion = self.make_promotion("P-BAD", [(1, 3, "fixed", 1.0), (3, 24, "percent", 20.0)])
        self.assertTrue(promotion.has_errors)
        self.assertIn("Month 3 has two prices", promotion.problem_text)
        with self.refused("Month 3 has two prices"):
            promotion.action_put_on_sale()
        self.assertEqual(promotion.state, "draft")
        promotion.step_ids[1].month_from = 4
        self.assertFalse(promotion.problem_text)
        promotion.action_put_on_sale()
        with self.assertRaises(ValidationError):
            promotion.max_term_months = 12

    def test_two_versions_are_not_sold_at_once(self):
        promotion = self.make_promotion("P-TWO", [(1, 3, "free", 0.0)], state="on_sale")
        version = self.env["bss.promotion"].browse(promotion.action_new_version()["res_id"])
        with self.refused("Another version is on sale"):
            version.action_put_on_sale()
        promotion.action_withdraw()
        version.action_put_on_sale()
        self.assertEqual(version.state, "on_sale")

    def test_every_finding_has_words(self):
        templates = self.env["bss.promotion"]._bss_problem_templates()
        promotion = self.make_promotion("P-WORDS", [(5, 6, "percent", 0.0)], max_term_months=3, min_term_months=4)
        promotion.write(
            {"teryt_prefixes": "10x", "is_exclusive": True, "incompatible_ids": [Command.link(promotion.id)]}
        )
        found = {problem.code for problem in promotion._bss_problems()}
        self.assertLessEqual({"TERMS_REVERSED", "BAD_TERYT", "NO_EFFECT", "BEYOND_TERM", "EXCLUDES_ITSELF"}, found)
        self.assertLessEqual(found, set(templates))
        self.assertIn("10x", promotion.problem_text)

    def test_an_offering_without_the_fee_is_refused(self):
        device = self.make_offering("P-DEV", 99.0, kind="device")
        with self.refused("has no such fee"):
            self.make_promotion("P-DEVICE", product_ids=[Command.set(device.ids)])
        net = self.make_offering("P-NET", 59.0)
        bundle = self.env["product.template"].create(
            {
                "name": "Duo",
                "company_id": self.company.id,
                "bss_is_offering": True,
                "bss_is_bundle": True,
                "bss_bundle_line_ids": [Command.create({"product_id": net.id})],
            }
        )
        with self.refused("is a bundle"):
            self.make_promotion("P-BUNDLE", product_ids=[Command.set(bundle.product_variant_id.ids)])

    def test_entering_steps_goes_on_with_the_next_month(self):
        with Form(self.env["bss.promotion"]) as form:
            form.name = "Pierwsze 3 miesiące za 1 zł"
            form.code = "P-FORM"
            with form.step_ids.new() as step:
                step.month_to = 3
                step.kind = "fixed"
                step.value = 1.0
            with form.step_ids.new() as step:
                self.assertEqual(step.month_from, 4)
                step.month_to = 24
                step.value = 20.0
            form.preview_price = 59.0
            self.assertIn(self.currency.format(47.2), form.preview_html)
        promotion = form.save()
        self.assertEqual(promotion.summary, f"months 1–3: {self.currency.format(1)}; months 4–24: −20 %")
        table = promotion._bss_prices_by_month(59.0, 25)
        self.assertEqual([row.price for row in table[2:4]], [Decimal(1), Decimal("47.2")])

    def test_the_example_is_a_fee_the_promotion_changes(self):
        fee = self.make_offering("P-FEE", 49.0, kind="one_off")
        net = self.make_offering("P-NET", 69.0, bss_activation_product_id=fee.id)
        tv = self.make_offering("P-TV", 39.0)
        bundle = self.make_offering(
            "P-ADUO",
            bss_is_bundle=True,
            bss_bundle_line_ids=[Command.create({"product_id": one.id}) for one in net | tv],
        )
        for vals, price in (
            ({"product_ids": [Command.set(tv.ids)]}, 39.0),
            ({"bundle_id": bundle.id}, 69.0),
            ({"target": "activation", "product_ids": [Command.set(net.ids)]}, 49.0),
            ({"target": "activation", "product_ids": [Command.set(fee.ids)]}, 49.0),
            ({"target": "activation", "product_ids": [Command.set(tv.ids)]}, 0.0),
        ):
            with self.subTest(price=price):
                self.assertEqual(
                    self.env["bss.promotion"].new({"company_id": self.company.id, **vals}).preview_price, price
                )
        (net | tv).bss_lifecycle = "withdrawn"
        cheap = self.make_offering("00-FIRST", 5.0)
        self.make_offering(
            "00-BUNDLE", bss_is_bundle=True, bss_bundle_line_ids=[Command.create({"product_id": cheap.id})]
        )
        self.assertEqual(self.env["bss.promotion"].new({"company_id": self.company.id}).preview_price, 5.0)

    def test_free_units_are_entered_as_gigabytes(self):
        promotion = self.make_promotion("P-UNITS")
        promotion.step_ids = [
            Command.create({"month_from": 1, "month_to": 6, "kind": "units", "unit": "byte", "quantity": 5e9})
        ]
        self.assertEqual(promotion.step_ids.quantity_display, 5.0)
        self.assertEqual(promotion.summary, "months 1–6: 5 GB")
        self.assertFalse(promotion.problem_text)

    def test_rights(self):
        promotion = self.make_promotion("P-ACC", [(1, 3, "free", 0.0)])
        for role, may in (("viewer", False), ("clerk", False), ("collector", False), ("billing_manager", True)):
            user = new_test_user(
                self.env,
                f"p_{role}",
                groups=f"bss_catalog.group_bss_{role}",
                company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
            )
            mine = promotion.with_user(user)
            self.assertEqual(mine.name, "Promotion P-ACC")
            self.assertFalse(mine.problem_text)
            if may:
                mine.action_put_on_sale()
                self.assertEqual(promotion.state, "on_sale")
            else:
                with self.assertRaises(AccessError):
                    mine.action_put_on_sale()

    def test_another_company_sees_nothing(self):
        other = self.env["res.company"].create({"name": "Other operator"})
        promotion = self.make_promotion("P-OTHER", [(1, 3, "free", 0.0)], company_id=other.id)
        user = new_test_user(
            self.env,
            "p_one_company",
            groups="bss_catalog.group_bss_billing_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        promotions = self.env["bss.promotion"].with_user(user)
        self.assertFalse(promotions.search([("id", "=", promotion.id)]))
        with self.assertRaises(AccessError):
            promotion.step_ids.with_user(user).read(["value"])
