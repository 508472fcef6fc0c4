from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .. import adapters
from ..models import bss_rating_run
from .common import RatingCommon


@tagged("post_install", "-at_install")
class TestRatingTariff(RatingCommon):
    """What a plan can ask for: time bands, chains, decimals, tiers, events, kinds of usage."""

    def _plan(self, *rates, **values):
        """A version of the plan from October on, with these rates of the fixed zone beside those of the other zones."""
        version = self.new_version(self.plan)
        version.rate_ids.filtered(lambda rate: rate.zone_id == self.fixed).unlink()
        version.write(
            {
                **values,
                "rate_ids": [Command.create({"zone_id": self.fixed.id, "chain": "60/60", **one}) for one in rates],
            }
        )
        version.action_activate()
        return version

    def _banded(self, **values):
        day, night = self.make_bands()
        return self._plan(
            {"band_id": day.id, "price_micro": 300_000}, {"band_id": night.id, "price_micro": 120_000}, **values
        )

    def _become(self, file, kind):
        """Usage of other kinds, as other formats deliver it."""
        self.env.flush_all()
        self.env.cr.execute("UPDATE bss_usage_event SET usage_kind = %s WHERE file_id = %s", (kind, file.id))
        self.env["bss.usage.event"].invalidate_model()

    def test_a_call_over_the_end_of_the_day(self):
        for policy, expected in (("start", 12_000), ("increment", 8_400), ("second", 7_500), ("segment", 9_600)):
            with self.subTest(policy), self.cr.savepoint() as savepoint:
                self._banded(band_policy=policy)
                file = self.load(self.call(240, start="2026-10-14 17:58:30"))
                self.rate()
                event = self.events(file)
                self.assertEqual(event.amount_e4, expected)
                self.assertIn("T-DAY", event.explanation_html)
                self.assertEqual("T-NIGHT" in event.explanation_html, policy != "start")
                savepoint.rollback()
                self.env.invalidate_all()

    def test_the_band_is_that_of_the_answer(self):
        self._banded(band_policy="start")
        row = self.row(
            start="2026-10-14 17:59:30", answer="2026-10-14 18:00:00", end="2026-10-14 18:01:00", duration="90",
            billsec="60", dst="221234567",
        )  # fmt: skip
        file = self.load(row)
        self.rate()
        self.assertEqual(self.events(file).amount_e4, 1_200)

    def test_a_holiday_replaces_its_weekday(self):
        self._banded()
        calls = [self.call(60, start=f"2026-11-{day:02} 12:00:00") for day in (10, 11)]  # the 11th is a day off
        file = self.load(*calls)
        self.rate((date(2026, 11, 1), date(2026, 11, 30)))
        self.assertEqual(self.amounts(file), [3_000, 1_200])

    def test_plans_of_one_calendar_share_their_bands(self):
        version = self._banded()
        plans = {plan.plan_id: plan for plan in adapters.tariff(self.company).plans}
        self.assertIs(plans[version.id].day_slots, plans[self.plan.id].day_slots)

    def test_chains_and_decimals(self):
        self._plan({"price_micro": 600_000, "chain": "30/30/6", "decimals": 1})
        file = self.load(self.call(31), self.call(61, start="2026-10-14 13:00:00"))
        self.rate()
        first, second = self.events(file)
        self.assertEqual((first.billed_units, first.amount_e4), (60, 6_000))
        self.assertEqual((second.billed_units, second.amount_e4), (66, 7_000))
        self.assertIn("30/30/6", second.explanation_html)
        self.assertIn("0.6600", second.explanation_html)

    def test_tiers_of_a_month_go_on_from_run_to_run(self):
        tiers = [
            {"quantity_from": 0, "quantity_to": 2, "price_micro": 100_000},
            {"quantity_from": 2, "quantity_to": 0, "price_micro": 50_000},
        ]
        self._plan({"tier_model": "graduated", "tier_ids": [Command.create(tier) for tier in tiers]})
        first = self.load(self.call(60), self.call(120, start="2026-10-14 13:00:00"))
        self.rate()
        self.assertEqual(self.amounts(first), [1_000, 1_500])
        second = self.load(self.call(60, start="2026-10-20 13:00:00"), self.call(60, start="2026-11-01 00:00:00"))
        run = self.rate((date(2026, 10, 1), date(2026, 11, 30)))
        self.assertEqual(self.amounts(second), [500, 1_000])
        counters = self.env["bss.rating.counter"].search([("service_id", "=", self.service.id)], order="period")
        self.assertEqual(counters.mapped("units"), [240, 60])
        self.assertEqual(counters.mapped("period"), [date(2026, 10, 1), date(2026, 11, 1)])
        run._bss_make_charges()
        self.assertIn("quantity of the period", self.events(second)[0].explanation_html)

    def test_tiers_in_small_chunks_come_to_the_same(self):
        tiers = [
            {"quantity_from": 0, "quantity_to": 3, "price_micro": 100_000},
            {"quantity_from": 3, "quantity_to": 0, "price_micro": 10_000},
        ]
        self._plan({"tier_model": "volume", "tier_ids": [Command.create(tier) for tier in tiers]})
        file = self.load(*(self.call(60, start=f"2026-10-14 12:{minute:02}:00") for minute in range(5)))
        self.patch(bss_rating_run, "CHUNK_EVENTS", 2)
        run = self.rate()
        self.assertEqual(self.amounts(file), [1_000, 1_000, 1_000, -2_600, 100])
        run._bss_make_charges()
        self.assertEqual(self.assertConserved(), 500)

    def test_an_amount_given_back_is_charged_too(self):
        tiers = [
            {"quantity_from": 0, "quantity_to": 3, "price_micro": 100_000},
            {"quantity_from": 3, "quantity_to": 0, "price_micro": 10_000},
        ]
        self._plan({"tier_model": "volume", "tier_ids": [Command.create(tier) for tier in tiers]})
        self.load(self.call(180))
        self.rate()._bss_make_charges()
        self.load(self.call(60, start="2026-10-20 12:00:00"))
        run = self.rate()
        self.assertEqual(run.count_uncharged, 1)
        run._bss_make_charges()
        charge = self.env["bss.charge"].search([("source_ref", "=", run.name)])
        self.assertEqual((charge.amount_e4, charge.amount, run.count_uncharged), (-2_600, -0.26, 0))
        self.assertEqual(self.assertConserved(), 400)

    def test_premium_by_the_event_and_messages(self):
        self._plan(
            {"usage_kind": "premium", "charge_basis": "event", "price_micro": 7_690_000},
            {"usage_kind": "mms", "price_micro": 200_000},
            {"price_micro": 290_000},
        )
        for kind, expected in (("premium", 76_900), ("mms", 120_000)):
            with self.subTest(kind):
                file = self.load(self.call(60, start=f"2026-10-1{len(kind)} 12:00:00"))
                self._become(file, kind)
                run = self.rate()
                event = self.events(file)
                self.assertEqual(event.amount_e4, expected)
                self.assertTrue(event.explanation_html)
                run._bss_make_charges()
                labels = run._bss_charge_labels()
                own = labels.get((self.account.partner_id.lang, kind)) or labels["", kind]
                name = self.env["bss.charge"].search([("source_ref", "=", run.name)]).name
                self.assertTrue(name.startswith(own.partition("%")[0]), name)
        self.assertConserved()

    def test_free_units_by_the_second(self):
        self.give_minutes(2)
        self._plan({"price_micro": 600_000}, consumption="unit")
        file = self.load(self.call(90), self.call(61, start="2026-10-14 13:00:00"))
        self.rate()
        self.assertEqual(self.events(file).mapped("free_units"), [120, 0])
        self.env["bss.allowance"].search([]).write({"used": 0, "quantity": 100})
        later = self.load(self.call(90, start="2026-10-15 12:00:00"))
        self.rate()
        self.assertEqual((self.events(later).free_units, self.amounts(later)), (100, [2_000]))

    def test_answered_calls_without_a_second(self):
        self._plan({"price_micro": 600_000}, zero_length="second")
        file = self.load(self.call(0))
        self.rate()
        self.assertEqual((self.events(file).billed_units, self.amounts(file)), (60, [6_000]))

    def test_free_calls_that_pay_the_connection_fee(self):
        self.give_minutes(1)
        version = self._plan({"price_micro": 600_000, "connect_fee_micro": 100_000}, free_pays_connect=True)
        file = self.load(self.call(60))
        self.rate()
        event = self.events(file)
        self.assertEqual((event.free_units, event.amount_e4), (60, 1_000))
        self.assertIn("Only the connection fee", event.explanation_html)
        with self.assertRaisesRegex(UserError, "not a draft"):
            version.free_pays_connect = False
        self.assertTrue(version.copy().free_pays_connect)
