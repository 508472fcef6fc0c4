from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from .. import adapters
from .common import RatingCommon


@tagged("post_install", "-at_install")
class TestRatingGuard(RatingCommon):
    """A plan that the engine cannot honour is refused by name, and never priced by what is left of it."""

    def _draft(self, **changes):
        plan = self.make_rate_plan(self.rates(), code="T-NEW", activate=False)
        plan.rate_ids.filtered(lambda rate: rate.zone_id == self.fixed).write(changes)
        return plan

    def test_each_contradiction_is_named(self):
        tiers = [Command.create({"quantity_from": 0, "quantity_to": 0, "price_micro": 100})]
        for changes, words in (
            ({"tier_model": "volume", "tier_ids": tiers, "min_charge_micro": 5}, "no minimum or maximum"),
            ({"tier_model": "volume", "tier_ids": tiers, "max_charge_micro": 5}, "no minimum or maximum"),
            ({"tier_model": "volume", "tier_ids": tiers, "charge_basis": "event"}, "count units"),
        ):
            with self.subTest(**{name: str(value) for name, value in changes.items()}):
                plan = self._draft(**changes)
                with self.assertRaisesRegex(UserError, words):
                    plan.action_activate()
                self.assertEqual(plan.state, "draft")
                self.assertIn("T-FIX", plan.findings_html)

    def test_bands_of_two_bases_are_one_finding(self):
        bands = self.make_bands()
        rates = [
            {"zone_id": zone.id, "band_id": band.id, "price_micro": 1, "charge_basis": basis}
            for zone in self.plan.rate_ids.zone_id
            for band, basis in zip(bands, ("unit", "event"), strict=True)
        ]
        plan = self.make_rate_plan(rates, code="T-BANDS", activate=False)
        (found,) = [problem for problem in plan._bss_problems() if problem.code.startswith("UNRATABLE")]
        text = plan._bss_problem_message(found)
        self.assertIn("T-DAY, T-NIGHT", text)
        for zone in self.plan.rate_ids.zone_id:
            self.assertEqual(text.count(zone.code), 1)

    def test_what_the_engine_can_do_passes(self):
        tiers = [Command.create({"quantity_from": 0, "quantity_to": 0, "price_micro": 100})]
        for changes in (
            {"chain": "30/30/6", "decimals": 2, "max_charge_display": 1.5, "min_charge_display": 0.1},
            {"usage_kind": "mms"},
            {"usage_kind": "premium", "charge_basis": "event"},
            {"tier_model": "volume", "tier_ids": tiers},
        ):
            with self.subTest(**{name: str(value) for name, value in changes.items()}):
                plan = self._draft(**changes)
                self.assertFalse([one for one in plan._bss_problems() if one.code.startswith("UNRATABLE")])

    def test_amounts_have_four_decimals(self):
        self._draft(decimals=0)
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.cr.savepoint():
            self._draft(decimals=5).flush_recordset()

    def test_usage_of_a_zone_priced_beyond_the_engine_waits(self):
        # as after an installation of rating beside plans that are active already
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE bss_rate SET tier_model = 'volume', min_charge_micro = 1 WHERE plan_id = %s AND zone_id = %s",
            (self.plan.id, self.fixed.id),
        )
        self.env.invalidate_all()
        file = self.load(self.call(60), self.call(60, dst="501234567", start="2026-10-14 13:00:00"))
        self.rate()
        fixed, cellular = self.events(file)
        self.assertEqual((fixed.state, fixed.reason), ("suspended", "NO_RATE"))
        self.assertEqual((cellular.state, cellular.amount_e4), ("rated", 2900))

    def test_a_draft_does_not_disturb_rating(self):
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
