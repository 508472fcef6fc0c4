from datetime import date

from odoo.addons.bss_catalog.tests.common import BssCommon
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestLifecycle(BssCommon):
    def next_version(self, template):
        return self.env["product.template"].browse(template.action_bss_new_version()["res_id"])

    @freeze_time("2026-11-21")
    def test_a_new_version_takes_over(self):
        tiers = [Command.create({"quantity_from": 0, "price": 10})]
        first = self.make_offering(
            "T-NET", 69.0, bss_price_model="volume", bss_price_tier_ids=tiers, bss_date_start=date(2026, 1, 1)
        ).product_tmpl_id
        rule = self.env["product.pricelist"].create(
            {
                "name": "List",
                "company_id": self.company.id,
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "1_product",
                            "product_tmpl_id": first.id,
                            "compute_price": "fixed",
                            "fixed_price": 50,
                        }
                    )
                ],
            }
        )
        second = self.next_version(first)
        self.assertEqual(
            (second.bss_version, second.bss_lifecycle, second.default_code, second.name, second.bss_previous_id),
            (2, "draft", "T-NET", first.name, first),
        )
        self.assertFalse(second.bss_date_start)
        self.assertEqual(second.bss_price_tier_ids.price, 10)
        self.assertIn(second, rule.item_ids.product_tmpl_id)
        self.assertEqual((first.bss_version_count, first.bss_version_ids), (2, second | first))
        second.bss_price_tier_ids.price = 12
        second.action_bss_put_on_sale()
        self.assertEqual((first.bss_lifecycle, second.bss_lifecycle), ("withdrawn", "on_sale"))
        self.assertEqual(first.bss_price_tier_ids.price, 10)
        with self.assertRaisesRegex(UserError, "has version 2 already"):
            first.action_bss_new_version()
        self.assertEqual(self.env["product.template"].search(first.action_bss_versions()["domain"]), first | second)

    @freeze_time("2026-11-21")
    def test_a_later_version_waits_for_its_day(self):
        first = self.make_offering("T-NET", 69.0).product_tmpl_id
        second = self.next_version(first)
        second.bss_date_start = date(2027, 1, 1)
        second.action_bss_put_on_sale()
        self.assertEqual((first.bss_lifecycle, first.bss_date_end), ("on_sale", date(2026, 12, 31)))
        self.assertFalse(first._bss_why_not_available(date(2026, 12, 31)))
        self.assertTrue(first._bss_why_not_available(date(2027, 1, 1)))
        self.assertTrue(second._bss_why_not_available(date(2026, 12, 31)))
        with self.assertRaisesRegex(ValidationError, "same days"), self.env.cr.savepoint():
            first.bss_date_end = date(2027, 1, 1)
        with freeze_time("2026-12-31"):
            self.assertNotIn(first, self.env["product.template"]._bss_cron_withdraw())
        with freeze_time("2027-01-01"):
            self.assertIn(first, self.env["product.template"]._bss_cron_withdraw())
        self.assertEqual(first.bss_lifecycle, "withdrawn")

    def bundle_of(self, *parts, code="T-DUO", **vals):
        lines = [Command.create({"product_id": part.id}) for part in parts]
        return self.make_offering(code, bss_is_bundle=True, bss_bundle_line_ids=lines, **vals).product_tmpl_id

    @freeze_time("2026-11-21")
    def test_bundles_follow_to_the_new_version_of_a_part(self):
        first, phone = self.make_offering("T-NET", 69.0), self.make_offering("T-TEL", 20.0)
        bundle, old = self.bundle_of(first, phone), self.bundle_of(first, code="T-OLD")
        old.bss_lifecycle = "withdrawn"
        second = self.next_version(first.product_tmpl_id)
        second.list_price = 79.0
        second.action_bss_put_on_sale()
        self.assertEqual(bundle.bss_bundle_line_ids.product_id, second.product_variant_id | phone)
        self.assertEqual(bundle.bss_bundle_price, 99.0)
        self.assertEqual(old.bss_bundle_line_ids.product_id, first, "what is not sold any more stays as it was")
        self.assertIn("(v2)", bundle.message_ids[:1].body)
        place = self.env["bss.location"].create({"name": "Kutno", "kind": "town", "company_id": self.company.id})
        (offer,) = place._bss_availability(self.today, "consumer", offerings=bundle.product_variant_id)
        self.assertEqual(len(offer.parts), 2)

    @freeze_time("2026-11-21")
    def test_bundles_follow_on_the_first_day_of_a_later_version(self):
        first = self.make_offering("T-NET", 69.0)
        bundle = self.bundle_of(first)
        second = self.next_version(first.product_tmpl_id)
        second.bss_date_start = date(2027, 1, 1)
        second.action_bss_put_on_sale()
        with freeze_time("2026-12-31"):
            self.env["product.template"]._bss_cron_withdraw()
            self.assertEqual(bundle.bss_bundle_line_ids.product_id, first)
        with freeze_time("2027-01-01"):
            self.env["product.template"]._bss_cron_withdraw()
            self.assertEqual(bundle.bss_bundle_line_ids.product_id, second.product_variant_id)

    def test_a_version_that_no_bundle_can_hold_is_not_put_on_sale(self):
        first = self.make_offering("T-NET", 69.0)
        self.bundle_of(first)
        second = self.next_version(first.product_tmpl_id)
        second.write({"bss_price_model": "volume", "bss_price_tier_ids": [Command.create({"price": 10})]})
        with self.assertRaisesRegex(ValidationError, "cannot be spread over it"):
            second.action_bss_put_on_sale()

    def test_versions_are_told_apart_by_their_names(self):
        first = self.make_offering("T-NET", 69.0)
        self.assertEqual(first.display_name, "[T-NET] Offering T-NET")
        second = self.next_version(first.product_tmpl_id).product_variant_id
        names = (first | second).mapped("display_name")
        self.assertEqual(names, ["[T-NET] Offering T-NET (v1)", "[T-NET] Offering T-NET (v2)"])
        self.assertEqual(second.product_tmpl_id.display_name, "[T-NET] Offering T-NET (v2)")
        formatted = second.with_context(formatted_display_name=True).display_name
        self.assertEqual(formatted, "Offering T-NET (v2)\t--T-NET--")
        self.assertNotIn("(v2)", second.get_product_multiline_description_sale())

    def test_a_code_is_unique_in_a_version(self):
        first = self.make_offering("T-NET", 69.0).product_tmpl_id
        second = self.next_version(first)
        with self.assertRaisesRegex(ValidationError, "is used by"):
            self.make_offering("T-NET", 79.0)
        with self.assertRaisesRegex(ValidationError, "same days"):
            second.bss_lifecycle = "on_sale"

    def test_fees_are_one_off_offerings(self):
        fee = self.make_offering("T-ACT", 49.0, kind="one_off")
        net = self.make_offering("T-NET", 69.0, bss_activation_product_id=fee.id, bss_termination_product_id=fee.id)
        self.assertEqual(net.bss_activation_product_id, fee)
        with self.assertRaisesRegex(ValidationError, "no one-off offering"):
            fee.product_tmpl_id.bss_activation_product_id = net

    def test_negative_prices_are_for_discounts(self):
        self.assertTrue(self.make_offering("T-OFF", -10.0, kind="discount"))
        with self.assertRaisesRegex(ValidationError, "below zero"):
            self.make_offering("T-NEG", -10.0)

    def test_rights_and_companies(self):
        tiers = [Command.create({"quantity_from": 0, "price": 10})]
        offering = self.make_offering(
            "T-CH", bss_price_model="volume", bss_price_tier_ids=tiers, bss_lifecycle="draft"
        ).product_tmpl_id
        other = self.env["res.company"].create({"name": "Other operator"})

        def user(role, company):
            return new_test_user(
                self.env,
                f"t_life_{role}_{company.id}",
                groups=f"bss_catalog.group_bss_{role}",
                company_id=company.id,
                company_ids=[Command.set(company.ids)],
            )

        clerk, manager = user("clerk", self.company), user("billing_manager", self.company)
        self.assertEqual(offering.with_user(clerk)._bss_amount_of(3, 0), 30)
        with self.assertRaises(AccessError):
            offering.bss_price_tier_ids.with_user(clerk).price = 1
        with self.assertRaises(AccessError):
            offering.with_user(clerk).action_bss_put_on_sale()
        offering.bss_price_tier_ids.with_user(manager).price = 11
        offering.with_user(manager).action_bss_put_on_sale()
        self.assertEqual(self.next_version(offering.with_user(manager)).bss_version, 2)
        stranger = self.env(user=user("billing_manager", other), context={"allowed_company_ids": other.ids})
        for model in ("bss.price.tier", "bss.offering.characteristic"):
            self.assertFalse(stranger[model].search([("template_id", "=", offering.id)]))


