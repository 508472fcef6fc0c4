from datetime import date, datetime

from odoo.tests import Form, new_test_user, tagged

from ..wizards.bss_rating_simulation import seconds_of
from .common import RatingCommon


@tagged("post_install", "-at_install")
class TestRatingSimulation(RatingCommon):
    def simulate(self, user=None, **vals):
        form = Form((self.env(user=user) if user else self.env)["bss.rating.simulation"])
        form.started_at = vals.pop("started_at", datetime(2026, 10, 14, 10, 0))
        for name, value in {"plan_id": self.plan, "b_number": "22 123 45 67", "duration": "1:01", **vals}.items():
            setattr(form, name, value)
        return form

    def test_a_call_by_a_plan(self):
        # 61 s in 60/1 at 0.29 a minute: 61 x 0.29 / 60 = 0.29483... (rating facts, section 7)
        form = self.simulate()
        self.assertEqual((form.state, form.zone_id, form.amount), ("rated", self.fixed, 0.2948))
        self.assertIn("60/1", form.calculation)
        self.assertIn("0.2948", form.calculation)

    def test_what_cannot_be_priced(self):
        form = self.simulate(b_number="0049 30 1234")
        self.assertEqual((form.state, form.amount), ("suspended", 0.0))
        self.assertEqual(form.message, "No zone for the called number")
        for vals in ({"duration": "soon"}, {"b_number": "abc"}, {"plan_id": self.env["bss.rate.plan"]}):
            form = self.simulate(**vals)
            self.assertEqual(form.state, "incomplete")
            self.assertTrue(form.message)

    def test_a_draft_can_be_tried(self):
        draft = self.make_rate_plan(self.rates(fixed=600_000), code="T-DRAFT", activate=False)
        form = self.simulate(plan_id=draft, duration="120")
        self.assertEqual((draft.state, form.amount), ("draft", 1.2))

    def test_other_plans_beside_it_the_cheapest_first(self):
        self.make_rate_plan(self.rates(fixed=600_000), code="T-DEAR")
        self.make_rate_plan(self.rates(fixed=100_000), code="T-CHEAP")
        comparison = str(self.simulate(duration="60").comparison)
        self.assertLess(comparison.index("T-CHEAP"), comparison.index("T-DEAR"))
        self.assertIn("0.1000", comparison)
        self.assertIn("0.6000", comparison)

    def test_a_service_with_what_is_left_of_its_allowance(self):
        self.give_minutes(2)
        self.load(self.call(60))
        self.rate()
        events = self.env["bss.usage.event"].search_count([])
        form = self.simulate(plan_id=self.env["bss.rate.plan"], service_id=self.service, duration="121")
        self.assertEqual(form.plan_id, self.plan)
        # 121 s in 60/1, 60 s are left of 120: 61 s are paid
        self.assertEqual(form.amount, 0.2948)
        self.assertIn("60", form.calculation)
        form.use_allowances = False
        self.assertEqual(form.amount, 0.5848)
        form.save()
        self.assertEqual(self.env["bss.usage.event"].search_count([]), events)
        self.assertEqual(self.env["bss.allowance"].search([("service_id", "=", self.service.id)]).used, 60)

    def test_the_plan_of_that_day(self):
        version = self.new_version(self.plan)
        version.rate_ids.filtered(lambda rate: rate.zone_id == self.fixed).price_micro = 600_000
        version.action_activate()
        nobody = self.env["bss.rate.plan"]
        after = self.simulate(plan_id=nobody, service_id=self.service, duration="60")
        before = self.simulate(
            plan_id=nobody, service_id=self.service, duration="60", started_at=datetime(2026, 9, 30, 21, 59)
        )
        self.assertEqual((before.plan_id, after.plan_id), (self.plan, version))
        self.assertEqual((before.amount, after.amount), (0.29, 0.6))
        self.assertEqual(self.service._bss_rate_plan_on(date(2026, 9, 30)), self.plan)

    def test_text_of_a_plan_is_no_markup(self):
        self.make_rate_plan(self.rates(), code="T-<b>X</b>")
        self.assertNotIn("<b>", str(self.simulate().comparison))

    def test_a_viewer_may_ask(self):
        viewer = new_test_user(self.env, "usage.viewer", groups="bss_catalog.group_bss_viewer")
        self.assertEqual(self.simulate(user=viewer).amount, 0.2948)

    def test_durations(self):
        cases = {"200": 200, "3:20": 200, "1:03:20": 3800, " 0 ": 0, "3:60": None, "x": None, "": None, "-1": None}
        for text, seconds in cases.items():
            self.assertEqual(seconds_of(text), seconds, text)
