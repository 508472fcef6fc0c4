from datetime import date, datetime

from odoo.fields import Command
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

    def test_abroad_by_the_cost(self):
        roaming = self.make_zone("T-ROAM", "roaming")
        roaming.code_ids = [Command.create({"kind": "network", "value": "*"})]
        rates = [*self.rates(), {"zone_id": roaming.id, "charge_basis": "upstream", "markup_percent": 10}]
        plan = self.make_rate_plan(rates, code="T-ABROAD")
        form = self.simulate(plan_id=plan, network="26201", cost=0.21)
        # 0.21 × 1.1 = 0.231
        self.assertEqual((form.state, form.zone_id, form.amount), ("rated", roaming, 0.231))
        self.assertIn("net:*", form.calculation)
        self.assertIn("10 %", form.calculation)
        form.is_received = True
        self.assertEqual((form.state, form.message), ("suspended", "No zone for the called number"))

    def test_messages_by_size_and_content(self):
        content = self.make_zone("T-CONT", "content")
        content.code_ids = [
            Command.create({"kind": "vod", "value": "77"}), Command.create({"kind": "usage", "value": "mms"}),
        ]  # fmt: skip
        plan = self.make_rate_plan(
            [
                *self.rates(),
                {"zone_id": content.id, "usage_kind": "content", "price_micro": 9_000_000},
                {"zone_id": self.cellular.id, "usage_kind": "mms", "price_micro": 200_000, "step_bytes": 100_000},
            ],
            code="T-SIZE",
        )
        film = self.simulate(plan_id=plan, usage_kind="content", service_code="VOD:77", b_number=False)
        self.assertEqual((film.state, film.zone_id, film.amount), ("rated", content, 9.0))
        # a code that the form no longer shows prices nothing
        film.usage_kind, film.b_number = "mms", "501 000 002"
        self.assertEqual((film.zone_id, film.amount), (self.cellular, 0.2))
        message = self.simulate(plan_id=plan, usage_kind="mms", b_number="501 000 002", message_bytes=250_000)
        self.assertEqual(message.amount, 0.6)
        self.assertIn("250000 B makes 3", message.calculation)

    def test_a_number_of_ours(self):
        inside = self.make_zone("T-ON", "on_net")
        plan = self.make_rate_plan([*self.rates(), {"zone_id": inside.id, "price_micro": 60_000}], code="T-ONNET")
        form = self.simulate(plan_id=plan, b_number="501 000 001", duration="60")
        self.assertEqual((form.on_net, form.zone_id, form.amount), (True, inside, 0.06))
        self.assertIn("one of ours", form.calculation)
        form.b_number = "501 000 002"
        self.assertEqual((form.on_net, form.zone_id, form.amount), (False, self.cellular, 0.29))

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