@tagged("post_install", "-at_install")
class TestCharacteristic(BssCommon):
    def make(self, value_type, **vals):
        return self.env["bss.characteristic"].create(
            {"name": f"C {value_type}", "code": f"t_{value_type}", "value_type": value_type, **vals}
        )

    def test_defaults_of_an_offering_are_checked(self):
        speed = self.make("decimal", unit="dBm", value_min="-27,5", value_max="-8")
        flag = self.make("boolean")
        net = self.make_offering(
            "T-NET",
            bss_characteristic_ids=[
                Command.create({"characteristic_id": speed.id, "value": "-20,50"}),
                Command.create({"characteristic_id": flag.id, "value": "tak"}),
            ],
        ).product_tmpl_id
        first, second = net.bss_characteristic_ids
        self.assertEqual((first.value, first.value_display), ("-20.5", "-20.5 dBm"))
        self.assertEqual((second.value, second.value_display), ("true", "Yes"))
        with self.assertRaisesRegex(ValidationError, "less than -27.5"), self.env.cr.savepoint():
            first.value = "-30"
        with self.assertRaisesRegex(ValidationError, "neither yes nor no"), self.env.cr.savepoint():
            second.value = "maybe"
        with self.assertRaisesRegex(ValidationError, "fixed but has no value"), self.env.cr.savepoint():
            first.write({"is_fixed": True, "value": False})
        self.assertEqual(net.copy({"default_code": "T-2"}).bss_characteristic_ids.mapped("value"), ["-20.5", "true"])

    def test_limits_must_make_sense(self):
        with self.assertRaisesRegex(ValidationError, "is no number"):
            self.make("integer", value_min="low")
        with self.assertRaisesRegex(ValidationError, "above the most"):
            self.make("decimal", value_min="5", value_max="4.9")

    def test_a_required_value_nobody_may_set_comes_from_the_offering(self):
        profile = self.make("text", is_required=True, is_configurable=False)
        with self.assertRaisesRegex(ValidationError, "give it a value"):
            self.make_offering("T-NET", bss_characteristic_ids=[Command.create({"characteristic_id": profile.id})])


