from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .. import adapters
from .common import RatingCommon


@tagged("post_install", "-at_install")
class TestRatingGuard(RatingCommon):
    """A plan or an allowance that the engine cannot honour is refused by name, and never priced by what is left of it."""

    def _draft(self, **changes):
        plan = self.make_rate_plan(self.rates(), code="T-NEW", activate=False)
        plan.rate_ids.filtered(lambda rate: rate.zone_id == self.fixed).write(changes)
        return plan

    def test_each_feature_is_named(self):
        band = self.env["bss.time.band"].create({"name": "Always", "code": "T-ALW", "company_id": self.company.id})
        tier = [(0, 0, {"quantity_from": 0, "quantity_to": 0, "price_micro": 100})]
        for changes, words in (
            ({"band_id": band.id}, "time bands"),
            ({"usage_kind": "mms"}, "MMS"),
            ({"usage_kind": "premium"}, "Premium"),
            ({"charge_basis": "event"}, "single events"),
            ({"chain": "30/30/6"}, "30/30/6"),
            ({"decimals": 2}, "Set the decimals to 4"),
            ({"tier_model": "volume", "tier_ids": tier}, "tiers"),
        ):
            with self.subTest(**{name: str(value) for name, value in changes.items()}):
                plan = self._draft(**changes)
                with self.assertRaisesRegex(UserError, words):
                    plan.action_activate()
                self.assertEqual(plan.state, "draft")
                self.assertIn("T-FIX", plan.findings_html)

    def test_many_rates_of_one_kind_are_one_finding(self):
        bands = self.env["bss.time.band"].create(
            [
                {"name": name, "code": f"T-{name}", "company_id": self.company.id, "weight": weight}
                for weight, name in enumerate(("DAY", "NIGHT"))
            ]
        )
        zones = self.plan.rate_ids.zone_id
        self.assertGreater(len(zones), 1)
        rates = [{"zone_id": zone.id, "band_id": band.id, "price_micro": 1} for zone in zones for band in bands]
        plan = self.make_rate_plan(rates, code="T-BANDS", activate=False)
        (found,) = [problem for problem in plan._bss_problems() if problem.code.startswith("UNRATABLE")]
        text = plan._bss_problem_message(found)
        self.assertIn("T-DAY, T-NIGHT", text)
        for zone in zones:
            self.assertEqual(text.count(zone.code), 1)

    def test_what_the_engine_can_do_passes(self):
        plan = self._draft(chain="30/30/30", max_charge_display=1.5, min_charge_display=0.1)
        plan.action_activate()
        self.assertEqual(plan.state, "active")

    def test_usage_of_a_zone_priced_beyond_the_engine_waits(self):
        band = self.env["bss.time.band"].create({"name": "Always", "code": "T-ALW", "company_id": self.company.id})
        # as after an installation of rating beside plans that are active already
        draft = self.make_rate_plan([{"zone_id": self.fixed.id, "band_id": band.id, "price_micro": 1}], activate=False)
        self.env.flush_all()
        self.env.cr.execute("UPDATE bss_rate SET plan_id = %s WHERE plan_id = %s", (self.plan.id, draft.id))
        self.env.invalidate_all()
        file = self.load(self.call(60), self.call(60, dst="501234567", start="2026-10-14 13:00:00"))
        self.rate()
        fixed, cellular = self.events(file)
        self.assertEqual((fixed.state, fixed.reason), ("suspended", "NO_RATE"))
        self.assertEqual((cellular.state, cellular.amount_e4), ("rated", 2900))

    def test_a_draft_with_other_kinds_does_not_disturb_rating(self):
        self._draft(usage_kind="mms")
        tariff = adapters.tariff(self.company)
        self.assertEqual({rate.plan_id for rate in tariff.rates}, {self.plan.id})

    def test_maximum_charge(self):
        version = self.new_version(self.plan)
        version.rate_ids.filtered(lambda rate: rate.zone_id == self.fixed).max_charge_display = 1.0
        version.action_activate()
        file = self.load(self.call(600), self.call(120, start="2026-10-14 13:00:00"))
        self.rate()
        long, short = self.events(file)
        self.assertEqual((long.amount_e4, short.amount_e4), (10_000, 5_800))
        self.assertIn("maximum charge", long.explanation_html)
        self.assertNotIn("maximum charge", short.explanation_html)

    def test_free_units_beyond_the_engine_are_not_sold(self):
        allowance = self.give_minutes(10)
        for changes, words in (
            ({"rollover": "period"}, "left over"),
            ({"sharing": "account"}, "Used by"),
            ({"proration": "exact"}, "Partial period"),
            ({"validity": "cycle"}, "bill cycle"),
            ({"validity": "once"}, "Validity"),
            ({"unit": "mms"}, "MMS"),
        ):
            with self.subTest(**changes), self.assertRaisesRegex(ValidationError, words), self.cr.savepoint():
                allowance.write(changes)
        template = self.mobile.product_tmpl_id
        template.bss_lifecycle = "draft"
        allowance.rollover = "period"
        with self.assertRaisesRegex(ValidationError, "Free minutes"), self.cr.savepoint():
            template.bss_lifecycle = "on_sale"
        self.load(self.call(60))
        self.rate()
        self.assertFalse(self.env["bss.allowance"].search([("service_id", "=", self.service.id)]))
