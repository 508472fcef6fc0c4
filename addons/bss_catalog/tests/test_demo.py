from odoo.addons.bss_catalog import demo_data
from odoo.addons.bss_catalog.catalog_core import nip_is_valid, nrb_is_valid
from odoo.addons.bss_catalog.tests.common import BssCommon
from odoo.exceptions import UserError
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestDemo(BssCommon):
    def test_catalogue_of_the_demo_operator(self):
        # the language is the server's affair; the rest is the same as in `load`
        loader = self.env["bss.demo"]
        ctx = {"as_of": self.today, "company": self.company}
        loader._load_catalog(ctx)
        self.assertEqual(ctx["rate_plan"].state, "active")
        self.assertFalse(ctx["rate_plan"].problem_text)
        self.assertGreaterEqual(len(ctx["zones"]), 20)
        self.assertGreaterEqual(sum(len(zone.prefix_ids) for zone in ctx["zones"].values()), 120)
        self.assertEqual(ctx["bundle"].lst_price, 93.30)
        self.assertEqual(len({place.building_id for place in ctx["premises"]}), 4)
        self.assertEqual(len({place.city for place in ctx["premises"]}), 2)
        self.assertTrue(all(product.taxes_id.amount == 23.0 for product in ctx["offerings"].values()))
        self.assertTrue(ctx["offerings"]["MOB-S"].bss_rate_plan_id)
        for code, product in ctx["offerings"].items():
            if product.bss_offering_kind != "device":
                income = product.product_tmpl_id.get_product_accounts()["income"]
                self.assertEqual(income.code, "70.000.300", code)

    def test_a_second_demo_operator_is_refused(self):
        self.company.vat = demo_data.COMPANY["vat"]
        with self.assertRaises(UserError):
            self.env["bss.demo"].load(self.today)

    def test_numbers_of_the_operator_are_valid(self):
        self.assertTrue(nip_is_valid(demo_data.COMPANY["vat"]))
        account = self.env["bss.demo"]._bss_demo_bank(self.company)
        self.assertTrue(nrb_is_valid(account.acc_number))

    def test_promotions_of_the_demo_operator(self):
        ctx = {"as_of": self.today, "company": self.company}
        self.env["bss.demo"]._load_catalog(ctx)
        self.env["bss.demo"]._load_promotions(ctx)
        promotions = ctx["promotions"]
        self.assertEqual(promotions["JESIEN"].state, "withdrawn")
        self.assertEqual({one.state for code, one in promotions.items() if code != "JESIEN"}, {"on_sale"})
        self.assertFalse([one.problem_text for one in promotions.values() if one.has_errors])
        flat = next(one for one in ctx["premises"] if one.street == "Chrobrego")
        offers = flat._bss_availability(ctx["as_of"], "consumer", 24, offerings=ctx["offerings"]["NET600"])
        self.assertEqual(offers[0].promotion_ids, (promotions["START3"].id,))
        lost = [(one.promotion_id, one.to_id) for one in offers[0].choice.lost]
        self.assertEqual(lost, [(promotions["OSIEDLE20"].id, promotions["START3"].id)])

    def test_a_draft_tariff_with_peak_and_off_peak(self):
        ctx = {"as_of": self.today, "company": self.company}
        loader = self.env["bss.demo"]
        loader._load_catalog(ctx)
        prices = ctx["rate_plan"].rate_ids.mapped("price_micro")
        loader._load_banded_plan(ctx)
        plan = ctx["banded_plan"]
        self.assertEqual((plan.state, set(plan.band_ids.mapped("code"))), ("draft", {"SZCZYT", "POZA"}))
        found = {problem.code for problem in plan._bss_problems() if not problem.code.startswith("UNRATABLE")}
        self.assertFalse(found)
        self.assertEqual(ctx["rate_plan"].rate_ids.mapped("price_micro"), prices)
        self.assertFalse(ctx["rate_plan"].problem_text)