@tagged("post_install", "-at_install")
class TestPromotionsOfVersions(BssCommon):
    """A promotion is for the offerings it names and for every later version of them."""

    def next_version(self, product):
        template = self.env["product.template"].browse(product.product_tmpl_id.action_bss_new_version()["res_id"])
        return template.product_variant_id

    def make_promotion(self, code, **vals):
        step = Command.create({"month_from": 1, "month_to": 3, "kind": "fixed", "value": 1.0})
        return self.env["bss.promotion"].create(
            {
                "name": f"Promotion {code}",
                "code": code,
                "company_id": self.company.id,
                "step_ids": [step],
                "state": "on_sale",
                **vals,
            }
        )

    def granted(self, product):
        place = self.env["bss.location"].create({"name": "Kutno", "kind": "town", "company_id": self.company.id})
        offers = place._bss_availability(self.today, "consumer", offerings=product)
        return [promotion_id for offer in offers for promotion_id in offer.promotion_ids]

    def test_a_new_version_has_the_promotions_of_the_earlier_one(self):
        first = self.make_offering("T-NET", 69.0)
        promotion = self.make_promotion("P-NET", product_ids=[Command.set(first.ids)])
        second = self.next_version(first)
        second.product_tmpl_id.action_bss_put_on_sale()
        third = self.next_version(second)
        third.product_tmpl_id.action_bss_put_on_sale()
        self.assertEqual(promotion._bss_offerings(), first | second | third)
        self.assertEqual(self.granted(third), promotion.ids)
        self.assertEqual(promotion.product_ids, first)  # what is on sale was not edited

    def test_not_the_versions_before_and_not_others(self):
        first = self.make_offering("T-NET", 69.0)
        second = self.next_version(first)
        promotion = self.make_promotion("P-NEW", product_ids=[Command.set(second.ids)])
        self.assertEqual(self.granted(first), [])
        second.product_tmpl_id.action_bss_put_on_sale()
        self.assertEqual(self.granted(second), promotion.ids)
        self.assertEqual(self.granted(self.make_offering("T-OTHER", 69.0)), [])
        self.assertFalse(self.make_promotion("P-ALL")._bss_offerings())  # it is for every one

    def test_only_in_a_bundle_that_has_a_new_version(self):
        part = self.make_offering("T-TV", 39.0)
        bundle = self.make_offering(
            "T-DUO", bss_is_bundle=True, bss_bundle_line_ids=[Command.create({"product_id": part.id})]
        )
        promotion = self.make_promotion("P-DUO", bundle_id=bundle.id)
        second = self.next_version(bundle)
        second.product_tmpl_id.action_bss_put_on_sale()
        place = self.env["bss.location"].create({"name": "Kutno", "kind": "town", "company_id": self.company.id})
        (offer,) = place._bss_availability(self.today, "consumer", offerings=second)
        self.assertEqual([promotion_id for one in offer.parts for promotion_id in one.promotion_ids], promotion.ids)
        self.assertEqual(self.granted(part), [])
